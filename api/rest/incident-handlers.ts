import { type Access, accessOf } from '../../domain/access.ts';
import type { SiteId } from '../../domain/identifiers.ts';
import type { IncidentId, IncidentMember } from '../../domain/incident.ts';
import { evidenceOf } from '../../domain/incident-evidence.ts';
import type { ReadIncident } from '../../domain/ports/incidents.ts';
import type { RegistryView } from '../../domain/ports/registry.ts';
import { SitePlaces } from '../city/site-places.ts';
import type { AlarmWire } from '../contract/alarms.ts';
import { INCIDENT_ACKNOWLEDGE_MAX, type IncidentMemberWire } from '../contract/incidents.ts';
import { ApiError, expectedError } from '../errors.ts';
import { causeInView, incidentNodes, incidentWire } from '../incidents/incident-wire.ts';
import { namesOf, userOf } from './colleagues.ts';
import type { ApiRequest, Handlers } from './handler.ts';
import { given, type HandlerPorts, pageOf } from './handler-ports.ts';

type IncidentRoutes = Extract<keyof typeof import('../contract/routes-incidents.ts').INCIDENT_ROUTES, string>;

/** Points of members that the map is told of. */
const POINTS_MAX = 1_000;

export function incidentHandlers(ports: HandlerPorts): Handlers<IncidentRoutes> {
  const { registry, bus, clock, newId, index, openAlarms } = ports;
  const places = new SitePlaces(registry, index);
  type Asked = Pick<ApiRequest<never>, 'view' | 'actor'>;

  const wire = async (read: ReadIncident, access: Access) => incidentWire(read, await places.get(), index, access);
  /** Tells everyone of a person's step; the incident as its reader sees it. */
  const changed = async (read: ReadIncident, { view, actor }: Asked, ...others: readonly IncidentId[]) => {
    const { id } = read.incident;
    const points = [...new Set((await view.incidents.members(id)).map(({ pointId }) => pointId))];
    for (const incidentId of [id, ...others])
      bus.publish('incident.changed', { incidentId, points, by: userOf(actor) });
    return wire(read, accessOf(actor));
  };
  const memberWire = async (member: IncidentMember, view: RegistryView): Promise<IncidentMemberWire> => {
    const { key, agencyId, pointId, siteId, at, endedAt, sign, severity, byHand, of } = member;
    let alarm: AlarmWire | null = null;
    if (of.kind === 'alarm') alarm = openAlarms.wire(await view.alarms.get(of.id));
    return {
      ...{ key, agencyId, pointId, siteId, at, endedAt, sign, severity, byHand, alarm },
      deviceId: of.kind === 'device' ? of.id : null,
      pointName: index.points.get(pointId)?.point.name ?? null,
    };
  };

  return {
    async 'GET /incidents'({ view, query, actor }) {
      const filter = {
        ...given('open', query.open),
        ...given('alarmId', query.alarm),
        ...given('agencyId', query.agency),
      };
      const { items, next } = await view.incidents.list(filter, pageOf(query));
      return { items: await Promise.all(items.map((read) => wire(read, accessOf(actor)))), next };
    },
    async 'POST /incidents'({ view, actor, body }) {
      userOf(actor);
      const id = `hand:${newId()}` as IncidentId;
      return changed(await view.incidents.open(id, body.alarms, body.name ?? null), { view, actor });
    },
    async 'GET /incidents/{incidentId}'({ view, params, actor }) {
      const read = await view.incidents.get(params.incidentId);
      const members = await view.incidents.members(params.incidentId);
      const cause = causeInView(read, await places.get(), index, accessOf(actor));
      const points = [...new Set(members.map(({ pointId }) => pointId))].slice(0, POINTS_MAX);
      return {
        ...(await wire(read, accessOf(actor))),
        evidence: evidenceOf(cause, members),
        points,
        numbers: points.flatMap((id) => index.points.get(id)?.number ?? []),
      };
    },
    async 'GET /incidents/{incidentId}/members'({ view, params, query }) {
      const from = query.after === undefined ? 0 : Number(query.after);
      if (!Number.isInteger(from) || from < 0) throw new ApiError('CURSOR_INVALID');
      const all = await view.incidents.members(params.incidentId);
      const end = from + query.limit;
      const items = await Promise.all(all.slice(from, end).map((member) => memberWire(member, view)));
      return { items, next: end < all.length ? String(end) : null };
    },
    async 'GET /incidents/{incidentId}/network'({ view, params, actor }) {
      const { incident } = await view.incidents.get(params.incidentId);
      if (incident.cause.kind !== 'site') return { nodes: [], total: 0 };
      const states = new Map<SiteId, 'lost' | 'limit'>();
      for (const { siteId, sign, endedAt } of await view.incidents.members(params.incidentId)) {
        if (endedAt !== null && incident.endedAt === null) continue;
        if (sign !== 'limit') states.set(siteId, 'lost');
        else if (!states.has(siteId)) states.set(siteId, 'limit');
      }
      return incidentNodes(incident.cause.siteId, states, await places.get(), accessOf(actor));
    },
    async 'GET /incidents/{incidentId}/history'({ view, params }) {
      const nameOf = namesOf(registry);
      const events = await view.incidents.history(params.incidentId);
      const items = events.map(async ({ kind, eventTime, recordedAt, by, note, members, other }) => {
        return { kind, eventTime, recordedAt, by, byName: await nameOf(by), note, members: members.length, other };
      });
      return { items: await Promise.all(items) };
    },
    async 'POST /incidents/{incidentId}/acknowledge'({ view, params, actor, body }) {
      const by = userOf(actor);
      const members = await view.incidents.members(params.incidentId);
      const waiting: IncidentMember[] = [];
      for (const member of members) {
        if (member.of.kind !== 'alarm' || member.endedAt !== null) continue;
        if ((await view.alarms.get(member.of.id)).work === 'new') waiting.push(member);
      }
      const refused: { id: AlarmWire['id']; code: string }[] = [];
      const done: IncidentMember[] = [];
      for (const member of waiting.slice(0, INCIDENT_ACKNOWLEDGE_MAX)) {
        if (member.of.kind !== 'alarm') continue;
        const { id } = member.of;
        try {
          const step = { kind: 'acknowledge' as const, by, ...given('note', body.note) };
          const change = await view.alarms.work(id, step, clock());
          if (change.transitions.length > 0) bus.publish('alarm.changed', change);
          done.push(member);
        } catch (error) {
          const expected = expectedError(error);
          if (expected === undefined) throw error;
          refused.push({ id, code: expected.code });
        }
      }
      const keys = done.map(({ key }) => key);
      if (done.length > 0) await view.incidents.noteAcknowledged(params.incidentId, keys, body.note ?? null);
      const read = await view.incidents.get(params.incidentId);
      await changed(read, { view, actor });
      return { acknowledged: done.length, refused, left: Math.max(0, waiting.length - INCIDENT_ACKNOWLEDGE_MAX) };
    },
    async 'POST /incidents/{incidentId}/comment'({ view, params, actor, body }) {
      userOf(actor);
      await view.incidents.comment(params.incidentId, body.note);
      await changed(await view.incidents.get(params.incidentId), { view, actor });
    },
    async 'POST /incidents/{incidentId}/name'({ view, params, actor, body, version }) {
      userOf(actor);
      return changed(await view.incidents.rename(params.incidentId, body.name, version), { view, actor });
    },
    async 'POST /incidents/{incidentId}/merge'({ view, params, actor, body, version }) {
      userOf(actor);
      const read = await view.incidents.merge(params.incidentId, body.from, version);
      return changed(read, { view, actor }, body.from);
    },
    async 'POST /incidents/{incidentId}/unmerge'({ view, params, actor, version }) {
      userOf(actor);
      const { incident } = await view.incidents.get(params.incidentId);
      const read = await view.incidents.unmerge(params.incidentId, version);
      return changed(read, { view, actor }, ...(incident.mergedInto === null ? [] : [incident.mergedInto]));
    },
    async 'POST /incidents/{incidentId}/split'({ view, params, actor, body, version }) {
      userOf(actor);
      const as = `hand:${newId()}` as IncidentId;
      const read = await view.incidents.split(params.incidentId, as, body.members, version);
      return changed(read, { view, actor }, params.incidentId);
    },
    async 'POST /incidents/{incidentId}/add'({ view, params, actor, body, version }) {
      userOf(actor);
      return changed(await view.incidents.add(params.incidentId, body.alarms, version), { view, actor });
    },
    async 'POST /incidents/{incidentId}/remove'({ view, params, actor, body, version }) {
      userOf(actor);
      const before = await view.incidents.members(params.incidentId);
      const read = await view.incidents.remove(params.incidentId, body.members, version);
      // Whoever saw what is gone is to know, too.
      const points = [...new Set(before.map(({ pointId }) => pointId))];
      bus.publish('incident.changed', { incidentId: params.incidentId, points, by: userOf(actor) });
      return wire(read, accessOf(actor));
    },
  };
}
