import type { Alarm } from '../alarm.ts';
import type { AgencyId, AlarmId } from '../identifiers.ts';
import type { Incident, IncidentEvent, IncidentId, IncidentMember, MemberFacts, Sign, SignalKey } from '../incident.ts';
import type { Severity } from '../rule.ts';
import type { EpochMs } from '../time.ts';
import type { Page, PageRequest } from './registry.ts';

/** What a reader may know of an incident's members in numbers. */
export interface IncidentSummary {
  /** Those that the reader may see. */
  readonly members: number;
  readonly alarms: number;
  readonly devices: number;
  /** Alarms that are active, and devices that are away. */
  readonly active: number;
  /** Alarms that nobody has acknowledged. */
  readonly unacknowledged: number;
  /** Members of other agencies, not shared with the reader. */
  readonly hidden: number;
  /** Visible members by what is wrong. */
  readonly signs: Readonly<Record<Sign, number>>;
  /** Of the visible ones: worst, first, agencies. */
  readonly severity: Severity;
  readonly startedAt: EpochMs;
  readonly agencies: readonly AgencyId[];
}

export interface ReadIncident {
  readonly incident: Incident;
  readonly summary: IncidentSummary;
}

/**
 * Incidents under the access of a `RegistryView`. One is visible when at least one of its members is; the others are only counted.
 * What changes it needs a member (or the incident itself) in an agency that the actor may write; a member is moved only by who may write its own agency:
 * NOT_ALLOWED otherwise. CONFLICT when `version` is not the current one. INVALID_STATE for one that was merged into another.
 */
export interface IncidentsView {
  /** Open ones first (worst, then newest), then those that are over, newest first. Merged ones are not listed. */
  list(
    filter: { readonly open?: boolean; readonly alarmId?: AlarmId; readonly agencyId?: AgencyId },
    page: PageRequest,
  ): Promise<Page<ReadIncident>>;
  get(id: IncidentId): Promise<ReadIncident>;
  /** The visible ones, first first. */
  members(id: IncidentId): Promise<readonly IncidentMember[]>;
  /** Oldest first; keys of members that are not visible are left out. */
  history(id: IncidentId): Promise<readonly IncidentEvent[]>;
  /** All members of `from` go into `into`; needs the right to write each of them, hidden ones too. */
  merge(into: IncidentId, from: IncidentId, version: number): Promise<ReadIncident>;
  /** Takes back a merge: what came from it goes back into `id`. */
  unmerge(id: IncidentId, version: number): Promise<ReadIncident>;
  /** Makes the members named an incident of their own, called `as`. */
  split(id: IncidentId, as: IncidentId, keys: readonly SignalKey[], version: number): Promise<ReadIncident>;
  /** Alarms come by hand, from no incident or another one. */
  add(id: IncidentId, alarms: readonly AlarmId[], version: number): Promise<ReadIncident>;
  /** Members are put out and stay alone. */
  remove(id: IncidentId, keys: readonly SignalKey[], version: number): Promise<ReadIncident>;
  rename(id: IncidentId, name: string | null, version: number): Promise<ReadIncident>;
  comment(id: IncidentId, note: string): Promise<void>;
  /** Puts on record that alarms of it were acknowledged together. */
  noteAcknowledged(id: IncidentId, keys: readonly SignalKey[], note: string | null): Promise<void>;
  /** An incident by hand, of these alarms. */
  open(id: IncidentId, alarms: readonly AlarmId[], name: string | null): Promise<ReadIncident>;
}

/** What correlating writes: all of it or nothing. */
export interface IncidentCommit {
  /** Changes of alarms that are taken into account now. */
  readonly heard: readonly number[];
  /** As they are then; `version` is one more than the stored one (1: a new one). */
  readonly incidents: readonly Incident[];
  /** Members that came. */
  readonly joined: readonly IncidentMember[];
  /** All members of `from` are of `into` now. */
  readonly merges: readonly { readonly from: IncidentId; readonly into: IncidentId }[];
  /** What is newly known of members. */
  readonly facts: readonly MemberFacts[];
  readonly events: readonly IncidentEvent[];
}

/** What correlating reads and writes, under nobody's access. */
export interface IncidentLog {
  /** Incidents that are open, with their members; signals that people put somewhere; open live alarms; and alarms of the members. */
  load(): Promise<{
    readonly incidents: readonly Incident[];
    readonly members: readonly IncidentMember[];
    readonly alarms: readonly Alarm[];
  }>;
  /** Live alarms that changed and whose change no commit has heard, oldest first. */
  unheard(limit: number): Promise<readonly { readonly number: number; readonly alarm: Alarm }[]>;
  /** @throws {RegistryError} CONFLICT when an incident is not as it was: read everything again. */
  commit(commit: IncidentCommit): Promise<void>;
}
