import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alarm, AlarmTransition } from '../alarm.ts';
import { applyConditionEvent, applyWorkStep, markSilence, pastAlarm, revise } from '../alarm-machine.ts';
import type { AgencyId, PointId, RuleId, SeriesId, UserId } from '../identifiers.ts';
import type { AlarmWorkStep } from '../ports/registry.ts';
import type { QuantityKey } from '../quantity.ts';
import type { Rule, Severity } from '../rule.ts';
import { epochMs, seconds } from '../time.ts';
import { alarmAt, alarmThen } from './alarm-then.ts';

const hoa = 'u-hoa' as UserId;
const rule: Rule = {
  id: 'r1' as RuleId,
  agencyId: 'env' as AgencyId,
  version: 1,
  name: { vi: 'Bụi mịn cao', en: 'High PM2.5' },
  advice: null,
  enabled: true,
  quantity: 'pm2_5' as QuantityKey,
  selection: {},
  condition: { kind: 'above', levels: [{ severity: 'major', limit: 50, hold: seconds(0) }], hysteresis: 5 },
  clearHold: seconds(0),
  judgeSuspect: true,
  endsUnacknowledged: [],
  createdBy: null,
  createdAt: epochMs(0),
};
const context = (recordedAt: number) => ({
  rule,
  series: 1 as SeriesId,
  pointId: 'p1' as PointId,
  recordedAt: epochMs(recordedAt),
});

/** What happens in a step, by name; each moment is a minute after the one before and recorded a second later. */
const HAPPENINGS = [
  'breach',
  'back',
  'raise',
  'acknowledge',
  'start_work',
  'assign',
  'comment',
  'shelve',
  'unshelve',
  'resolve',
  'silent',
  'heard',
] as const;

/** The alarm after every step, and its history. */
function play(happenings: readonly (typeof HAPPENINGS)[number][]): { states: Alarm[]; history: AlarmTransition[] } {
  const states: Alarm[] = [];
  const history: AlarmTransition[] = [];
  let alarm: Alarm | null = null;
  const take = (change: { alarm: Alarm; transitions: readonly AlarmTransition[] } | null): void => {
    if (change === null || change.transitions.length === 0) return;
    alarm = change.alarm;
    states.push(change.alarm);
    history.push(...change.transitions);
  };
  const value = 60;
  ['breach' as const, ...happenings].forEach((what, i) => {
    const at = epochMs(i * 60_000);
    const recordedAt = epochMs(at + 1_000);
    const open: Alarm | null = alarm;
    const work = (step: AlarmWorkStep): void => {
      if (open === null) return;
      const done = applyWorkStep(open, step, { at, recordedAt, endsUnacknowledged: [] });
      if (done.ok) take(done.value);
    };
    if (open !== null && (open as Alarm).endedAt !== null) return;
    const version = (open as Alarm | null)?.version ?? 0;
    switch (what) {
      case 'breach':
        take(
          applyConditionEvent(
            open,
            { kind: 'activated', at, severity: 'major', value, limit: 50, suspect: false },
            context(recordedAt),
          ),
        );
        break;
      case 'back':
        take(
          applyConditionEvent(
            open,
            { kind: 'cleared', at, value: 20, worstValue: value, suspect: false },
            context(recordedAt),
          ),
        );
        break;
      case 'raise':
        take(
          applyConditionEvent(
            open,
            {
              kind: 'severity_raised',
              at,
              severity: 'critical' as Severity,
              value: 90,
              worstValue: 90,
              limit: 80,
              suspect: false,
            },
            context(recordedAt),
          ),
        );
        break;
      case 'acknowledge':
        work({ kind: 'acknowledge', by: hoa });
        break;
      case 'start_work':
        work({ kind: 'start_work', by: hoa });
        break;
      case 'assign':
        work({ kind: 'assign', by: hoa, to: 'u-an' as UserId, version });
        break;
      case 'comment':
        work({ kind: 'comment', by: hoa, note: 'đã gọi' });
        break;
      case 'resolve':
        work({ kind: 'resolve', by: hoa, note: 'đã thay', version });
        break;
      case 'shelve':
        work({
          kind: 'suppress',
          suppression: { kind: 'out_of_service', reason: 'hỏng', by: hoa, since: at, until: null },
          version,
        });
        break;
      case 'unshelve':
        work({ kind: 'unsuppress', by: hoa, version });
        break;
      case 'silent':
        if (open !== null) take(markSilence(open, at, recordedAt));
        break;
      case 'heard':
        if (open !== null) take(markSilence(open, null, recordedAt));
    }
  });
  return { states, history };
}

/** What no line of the history keeps. */
const kept = ({ worstValue, lastValue, limit, ...alarm }: Alarm) => alarm;

describe('an alarm as it stood', () => {
  it('after any part of its history is what the machine made of it then, whatever came after', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...HAPPENINGS), { maxLength: 14 }), (happenings) => {
        const { states, history } = play(happenings);
        const now = states.at(-1) as Alarm;
        expect(alarmThen(now, history)).toBe(now);
        for (const state of states) {
          const then = alarmThen(now, history.slice(0, state.version));
          expect(then && kept(then)).toEqual(kept(state));
        }
      }),
    );
  });

  it('was not there before it was recorded, and was open until its end was', () => {
    const { states, history } = play(['back', 'acknowledge']);
    const now = states.at(-1) as Alarm;
    expect(alarmAt(now, history, epochMs(999), 'then')).toBeNull();
    expect(alarmAt(now, history, epochMs(1_000), 'then')).toMatchObject({
      condition: 'active',
      work: 'new',
      endedAt: null,
    });
    expect(alarmAt(now, history, epochMs(61_000), 'then')).toMatchObject({ condition: 'cleared', work: 'new' });
    expect(alarmAt(now, history, epochMs(121_000), 'then')?.endedAt).toBe(120_000);
    expect(alarmAt(now, history, epochMs(0), 'now')).toMatchObject({ condition: 'active' });
  });

  it('is told with what late data said since only where that is asked for', () => {
    const { states, history } = play(['acknowledge']);
    const corrected = revise(
      states.at(-1) as Alarm,
      {
        kind: 'corrected',
        startedAt: epochMs(-50_000),
        clearedAt: epochMs(30_000),
        worstSeverity: 'major',
        activationCount: 1,
      },
      epochMs(900_000),
    );
    const all = [...history, ...(corrected?.transitions ?? [])];
    const now = corrected?.alarm as Alarm;
    expect(alarmAt(now, all, epochMs(-20_000), 'then')).toBeNull();
    expect(alarmAt(now, all, epochMs(-20_000), 'now')).toMatchObject({ startedAt: -50_000, condition: 'active' });
    expect(alarmAt(now, all, epochMs(-50_001), 'now')).toBeNull();
    expect(alarmAt(now, all, epochMs(40_000), 'now')).toMatchObject({ condition: 'cleared', clearedAt: 30_000 });
    expect(alarmAt(now, all, epochMs(40_000), 'then')).toMatchObject({ condition: 'active', clearedAt: null });
    const refuted = revise(now, { kind: 'not_confirmed' }, epochMs(950_000));
    expect(alarmAt(refuted?.alarm as Alarm, all, epochMs(1_000), 'now')).toBeNull();
    expect(alarmAt(refuted?.alarm as Alarm, all, epochMs(1_000), 'then')).toMatchObject({ condition: 'active' });
  });

  it('found in late data was on nobody’s screen, but did happen', () => {
    const { alarm, transitions } = pastAlarm(
      {
        activatedAt: epochMs(100),
        clearedAt: epochMs(200),
        worstSeverity: 'minor',
        triggerValue: 60,
        worstValue: 70,
        limit: 50,
        onSuspectData: false,
      },
      context(5_000),
    );
    expect(alarmAt(alarm, transitions, epochMs(150), 'then')).toBeNull();
    expect(alarmAt(alarm, transitions, epochMs(6_000), 'then')).toBeNull();
    expect(alarmAt(alarm, transitions, epochMs(150), 'now')).toMatchObject({ condition: 'active', endedAt: null });
    expect(alarmAt(alarm, transitions, epochMs(200), 'now')?.endedAt).toBe(200);
  });
});
