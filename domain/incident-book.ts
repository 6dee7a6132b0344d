import type { PointId } from './identifiers.ts';
import type {
  CorrelationSettings,
  Incident,
  IncidentEvent,
  IncidentId,
  IncidentMember,
  MemberFacts,
  Signal,
  SignalKey,
} from './incident.ts';
import { groupSignals, scopeOf } from './incident-grouping.ts';
import type { SupplyForest } from './incident-network.ts';
import { type IncidentChange, type Membership, reconcile } from './incident-reconciling.ts';
import type { IncidentCommit } from './ports/incidents.ts';
import { isWorse, type Severity } from './rule.ts';
import { after, type DurationMs, type EpochMs } from './time.ts';

const memberOf = (signal: Signal, incidentId: IncidentId): IncidentMember => ({
  key: signal.key,
  incidentId,
  byHand: false,
  of: signal.of,
  agencyId: signal.agencyId,
  pointId: signal.pointId,
  siteId: signal.siteId,
  at: signal.at,
  endedAt: signal.endedAt,
  sign: signal.sign,
  severity: signal.severity,
});

export interface Settlement {
  readonly commit: Omit<IncidentCommit, 'heard'>;
  /** Incidents that look different now, if only by what a member is like. */
  readonly touched: readonly IncidentId[];
}

/** Signals and incidents that are open, and what follows from them. Pure but for its memory: the same signals and times give the same writes. */
export class IncidentBook {
  readonly #forest: SupplyForest;
  readonly #settings: CorrelationSettings;
  readonly #signals = new Map<SignalKey, Signal>();
  readonly #scopes = new Map<string, Set<SignalKey>>();
  readonly #memberships = new Map<SignalKey, Membership>();
  readonly #incidents = new Map<IncidentId, Incident>();
  readonly #members = new Map<IncidentId, Set<SignalKey>>();
  readonly #dirtyScopes = new Set<string>();
  readonly #changed = new Set<SignalKey>();

  constructor(forest: SupplyForest, settings: CorrelationSettings) {
    this.#forest = forest;
    this.#settings = settings;
  }

  get size(): number {
    return this.#signals.size;
  }
  get openIncidents(): number {
    return this.#incidents.size;
  }

  /** Takes what is on record. Signals of members come by {@link put}. */
  restore(incidents: readonly Incident[], members: readonly IncidentMember[]): void {
    for (const incident of incidents) this.#incidents.set(incident.id, incident);
    for (const { key, incidentId, byHand } of members) {
      this.#memberships.set(key, { incidentId, byHand });
      if (incidentId !== null) this.#membersOf(incidentId).add(key);
    }
  }

  /** A signal began or changed. */
  put(signal: Signal): void {
    const { key } = signal;
    const before = this.#signals.get(key);
    const scope = scopeOf(signal, this.#forest);
    if (before !== undefined) {
      const old = scopeOf(before, this.#forest);
      if (old !== scope) this.#scopes.get(old)?.delete(key);
    }
    this.#signals.set(key, signal);
    const there = this.#scopes.get(scope);
    if (there) there.add(key);
    else this.#scopes.set(scope, new Set([key]));
    if (before === undefined || scopeOf(before, this.#forest) !== scope || !sameForGrouping(before, signal))
      this.#dirtyScopes.add(scope);
    this.#changed.add(key);
  }

  signal(key: SignalKey): Signal | undefined {
    return this.#signals.get(key);
  }

  /** Where its members are, each point once. */
  pointsOf(id: IncidentId): readonly PointId[] {
    const keys = this.#members.get(id) ?? [];
    return [...new Set([...keys].flatMap((key) => this.#signals.get(key)?.pointId ?? []))];
  }

  #membersOf(id: IncidentId): Set<SignalKey> {
    const known = this.#members.get(id);
    if (known) return known;
    const made = new Set<SignalKey>();
    this.#members.set(id, made);
    return made;
  }

  /**
   * Works out what follows from what was put since the last time, remembers it, and says what is to be written; `null`: nothing. When it can't be written,
   * the book is of no use any more: make one from what is on record.
   */
  settle(now: EpochMs): Settlement | null {
    const events: IncidentEvent[] = [];
    const joined: IncidentMember[] = [];
    const merges: { from: IncidentId; into: IncidentId }[] = [];
    const facts: MemberFacts[] = [];
    const touched = new Map<IncidentId, Incident | undefined>();
    const touch = (id: IncidentId): void => {
      if (!touched.has(id)) touched.set(id, this.#incidents.get(id));
    };
    const join = (id: IncidentId, keys: readonly SignalKey[]): void => {
      for (const key of keys) {
        this.#memberships.set(key, { incidentId: id, byHand: false });
        this.#membersOf(id).add(key);
        const signal = this.#signals.get(key);
        if (signal !== undefined) joined.push(memberOf(signal, id));
      }
    };
    const tell = (
      incidentId: IncidentId,
      kind: IncidentEvent['kind'],
      eventTime: EpochMs,
      more: Partial<Pick<IncidentEvent, 'members' | 'other' | 'cause'>> = {},
    ): void => {
      const nothing = { by: null, note: null, members: [], other: null, cause: null };
      events.push({ incidentId, kind, eventTime, recordedAt: now, ...nothing, ...more });
    };
    for (const key of this.#changed) {
      const id = this.#memberships.get(key)?.incidentId;
      const signal = this.#signals.get(key);
      if (id === undefined || id === null || signal === undefined) continue;
      touch(id);
      const { at, endedAt, sign, severity } = signal;
      facts.push({ key, at, endedAt, sign, severity });
    }
    for (const change of this.#wanted()) {
      switch (change.kind) {
        case 'open': {
          const { id, agencyId, cause, founder, keys } = change;
          touch(id);
          const startedAt = this.#first(keys)?.at ?? now;
          this.#incidents.set(id, {
            ...{ id, agencyId, cause, founder, startedAt, recordedAt: now },
            ...{ name: null, endedAt: null, severity: 'notice', mergedInto: null, version: 0 },
          });
          join(id, keys);
          tell(id, 'opened', startedAt, { members: keys, cause });
          break;
        }
        case 'join':
          touch(change.id);
          join(change.id, change.keys);
          tell(change.id, 'joined', this.#first(change.keys)?.at ?? now, { members: change.keys });
          break;
        case 'merge': {
          const { from, into } = change;
          touch(from);
          touch(into);
          const keys = [...this.#membersOf(from)];
          for (const key of keys) {
            const byHand = this.#memberships.get(key)?.byHand ?? false;
            this.#memberships.set(key, { incidentId: into, byHand });
            this.#membersOf(into).add(key);
          }
          this.#members.delete(from);
          merges.push({ from, into });
          const absorbed = this.#incidents.get(from);
          if (absorbed !== undefined) this.#incidents.set(from, { ...absorbed, mergedInto: into, endedAt: now });
          tell(from, 'merged', now, { members: keys, other: into });
          tell(into, 'merged', now, { members: keys, other: from });
          break;
        }
        case 'cause': {
          touch(change.id);
          const incident = this.#incidents.get(change.id);
          if (incident !== undefined) this.#incidents.set(change.id, { ...incident, cause: change.cause });
          tell(change.id, 'cause_changed', now, { cause: change.cause });
          break;
        }
      }
    }
    this.#dirtyScopes.clear();
    this.#changed.clear();
    const incidents: Incident[] = [];
    for (const [id, before] of touched) {
      const wasOver = before !== undefined && before.endedAt !== null;
      const next = this.#refreshed(id);
      if (next === undefined || (before !== undefined && isSame(before, next))) continue;
      if (next.mergedInto === null && before !== undefined) {
        if (next.endedAt !== null && !wasOver) tell(id, 'ended', next.endedAt);
        if (next.endedAt === null && wasOver) tell(id, 'reopened', now);
      }
      const written = { ...next, version: next.version + 1 };
      if (written.mergedInto === null) this.#incidents.set(id, written);
      else this.#incidents.delete(id);
      incidents.push(written);
    }
    // Members that have just joined are written whole.
    const whole = new Set(joined.map(({ key }) => key));
    const news = facts.filter(({ key }) => !whole.has(key));
    if (incidents.length + joined.length + news.length + events.length === 0) return null;
    return { commit: { incidents, joined, merges, facts: news, events }, touched: [...touched.keys()] };
  }

  #wanted(): readonly IncidentChange[] {
    const groups = [...this.#dirtyScopes].sort().flatMap((scope) => {
      const keys = this.#scopes.get(scope) ?? [];
      return groupSignals(
        [...keys].flatMap((key) => this.#signals.get(key) ?? []),
        this.#forest,
        this.#settings,
      );
    });
    return reconcile(
      groups,
      (key) => this.#signals.get(key) as Signal,
      (key) => this.#memberships.get(key),
      (id) => this.#incidents.get(id),
    );
  }

  #first(keys: readonly SignalKey[]): Signal | undefined {
    return keys.flatMap((key) => this.#signals.get(key) ?? []).sort((a, b) => a.at - b.at)[0];
  }

  /** With what its members say now. */
  #refreshed(id: IncidentId): Incident | undefined {
    const incident = this.#incidents.get(id);
    if (incident === undefined || incident.mergedInto !== null) return incident;
    let { startedAt } = incident;
    let endedAt: EpochMs | null = startedAt;
    let open: Severity | null = null;
    let worst: Severity = 'notice';
    for (const key of this.#membersOf(id)) {
      const signal = this.#signals.get(key);
      if (signal === undefined) continue;
      if (signal.at < startedAt) startedAt = signal.at;
      if (isWorse(signal.severity, worst)) worst = signal.severity;
      if (signal.endedAt === null) {
        endedAt = null;
        if (open === null || isWorse(signal.severity, open)) open = signal.severity;
      } else if (endedAt !== null && signal.endedAt > endedAt) endedAt = signal.endedAt;
    }
    return { ...incident, startedAt, endedAt, severity: open ?? worst };
  }

  /** Lets go of what is over and can't belong to anything new: `kept` after its end, and its incident's. */
  forget(now: EpochMs, kept: DurationMs): void {
    for (const [key, signal] of this.#signals) {
      if (signal.endedAt === null || now < after(signal.endedAt, kept)) continue;
      const id = this.#memberships.get(key)?.incidentId;
      const incident = id === undefined || id === null ? undefined : this.#incidents.get(id);
      if (incident !== undefined && (incident.endedAt === null || now < after(incident.endedAt, kept))) continue;
      this.#signals.delete(key);
      this.#memberships.delete(key);
      const scope = scopeOf(signal, this.#forest);
      const there = this.#scopes.get(scope);
      there?.delete(key);
      if (there?.size === 0) this.#scopes.delete(scope);
    }
    for (const [id, { endedAt }] of this.#incidents) {
      if (endedAt === null || now < after(endedAt, kept)) continue;
      this.#incidents.delete(id);
      this.#members.delete(id);
    }
  }
}

/** What is ended, or worse within what it was, groups as before. */
const sameForGrouping = (a: Signal, b: Signal): boolean =>
  a.at === b.at && a.sign === b.sign && a.siteId === b.siteId && !isWorse(b.severity, a.severity);

const isSame = (a: Incident, b: Incident): boolean =>
  a.startedAt === b.startedAt &&
  a.endedAt === b.endedAt &&
  a.severity === b.severity &&
  a.mergedInto === b.mergedInto &&
  a.cause === b.cause;
