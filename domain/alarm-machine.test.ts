import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Alarm, type Isa182State, SUPPRESSION_KINDS, type Suppression } from './alarm.ts';
import { type AlarmChange, applyConditionEvent, applyWorkStep, isa182State, revise } from './alarm-machine.ts';
import type { AgencyId, PointId, RuleId, SeriesId, UserId } from './identifiers.ts';
import type { AlarmWorkStep } from './ports/registry.ts';
import type { QuantityKey } from './quantity.ts';
import type { Rule, Severity } from './rule.ts';
import type { ConditionEvent } from './rule-evaluation.ts';
import { epochMs, seconds } from './time.ts';

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
const breach = (at: number, severity: Severity = 'major'): ConditionEvent => ({
  kind: 'activated',
  at: epochMs(at),
  severity,
  value: 60,
  limit: 50,
  suspect: false,
});
const raised = (at: number, severity: Severity): ConditionEvent => ({
  kind: 'severity_raised',
  at: epochMs(at),
  severity,
  value: 90,
  worstValue: 90,
  limit: 80,
  suspect: false,
});
const back = (at: number): ConditionEvent => ({
  kind: 'cleared',
  at: epochMs(at),
  value: 20,
  worstValue: 95,
  suspect: false,
});

/** Plays condition events and people's steps on one scope; keeps every change. */
function playOn(endsUnacknowledged: readonly Severity[] = []) {
  const own = { ...rule, endsUnacknowledged };
  let alarm: Alarm | null = null;
  let scope: Suppression | null = null;
  const all: AlarmChange[] = [];
  const take = (change: AlarmChange | null) => {
    if (!change || change.transitions.length === 0) return;
    all.push(change);
    alarm = change.alarm;
  };
  return {
    take,
    condition(event: ConditionEvent) {
      const open = alarm?.endedAt === null ? alarm : null;
      take(
        applyConditionEvent(open, event, {
          rule: own,
          series: 1 as SeriesId,
          pointId: 'p1' as PointId,
          recordedAt: event.at,
          suppression: scope,
        }),
      );
    },
    work(step: AlarmWorkStep, at: number) {
      if (!alarm) return false;
      const result = applyWorkStep(alarm, step, { at: epochMs(at), recordedAt: epochMs(at), endsUnacknowledged });
      if (result.ok) take(result.value);
      return result.ok;
    },
    suppressScope(suppression: Suppression | null) {
      scope = suppression;
    },
    get alarm() {
      if (!alarm) throw new Error('no alarm yet');
      return alarm as Alarm;
    },
    get open() {
      return (alarm as Alarm | null)?.endedAt === null;
    },
    get scope() {
      return scope;
    },
    get state(): Isa182State {
      return isa182State(alarm, scope);
    },
    all,
  };
}
const acknowledge: AlarmWorkStep = { kind: 'acknowledge', by: hoa };
const suppression = (kind: Suppression['kind']): Suppression => ({
  kind,
  reason: 'r',
  by: hoa,
  since: epochMs(0),
  until: epochMs(1e6),
});

describe('the alarm machine', () => {
  it('goes through alarm, acknowledge, clear and ends', () => {
    const play = playOn();
    play.condition(breach(10));
    expect(play.state).toBe('UNACK');
    play.work(acknowledge, 20);
    expect(play.state).toBe('ACKED');
    play.condition(back(30));
    expect(play.state).toBe('NORM');
    expect(play.alarm).toMatchObject({
      startedAt: 10,
      clearedAt: 30,
      endedAt: 30,
      work: 'acknowledged',
      activationCount: 1,
    });
  });

  it('makes the same occurrence active again when it breaches while cleared and unacknowledged', () => {
    const play = playOn();
    play.condition(breach(10));
    const { id } = play.alarm;
    play.condition(back(20));
    expect(play.state).toBe('RTNUN');
    play.condition(breach(30));
    expect(play.alarm).toMatchObject({ id, activationCount: 2, startedAt: 10, activatedAt: 30, clearedAt: null });
  });

  it('begins a new occurrence with another id after the end', () => {
    const play = playOn();
    play.condition(breach(10));
    const { id } = play.alarm;
    play.work(acknowledge, 15);
    play.condition(back(20));
    play.condition(breach(30));
    expect(play.alarm.id).not.toBe(id);
    expect(play.alarm.activationCount).toBe(1);
  });

  it('asks for acknowledgement again when it gets worse, and not when it gets better', () => {
    const play = playOn();
    play.condition(breach(10));
    play.work(acknowledge, 15);
    play.condition({ ...raised(20, 'critical') });
    expect(play.alarm).toMatchObject({ work: 'new', severity: 'critical', worstSeverity: 'critical' });
    play.work(acknowledge, 25);
    play.condition({ ...raised(30, 'major'), kind: 'severity_lowered' } as ConditionEvent);
    expect(play.alarm).toMatchObject({ work: 'acknowledged', severity: 'major', worstSeverity: 'critical' });
  });

  it('resolves only after it cleared, and keeps the reason', () => {
    const play = playOn();
    play.condition(breach(10));
    const resolve = (): AlarmWorkStep => ({
      kind: 'resolve',
      by: hoa,
      note: 'cleaned the inlet',
      version: play.alarm.version,
    });
    expect(play.work(resolve(), 15)).toBe(false);
    play.condition(back(20));
    expect(play.work(resolve(), 25)).toBe(true);
    expect(play.alarm).toMatchObject({ work: 'resolved', endedAt: 25 });
    expect(play.all.flatMap((c) => c.transitions).find((t) => t.kind === 'resolved')?.note).toBe('cleaned the inlet');
  });

  it('keeps what triggered it and the worst of each activation', () => {
    const play = playOn();
    play.condition(breach(10));
    play.condition(back(20));
    expect(play.alarm).toMatchObject({ triggerValue: 60, worstValue: 95, lastValue: 20, limit: 50 });
  });

  it.each<{ it: string; step: (version: number) => AlarmWorkStep; cleared: boolean }>([
    {
      it: 'resolving without a reason',
      step: (version) => ({ kind: 'resolve', by: hoa, note: ' ', version }),
      cleared: true,
    },
    { it: 'starting work on what has cleared', step: () => ({ kind: 'start_work', by: hoa }), cleared: true },
    {
      it: 'shelving without an end',
      step: (version) => ({
        kind: 'suppress',
        suppression: { kind: 'shelved', reason: 'r', by: hoa, since: epochMs(0), until: null },
        version,
      }),
      cleared: false,
    },
    {
      it: 'lifting a suppression that is not there',
      step: (version) => ({ kind: 'unsuppress', by: hoa, version }),
      cleared: false,
    },
  ])('refuses $it', ({ step, cleared }) => {
    const play = playOn();
    play.condition(breach(10));
    if (cleared) play.condition(back(20));
    expect(play.work(step(play.alarm.version), 25)).toBe(false);
  });

  it('acknowledges by starting work, and ends when it clears', () => {
    const play = playOn();
    play.condition(breach(10));
    play.work({ kind: 'start_work', by: hoa }, 15);
    expect(play.alarm).toMatchObject({ work: 'in_progress', assignee: hoa });
    expect(play.state).toBe('ACKED');
    play.condition(back(20));
    expect(play.open).toBe(false);
  });

  it('lets a correction by late data go on with an open alarm, and drops it once live has caught up', () => {
    const corrected = { kind: 'corrected', startedAt: epochMs(4), clearedAt: null, activationCount: 1 } as const;
    const play = playOn();
    play.condition(breach(10));
    play.take(revise(play.alarm, { ...corrected, worstSeverity: 'major' }, epochMs(11)));
    play.condition(back(20));
    expect(play.alarm.revision).toMatchObject({ startedAt: 4, clearedAt: 20 });

    const other = playOn();
    other.condition(breach(10));
    other.take(revise(other.alarm, { ...corrected, startedAt: epochMs(10), worstSeverity: 'critical' }, epochMs(11)));
    expect(other.alarm.revision).not.toBeNull();
    other.condition(raised(12, 'critical'));
    expect(other.alarm.revision).toBeNull();
  });

  it('ends without acknowledgement where the rule says so', () => {
    const play = playOn(['major']);
    play.condition(breach(10));
    play.condition(back(20));
    expect(play.open).toBe(false);
  });

  it('changes nothing when acknowledged twice', () => {
    const play = playOn();
    play.condition(breach(10));
    play.work(acknowledge, 15);
    const { version } = play.alarm;
    play.work(acknowledge, 16);
    expect(play.alarm.version).toBe(version);
  });

  it('numbers the history 1, 2, 3 … and the version is the last number', () => {
    const play = playOn();
    play.condition(breach(10));
    play.work({ kind: 'comment', by: hoa, note: 'seen' }, 12);
    play.work(acknowledge, 15);
    play.condition(back(20));
    const indexes = play.all.flatMap((c) => c.transitions.map((t) => t.index));
    expect(indexes).toEqual(indexes.map((_, i) => i + 1));
    expect(play.alarm.version).toBe(indexes.length);
  });
});

const VECTORS = '../shared/reference/vectors/alarms.json';
describe.skipIf(!existsSync(VECTORS))(`the ISA-18.2 vectors (${VECTORS})`, () => {
  const vectors: { id: string; events: string[]; states: Isa182State[] }[] = existsSync(VECTORS)
    ? JSON.parse(readFileSync(VECTORS, 'utf8')).states
    : [];
  const kindOf: Record<string, Suppression['kind']> = {
    shelve: 'shelved',
    suppress: 'maintenance',
    oos: 'out_of_service',
  };

  it.each(vectors)('$id', ({ events, states }) => {
    const play = playOn();
    const seen = events.map((event, i) => {
      const at = (i + 1) * 10;
      const kind = kindOf[event];
      if (event === 'alarm') play.condition(breach(at));
      else if (event === 'clear') play.condition(back(at));
      else if (event === 'ack') {
        if (play.all.length > 0) play.work(acknowledge, at);
      } else if (kind) {
        if (play.all.length > 0 && play.open)
          play.work({ kind: 'suppress', suppression: suppression(kind), version: play.alarm.version }, at);
        else play.suppressScope(suppression(kind));
      } else {
        play.suppressScope(null);
        if (play.open) play.work({ kind: 'unsuppress', by: hoa, version: play.alarm.version }, at);
      }
      return play.state;
    });
    expect(seen).toEqual(states);
    expect(SUPPRESSION_KINDS).toHaveLength(4);
  });
});
