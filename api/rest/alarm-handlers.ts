import type { AlarmId } from '../../domain/identifiers.ts';
import type { AlarmWorkStep } from '../../domain/ports/registry.ts';
import type { AlarmWire } from '../contract/alarms.ts';
import { requirePossibleEnd, takeEach } from './alarm-steps-handlers.ts';
import { namesOf, requireWorker, userOf } from './colleagues.ts';
import type { ApiRequest, Handlers } from './handler.ts';
import { given, type HandlerPorts, pageOf } from './handler-ports.ts';

type AlarmRoutes =
  | 'GET /alarms'
  | 'GET /alarms/counts'
  | 'POST /alarms/acknowledge'
  | 'GET /alarms/{alarmId}'
  | 'GET /alarms/{alarmId}/history'
  | 'POST /alarms/{alarmId}/acknowledge'
  | 'POST /alarms/{alarmId}/take-back-acknowledgement'
  | 'POST /alarms/{alarmId}/start-work'
  | 'POST /alarms/{alarmId}/comment'
  | 'POST /alarms/{alarmId}/assign'
  | 'POST /alarms/{alarmId}/resolve'
  | 'POST /alarms/{alarmId}/shelve'
  | 'POST /alarms/{alarmId}/unshelve';

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
          ...given('newestFirst', query.newest),
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
      const nameOf = namesOf(registry);
      return { items: await Promise.all(history.map(async (line) => ({ ...line, byName: await nameOf(line.by) }))) };
    },

    async 'POST /alarms/acknowledge'({ view, actor, body }) {
      const step = { kind: 'acknowledge', by: userOf(actor), ...given('note', body.note) } as const;
      const { taken, refused } = takeEach(
        ports,
        await view.alarms.workEach(
          [...new Set(body.ids)].map((id) => ({ id, step })),
          clock(),
        ),
      );
      return { acknowledged: [...taken], refused };
    },
    'POST /alarms/{alarmId}/acknowledge': ({ view, actor, params, body }) =>
      work({ view }, params.alarmId, { kind: 'acknowledge', by: userOf(actor), ...given('note', body.note) }),
    'POST /alarms/{alarmId}/start-work': ({ view, actor, params }) =>
      work({ view }, params.alarmId, { kind: 'start_work', by: userOf(actor) }),
    'POST /alarms/{alarmId}/comment': ({ view, actor, params, body }) =>
      work({ view }, params.alarmId, { kind: 'comment', by: userOf(actor), note: body.note }),
    async 'POST /alarms/{alarmId}/assign'({ view, actor, params, body, version }) {
      if (body.to !== null) await requireWorker(registry, body.to, (await view.alarms.get(params.alarmId)).agencyId);
      return work({ view }, params.alarmId, { kind: 'assign', by: userOf(actor), to: body.to, version });
    },
    'POST /alarms/{alarmId}/resolve': ({ view, actor, params, body, version }) =>
      work({ view }, params.alarmId, { kind: 'resolve', by: userOf(actor), note: body.note, version }),
    'POST /alarms/{alarmId}/take-back-acknowledgement': ({ view, actor, params }) =>
      work({ view }, params.alarmId, { kind: 'take_back_acknowledgement', by: userOf(actor) }),
    async 'POST /alarms/{alarmId}/shelve'({ view, actor, params, body, version, language }) {
      const since = clock();
      requirePossibleEnd(ports, body, since, language);
      const suppression = { kind: body.kind, reason: body.reason, by: userOf(actor), since, until: body.until };
      return work({ view }, params.alarmId, { kind: 'suppress', suppression, version });
    },
    'POST /alarms/{alarmId}/unshelve': ({ view, actor, params, version }) =>
      work({ view }, params.alarmId, { kind: 'unsuppress', by: userOf(actor), version }),
  };
}
