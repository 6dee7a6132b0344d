import type { AgencyId } from './identifiers.ts';
import type { Incident, IncidentCause, IncidentId, IncidentMember, Signal, SignalKey } from './incident.ts';
import type { SignalGroup } from './incident-grouping.ts';

/** Where a signal is now. */
export type Membership = Pick<IncidentMember, 'incidentId' | 'byHand'>;

/** What correlation wants changed. */
export type IncidentChange =
  | {
      readonly kind: 'open';
      readonly id: IncidentId;
      readonly agencyId: AgencyId;
      readonly cause: IncidentCause;
      readonly founder: SignalKey;
      readonly keys: readonly SignalKey[];
    }
  | { readonly kind: 'join'; readonly id: IncidentId; readonly keys: readonly SignalKey[] }
  | { readonly kind: 'merge'; readonly from: IncidentId; readonly into: IncidentId }
  | { readonly kind: 'cause'; readonly id: IncidentId; readonly cause: IncidentCause };

const causeName = (cause: IncidentCause): string => {
  switch (cause.kind) {
    case 'site':
      return `site-${cause.siteId}`;
    case 'device':
      return `device-${cause.deviceId}`;
    case 'place':
      return `place-${cause.family}`;
    case 'hand':
      return 'hand';
  }
};

/** Two incidents of the same cause began with different signals, so the first of them tells them apart. */
export const incidentId = (cause: IncidentCause, first: Pick<Signal, 'at' | 'pointId'>): IncidentId =>
  `${causeName(cause)}:${first.pointId}:${first.at}` as IncidentId;

const sameCause = (a: IncidentCause, b: IncidentCause): boolean =>
  causeName(a) === causeName(b) && (a.kind !== 'site' || b.kind !== 'site' || a.inferred === b.inferred);

type Known = Pick<Incident, 'id' | 'cause' | 'founder' | 'startedAt'>;

/**
 * What makes the incidents that are known be as the groups say. Nothing is ever taken out of an incident: that is for people to do, and what they did
 * stays. With nothing new, nothing is wanted.
 */
export function reconcile(
  groups: readonly SignalGroup[],
  signalOf: (key: SignalKey) => Pick<Signal, 'agencyId' | 'at' | 'pointId'>,
  membershipOf: (key: SignalKey) => Membership | undefined,
  incidentOf: (id: IncidentId) => Known | undefined,
): readonly IncidentChange[] {
  const changes: IncidentChange[] = [];
  /** Incidents that were merged by an earlier group of this round. */
  const gone = new Map<IncidentId, IncidentId>();
  const nowIn = (id: IncidentId): IncidentId => {
    const into = gone.get(id);
    return into === undefined ? id : nowIn(into);
  };
  for (const { cause, keys } of groups) {
    const fresh: SignalKey[] = [];
    const met = new Map<IncidentId, Known>();
    for (const key of keys) {
      const membership = membershipOf(key);
      if (membership === undefined) fresh.push(key);
      if (membership === undefined || membership.byHand || membership.incidentId === null) continue;
      const incident = incidentOf(nowIn(membership.incidentId));
      if (incident !== undefined) met.set(incident.id, incident);
    }
    const [target, ...others] = [...met.values()].sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
    if (target === undefined) {
      const [founder] = fresh;
      if (founder === undefined || fresh.length < 2) continue;
      const first = signalOf(founder);
      const id = incidentId(cause, first);
      changes.push({ kind: 'open', id, agencyId: first.agencyId, cause, founder, keys: fresh });
      continue;
    }
    for (const { id } of others) {
      changes.push({ kind: 'merge', from: id, into: target.id });
      gone.set(id, target.id);
    }
    if (fresh.length > 0) changes.push({ kind: 'join', id: target.id, keys: fresh });
    const isOfFounder = target.founder !== null && keys.includes(target.founder);
    if (isOfFounder && !sameCause(target.cause, cause)) changes.push({ kind: 'cause', id: target.id, cause });
  }
  return changes;
}
