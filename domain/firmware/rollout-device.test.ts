import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandId, CommandState } from '../device-control.ts';
import { epochMs, minutes, seconds } from '../time.ts';
import {
  type DeviceProgress,
  deadlineOf,
  givenUp,
  isOver,
  isUnderway,
  type Observation,
  observed,
  updateReportIn,
} from './rollout-device.ts';

const C = 'c-1' as CommandId;
const TARGET = { version: '1.5.0', sizeBytes: 1_000 };
const at = epochMs(100);
const seen = (given: Partial<Observation> = {}): Observation => ({
  version: '1.4.2',
  command: null,
  report: null,
  at,
  ...given,
});
const report = (
  state: 'downloading' | 'verifying' | 'installing' | 'failed',
  bytes = 0,
  error: string | null = null,
  commandId: string = C,
) => ({
  report: { commandId, state, bytes, error },
});
const offered: DeviceProgress = { kind: 'offered', at: epochMs(1), commandId: C };
const downloading = (bytes: number): DeviceProgress => ({ kind: 'downloading', at: epochMs(5), commandId: C, bytes });

describe('a device of a rollout', () => {
  const done: CommandState = { kind: 'done', at, result: 'downloading' };
  it.each<[string, DeviceProgress, Partial<Observation>, Partial<DeviceProgress>]>([
    ['begins when it acknowledges', offered, { command: done }, { kind: 'downloading', bytes: 0 }],
    [
      'refuses in its own words',
      offered,
      { command: { kind: 'failed', at, error: 'VERSION_REFUSED' } },
      { kind: 'refused', reason: 'VERSION_REFUSED' },
    ],
    [
      'was not reached when the command expired',
      offered,
      { command: { kind: 'expired', at } },
      { kind: 'timed_out', began: false },
    ],
    ['tells how far it is', downloading(10), report('downloading', 400), { kind: 'downloading', bytes: 400 }],
    ['has no more bytes than the image', downloading(10), report('downloading', 9_999), { bytes: 1_000 }],
    [
      'is not taken back by what it says late',
      { kind: 'verifying', at, commandId: C },
      report('downloading', 400),
      { kind: 'verifying' },
    ],
    [
      'fails with its code',
      downloading(10),
      report('failed', 0, 'CHECKSUM_WRONG'),
      { kind: 'failed', code: 'CHECKSUM_WRONG' },
    ],
    [
      'is not failed by a report about another update',
      downloading(10),
      report('failed', 0, 'OLD', 'c-0'),
      { kind: 'downloading', bytes: 10 },
    ],
    [
      'is not applied by its acknowledgement, nor by installing',
      { kind: 'installing', at, commandId: C },
      { command: done, ...report('installing') },
      { kind: 'installing' },
    ],
    ['is applied by the version it reports', offered, { version: '1.5.0' }, { kind: 'applied' }],
    [
      'is applied also after it was given up',
      { kind: 'timed_out', at, began: true },
      { version: '1.5.0' },
      { kind: 'applied' },
    ],
    [
      'is left out when it had the version before its turn',
      { kind: 'waiting', at: epochMs(1) },
      { version: '1.5.0' },
      { kind: 'skipped', why: 'has_version' },
    ],
  ])('%s', (_, before, given, expected) => {
    expect(observed(before, TARGET, seen(given))).toMatchObject(expected);
  });

  it('is given up sooner once it began', () => {
    const limits = { reachWithin: minutes(60), finishWithin: seconds(60) };
    expect(deadlineOf(offered, limits)).toBe(1 + 3_600_000);
    expect(deadlineOf(downloading(3), limits)).toBe(5 + 60_000);
    expect(deadlineOf({ kind: 'waiting', at }, limits)).toBeNull();
    expect(givenUp(offered, at)).toMatchObject({ began: false });
    expect(givenUp(downloading(3), at)).toMatchObject({ began: true });
  });

  const command = fc.constantFrom<CommandState | null>(
    null,
    { kind: 'waiting' },
    { kind: 'sent', at },
    done,
    { kind: 'failed', at, error: 'x' },
    { kind: 'expired', at },
    { kind: 'cancelled', at, by: 'u' as never },
  );
  const anyReport = fc.option(
    fc.record({
      commandId: fc.constantFrom<string>(C, 'c-0'),
      state: fc.constantFrom('downloading', 'verifying', 'installing', 'failed'),
      bytes: fc.nat(2_000),
      error: fc.option(fc.constant('E')),
    }),
  );
  const observation = fc.record({
    version: fc.constantFrom(null, '1.4.2', '1.5.0'),
    command,
    report: anyReport,
    at: fc.nat(1_000).map(epochMs),
  });
  it('never leaves its end but to be applied, never counts bytes down, and looking twice changes nothing', () => {
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 12 }), (all) => {
        let progress: DeviceProgress = offered;
        for (const look of all) {
          const next = observed(progress, TARGET, look);
          expect(observed(next, TARGET, look)).toEqual(next);
          if (isOver(progress)) expect([progress.kind, 'applied']).toContain(next.kind);
          if (progress.kind === 'downloading' && next.kind === 'downloading')
            expect(next.bytes).toBeGreaterThanOrEqual(progress.bytes);
          if (next.kind === 'applied' && progress.kind !== 'applied') expect(look.version).toBe('1.5.0');
          progress = next;
        }
      }),
    );
  });
});

describe('a report in attributes', () => {
  it('is read whatever a device sends, or not at all', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('firmware_update', 'firmware_update_state', 'firmware_update_bytes', 'firmware_update_error'),
          fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constantFrom('downloading', 'failed')),
        ),
        (attributes) => {
          const found = updateReportIn(attributes);
          if (found === null) return;
          expect(found.bytes).toBeGreaterThanOrEqual(0);
          expect(Number.isSafeInteger(found.bytes)).toBe(true);
        },
      ),
    );
    expect(
      updateReportIn({ firmware_update: 'c-1', firmware_update_state: 'downloading', firmware_update_bytes: 7 }),
    ).toEqual({ commandId: 'c-1', state: 'downloading', bytes: 7, error: null });
    expect(isUnderway({ kind: 'applied', at })).toBe(false);
  });
});
