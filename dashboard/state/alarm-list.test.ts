import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { AgencyId, RuleId, UserId, WardCode } from '../../domain/identifiers.ts';
import { SEVERITIES } from '../../domain/rule.ts';
import { epochMs } from '../../domain/time.ts';
import { anAlarm } from './alarm-fixture.ts';
import {
  type AlarmListFilter,
  alarmFilter,
  compareAlarms,
  NO_ALARM_FILTER,
  newlyCalling,
  orderAlarms,
  overviewOf,
  reorderAlarms,
} from './alarm-list.ts';

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

  const WARD = '12345' as WardCode;
  const passes = (alarm: AlarmWire, over: Partial<AlarmListFilter>): boolean =>
    alarmFilter({ ...NO_ALARM_FILTER, ...over }, (point) => (point === 'point-1' ? WARD : null))(alarm);
  it.each<[string, Partial<AlarmListFilter>, boolean]>([
    ['no filter hides nothing', {}, true],
    ['another severity', { severities: ['major'] }, false],
    ['its domain', { domains: ['water'] }, true],
    ['another agency', { agencies: ['power' as AgencyId] }, false],
    ['its work state among others', { work: ['new', 'acknowledged'] }, true],
    ['another work state', { work: ['new'] }, false],
    ['its condition', { condition: 'active' }, true],
    ['the other condition', { condition: 'cleared' }, false],
    ['its rule', { rule: 'rule' as RuleId }, true],
    ['its ward', { ward: WARD }, true],
    ['another ward', { ward: '1' as WardCode }, false],
    ['nobody has it', { assignee: 'nobody' }, true],
    ['somebody has it', { assignee: 'u1' as UserId }, false],
    ['words without diacritics, across both names', { text: 'cau rao MUC' }, true],
    ['words in English', { text: 'water' }, true],
    ['a word it has not', { text: 'cau niem' }, false],
    ['active since before', { since: 999 }, true],
    ['active only since later', { since: 1_001 }, false],
  ])('filters: %s', (_what, filter, passed) => {
    expect(passes(anAlarm({ work: 'acknowledged' }), filter)).toBe(passed);
  });

  it('goes by the worst an alarm was once it is over', () => {
    const over = anAlarm({ severity: 'minor', worstSeverity: 'critical', endedAt: epochMs(9) });
    expect(passes(over, { severities: ['critical'] })).toBe(true);
  });

  it('lays changes into the order as sorting everything anew would, whatever changes', () => {
    const one = fc.record({
      id: fc.integer({ min: 0, max: 60 }).map((n) => `alarm-${n}`),
      severity: fc.constantFrom(...SEVERITIES),
      startedAt: fc.integer({ min: 0, max: 5 }).map(epochMs),
      gone: fc.boolean(),
    });
    const keep = (alarm: AlarmWire): boolean => alarm.severity !== 'minor';
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 60 }),
        fc.array(fc.array(one, { maxLength: 6 }), { maxLength: 6 }),
        (first, batches) => {
          let table = new Map(first.map((alarm) => [anAlarm(alarm).id, anAlarm(alarm)]));
          let order = orderAlarms(table, keep);
          for (const batch of batches) {
            table = new Map(table);
            for (const { gone, ...given } of batch) {
              const alarm = anAlarm(given);
              if (gone) table.delete(alarm.id);
              else table.set(alarm.id, alarm);
            }
            order = reorderAlarms(order, table, keep);
            expect(order).toEqual(orderAlarms(table, keep));
          }
        },
      ),
    );
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
