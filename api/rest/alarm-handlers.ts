import type { Actor } from '../../domain/access.ts';
import type { AgencyId, AlarmId, UserId } from '../../domain/identifiers.ts';
import type { AlarmWorkStep } from '../../domain/ports/registry.ts';
import type { AlarmWire } from '../contract/alarms.ts';
import { ApiError, expectedError, inputRefused } from '../errors.ts';
import type { ApiRequest, Handlers } from './handler.ts';
import { given, type HandlerPorts, pageOf } from './handler-ports.ts';

type AlarmRoutes =
  | 'GET /alarms'
  | 'GET /alarms/counts'
  | 'POST /alarms/acknowledge'
  | 'GET /alarms/{alarmId}'
  | 'GET /alarms/{alarmId}/history'
  | 'POST /alarms/{alarmId}/acknowledge'
  | 'POST /alarms/{alarmId}/start-work'
  | 'POST /alarms/{alarmId}/comment'
  | 'POST /alarms/{alarmId}/assign'
  | 'POST /alarms/{alarmId}/resolve'
  | 'POST /alarms/{alarmId}/shelve'
  | 'POST /alarms/{alarmId}/unshelve';

/** Names of colleagues are told to whoever may see the alarm. */
const NAMES: Actor = { kind: 'system', name: 'alarm history' };

export function alarmHandlers(ports: HandlerPorts): Handlers<AlarmRoutes> {
  const { registry, bus, clock, openAlarms } = ports;

  /** Takes one step and tells everyone; the wire's alarm after it. */
  const work = async (
    request: Pick<ApiRequest<never>, 'view'>,
    id: AlarmId,
    step: AlarmWorkStep,
  ): Promise<AlarmWire> => {
    const { alarm, transitions } = await request.view.alarms.work(id, step, clock());
    // An acknowledgement of what is acknowledged already changes nothing and is told to nobody.
    if (transitions.length > 0) bus.publish('alarm.changed', { alarm, transitions });
    return openAlarms.wire(alarm);
  };
  const userOf = (actor: Actor): UserId => {
    if (actor.kind !== 'person') throw new ApiError('NOT_PERMITTED');
    return actor.userId;
  };
  /** An alarm is given only to someone who works in its agency. */
  const requireWorker = async (user: UserId, agencyId: AgencyId): Promise<void> => {
    const found = await registry
      .as(NAMES)
      .users.get(user)
      .catch((error: unknown) => {
        if (expectedError(error)?.code === 'NOT_FOUND') return undefined;
        throw error;
      });
    const works = found?.roles.some((held) => held.agencyId === agencyId || held.role === 'platform_admin');
    if (!found || !works || found.disabledAt !== null) throw new ApiError('REFERENCE_MISSING', { id: user });
  };
  const nameOf = async (user: UserId): Promise<string | null> => {
    try {
      return (await registry.as(NAMES).users.get(user)).displayName;
    } catch (error) {
      if (expectedError(error)?.code === 'NOT_FOUND') return null;
      throw error;
    }
  };

  return {
    async 'GET /alarms'({ view, query }) {
      const { items, next } = await view.alarms.list(
        {
          ...given('open', query.open),
          ...given('origin', query.origin),
          ...given('severities', query.severity),
          ...given('work', query.work),
          ...given('pointId', query.point),
          ...given('ruleId', query.rule),
          ...given('agencyId', query.agency),
          ...given('domain', query.domain),
          ...given('suppressed', query.suppressed),
          ...given('from', query.from),
          ...given('to', query.to),
        },
        pageOf(query),
      );
      return { items: items.map((alarm) => openAlarms.wire(alarm)), next };
    },
    async 'GET /alarms/counts'({ view }) {
      return { items: await view.alarms.counts() };
    },
    async 'GET /alarms/{alarmId}'({ view, params }) {
      return openAlarms.wire(await view.alarms.get(params.alarmId));
    },
    async 'GET /alarms/{alarmId}/history'({ view, params }) {
      const history = await view.alarms.history(params.alarmId);
      const people = new Map<UserId, string | null>();
      for (const { by } of history) if (by !== null && !people.has(by)) people.set(by, await nameOf(by));
      return {
        items: history.map((line) => ({ ...line, byName: line.by === null ? null : (people.get(line.by) ?? null) })),
      };
    },

    async 'POST /alarms/acknowledge'({ view, actor, body }) {
      const by = userOf(actor);
      const acknowledged: AlarmWire[] = [];
      const refused: { id: AlarmId; code: string }[] = [];
      for (const id of new Set(body.ids)) {
        try {
          acknowledged.push(await work({ view }, id, { kind: 'acknowledge', by, ...given('note', body.note) }));
        } catch (error) {
          const expected = expectedError(error);
          if (!expected) throw error;
          refused.push({ id, code: expected.code });
        }
      }
      return { acknowledged, refused };
    },
    'POST /alarms/{alarmId}/acknowledge': ({ view, actor, params, body }) =>
      work({ view }, params.alarmId, { kind: 'acknowledge', by: userOf(actor), ...given('note', body.note) }),
    'POST /alarms/{alarmId}/start-work': ({ view, actor, params }) =>
      work({ view }, params.alarmId, { kind: 'start_work', by: userOf(actor) }),
    'POST /alarms/{alarmId}/comment': ({ view, actor, params, body }) =>
      work({ view }, params.alarmId, { kind: 'comment', by: userOf(actor), note: body.note }),
    async 'POST /alarms/{alarmId}/assign'({ view, actor, params, body, version }) {
      if (body.to !== null) await requireWorker(body.to, (await view.alarms.get(params.alarmId)).agencyId);
      return work({ view }, params.alarmId, { kind: 'assign', by: userOf(actor), to: body.to, version });
    },
    'POST /alarms/{alarmId}/resolve': ({ view, actor, params, body, version }) =>
      work({ view }, params.alarmId, { kind: 'resolve', by: userOf(actor), note: body.note, version }),
    async 'POST /alarms/{alarmId}/shelve'({ view, actor, params, body, version, language }) {
      const since = clock();
      if (body.until !== null && body.until <= since) throw inputRefused('until', 'refusal.untilPast', language);
      const suppression = { kind: body.kind, reason: body.reason, by: userOf(actor), since, until: body.until };
      return work({ view }, params.alarmId, { kind: 'suppress', suppression, version });
    },
    'POST /alarms/{alarmId}/unshelve': ({ view, actor, params, version }) =>
      work({ view }, params.alarmId, { kind: 'unsuppress', by: userOf(actor), version }),
  };
}
