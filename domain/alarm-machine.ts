import type { Alarm, AlarmRevision, AlarmTransition, Isa182State, Suppression, TransitionKind } from './alarm.ts';
import type { AgencyId, AlarmId, PointId, RuleId, SeriesId, UserId } from './identifiers.ts';
import type { AlarmWorkStep } from './ports/registry.ts';
import type { QuantityKey } from './quantity.ts';
import { err, ok, type Result, unreachable } from './result.ts';
import { isWorse, type Severity } from './rule.ts';
import type { EpochMs } from './time.ts';

/** An alarm after a step, with the lines of history the step wrote (none when it changed nothing). */
export interface AlarmStep {
  readonly alarm: Alarm;
  readonly transitions: readonly AlarmTransition[];
}

export interface WorkContext {
  /** When it happened. */
  readonly at: EpochMs;
  /** When the platform records it. */
  readonly recordedAt: EpochMs;
  /** From the alarm's rule: severities whose alarms end on clearing, without acknowledgement. */
  readonly endsUnacknowledged: readonly Severity[];
}

/** `CONFLICT`: the step was based on another version. `INVALID_STATE`: this alarm can't take this step now. */
export type WorkRefusal = 'INVALID_STATE' | 'CONFLICT';

/** The alarm's name: made from rule, scope and start of its first activation, so that judging again gives the same alarm. */
export const alarmIdOf = (rule: RuleId, series: SeriesId, startedAt: EpochMs): AlarmId =>
  `${rule}:${series}:${startedAt}` as AlarmId;

/** Changes gathered on one alarm; each line of history raises the version by one and carries it as its index. */
interface Draft {
  alarm: Alarm;
  readonly transitions: AlarmTransition[];
}
interface Line {
  readonly kind: TransitionKind;
  readonly eventTime: EpochMs;
  readonly recordedAt: EpochMs;
  readonly by?: UserId | null;
  readonly value?: number | null;
  readonly note?: string | null;
}

function write(draft: Draft, changes: Partial<Alarm>, line: Line): void {
  const version = draft.alarm.version + 1;
  draft.alarm = { ...draft.alarm, ...changes, version };
  draft.transitions.push({
    alarmId: draft.alarm.id,
    index: version,
    kind: line.kind,
    eventTime: line.eventTime,
    recordedAt: line.recordedAt,
    by: line.by ?? null,
    severity: draft.alarm.severity,
    value: line.value ?? null,
    note: line.note ?? null,
  });
}

const isAcknowledged = (alarm: Alarm): boolean => alarm.work !== 'new';

/**
 * Ends a cleared occurrence when nobody is owed a look at it any more. A suppressed one stays open until it leaves suppression
 * (ISA-18.2: SHLVD, DSUPR and OOSRV stay whatever the condition does). An alarm that was ever worse than the severities allowed
 * to end by themselves waits for its acknowledgement.
 */
function endIfDone(
  draft: Draft,
  endsUnacknowledged: readonly Severity[],
  at: EpochMs,
  recordedAt: EpochMs,
  by: UserId | null,
): void {
  const { alarm } = draft;
  if (alarm.condition !== 'cleared' || alarm.suppression !== null || alarm.endedAt !== null) return;
  if (!isAcknowledged(alarm) && !endsUnacknowledged.includes(alarm.worstSeverity)) return;
  write(draft, { endedAt: at }, { kind: 'ended', eventTime: at, recordedAt, by });
}

/**
 * A person's step on an alarm (or, for `unsuppress`, the end of its time). Acknowledging is idempotent: what is already acknowledged
 * or over stays as it is. Starting work acknowledges too. Comments may be added after the end; everything else needs an open alarm.
 */
export function applyWorkStep(alarm: Alarm, step: AlarmWorkStep, context: WorkContext): Result<AlarmStep, WorkRefusal> {
  const { at, recordedAt } = context;
  const draft: Draft = { alarm, transitions: [] };
  const done = (): Result<AlarmStep, WorkRefusal> => ok({ alarm: draft.alarm, transitions: draft.transitions });
  if ('version' in step && step.version !== alarm.version) return err('CONFLICT');

  if (step.kind === 'comment') {
    write(draft, {}, { kind: 'commented', eventTime: at, recordedAt, by: step.by, note: step.note });
    return done();
  }
  if (step.kind === 'acknowledge') {
    if (alarm.endedAt !== null || isAcknowledged(alarm)) return done();
    const line: Line = { kind: 'acknowledged', eventTime: at, recordedAt, by: step.by, note: step.note ?? null };
    write(draft, { work: 'acknowledged' }, line);
    endIfDone(draft, context.endsUnacknowledged, at, recordedAt, step.by);
    return done();
  }
  if (alarm.endedAt !== null) return err('INVALID_STATE');

  switch (step.kind) {
    case 'start_work':
      // Work on a condition that is over is not a state of its own (ISA-18.2 knows none): acknowledge or resolve it instead.
      if (alarm.condition !== 'active' || alarm.work === 'in_progress') return err('INVALID_STATE');
      if (!isAcknowledged(alarm)) {
        write(draft, { work: 'acknowledged' }, { kind: 'acknowledged', eventTime: at, recordedAt, by: step.by });
      }
      write(draft, { work: 'in_progress' }, { kind: 'work_started', eventTime: at, recordedAt, by: step.by });
      return done();
    case 'assign':
      if (alarm.assignee === step.to) return done();
      write(draft, { assignee: step.to }, { kind: 'assigned', eventTime: at, recordedAt, by: step.by, note: step.to });
      return done();
    case 'resolve': {
      if (alarm.condition !== 'cleared' || step.note.trim() === '') return err('INVALID_STATE');
      const line: Line = { kind: 'resolved', eventTime: at, recordedAt, by: step.by, note: step.note };
      write(draft, { work: 'resolved', suppression: null }, line);
      write(draft, { endedAt: at }, { kind: 'ended', eventTime: at, recordedAt, by: step.by });
      return done();
    }
    case 'suppress': {
      const { suppression } = step;
      if (!isPossible(suppression, at)) return err('INVALID_STATE');
      const line: Line = {
        kind: 'suppressed',
        eventTime: at,
        recordedAt,
        by: suppression.by,
        note: suppression.reason,
      };
      write(draft, { suppression }, line);
      return done();
    }
    case 'unsuppress':
      if (alarm.suppression === null) return err('INVALID_STATE');
      leaveSuppression(draft, at, recordedAt, step.by);
      return done();
    default:
      return unreachable(step);
  }
}

/** A suppression has a reason and an end; only `out_of_service` may last until a person ends it. */
const isPossible = (suppression: Suppression, at: EpochMs): boolean =>
  suppression.reason.trim() !== '' &&
  (suppression.until === null ? suppression.kind === 'out_of_service' : suppression.until > at);

/** ISA-18.2: leaving SHLVD, DSUPR or OOSRV gives UNACK when the condition is active at that moment, else NORM. */
function leaveSuppression(draft: Draft, at: EpochMs, recordedAt: EpochMs, by: UserId | null): void {
  const active = draft.alarm.condition === 'active';
  write(draft, active ? { suppression: null, work: 'new' } : { suppression: null }, {
    kind: 'unsuppressed',
    eventTime: at,
    recordedAt,
    by,
  });
  if (!active) write(draft, { endedAt: at }, { kind: 'ended', eventTime: at, recordedAt, by });
}

/** What an alarm is about: fixed for its life. */
export interface AlarmScope {
  readonly agencyId: AgencyId;
  readonly ruleId: RuleId;
  readonly ruleVersion: number;
  readonly series: SeriesId;
  readonly pointId: PointId;
  readonly quantity: QuantityKey;
}

/** What was judged, in the quantity's unit (for silence: `null`). */
export interface Judged {
  readonly value: number | null;
  /** The worst value since the activation. */
  readonly worstValue: number | null;
  /** The limit of the level in force. */
  readonly limit: number | null;
  /** A suspect reading had part in it. */
  readonly suspect: boolean;
}

/** What the world (or the rule) does to an alarm. `at`: event time. */
export type ConditionStep =
  | { readonly kind: 'activated'; readonly at: EpochMs; readonly severity: Severity; readonly judged: Judged }
  | { readonly kind: 'severity'; readonly at: EpochMs; readonly severity: Severity; readonly judged: Judged }
  | { readonly kind: 'cleared'; readonly at: EpochMs; readonly judged: Judged }
  /** Its data has stopped; `since` is when it was last heard. */
  | { readonly kind: 'silent'; readonly at: EpochMs; readonly since: EpochMs }
  | { readonly kind: 'heard_again'; readonly at: EpochMs }
  /** The rule was withdrawn, disabled, or no longer watches this series. */
  | { readonly kind: 'rule_withdrawn'; readonly at: EpochMs }
  | { readonly kind: 'suppression_over'; readonly at: EpochMs }
  /** `null`: late data confirms after all what was recorded. */
  | { readonly kind: 'revised'; readonly at: EpochMs; readonly revision: AlarmRevision | null };

export interface ConditionContext {
  readonly scope: AlarmScope;
  readonly recordedAt: EpochMs;
  readonly endsUnacknowledged: readonly Severity[];
  /** A suppression that already lies on the scope when an alarm begins there. */
  readonly standingSuppression?: Suppression | null;
}

/**
 * One step of the condition. `alarm` is the occurrence open on the scope, or `null`; an ended one counts as `null` except for revisions.
 * A step that finds nothing to change returns the alarm as it was, without transitions: evaluating again changes nothing.
 */
export function applyConditionStep(
  alarm: Alarm | null,
  step: ConditionStep,
  context: ConditionContext,
): { readonly alarm: Alarm | null; readonly transitions: readonly AlarmTransition[] } {
  const { recordedAt } = context;
  const open = alarm !== null && alarm.endedAt === null ? alarm : null;
  if (step.kind === 'activated') return open === null ? begin(step, context) : activateAgain(open, step, recordedAt);
  if (alarm === null || (open === null && step.kind !== 'revised')) return { alarm, transitions: [] };

  const draft: Draft = { alarm, transitions: [] };
  const line = { eventTime: step.at, recordedAt };
  switch (step.kind) {
    case 'severity':
      if (alarm.condition === 'active') changeSeverity(draft, step, recordedAt);
      break;
    case 'cleared':
      if (alarm.condition !== 'active') break;
      write(
        draft,
        { condition: 'cleared', clearedAt: step.at, ...valuesAfter(alarm, step.judged), limit: alarm.limit },
        { ...line, kind: 'cleared', value: step.judged.value },
      );
      endIfDone(draft, context.endsUnacknowledged, step.at, recordedAt, null);
      break;
    case 'silent':
      if (alarm.silentSince === null) write(draft, { silentSince: step.since }, { ...line, kind: 'silent' });
      break;
    case 'heard_again':
      if (alarm.silentSince !== null) write(draft, { silentSince: null }, { ...line, kind: 'heard_again' });
      break;
    case 'rule_withdrawn':
      write(draft, { suppression: null }, { ...line, kind: 'rule_withdrawn' });
      write(draft, { endedAt: step.at }, { ...line, kind: 'ended' });
      break;
    case 'suppression_over':
      if (alarm.suppression !== null) leaveSuppression(draft, step.at, recordedAt, null);
      break;
    case 'revised':
      if (!sameRevision(alarm.revision, step.revision)) {
        write(draft, { revision: step.revision }, { ...line, kind: 'revised' });
      }
      break;
    default:
      unreachable(step);
  }
  return { alarm: draft.alarm, transitions: draft.transitions };
}

type Activated = Extract<ConditionStep, { kind: 'activated' }>;
type SeverityChange = Extract<ConditionStep, { kind: 'severity' }>;

function begin(step: Activated, context: ConditionContext): AlarmStep {
  const { scope, recordedAt } = context;
  const draft: Draft = { alarm: firstState(step, scope, recordedAt, 'live'), transitions: [] };
  draft.alarm = { ...draft.alarm, suppression: context.standingSuppression ?? null };
  write(draft, {}, { kind: 'activated', eventTime: step.at, recordedAt, value: step.judged.value });
  return { alarm: draft.alarm, transitions: draft.transitions };
}

const firstState = (step: Activated, scope: AlarmScope, recordedAt: EpochMs, origin: Alarm['origin']): Alarm => ({
  id: alarmIdOf(scope.ruleId, scope.series, step.at),
  agencyId: scope.agencyId,
  ruleId: scope.ruleId,
  ruleVersion: scope.ruleVersion,
  series: scope.series,
  pointId: scope.pointId,
  quantity: scope.quantity,
  origin,
  condition: 'active',
  work: 'new',
  severity: step.severity,
  worstSeverity: step.severity,
  startedAt: step.at,
  activatedAt: step.at,
  activationCount: 1,
  clearedAt: null,
  endedAt: null,
  silentSince: null,
  triggerValue: step.judged.value,
  worstValue: step.judged.worstValue,
  lastValue: step.judged.value,
  limit: step.judged.limit,
  onSuspectData: step.judged.suspect,
  suppression: null,
  assignee: null,
  revision: null,
  recordedAt,
  version: 0,
});

/** Breached again while cleared and still open: the same occurrence, new for people. While active already: nothing. */
function activateAgain(alarm: Alarm, step: Activated, recordedAt: EpochMs): AlarmStep {
  if (alarm.condition === 'active') return { alarm, transitions: [] };
  const draft: Draft = { alarm, transitions: [] };
  write(
    draft,
    {
      condition: 'active',
      work: 'new',
      severity: step.severity,
      worstSeverity: isWorse(step.severity, alarm.worstSeverity) ? step.severity : alarm.worstSeverity,
      activatedAt: step.at,
      activationCount: alarm.activationCount + 1,
      clearedAt: null,
      triggerValue: step.judged.value,
      worstValue: step.judged.worstValue,
      lastValue: step.judged.value,
      limit: step.judged.limit,
      onSuspectData: alarm.onSuspectData || step.judged.suspect,
    },
    { kind: 'reactivated', eventTime: step.at, recordedAt, value: step.judged.value },
  );
  return { alarm: draft.alarm, transitions: draft.transitions };
}

const valuesAfter = (
  alarm: Alarm,
  judged: Judged,
): Pick<Alarm, 'worstValue' | 'lastValue' | 'limit' | 'onSuspectData'> => ({
  worstValue: judged.worstValue,
  lastValue: judged.value,
  limit: judged.limit,
  onSuspectData: alarm.onSuspectData || judged.suspect,
});

/** Worse: `new` again, since what people acknowledged was something milder. Milder: their work stands. */
function changeSeverity(draft: Draft, step: SeverityChange, recordedAt: EpochMs): void {
  const { alarm } = draft;
  if (alarm.severity === step.severity) return;
  const raised = isWorse(step.severity, alarm.severity);
  write(
    draft,
    {
      severity: step.severity,
      worstSeverity: isWorse(step.severity, alarm.worstSeverity) ? step.severity : alarm.worstSeverity,
      ...(raised ? { work: 'new' as const } : {}),
      ...valuesAfter(alarm, step.judged),
    },
    { kind: raised ? 'severity_raised' : 'severity_lowered', eventTime: step.at, recordedAt, value: step.judged.value },
  );
}

function sameRevision(a: AlarmRevision | null, b: AlarmRevision | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.kind === 'not_confirmed' || b.kind === 'not_confirmed') {
    return a.kind === 'not_confirmed' && b.kind === 'not_confirmed' && a.partOf === b.partOf;
  }
  return (
    a.startedAt === b.startedAt &&
    a.clearedAt === b.clearedAt &&
    a.worstSeverity === b.worstSeverity &&
    a.activationCount === b.activationCount
  );
}

/** A whole activation, known only afterwards. */
export interface PastEpisode {
  readonly activatedAt: EpochMs;
  readonly clearedAt: EpochMs;
  readonly worstSeverity: Severity;
  readonly triggerValue: number | null;
  readonly judged: Judged;
}

/** An occurrence found in late data: listed and counted, told to nobody, ended from the start. */
export function pastOccurrence(episode: PastEpisode, scope: AlarmScope, recordedAt: EpochMs): AlarmStep {
  const { activatedAt, clearedAt, judged } = episode;
  const step: Activated = {
    kind: 'activated',
    at: activatedAt,
    severity: episode.worstSeverity,
    judged: { ...judged, value: episode.triggerValue },
  };
  const draft: Draft = { alarm: firstState(step, scope, recordedAt, 'past'), transitions: [] };
  write(draft, {}, { kind: 'activated', eventTime: activatedAt, recordedAt, value: episode.triggerValue });
  write(
    draft,
    { condition: 'cleared', clearedAt, lastValue: judged.value },
    { kind: 'cleared', eventTime: clearedAt, recordedAt, value: judged.value },
  );
  write(draft, { endedAt: clearedAt }, { kind: 'ended', eventTime: clearedAt, recordedAt });
  return { alarm: draft.alarm, transitions: draft.transitions };
}

const ISA_OF_SUPPRESSION: Readonly<Record<Suppression['kind'], Isa182State>> = {
  shelved: 'SHLVD',
  maintenance: 'DSUPR',
  out_of_service: 'OOSRV',
};

/**
 * ISA-18.2 / IEC 62682 name of what is open on a scope. `null` or an ended alarm: nothing is, so NORM, or the name of the suppression
 * that lies on the scope before any alarm begins.
 */
export function isa182State(alarm: Alarm | null, standingSuppression: Suppression | null = null): Isa182State {
  if (alarm === null || alarm.endedAt !== null) {
    return standingSuppression === null ? 'NORM' : ISA_OF_SUPPRESSION[standingSuppression.kind];
  }
  if (alarm.suppression !== null) return ISA_OF_SUPPRESSION[alarm.suppression.kind];
  if (alarm.condition === 'cleared') return 'RTNUN';
  return isAcknowledged(alarm) ? 'ACKED' : 'UNACK';
}
