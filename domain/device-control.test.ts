import { describe, expect, it } from 'vitest';
import {
  answered,
  type CommandId,
  type CommandState,
  cancelled,
  configurationState,
  type DeviceCommand,
  expiredAt,
  isOpen,
  parameterProblems,
  sent,
} from './device-control.ts';
import type { AgencyId, DeviceId, UserId } from './identifiers.ts';
import { epochMs } from './time.ts';

const BY = 'u' as UserId;
const aCommand = (state: CommandState = { kind: 'waiting' }): DeviceCommand => ({
  id: 'c' as CommandId,
  deviceId: 'meter-1' as DeviceId,
  agencyId: 'power' as AgencyId,
  number: 7,
  name: 'reboot',
  params: {},
  createdBy: BY,
  createdAt: epochMs(0),
  expiresAt: epochMs(100),
  state,
});
const OVER: readonly CommandState[] = [
  { kind: 'done', at: epochMs(5), result: null },
  { kind: 'failed', at: epochMs(5), error: 'busy' },
  { kind: 'expired', at: epochMs(100) },
  { kind: 'cancelled', at: epochMs(5), by: BY },
];

describe('a command', () => {
  it('waits, is sent, and ends by the device’s answer', () => {
    const given = sent(aCommand(), epochMs(10));
    expect(given.state).toEqual({ kind: 'sent', at: 10 });
    expect(answered(given, { ok: true, result: { uptime: 3 } }, epochMs(11)).state).toEqual({
      kind: 'done',
      at: 11,
      result: { uptime: 3 },
    });
    expect(answered(given, { ok: false, error: 'busy' }, epochMs(11)).state).toEqual({
      kind: 'failed',
      at: 11,
      error: 'busy',
    });
  });

  it('expires at its time when nobody answered, and not a moment before', () => {
    expect(expiredAt(aCommand(), epochMs(99)).state.kind).toBe('waiting');
    expect(expiredAt(aCommand({ kind: 'sent', at: epochMs(1) }), epochMs(150)).state).toEqual({
      kind: 'expired',
      at: 100,
    });
  });

  it('keeps the first answer of a device that repeats itself', () => {
    const done = answered(aCommand(), { ok: true, result: 1 }, epochMs(1));
    expect(answered(done, { ok: false, error: 'again' }, epochMs(2))).toBe(done);
  });

  it.each(OVER.slice(2))('believes the device that did it all the same: $kind', (state) => {
    expect(answered(aCommand(state), { ok: true, result: null }, epochMs(120)).state.kind).toBe('done');
  });

  it.each(OVER)('that is over ($kind) is neither sent, cancelled nor expired', (state) => {
    const command = aCommand(state);
    expect(isOpen(command)).toBe(false);
    expect(sent(command, epochMs(20))).toBe(command);
    expect(expiredAt(command, epochMs(500))).toBe(command);
    expect(cancelled(command, BY, epochMs(20))).toEqual({ ok: false, error: 'COMMAND_OVER' });
  });

  it('is checked for the parameters of commands everyone knows, and left alone otherwise', () => {
    expect(parameterProblems('set_interval', { seconds: 60 })).toEqual([]);
    expect(parameterProblems('set_interval', { seconds: 0 })).toEqual([{ parameter: 'seconds', min: 1, max: 86_400 }]);
    expect(parameterProblems('identify', {})).toHaveLength(1);
    expect(parameterProblems('toString', {})).toEqual([]);
    expect(parameterProblems('open_valve', { percent: 300 })).toEqual([]);
  });
});

describe('a configuration', () => {
  const at = epochMs(0);
  it.each([
    [null, null, 'none'],
    [{ version: 2 }, null, 'waiting'],
    [{ version: 2 }, { version: 1, ok: true, error: null, at }, 'waiting'],
    [{ version: 2 }, { version: 2, ok: true, error: null, at }, 'in_force'],
    [{ version: 2 }, { version: 2, ok: false, error: 'too long', at }, 'refused'],
  ] as const)('wanted %j and reported %j is %s', (desired, reported, state) => {
    expect(configurationState(desired, reported)).toBe(state);
  });
});
