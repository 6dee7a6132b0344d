import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import type { Domain } from '../../domain/quantity.ts';
import { SEVERITIES, type Severity, severityRank } from '../../domain/rule.ts';

/** Worst first, then newest first; the id settles what is left, so that rows never swap for no reason. */
export const compareAlarms = (a: AlarmWire, b: AlarmWire): number =>
  severityRank(a.severity) - severityRank(b.severity) ||
  b.activatedAt - a.activatedAt ||
  (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

export interface AlarmListFilter {
  readonly severities: readonly Severity[];
  readonly domains: readonly Domain[];
  readonly agencies: readonly AgencyId[];
  readonly unacknowledgedOnly: boolean;
}
/** Empty lists let everything pass. */
export const NO_ALARM_FILTER: AlarmListFilter = {
  severities: [],
  domains: [],
  agencies: [],
  unacknowledgedOnly: false,
};

const passes = <T>(allowed: readonly T[], value: T | undefined): boolean =>
  allowed.length === 0 || (value !== undefined && allowed.includes(value));

export const matchesFilter = (alarm: AlarmWire, filter: AlarmListFilter): boolean =>
  passes(filter.severities, alarm.severity) &&
  passes(filter.domains, alarm.point?.domain) &&
  passes(filter.agencies, alarm.agencyId) &&
  (!filter.unacknowledgedOnly || alarm.work === 'new');

export interface AlarmOverview {
  /** Open and not hidden, per severity. */
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly unacknowledged: number;
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
    if (oldest === null || alarm.activatedAt < oldest.activatedAt) oldest = alarm;
  }
  return { bySeverity, unacknowledged, oldestUnacknowledged: oldest, shelved, suppressed };
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
