import { describe, expect, it } from 'vitest';
import type { UserId } from '../../domain/identifiers.ts';
import { epochMs } from '../../domain/time.ts';
import { anAlarm } from './alarm-fixture.ts';
import { compareAlarms, matchesFilter, NO_ALARM_FILTER, newlyCalling, overviewOf } from './alarm-list.ts';

const shelved = {
  kind: 'shelved' as const,
  reason: 'known',
  by: 'u1' as UserId,
  since: epochMs(1),
  until: epochMs(9),
};
const byId = (...alarms: ReturnType<typeof anAlarm>[]) => new Map(alarms.map((alarm) => [alarm.id as string, alarm]));

describe('the alarm list', () => {
  it('puts the worst first and among equals the newest', () => {
    const alarms = [
      anAlarm({ id: 'old-critical', startedAt: epochMs(1) }),
      anAlarm({ id: 'notice', severity: 'notice', startedAt: epochMs(9) }),
      anAlarm({ id: 'new-critical', startedAt: epochMs(5) }),
      anAlarm({ id: 'major', severity: 'major', startedAt: epochMs(9) }),
    ];
    expect(alarms.sort(compareAlarms).map(({ id }) => id)).toEqual(['new-critical', 'old-critical', 'major', 'notice']);
  });

  it('filters by severity, domain and work; empty filters hide nothing', () => {
    const alarm = anAlarm({ work: 'acknowledged' });
    expect(matchesFilter(alarm, NO_ALARM_FILTER)).toBe(true);
    expect(matchesFilter(alarm, { ...NO_ALARM_FILTER, severities: ['major'] })).toBe(false);
    expect(matchesFilter(alarm, { ...NO_ALARM_FILTER, domains: ['water'] })).toBe(true);
    expect(matchesFilter(alarm, { ...NO_ALARM_FILTER, unacknowledgedOnly: true })).toBe(false);
  });

  it('counts what is open and not hidden, and finds who has waited longest', () => {
    const overview = overviewOf([
      anAlarm({ id: 'a', startedAt: epochMs(50) }),
      anAlarm({ id: 'b', startedAt: epochMs(20), severity: 'minor' }),
      anAlarm({ id: 'c', startedAt: epochMs(1), work: 'acknowledged' }),
      anAlarm({ id: 'd', startedAt: epochMs(2), suppression: shelved }),
    ]);
    expect(overview.bySeverity).toEqual({ critical: 2, major: 0, minor: 1, notice: 0 });
    expect(overview.unacknowledged).toBe(2);
    expect(overview.oldestUnacknowledged?.id).toBe('b');
    expect(overview).toMatchObject({ shelved: 1, suppressed: 0 });
  });

  it.each([
    ['a new alarm', undefined, anAlarm(), true],
    ['one active again', anAlarm(), anAlarm({ activationCount: 2 }), true],
    ['one gone up in severity', anAlarm({ severity: 'minor' }), anAlarm(), true],
    ['one that went down', anAlarm(), anAlarm({ severity: 'minor' }), false],
    ['one that only got a new value', anAlarm(), anAlarm({ lastValue: 9, version: 2 }), false],
    ['one acknowledged', anAlarm(), anAlarm({ work: 'acknowledged' }), false],
    ['a shelved one', undefined, anAlarm({ suppression: shelved }), false],
  ])('tells people of %s: %#', (_what, before, now, tells) => {
    expect(newlyCalling(before ? byId(before) : byId(), byId(now))).toHaveLength(tells ? 1 : 0);
  });
});
