import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { AgencyId, AlarmId, PointId, RuleId, UserId, WardCode } from '../../domain/identifiers.ts';
import type { Domain } from '../../domain/quantity.ts';
import { SEVERITIES, type Severity, severityRank } from '../../domain/rule.ts';
import { foldText } from './text-search.ts';

/** Worst first, then newest first; the id settles what is left, so that rows never swap for no reason. */
export const compareAlarms = (a: AlarmWire, b: AlarmWire): number =>
  severityRank(a.severity) - severityRank(b.severity) ||
  b.activatedAt - a.activatedAt ||
  (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Work states that the list can be narrowed to: those an open alarm can have. */
export const WORK_FILTERS = ['new', 'acknowledged', 'in_progress'] as const;
export const CONDITION_FILTERS = ['active', 'cleared'] as const;
/** Assignees that aren't a person's id. */
export const ASSIGNED_TO_ME = 'me';
export const ASSIGNED_TO_NOBODY = 'nobody';

export interface AlarmListFilter {
  readonly severities: readonly Severity[];
  readonly domains: readonly Domain[];
  readonly agencies: readonly AgencyId[];
  readonly work: readonly AlarmWire['work'][];
  readonly condition: AlarmWire['condition'] | null;
  readonly rule: RuleId | null;
  readonly ward: WardCode | null;
  /** A person, or {@link ASSIGNED_TO_NOBODY}; `null`: anyone. */
  readonly assignee: UserId | typeof ASSIGNED_TO_NOBODY | null;
  /** Words in the names of rule and point in either language, diacritics optional. */
  readonly text: string;
  /** Became active at or after this; `null`: whenever. */
  readonly since: number | null;
}
/** Empty lists let everything pass. */
export const NO_ALARM_FILTER: AlarmListFilter = {
  severities: [],
  domains: [],
  agencies: [],
  work: [],
  condition: null,
  rule: null,
  ward: null,
  assignee: null,
  text: '',
  since: null,
};

const passes = <T>(allowed: readonly T[], value: T | undefined): boolean =>
  allowed.length === 0 || (value !== undefined && allowed.includes(value));

/** Names are few and alarms many: each text is folded once. */
const folded = new Map<string, string>();
const FOLDED_KEPT = 50_000;
function foldOnce(text: string): string {
  let known = folded.get(text);
  if (known === undefined) {
    if (folded.size >= FOLDED_KEPT) folded.clear();
    known = foldText(text);
    folded.set(text, known);
  }
  return known;
}
const namesOf = ({ rule, point, ruleId, pointId }: AlarmWire): readonly string[] => [
  ...(rule ? [rule.name.vi, rule.name.en] : [ruleId]),
  ...(point ? [point.name.vi, point.name.en] : [pointId]),
];

/**
 * Whether an alarm passes a filter. An alarm that is over goes by the worst it was. `wardOf`: where a point is, as far as that is known.
 */
export function alarmFilter(
  filter: AlarmListFilter,
  wardOf: (point: PointId) => WardCode | null,
): (alarm: AlarmWire) => boolean {
  const words = foldText(filter.text.trim()).split(/\s+/).filter(Boolean);
  const hasWords = (alarm: AlarmWire): boolean => {
    const names = namesOf(alarm).map(foldOnce);
    return words.every((word) => names.some((name) => name.includes(word)));
  };
  return (alarm) =>
    passes(filter.severities, alarm.endedAt === null ? alarm.severity : alarm.worstSeverity) &&
    passes(filter.domains, alarm.point?.domain) &&
    passes(filter.agencies, alarm.agencyId) &&
    passes(filter.work, alarm.work) &&
    (filter.condition === null || alarm.condition === filter.condition) &&
    (filter.rule === null || alarm.ruleId === filter.rule) &&
    (filter.since === null || alarm.activatedAt >= filter.since) &&
    (filter.assignee === null || (alarm.assignee ?? ASSIGNED_TO_NOBODY) === filter.assignee) &&
    (filter.ward === null || wardOf(alarm.pointId) === filter.ward) &&
    (words.length === 0 || hasWords(alarm));
}

/** A sorted list of alarms, and the table it was made from. */
export interface AlarmOrder {
  readonly from: ReadonlyMap<AlarmId, AlarmWire>;
  readonly list: readonly AlarmWire[];
}

/** Above this share of changes sorting anew is quicker than laying them in. */
const SORTED_ANEW_ABOVE = 0.2;

/** Those of `alarms` that `keep` lets pass, in the list's order. */
export const orderAlarms = (
  alarms: ReadonlyMap<AlarmId, AlarmWire>,
  keep: (alarm: AlarmWire) => boolean,
): AlarmOrder => ({ from: alarms, list: [...alarms.values()].filter(keep).sort(compareAlarms) });

/**
 * As {@link orderAlarms} of the newer table with the same `keep`, from the order of the table before: what did not change keeps its place, what did is laid
 * in. In a flood of ten thousand a batch of changes then costs one walk instead of a sort.
 */
export function reorderAlarms(
  before: AlarmOrder,
  alarms: ReadonlyMap<AlarmId, AlarmWire>,
  keep: (alarm: AlarmWire) => boolean,
): AlarmOrder {
  if (before.from === alarms) return before;
  const changed: AlarmWire[] = [];
  for (const [id, alarm] of alarms) if (before.from.get(id) !== alarm) changed.push(alarm);
  if (changed.length > alarms.size * SORTED_ANEW_ABOVE) return orderAlarms(alarms, keep);
  const coming = changed.filter(keep).sort(compareAlarms);
  const list: AlarmWire[] = [];
  let next = 0;
  for (const alarm of before.list) {
    if (alarms.get(alarm.id) !== alarm) continue;
    for (let one = coming[next]; one !== undefined && compareAlarms(one, alarm) < 0; one = coming[next]) {
      list.push(one);
      next += 1;
    }
    list.push(alarm);
  }
  for (const one of coming.slice(next)) list.push(one);
  return { from: alarms, list };
}

export interface AlarmOverview {
  /** Open and not hidden, per severity. */
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly unacknowledged: number;
  readonly unacknowledgedBySeverity: Readonly<Record<Severity, number>>;
  /** The unacknowledged one that has waited longest. */
  readonly oldestUnacknowledged: AlarmWire | null;
  /** Hidden one by one, by a person and for a time. */
  readonly shelved: number;
  /** Hidden otherwise: maintenance, out of service, behind what is down. */
  readonly suppressed: number;
}

/** What the strip over every page says. */
export function overviewOf(alarms: Iterable<AlarmWire>): AlarmOverview {
  const bySeverity = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
  const waiting = { ...bySeverity };
  let unacknowledged = 0;
  let shelved = 0;
  let suppressed = 0;
  let oldest: AlarmWire | null = null;
  for (const alarm of alarms) {
    if (alarm.suppression) {
      if (alarm.suppression.kind === 'shelved') shelved += 1;
      else suppressed += 1;
      continue;
    }
    bySeverity[alarm.severity] += 1;
    if (alarm.work !== 'new') continue;
    unacknowledged += 1;
    waiting[alarm.severity] += 1;
    if (oldest === null || alarm.activatedAt < oldest.activatedAt) oldest = alarm;
  }
  return {
    bySeverity,
    unacknowledged,
    unacknowledgedBySeverity: waiting,
    oldestUnacknowledged: oldest,
    shelved,
    suppressed,
  };
}

/** Alarms of `now` that a person should be told of: new ones, active again, or gone up in severity, compared with `before`. */
export function newlyCalling(
  before: ReadonlyMap<string, AlarmWire>,
  now: ReadonlyMap<string, AlarmWire>,
): readonly AlarmWire[] {
  const calling: AlarmWire[] = [];
  for (const [id, alarm] of now) {
    if (alarm.suppression || alarm.work !== 'new') continue;
    const earlier = before.get(id);
    if (
      earlier === undefined ||
      earlier.activationCount < alarm.activationCount ||
      severityRank(alarm.severity) < severityRank(earlier.severity)
    )
      calling.push(alarm);
  }
  return calling;
}
