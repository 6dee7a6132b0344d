import { describe, expect, it } from 'vitest';
import type { Suppression } from './alarm.ts';
import type { UserId } from './identifiers.ts';
import { isStale, type PointRecord, recordedState, silentState } from './point-state.ts';
import type { Severity } from './rule.ts';
import { epochMs } from './time.ts';

const NOW = 1_000_000;
const STALE_AFTER = 60_000;
const alarm = (severity: Severity, hiddenBy?: Suppression['kind']) => ({
  severity,
  suppression: hiddenBy ? { kind: hiddenBy, reason: 'known', by: 'u' as UserId, since: epochMs(1), until: null } : null,
});
const record = (over: Partial<PointRecord> = {}): PointRecord => ({
  alarms: [],
  window: null,
  hasDeviceInMaintenance: false,
  ...over,
});

describe('what the symbol of a point says', () => {
  it.each([
    ['a point without anything', record(), 'normal', 'unknown'],
    ['the worst of its alarms', record({ alarms: [alarm('minor'), alarm('major')] }), 'major', 'major'],
    ['an alarm over silence', record({ alarms: [alarm('notice')] }), 'notice', 'notice'],
    ['silence over a shelved alarm', record({ alarms: [alarm('critical', 'shelved')] }), 'shelved', 'unknown'],
    ['silence under maintenance', record({ alarms: [alarm('major', 'maintenance')] }), 'maintenance', 'maintenance'],
    ['a device in maintenance', record({ hasDeviceInMaintenance: true }), 'maintenance', 'maintenance'],
    [
      'an alarm beside a shelved one',
      record({ alarms: [alarm('critical', 'shelved'), alarm('minor')] }),
      'minor',
      'minor',
    ],
    ['what a carrier hides by silence', record({ alarms: [alarm('minor', 'carrier_down')] }), 'normal', 'unknown'],
    ['maintenance of its scope', record({ window: 'maintenance' }), 'maintenance', 'maintenance'],
    ['out of service', record({ window: 'out_of_service' }), 'out_of_service', 'out_of_service'],
    [
      'an alarm that shows, over maintenance',
      record({ window: 'maintenance', alarms: [alarm('minor')] }),
      'minor',
      'minor',
    ],
  ] as const)('shows %s', (_what, at, heard, silent) => {
    expect(recordedState(at)).toBe(heard);
    expect(silentState(recordedState(at), at.window, false)).toBe(silent);
  });

  it('says of what is silent behind a gateway that it is cut off', () => {
    expect(silentState('normal', null, true)).toBe('cut_off');
    expect(silentState('major', null, true)).toBe('major');
  });

  it('calls a reading stale once it is older than it may be, and one that never came', () => {
    expect(isStale(NOW - STALE_AFTER, STALE_AFTER, NOW)).toBe(false);
    expect(isStale(NOW - STALE_AFTER - 1, STALE_AFTER, NOW)).toBe(true);
    expect(isStale(undefined, STALE_AFTER, NOW)).toBe(true);
  });
});
