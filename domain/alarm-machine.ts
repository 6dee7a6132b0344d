import {
  type Alarm,
  type AlarmArea,
  type AlarmCarrier,
  type AlarmTransition,
  type Isa182State,
  isOfScope,
  type Suppression,
  type TransitionKind,
} from './alarm.ts';
import type { AlarmId, DeviceId, RuleId, SeriesId, UserId } from './identifiers.ts';
import { sameRevision } from './late-judgement.ts';
import type { AlarmWorkStep } from './ports/registry.ts';
import { err, ok, type Result, unreachable } from './result.ts';
import { isWorse, type Rule, type Severity } from './rule.ts';
import type { ConditionEvent } from './rule-evaluation.ts';
import { type DurationMs, type EpochMs, seconds } from './time.ts';

/** The alarm after a step and the lines its history gained; no lines means that nothing changed. */
export interface AlarmChange {
  readonly alarm: Alarm;
  readonly transitions: readonly AlarmTransition[];
}

/** Made from rule, scope and start, so evaluating again gives the same alarm. */
export const alarmId = (rule: RuleId, scope: SeriesId | 'area' | `device-${DeviceId}`, startedAt: EpochMs): AlarmId =>
  `${rule}:${scope}:${startedAt.toString(36)}` as AlarmId;

/** Collects the lines of one step; the alarm's version counts its lines. */
class Step {
  alarm: Alarm;
  readonly transitions: AlarmTransition[] = [];
  readonly #recordedAt: EpochMs;

  constructor(alarm: Alarm, recordedAt: EpochMs) {
    this.alarm = alarm;
    this.#recordedAt = recordedAt;
  }

  record(
    kind: TransitionKind,
    eventTime: EpochMs,
    change: Partial<Alarm>,
    by: UserId | null = null,
    note: string | null = null,
    value: number | null = null,
  ): this {
    const version = this.alarm.version + 1;
    this.alarm = withoutNeedlessCorrection({ ...this.alarm, ...change, version });
    this.transitions.push({
      alarmId: this.alarm.id,
      index: version,
      kind,
      eventTime,
      recordedAt: this.#recordedAt,
      by,
      severity: this.alarm.severity,
      value,
      note,
      ...((kind === 'suppressed' || kind === 'activated') && this.alarm.suppression !== null
        ? { suppression: this.alarm.suppression }
        : {}),
      ...(change.assignee === undefined ? {} : { assignee: change.assignee }),
    });
    return this;
  }

  /** The occurrence ends when it is cleared and looked after (or needs no looking after). */
  endIfDone(at: EpochMs, endsUnacknowledged: readonly Severity[]): this {
    const { condition, work, endedAt, suppression, worstSeverity } = this.alarm;
    if (endedAt !== null || suppression !== null || condition !== 'cleared') return this;
    if (work !== 'new' || endsUnacknowledged.includes(worstSeverity)) this.record('ended', at, { endedAt: at });
    return this;
  }

  get change(): AlarmChange {
    return { alarm: this.alarm, transitions: this.transitions };
  }
}

/** A correction that live has caught up with says nothing any more. */
function withoutNeedlessCorrection(alarm: Alarm): Alarm {
  const { revision } = alarm;
  return revision?.kind === 'corrected' &&
    revision.startedAt === alarm.startedAt &&
    revision.clearedAt === alarm.clearedAt &&
    revision.worstSeverity === alarm.worstSeverity &&
    revision.activationCount === alarm.activationCount
    ? { ...alarm, revision: null }
    : alarm;
}

/** For so long, counted from its own time, may whoever acknowledged an alarm take that back. */
export const TAKE_BACK_WITHIN: DurationMs = seconds(60);

export interface WorkContext {
  /** When the person acted. */
  readonly at: EpochMs;
  readonly recordedAt: EpochMs;
  /** The newest acknowledgement on record; only looked at by whoever wants to take it back. */
  readonly acknowledgement?: Pick<AlarmTransition, 'by' | 'eventTime'> | undefined;
  /** `endsUnacknowledged` of the alarm's rule. */
  readonly endsUnacknowledged: readonly Severity[];
}

/**
 * A person's step on an alarm. Acknowledging twice changes nothing; any other step on an ended alarm, but a comment, is `INVALID_STATE`,
 * as are: resolving before it cleared or without a reason, starting work on what has cleared (ISA-18.2 knows no such state: acknowledge
 * or resolve it), a suppression without reason or end (only `out_of_service` may have none), and lifting one that isn't there.
 * An acknowledgement is taken back only by whoever gave it, within {@link TAKE_BACK_WITHIN} and before anybody worked on it or the occurrence
 * ended; the history keeps both lines, and the alarm is new again.
 * The version a step was based on is for the registry to compare, which holds the row.
 */
export function applyWorkStep(
  alarm: Alarm,
  step: AlarmWorkStep,
  { at, recordedAt, endsUnacknowledged, acknowledgement }: WorkContext,
): Result<AlarmChange, 'INVALID_STATE'> {
  const next = new Step(alarm, recordedAt);
  const ended = alarm.endedAt !== null;
  switch (step.kind) {
    case 'comment':
      return ok(next.record('commented', at, {}, step.by, step.note).change);
    case 'acknowledge':
      if (ended || alarm.work !== 'new') return ok(next.change);
      return ok(
        next
          .record('acknowledged', at, { work: 'acknowledged' }, step.by, step.note ?? null)
          .endIfDone(at, endsUnacknowledged).change,
      );
    case 'take_back_acknowledgement':
      if (ended || alarm.work !== 'acknowledged') return err('INVALID_STATE');
      if (acknowledgement?.by !== step.by || at - acknowledgement.eventTime > TAKE_BACK_WITHIN)
        return err('INVALID_STATE');
      return ok(next.record('acknowledgement_taken_back', at, { work: 'new' }, step.by).change);
    case 'start_work':
      if (ended || alarm.condition !== 'active') return err('INVALID_STATE');
      if (alarm.work === 'in_progress') return ok(next.change);
      if (alarm.work === 'new') next.record('acknowledged', at, { work: 'acknowledged' }, step.by);
      return ok(
        next.record('work_started', at, { work: 'in_progress', assignee: alarm.assignee ?? step.by }, step.by).change,
      );
    case 'assign':
      if (ended) return err('INVALID_STATE');
      return ok(next.record('assigned', at, { assignee: step.to }, step.by).change);
    case 'resolve':
      if (ended || alarm.condition !== 'cleared' || step.note.trim() === '') return err('INVALID_STATE');
      return ok(
        next
          .record('resolved', at, { work: 'resolved' }, step.by, step.note)
          .record('ended', at, { endedAt: at, suppression: null }).change,
      );
    case 'suppress':
      if (ended || !isPossible(step.suppression, at)) return err('INVALID_STATE');
      return ok(
        next.record('suppressed', at, { suppression: step.suppression }, step.suppression.by, step.suppression.reason)
          .change,
      );
    case 'unsuppress': {
      if (ended || alarm.suppression === null) return err('INVALID_STATE');
      // What hides its scope would hide it again at once: that is to be ended, not this.
      if (step.by !== null && isOfScope(alarm.suppression)) return err('INVALID_STATE');
      // ISA-18.2: leaving suppression shows it as new when the condition is active at that moment, else as normal.
      const active = alarm.condition === 'active';
      next.record('unsuppressed', at, active ? { suppression: null, work: 'new' } : { suppression: null }, step.by);
      if (!active) next.record('ended', at, { endedAt: at });
      return ok(next.change);
    }
    default:
      return unreachable(step);
  }
}

/** A suppression of one occurrence has a reason and an end to come; only `out_of_service` may last until a person ends it. */
const isPossible = (suppression: Suppression, at: EpochMs): boolean => {
  const { kind, reason, until } = suppression;
  if (isOfScope(suppression)) return true;
  return reason.trim() !== '' && (until === null ? kind === 'out_of_service' : until > at);
};

export interface ConditionContext {
  readonly rule: Rule;
  readonly series: SeriesId;
  readonly pointId: Alarm['pointId'];
  /** Of a rule on an area: as it is now. */
  readonly area?: AlarmArea;
  /** What it is that is down, and carries others. */
  readonly carrier?: AlarmCarrier;
  readonly recordedAt: EpochMs;
  /** In force on the scope while no occurrence was open; a new occurrence begins under it. */
  readonly suppression?: Suppression | null;
}

/**
 * A change of the condition, applied to the open occurrence (`null`: none is open). While an occurrence is open and cleared, a new breach makes
 * the same one active again; after its end a new one begins. Returns `null` when there is nothing to change.
 */
export function applyConditionEvent(
  open: Alarm | null,
  event: ConditionEvent,
  context: ConditionContext,
): AlarmChange | null {
  const { rule, recordedAt } = context;
  const area = context.area === undefined ? {} : { area: context.area };
  if (event.kind === 'activated') {
    if (open === null) return activate(event, context, 'live');
    if (open.condition === 'active') return null;
    const { revision } = open;
    const step = new Step(open, recordedAt);
    step.record(
      'reactivated',
      event.at,
      {
        condition: 'active',
        work: 'new',
        severity: event.severity,
        worstSeverity: isWorse(event.severity, open.worstSeverity) ? event.severity : open.worstSeverity,
        activatedAt: event.at,
        activationCount: open.activationCount + 1,
        clearedAt: null,
        triggerValue: event.value,
        worstValue: event.value,
        lastValue: event.value,
        limit: event.limit,
        onSuspectData: open.onSuspectData || event.suspect,
        ...area,
        revision: revision && {
          kind: 'corrected',
          startedAt: revision.kind === 'corrected' ? revision.startedAt : event.at,
          clearedAt: null,
          worstSeverity:
            revision.kind === 'corrected' && isWorse(revision.worstSeverity, event.severity)
              ? revision.worstSeverity
              : event.severity,
          activationCount: revision.kind === 'corrected' ? revision.activationCount + 1 : 1,
        },
      },
      null,
      null,
      event.value,
    );
    return step.change;
  }
  if (open === null || open.condition !== 'active') return null;
  const step = new Step(open, recordedAt);
  const revision = carriedOn(open.revision, event);
  if (event.kind === 'cleared') {
    step.record(
      'cleared',
      event.at,
      {
        condition: 'cleared',
        clearedAt: event.at,
        lastValue: event.value,
        worstValue: event.worstValue,
        onSuspectData: open.onSuspectData || event.suspect,
        silentSince: null,
        revision,
      },
      null,
      null,
      event.value,
    );
    return step.endIfDone(event.at, rule.endsUnacknowledged).change;
  }
  const raised = event.kind === 'severity_raised';
  step.record(
    event.kind,
    event.at,
    {
      severity: event.severity,
      worstSeverity: isWorse(event.severity, open.worstSeverity) ? event.severity : open.worstSeverity,
      // Worse than what was acknowledged is something nobody has looked at yet.
      work: raised ? 'new' : open.work,
      lastValue: event.value,
      worstValue: event.worstValue,
      limit: event.limit,
      onSuspectData: open.onSuspectData || event.suspect,
      ...area,
      revision,
    },
    null,
    null,
    event.value,
  );
  return step.change;
}

/** What late data said of an open occurrence goes on with it: from then on live and corrected run together. */
function carriedOn(
  revision: Alarm['revision'],
  event: Exclude<ConditionEvent, { kind: 'activated' }>,
): Alarm['revision'] {
  if (revision?.kind !== 'corrected') return revision;
  if (event.kind === 'cleared') return revision.clearedAt === null ? { ...revision, clearedAt: event.at } : revision;
  return isWorse(event.severity, revision.worstSeverity) ? { ...revision, worstSeverity: event.severity } : revision;
}

function activate(
  event: Extract<ConditionEvent, { kind: 'activated' }>,
  context: ConditionContext,
  origin: Alarm['origin'],
): AlarmChange {
  const { rule, series, pointId, area, carrier, recordedAt } = context;
  const scope = carrier?.kind === 'device' ? (`device-${carrier.id}` as const) : area === undefined ? series : 'area';
  const blank: Alarm = {
    id: alarmId(rule.id, scope, event.at),
    agencyId: rule.agencyId,
    ruleId: rule.id,
    ruleVersion: rule.version,
    series,
    pointId,
    ...(area === undefined ? {} : { area }),
    ...(carrier === undefined ? {} : { carrier }),
    quantity: rule.quantity,
    origin,
    condition: 'active',
    work: 'new',
    severity: event.severity,
    worstSeverity: event.severity,
    startedAt: event.at,
    activatedAt: event.at,
    activationCount: 1,
    clearedAt: null,
    endedAt: null,
    silentSince: null,
    triggerValue: event.value,
    worstValue: event.value,
    lastValue: event.value,
    limit: event.limit,
    onSuspectData: event.suspect,
    suppression: context.suppression ?? null,
    assignee: null,
    revision: null,
    recordedAt,
    version: 0,
  };
  return new Step(blank, recordedAt).record('activated', event.at, {}, null, null, event.value).change;
}

/** An occurrence found in late data: whole from the start, ended, told to nobody. `clearedAt` null means the data ends in breach. */
export function pastAlarm(
  episode: {
    readonly activatedAt: EpochMs;
    readonly clearedAt: EpochMs;
    readonly worstSeverity: Severity;
    readonly triggerValue: number | null;
    readonly worstValue: number | null;
    readonly limit: number | null;
    readonly onSuspectData: boolean;
  },
  context: ConditionContext,
): AlarmChange {
  const begun = activate(
    {
      kind: 'activated',
      at: episode.activatedAt,
      severity: episode.worstSeverity,
      value: episode.triggerValue,
      limit: episode.limit,
      suspect: episode.onSuspectData,
    },
    context,
    'past',
  );
  const step = new Step({ ...begun.alarm, worstValue: episode.worstValue }, context.recordedAt);
  step.transitions.push(...begun.transitions);
  return step
    .record('cleared', episode.clearedAt, { condition: 'cleared', clearedAt: episode.clearedAt })
    .record('ended', episode.clearedAt, { endedAt: episode.clearedAt }).change;
}

/** Notes what late data says of an occurrence; `null` when it says what is noted already. */
export function revise(alarm: Alarm, revision: Alarm['revision'], at: EpochMs): AlarmChange | null {
  if (sameRevision(alarm.revision, revision)) return null;
  return new Step(alarm, at).record('revised', at, { revision }).change;
}

/** Its data stopped, or came back; neither raises nor clears. */
export function markSilence(alarm: Alarm, silentSince: EpochMs | null, at: EpochMs): AlarmChange | null {
  if ((alarm.silentSince === null) === (silentSince === null)) return null;
  return new Step(alarm, at).record(silentSince === null ? 'heard_again' : 'silent', silentSince ?? at, { silentSince })
    .change;
}

/** The rule was withdrawn, switched off or no longer covers the series: nobody judges the alarm any more, so it ends. */
export function withdraw(alarm: Alarm, at: EpochMs): AlarmChange {
  return new Step(alarm, at)
    .record('rule_withdrawn', at, { condition: 'cleared', clearedAt: alarm.clearedAt ?? at })
    .record('ended', at, { endedAt: at }).change;
}

/** The state's name in ISA-18.2 / IEC 62682; `null` stands for no occurrence, `scopeSuppression` for one in force without an occurrence. */
export function isa182State(alarm: Alarm | null, scopeSuppression: Suppression | null = null): Isa182State {
  const open = alarm !== null && alarm.endedAt === null ? alarm : null;
  switch ((open ? open.suppression : scopeSuppression)?.kind) {
    case 'shelved':
      return 'SHLVD';
    case 'maintenance':
    case 'carrier_down':
      return 'DSUPR';
    case 'out_of_service':
      return 'OOSRV';
    case undefined:
      if (open === null) return 'NORM';
      if (open.condition === 'cleared') return 'RTNUN';
      return open.work === 'new' ? 'UNACK' : 'ACKED';
  }
}
