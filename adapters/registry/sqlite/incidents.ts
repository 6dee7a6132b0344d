import type { Alarm } from '../../../domain/alarm.ts';
import type { Point } from '../../../domain/asset.ts';
import type { AgencyId, AlarmId } from '../../../domain/identifiers.ts';
import {
  alarmKey,
  type Incident,
  type IncidentEvent,
  type IncidentId,
  type IncidentMember,
  type SignalKey,
} from '../../../domain/incident.ts';
import type { IncidentSummary, IncidentsView, ReadIncident } from '../../../domain/ports/incidents.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import { isWorse, SEVERITIES, type Severity } from '../../../domain/rule.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context, Gate } from './access.ts';
import { Where } from './database.ts';
import { IncidentRows, incidentOf, type MemberRow, memberOf } from './incident-rows.ts';
import { limitOf, pageOf } from './pages.ts';

const THROUGH_POINT = { agency: 'm.agency_id', domain: 'p.domain', site: 'p.site_id', tags: 'p.tags' };
const ALARM_THROUGH_POINT = { ...THROUGH_POINT, agency: 'a.agency_id' };
const FROM_MEMBERS = 'FROM incident_members m JOIN points p ON p.id = m.point_id';

interface Numbers {
  readonly members: number;
  readonly alarms: number;
  readonly active: number;
  readonly unacknowledged: number;
  readonly rank: number | null;
  readonly open_rank: number | null;
  readonly started_at: EpochMs | null;
  readonly agencies: string | null;
  readonly no_data: number;
  readonly no_supply: number;
  readonly offline: number;
}
const NO_SIGNS = { no_data: 0, no_supply: 0, offline: 0, limit: 0 };

/** Incidents of a {@link import('../../../domain/ports/registry.ts').RegistryView}. */
export function incidentViews(context: Context, gate: Gate): IncidentsView {
  const { db, clock } = context;
  const rows = new IncidentRows(context);

  const visibleMembers = (id: IncidentId): readonly IncidentMember[] => {
    const where = gate.readable(new Where().equals('m.incident_id', id), THROUGH_POINT);
    return db
      .all<MemberRow>(`SELECT m.* ${FROM_MEMBERS} ${where.sql} ORDER BY m.at, m.key`, ...where.values)
      .map(memberOf);
  };
  const summaryOf = (incident: Incident): IncidentSummary | null => {
    const where = gate.readable(new Where().equals('m.incident_id', incident.id), THROUGH_POINT);
    const seen = db.get<Numbers>(
      `SELECT COUNT(*) AS members, COUNT(m.alarm_id) AS alarms, MIN(m.severity_rank) AS rank, MIN(m.at) AS started_at,
         MIN(CASE WHEN m.ended_at IS NULL THEN m.severity_rank END) AS open_rank, GROUP_CONCAT(DISTINCT m.agency_id) AS agencies,
         SUM(m.sign = 'no_data') AS no_data, SUM(m.sign = 'no_supply') AS no_supply, SUM(m.sign = 'offline') AS offline,
         SUM(CASE WHEN a.id IS NULL THEN m.ended_at IS NULL ELSE a.condition = 'active' AND a.ended_at IS NULL END) AS active,
         SUM(a.id IS NOT NULL AND a.work = 'new' AND a.ended_at IS NULL AND a.suppressed = 0) AS unacknowledged
       ${FROM_MEMBERS} LEFT JOIN alarms a ON a.id = m.alarm_id ${where.sql}`,
      ...where.values,
    );
    if (seen === undefined || seen.members === 0 || seen.started_at === null) return null;
    const all = db.get<{ n: number }>('SELECT COUNT(*) AS n FROM incident_members WHERE incident_id = ?', incident.id);
    const { no_data, no_supply, offline } = seen;
    return {
      members: seen.members,
      alarms: seen.alarms,
      devices: seen.members - seen.alarms,
      active: seen.active,
      unacknowledged: seen.unacknowledged,
      hidden: (all?.n ?? seen.members) - seen.members,
      signs: { no_data, no_supply, offline, limit: seen.members - no_data - no_supply - offline },
      severity: SEVERITIES[seen.open_rank ?? seen.rank ?? 3] ?? 'notice',
      startedAt: seen.started_at,
      agencies: (seen.agencies?.split(',') ?? []).sort() as AgencyId[],
    };
  };
  /** One that was merged, or has lost all its members, is still there for who may read its agency; `worked`: and for who has just worked on it. */
  const read = (incident: Incident | undefined, id: IncidentId, worked = false): ReadIncident => {
    const summary = incident && summaryOf(incident);
    if (incident && summary) return { incident, summary };
    if (!incident || !(worked || gate.readableAgency(incident.agencyId))) throw new RegistryError('NOT_FOUND', { id });
    const { severity, startedAt, agencyId } = incident;
    const all = db.get<{ n: number }>('SELECT COUNT(*) AS n FROM incident_members WHERE incident_id = ?', id);
    const none = {
      members: 0,
      alarms: 0,
      devices: 0,
      active: 0,
      unacknowledged: 0,
      hidden: all?.n ?? 0,
      signs: NO_SIGNS,
    };
    return { incident, summary: { ...none, severity, startedAt, agencies: [agencyId] } };
  };
  const load = (id: IncidentId): ReadIncident => read(rows.get(id), id);
  const mayWriteOne = (agency: AgencyId): boolean => {
    try {
      gate.mayWrite(agency, agency);
      return true;
    } catch {
      return false;
    }
  };
  /** To be worked on by this actor, at this version. */
  const loadForWork = (id: IncidentId, version: number | null, merged = false): Incident => {
    const { incident, summary } = load(id);
    if (![incident.agencyId, ...summary.agencies].some(mayWriteOne)) throw new RegistryError('NOT_ALLOWED', { id });
    if (version !== null && incident.version !== version) throw new RegistryError('CONFLICT', { id });
    if ((incident.mergedInto !== null) !== merged) throw new RegistryError('INVALID_STATE', { id });
    return incident;
  };
  const mustWrite = (members: readonly IncidentMember[]): void => {
    for (const { agencyId, key } of members) gate.mayWrite(agencyId, key, true);
  };
  const tell = (
    incident: Incident,
    kind: IncidentEvent['kind'],
    more: Partial<Pick<IncidentEvent, 'members' | 'other' | 'cause' | 'note'>>,
  ): void => {
    const now = clock();
    const nothing = { note: null, members: [], other: null, cause: null };
    rows.record(
      { incidentId: incident.id, kind, eventTime: now, recordedAt: now, by: gate.userId, ...nothing, ...more },
      incident.agencyId,
    );
  };
  /** With what its members say now, one version on. */
  const refreshed = (incident: Incident): Incident => {
    const members = rows.members(incident.id);
    let severity: Severity = 'notice';
    for (const member of members) {
      const counts = member.endedAt === null || members.every(({ endedAt }) => endedAt !== null);
      if (counts && isWorse(member.severity, severity)) severity = member.severity;
    }
    const ends = members.map(({ endedAt }) => endedAt);
    const endedAt = members.length === 0 ? clock() : ends.includes(null) ? null : Math.max(...(ends as number[]));
    const startedAt = members[0]?.at ?? incident.startedAt;
    const next = {
      ...incident,
      severity,
      startedAt,
      endedAt: endedAt as EpochMs | null,
      version: incident.version + 1,
    };
    rows.put(next);
    return next;
  };
  const audit = (incident: Incident, step: string, before: unknown, after: unknown): void =>
    gate.audit(incident.agencyId, `incident.${step}`, 'incident', incident.id, before, after);
  const named = (incident: Incident, keys: readonly SignalKey[]): readonly IncidentMember[] => {
    const seen = new Map(visibleMembers(incident.id).map((member) => [member.key, member]));
    return [...new Set(keys)].map((key) => {
      const member = seen.get(key);
      if (member === undefined) throw new RegistryError('NOT_FOUND', { id: key });
      return member;
    });
  };
  /** Alarms that are to come by hand, each where it is now. */
  const visibleAlarms = (ids: readonly AlarmId[]): readonly IncidentMember[] =>
    [...new Set(ids)].map((id) => {
      const where = gate.readable(new Where().equals('a.id', id), ALARM_THROUGH_POINT);
      const row = db.get<{ body: string; point: string }>(
        `SELECT a.body, p.body AS point FROM alarms a JOIN points p ON p.id = a.point_id ${where.sql}`,
        ...where.values,
      );
      if (!row) throw new RegistryError('NOT_FOUND', { id });
      const known = rows.member(alarmKey(id));
      if (known) return known;
      const alarm = JSON.parse(row.body) as Alarm;
      return {
        key: alarmKey(id),
        incidentId: null,
        byHand: true,
        of: { kind: 'alarm', id },
        agencyId: alarm.agencyId,
        pointId: alarm.pointId,
        siteId: (JSON.parse(row.point) as Point).siteId,
        at: alarm.startedAt,
        endedAt: alarm.endedAt,
        sign: 'limit',
        severity: alarm.severity,
      };
    });
  const move = (members: readonly IncidentMember[], incidentId: IncidentId | null): void => {
    for (const member of members) rows.putMember({ ...member, incidentId, byHand: true });
  };
  const bring = (incident: Incident, members: readonly IncidentMember[]): void => {
    const sources = Map.groupBy(members, ({ incidentId }) => incidentId);
    move(members, incident.id);
    for (const [source, moved] of sources) {
      const from = source === null || source === incident.id ? undefined : rows.get(source);
      if (from === undefined) continue;
      tell(from, 'left', { members: moved.map(({ key }) => key), other: incident.id });
      refreshed(from);
    }
  };
  const openByHand = (id: IncidentId, agencyId: AgencyId, name: string | null, first: EpochMs): Incident => {
    if (rows.get(id) !== undefined) throw new RegistryError('ALREADY_EXISTS', { id });
    const incident: Incident = {
      ...{ id, agencyId, name, cause: { kind: 'hand' }, founder: null, startedAt: first, endedAt: null },
      ...{ severity: 'notice', mergedInto: null, recordedAt: clock(), version: 0 },
    };
    rows.put(incident);
    return incident;
  };
  const firstAt = (members: readonly IncidentMember[]): EpochMs => Math.min(...members.map(({ at }) => at)) as EpochMs;
  const cursorOf = ({ incident }: ReadIncident): string =>
    [incident.endedAt === null ? 0 : 1, SEVERITIES.indexOf(incident.severity), incident.startedAt, incident.id].join(
      '~',
    );

  return {
    async list({ open, alarmId, agencyId }, page) {
      const where = new Where().add('i.merged_into IS NULL');
      if (open !== undefined) where.add(open ? 'i.ended_at IS NULL' : 'i.ended_at IS NOT NULL');
      const seen = gate.readable(new Where().add('m.incident_id = i.id'), THROUGH_POINT);
      seen.equals('m.alarm_id', alarmId).equals('m.agency_id', agencyId);
      where.add(`EXISTS (SELECT 1 ${FROM_MEMBERS} ${seen.sql})`, ...seen.values);
      if (page.after !== undefined) {
        const [ended, rank, started, ...id] = page.after.split('~');
        const numbers = [ended, rank, started].map(Number);
        if (id.length === 0 || !numbers.every(Number.isFinite)) throw new RegistryError('INVALID_CURSOR');
        where.add(
          '((i.ended_at IS NOT NULL), CASE WHEN i.ended_at IS NULL THEN i.severity_rank ELSE 0 END, -i.started_at, i.id) > (?,?,?,?)',
          numbers[0] as number,
          numbers[0] === 0 ? (numbers[1] as number) : 0,
          -(numbers[2] as number),
          id.join('~'),
        );
      }
      const limit = limitOf(page);
      const found = db
        .all<{ body: string }>(
          `SELECT i.body FROM incidents i ${where.sql}
             ORDER BY (i.ended_at IS NOT NULL), CASE WHEN i.ended_at IS NULL THEN i.severity_rank ELSE 0 END, -i.started_at, i.id LIMIT ?`,
          ...where.values,
          limit + 1,
        )
        .map(incidentOf)
        .map((incident) => read(incident, incident.id));
      return pageOf(found, limit, cursorOf);
    },
    get: async (id) => load(id),
    async members(id) {
      load(id);
      return visibleMembers(id);
    },
    async history(id) {
      load(id);
      const visible = (keys: readonly SignalKey[]): readonly SignalKey[] =>
        keys.filter((key) => {
          const where = gate.readable(new Where().equals('m.key', key), THROUGH_POINT);
          return db.get(`SELECT 1 ${FROM_MEMBERS} ${where.sql}`, ...where.values) !== undefined;
        });
      return rows.events(id).map((event) => ({ ...event, members: visible(event.members) }));
    },
    async merge(intoId, fromId, version) {
      return db.transaction(() => {
        const into = loadForWork(intoId, version);
        const from = loadForWork(fromId, null);
        if (intoId === fromId) throw new RegistryError('INVALID_STATE', { id: fromId });
        const members = rows.members(fromId);
        mustWrite(members);
        db.run('UPDATE incident_members SET incident_id = ? WHERE incident_id = ?', intoId, fromId);
        const keys = members.map(({ key }) => key);
        rows.put({ ...from, mergedInto: intoId, endedAt: clock(), version: from.version + 1 });
        tell(from, 'merged', { members: keys, other: intoId });
        tell(into, 'merged', { members: keys, other: fromId });
        audit(into, 'merge', null, { from: fromId, members: keys.length });
        return read(refreshed(into), intoId, true);
      });
    },
    async unmerge(id, version) {
      return db.transaction(() => {
        const incident = loadForWork(id, version, true);
        const { mergedInto } = incident;
        const host = mergedInto === null ? undefined : rows.get(mergedInto);
        const last = rows.events(id).findLast(({ kind }) => kind === 'merged');
        if (host === undefined || last === undefined) throw new RegistryError('INVALID_STATE', { id });
        const wanted = new Set(last.members);
        const back = rows.members(host.id).filter(({ key }) => wanted.has(key));
        mustWrite(back);
        move(back, id);
        const keys = back.map(({ key }) => key);
        tell(host, 'left', { members: keys, other: id });
        refreshed(host);
        tell(incident, 'unmerged', { members: keys, other: host.id });
        audit(incident, 'unmerge', null, { from: host.id, members: keys.length });
        return read(refreshed({ ...incident, mergedInto: null }), id, true);
      });
    },
    async split(id, as, keys, version) {
      return db.transaction(() => {
        const incident = loadForWork(id, version);
        const members = named(incident, keys);
        mustWrite(members);
        const made = openByHand(as, members[0]?.agencyId ?? incident.agencyId, null, firstAt(members));
        move(members, as);
        const moved = members.map(({ key }) => key);
        tell(incident, 'split', { members: moved, other: as });
        refreshed(incident);
        tell(made, 'opened', { members: moved, other: id, cause: made.cause });
        audit(incident, 'split', null, { into: as, members: moved.length });
        return read(refreshed(made), as, true);
      });
    },
    async add(id, alarms, version) {
      return db.transaction(() => {
        const incident = loadForWork(id, version);
        const members = visibleAlarms(alarms).filter(({ incidentId }) => incidentId !== id);
        mustWrite(members);
        bring(incident, members);
        const keys = members.map(({ key }) => key);
        tell(incident, 'joined', { members: keys });
        audit(incident, 'add', null, { members: keys });
        return read(refreshed(incident), id, true);
      });
    },
    async remove(id, keys, version) {
      return db.transaction(() => {
        const incident = loadForWork(id, version);
        const members = named(incident, keys);
        mustWrite(members);
        move(members, null);
        tell(incident, 'left', { members: members.map(({ key }) => key) });
        audit(incident, 'remove', null, { members: members.map(({ key }) => key) });
        return read(refreshed(incident), id, true);
      });
    },
    async rename(id, name, version) {
      return db.transaction(() => {
        const incident = loadForWork(id, version);
        tell(incident, 'named', { note: name });
        audit(incident, 'rename', { name: incident.name }, { name });
        return read(refreshed({ ...incident, name }), id, true);
      });
    },
    async comment(id, note) {
      db.transaction(() => {
        const incident = loadForWork(id, null);
        tell(incident, 'commented', { note });
        audit(incident, 'comment', null, { note });
      });
    },
    async noteAcknowledged(id, keys, note) {
      db.transaction(() => {
        const incident = loadForWork(id, null);
        tell(incident, 'acknowledged', { members: keys, note });
        audit(incident, 'acknowledge', null, { members: keys.length, note });
      });
    },
    async open(id, alarms, name) {
      return db.transaction(() => {
        const members = visibleAlarms(alarms);
        const [first] = members;
        if (first === undefined) throw new RegistryError('NOT_FOUND', { id });
        mustWrite(members);
        const made = openByHand(id, first.agencyId, name, firstAt(members));
        bring(made, members);
        const keys = members.map(({ key }) => key);
        tell(made, 'opened', { members: keys, cause: made.cause, note: name });
        audit(made, 'open', null, { name, members: keys });
        return read(refreshed(made), id, true);
      });
    },
  };
}
