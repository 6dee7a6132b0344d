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
import { eachInTurn } from './in-turn.ts';
import { IncidentRows, incidentOf, type MemberRow, memberOf } from './incident-rows.ts';
import { limitOf, pageOf } from './pages.ts';
import { Where } from './sql-database.ts';

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

  const visibleMembers = async (id: IncidentId): Promise<readonly IncidentMember[]> => {
    const where = gate.readable(new Where().equals('m.incident_id', id), THROUGH_POINT);
    return (
      await db.all<MemberRow>(`SELECT m.* ${FROM_MEMBERS} ${where.sql} ORDER BY m.at, m.key`, ...where.values)
    ).map(memberOf);
  };
  const summaryOf = async (incident: Incident): Promise<IncidentSummary | null> => {
    const where = gate.readable(new Where().equals('m.incident_id', incident.id), THROUGH_POINT);
    const seen = await db.get<Numbers>(
      `SELECT COUNT(*) AS members, COUNT(m.alarm_id) AS alarms, MIN(m.severity_rank) AS rank, MIN(m.at) AS started_at,
         MIN(CASE WHEN m.ended_at IS NULL THEN m.severity_rank END) AS open_rank, ${db.dialect.listOf('m.agency_id')} AS agencies,
         COUNT(*) FILTER (WHERE m.sign = 'no_data') AS no_data, COUNT(*) FILTER (WHERE m.sign = 'no_supply') AS no_supply,
         COUNT(*) FILTER (WHERE m.sign = 'offline') AS offline,
         COUNT(*) FILTER (WHERE CASE WHEN a.id IS NULL THEN m.ended_at IS NULL ELSE a.condition = 'active' AND a.ended_at IS NULL END) AS active,
         COUNT(*) FILTER (WHERE a.work = 'new' AND a.ended_at IS NULL AND a.suppressed = 0) AS unacknowledged
       ${FROM_MEMBERS} LEFT JOIN alarms a ON a.id = m.alarm_id ${where.sql}`,
      ...where.values,
    );
    if (seen === undefined || seen.members === 0 || seen.started_at === null) return null;
    const all = await db.get<{ n: number }>(
      'SELECT COUNT(*) AS n FROM incident_members WHERE incident_id = ?',
      incident.id,
    );
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
  const read = async (incident: Incident | undefined, id: IncidentId, worked = false): Promise<ReadIncident> => {
    const summary = incident && (await summaryOf(incident));
    if (incident && summary) return { incident, summary };
    if (!incident || !(worked || gate.readableAgency(incident.agencyId))) throw new RegistryError('NOT_FOUND', { id });
    const { severity, startedAt, agencyId } = incident;
    const all = await db.get<{ n: number }>('SELECT COUNT(*) AS n FROM incident_members WHERE incident_id = ?', id);
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
  const load = async (id: IncidentId): Promise<ReadIncident> => read(await rows.get(id), id);
  const mayWriteOne = (agency: AgencyId): boolean => {
    try {
      gate.mayWrite(agency, agency);
      return true;
    } catch {
      return false;
    }
  };
  /** To be worked on by this actor, at this version. */
  const loadForWork = async (id: IncidentId, version: number | null, merged = false): Promise<Incident> => {
    const { incident, summary } = await load(id);
    if (![incident.agencyId, ...summary.agencies].some(mayWriteOne)) throw new RegistryError('NOT_ALLOWED', { id });
    if (version !== null && incident.version !== version) throw new RegistryError('CONFLICT', { id });
    if ((incident.mergedInto !== null) !== merged) throw new RegistryError('INVALID_STATE', { id });
    return incident;
  };
  const mustWrite = (members: readonly IncidentMember[]): void => {
    for (const { agencyId, key } of members) gate.mayWrite(agencyId, key, true);
  };
  const tell = async (
    incident: Incident,
    kind: IncidentEvent['kind'],
    more: Partial<Pick<IncidentEvent, 'members' | 'other' | 'cause' | 'note'>>,
  ): Promise<void> => {
    const now = clock();
    const nothing = { note: null, members: [], other: null, cause: null };
    await rows.record(
      { incidentId: incident.id, kind, eventTime: now, recordedAt: now, by: gate.userId, ...nothing, ...more },
      incident.agencyId,
    );
  };
  /** With what its members say now, one version on. */
  const refreshed = async (incident: Incident): Promise<Incident> => {
    const members = await rows.members(incident.id);
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
    await rows.put(next);
    return next;
  };
  const audit = (incident: Incident, step: string, before: unknown, after: unknown): Promise<void> =>
    gate.audit(incident.agencyId, `incident.${step}`, 'incident', incident.id, before, after);
  const named = async (incident: Incident, keys: readonly SignalKey[]): Promise<readonly IncidentMember[]> => {
    const seen = new Map((await visibleMembers(incident.id)).map((member) => [member.key, member]));
    return [...new Set(keys)].map((key) => {
      const member = seen.get(key);
      if (member === undefined) throw new RegistryError('NOT_FOUND', { id: key });
      return member;
    });
  };
  /** Alarms that are to come by hand, each where it is now. */
  const visibleAlarms = async (ids: readonly AlarmId[]): Promise<readonly IncidentMember[]> =>
    eachInTurn([...new Set(ids)], async (id) => {
      const where = gate.readable(new Where().equals('a.id', id), ALARM_THROUGH_POINT);
      const row = await db.get<{ body: string; point: string }>(
        `SELECT a.body, p.body AS point FROM alarms a JOIN points p ON p.id = a.point_id ${where.sql}`,
        ...where.values,
      );
      if (!row) throw new RegistryError('NOT_FOUND', { id });
      const known = await rows.member(alarmKey(id));
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
  const move = async (members: readonly IncidentMember[], incidentId: IncidentId | null): Promise<void> => {
    for (const member of members) await rows.putMember({ ...member, incidentId, byHand: true });
  };
  const bring = async (incident: Incident, members: readonly IncidentMember[]): Promise<void> => {
    const sources = Map.groupBy(members, ({ incidentId }) => incidentId);
    await move(members, incident.id);
    for (const [source, moved] of sources) {
      const from = source === null || source === incident.id ? undefined : await rows.get(source);
      if (from === undefined) continue;
      await tell(from, 'left', { members: moved.map(({ key }) => key), other: incident.id });
      await refreshed(from);
    }
  };
  const openByHand = async (
    id: IncidentId,
    agencyId: AgencyId,
    name: string | null,
    first: EpochMs,
  ): Promise<Incident> => {
    if ((await rows.get(id)) !== undefined) throw new RegistryError('ALREADY_EXISTS', { id });
    const incident: Incident = {
      ...{ id, agencyId, name, cause: { kind: 'hand' }, founder: null, startedAt: first, endedAt: null },
      ...{ severity: 'notice', mergedInto: null, recordedAt: clock(), version: 0 },
    };
    await rows.put(incident);
    return incident;
  };
  const firstAt = (members: readonly IncidentMember[]): EpochMs => Math.min(...members.map(({ at }) => at)) as EpochMs;
  const cursorOf = ({ incident }: ReadIncident): string =>
    [incident.endedAt === null ? 0 : 1, SEVERITIES.indexOf(incident.severity), incident.startedAt, incident.id].join(
      '~',
    );

  return {
    async list({ open, alarmId, agencyId }, page) {
      return db.snapshot(async () => {
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
        const found = await eachInTurn(
          (
            await db.all<{ body: string }>(
              `SELECT i.body FROM incidents i ${where.sql}
             ORDER BY (i.ended_at IS NOT NULL), CASE WHEN i.ended_at IS NULL THEN i.severity_rank ELSE 0 END, -i.started_at, i.id LIMIT ?`,
              ...where.values,
              limit + 1,
            )
          ).map(incidentOf),
          (incident) => read(incident, incident.id),
        );
        return pageOf(found, limit, cursorOf);
      });
    },
    get: async (id) => db.snapshot(async () => load(id)),
    async members(id) {
      return db.snapshot(async () => {
        await load(id);
        return visibleMembers(id);
      });
    },
    async history(id) {
      return db.snapshot(async () => {
        await load(id);
        const events = await rows.events(id);
        const where = gate.readable(
          new Where().add(`m.key IN ${db.dialect.texts}`, JSON.stringify(events.flatMap(({ members }) => members))),
          THROUGH_POINT,
        );
        const keys = await db.tuples<readonly [SignalKey]>(
          `SELECT m.key ${FROM_MEMBERS} ${where.sql}`,
          ...where.values,
        );
        const visible = new Set(keys.map(([key]) => key));
        return events.map((event) => ({ ...event, members: event.members.filter((key) => visible.has(key)) }));
      });
    },
    async merge(intoId, fromId, version) {
      return db.transaction(async () => {
        const into = await loadForWork(intoId, version);
        const from = await loadForWork(fromId, null);
        if (intoId === fromId) throw new RegistryError('INVALID_STATE', { id: fromId });
        const members = await rows.members(fromId);
        mustWrite(members);
        await db.run('UPDATE incident_members SET incident_id = ? WHERE incident_id = ?', intoId, fromId);
        const keys = members.map(({ key }) => key);
        await rows.put({ ...from, mergedInto: intoId, endedAt: clock(), version: from.version + 1 });
        await tell(from, 'merged', { members: keys, other: intoId });
        await tell(into, 'merged', { members: keys, other: fromId });
        await audit(into, 'merge', null, { from: fromId, members: keys.length });
        return read(await refreshed(into), intoId, true);
      });
    },
    async unmerge(id, version) {
      return db.transaction(async () => {
        const incident = await loadForWork(id, version, true);
        const { mergedInto } = incident;
        const host = mergedInto === null ? undefined : await rows.get(mergedInto);
        const last = (await rows.events(id)).findLast(({ kind }) => kind === 'merged');
        if (host === undefined || last === undefined) throw new RegistryError('INVALID_STATE', { id });
        const wanted = new Set(last.members);
        const back = (await rows.members(host.id)).filter(({ key }) => wanted.has(key));
        mustWrite(back);
        await move(back, id);
        const keys = back.map(({ key }) => key);
        await tell(host, 'left', { members: keys, other: id });
        await refreshed(host);
        await tell(incident, 'unmerged', { members: keys, other: host.id });
        await audit(incident, 'unmerge', null, { from: host.id, members: keys.length });
        return read(await refreshed({ ...incident, mergedInto: null }), id, true);
      });
    },
    async split(id, as, keys, version) {
      return db.transaction(async () => {
        const incident = await loadForWork(id, version);
        const members = await named(incident, keys);
        mustWrite(members);
        const made = await openByHand(as, members[0]?.agencyId ?? incident.agencyId, null, firstAt(members));
        await move(members, as);
        const moved = members.map(({ key }) => key);
        await tell(incident, 'split', { members: moved, other: as });
        await refreshed(incident);
        await tell(made, 'opened', { members: moved, other: id, cause: made.cause });
        await audit(incident, 'split', null, { into: as, members: moved.length });
        return read(await refreshed(made), as, true);
      });
    },
    async add(id, alarms, version) {
      return db.transaction(async () => {
        const incident = await loadForWork(id, version);
        const members = (await visibleAlarms(alarms)).filter(({ incidentId }) => incidentId !== id);
        mustWrite(members);
        await bring(incident, members);
        const keys = members.map(({ key }) => key);
        await tell(incident, 'joined', { members: keys });
        await audit(incident, 'add', null, { members: keys });
        return read(await refreshed(incident), id, true);
      });
    },
    async remove(id, keys, version) {
      return db.transaction(async () => {
        const incident = await loadForWork(id, version);
        const members = await named(incident, keys);
        mustWrite(members);
        await move(members, null);
        await tell(incident, 'left', { members: members.map(({ key }) => key) });
        await audit(incident, 'remove', null, { members: members.map(({ key }) => key) });
        return read(await refreshed(incident), id, true);
      });
    },
    async rename(id, name, version) {
      return db.transaction(async () => {
        const incident = await loadForWork(id, version);
        await tell(incident, 'named', { note: name });
        await audit(incident, 'rename', { name: incident.name }, { name });
        return read(await refreshed({ ...incident, name }), id, true);
      });
    },
    async comment(id, note) {
      await db.transaction(async () => {
        const incident = await loadForWork(id, null);
        await tell(incident, 'commented', { note });
        await audit(incident, 'comment', null, { note });
      });
    },
    async noteAcknowledged(id, keys, note) {
      await db.transaction(async () => {
        const incident = await loadForWork(id, null);
        await tell(incident, 'acknowledged', { members: keys, note });
        await audit(incident, 'acknowledge', null, { members: keys.length, note });
      });
    },
    async open(id, alarms, name) {
      return db.transaction(async () => {
        const members = await visibleAlarms(alarms);
        const [first] = members;
        if (first === undefined) throw new RegistryError('NOT_FOUND', { id });
        mustWrite(members);
        const made = await openByHand(id, first.agencyId, name, firstAt(members));
        await bring(made, members);
        const keys = members.map(({ key }) => key);
        await tell(made, 'opened', { members: keys, cause: made.cause, note: name });
        await audit(made, 'open', null, { name, members: keys });
        return read(await refreshed(made), id, true);
      });
    },
  };
}
