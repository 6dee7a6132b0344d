import type { AgencyId, AlarmId, DeviceId, PointId, SiteId, UserId } from '../../../domain/identifiers.ts';
import type {
  Incident,
  IncidentEvent,
  IncidentId,
  IncidentMember,
  MemberFacts,
  Sign,
  SignalKey,
} from '../../../domain/incident.ts';
import { SEVERITIES, severityRank } from '../../../domain/rule.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context } from './access.ts';

export interface MemberRow {
  readonly key: SignalKey;
  readonly incident_id: IncidentId | null;
  readonly by_hand: number;
  readonly alarm_id: AlarmId | null;
  readonly device_id: DeviceId | null;
  readonly agency_id: AgencyId;
  readonly point_id: PointId;
  readonly site_id: SiteId;
  readonly at: EpochMs;
  readonly ended_at: EpochMs | null;
  readonly sign: Sign;
  readonly severity_rank: number;
}

export const memberOf = (row: MemberRow): IncidentMember => ({
  key: row.key,
  incidentId: row.incident_id,
  byHand: row.by_hand === 1,
  of: row.alarm_id === null ? { kind: 'device', id: row.device_id as DeviceId } : { kind: 'alarm', id: row.alarm_id },
  agencyId: row.agency_id,
  pointId: row.point_id,
  siteId: row.site_id,
  at: row.at,
  endedAt: row.ended_at,
  sign: row.sign,
  severity: SEVERITIES[row.severity_rank] ?? 'notice',
});

export const incidentOf = (row: { readonly body: string }): Incident => JSON.parse(row.body) as Incident;

/** Incidents, their members and events; used by people's views and by correlation alike. Checks no access. */
export class IncidentRows {
  readonly #c: Context;
  constructor(context: Context) {
    this.#c = context;
  }

  async get(id: IncidentId): Promise<Incident | undefined> {
    const row = await this.#c.db.get<{ body: string }>('SELECT body FROM incidents WHERE id = ?', id);
    return row && incidentOf(row);
  }

  async put(incident: Incident): Promise<void> {
    await this.#c.db.run(
      `INSERT INTO incidents VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET severity_rank = excluded.severity_rank,
         started_at = excluded.started_at, ended_at = excluded.ended_at, merged_into = excluded.merged_into, version = excluded.version, body = excluded.body`,
      incident.id,
      incident.agencyId,
      severityRank(incident.severity),
      incident.startedAt,
      incident.endedAt,
      incident.mergedInto,
      incident.version,
      JSON.stringify(incident),
    );
  }

  async member(key: SignalKey): Promise<IncidentMember | undefined> {
    const row = await this.#c.db.get<MemberRow>('SELECT * FROM incident_members WHERE key = ?', key);
    return row && memberOf(row);
  }

  /** The same member is moved. */
  async putMember(member: IncidentMember): Promise<void> {
    await this.#c.db.run(
      `INSERT INTO incident_members VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (key) DO UPDATE SET incident_id = excluded.incident_id,
         by_hand = excluded.by_hand, at = excluded.at, ended_at = excluded.ended_at, sign = excluded.sign, severity_rank = excluded.severity_rank`,
      member.key,
      member.incidentId,
      member.byHand ? 1 : 0,
      member.of.kind === 'alarm' ? member.of.id : null,
      member.of.kind === 'device' ? member.of.id : null,
      member.agencyId,
      member.pointId,
      member.siteId,
      member.at,
      member.endedAt,
      member.sign,
      severityRank(member.severity),
    );
  }

  async putFacts({ key, at, endedAt, sign, severity }: MemberFacts): Promise<void> {
    await this.#c.db.run(
      'UPDATE incident_members SET at = ?, ended_at = ?, sign = ?, severity_rank = ? WHERE key = ?',
      at,
      endedAt,
      sign,
      severityRank(severity),
      key,
    );
  }

  async members(id: IncidentId): Promise<readonly IncidentMember[]> {
    return (
      await this.#c.db.all<MemberRow>('SELECT * FROM incident_members WHERE incident_id = ? ORDER BY at, key', id)
    ).map(memberOf);
  }

  async record(event: IncidentEvent, agencyId: AgencyId): Promise<void> {
    await this.#c.db.run(
      'INSERT INTO incident_events (incident_id, agency_id, event_time, recorded_at, kind, user_id, body) VALUES (?,?,?,?,?,?,?)',
      event.incidentId,
      agencyId,
      event.eventTime,
      event.recordedAt,
      event.kind,
      event.by,
      JSON.stringify(event),
    );
  }

  async events(id: IncidentId): Promise<readonly IncidentEvent[]> {
    return (
      await this.#c.db.all<{ body: string; user_id: UserId | null }>(
        'SELECT body, user_id FROM incident_events WHERE incident_id = ? ORDER BY number',
        id,
      )
    ).map((row) => JSON.parse(row.body) as IncidentEvent);
  }
}
