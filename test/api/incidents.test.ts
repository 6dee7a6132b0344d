import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AlarmId, PointId, RuleId, SiteId } from '../../domain/identifiers.ts';
import type { Incident, IncidentId, IncidentMember, SignalKey } from '../../domain/incident.ts';
import { type EpochMs, epochMs, minutes } from '../../domain/time.ts';
import type { ApiClient } from './api-client.ts';
import { LiveClient } from './live-client.ts';
import { aRaisedAlarm, ENVIRONMENT, POWER, type RunningApi, runApi } from './running-api.ts';

const AT = epochMs(1_790_000_000_000);
const ID = 'site-s-tba:p-tba:0' as IncidentId;
let running: RunningApi;
let environment: ApiClient;
let power: ApiClient;

/** An incident over two agencies, as correlation writes it: the transformer, and an air station behind it. */
beforeAll(async () => {
  running = await runApi();
  environment = await running.as('operator');
  power = await running.as('operator', POWER);
  const raise = async (point: string, quantity: string, agencyId: typeof POWER, at: EpochMs) => {
    const series = await running.series(point, quantity);
    const rule = `r-${agencyId}` as RuleId;
    const { alarm, transitions } = aRaisedAlarm({
      ...{
        series,
        startedAt: at,
        agencyId,
        pointId: point as PointId,
        ruleId: rule,
        id: `${rule}:${series}:${at}` as AlarmId,
      },
    });
    await running.registry.ruleState.commit({
      ...{ cursor: 0 as never, states: [], jointStates: [], outbox: [], changes: [{ alarm, transitions }] },
    });
    return alarm;
  };
  const own = await raise('p-tba', 'voltage', POWER, AT);
  const behind = await raise('p-le-chan', 'pm2_5', ENVIRONMENT, epochMs(AT + minutes(2)));
  const member = (alarm: typeof own, siteId: string, sign: IncidentMember['sign']): IncidentMember => ({
    ...{ key: `alarm:${alarm.id}` as SignalKey, incidentId: ID, byHand: false, of: { kind: 'alarm', id: alarm.id } },
    ...{
      agencyId: alarm.agencyId,
      pointId: alarm.pointId,
      siteId: siteId as SiteId,
      at: alarm.startedAt,
      endedAt: null,
    },
    ...{ sign, severity: 'major' },
  });
  const incident: Incident = {
    ...{ id: ID, agencyId: POWER, cause: { kind: 'site', siteId: 's-tba' as SiteId, inferred: false }, name: null },
    ...{ founder: `alarm:${own.id}` as SignalKey, startedAt: AT, endedAt: null, severity: 'major', mergedInto: null },
    ...{ recordedAt: AT, version: 1 },
  };
  await running.registry.incidents.commit({
    ...{ heard: [], merges: [], facts: [], events: [], incidents: [incident] },
    joined: [member(own, 's-tba', 'no_supply'), member(behind, 's-le-chan', 'no_data')],
  });
});
afterAll(() => running.close());

const at = { params: { incidentId: ID } };

describe('an incident over two agencies', () => {
  it('shows each its own part, with its cause named to who may know it, and says how many others there are', async () => {
    expect((await power.call('GET /incidents/{incidentId}', at)).body).toMatchObject({
      ...{ members: 1, hidden: 1, cause: { siteId: 's-tba' }, agencies: [POWER], severity: 'major', startedAt: AT },
      title: [{ key: 'incident.title.no_supply', params: { name_vi: expect.any(String) } }],
      evidence: [{ key: 'incident.evidence.own', params: { first: AT } }],
      location: expect.any(Object),
    });
    expect((await environment.call('GET /incidents/{incidentId}', at)).body).toMatchObject({
      ...{ members: 1, hidden: 1, cause: { siteId: null }, agencies: [ENVIRONMENT], startedAt: AT + minutes(2) },
      title: [{ key: 'incident.title.hidden' }],
      ...{ location: null, points: ['p-le-chan'] },
    });
    const network = async (client: ApiClient) =>
      (await client.call('GET /incidents/{incidentId}/network', at)).body.nodes;
    expect(await network(power)).toMatchObject([{ siteId: 's-tba', parentId: null, state: 'lost' }]);
    expect(await network(environment)).toEqual([]);
  });

  it('is acknowledged by each for its own alarms, and told of at once to all who see a part of it', async () => {
    const live = new LiveClient(running.url, { cookie: environment.cookie });
    const heard: string[] = [];
    live.socket.on('incidentChanged', (id) => heard.push(id));
    await live.connected();
    const mine = await power.call('POST /incidents/{incidentId}/acknowledge', { ...at, body: { note: 'Đã cử đội' } });
    expect(mine.body).toEqual({ acknowledged: 1, refused: [], left: 0 });
    expect((await power.call('GET /incidents', { query: { open: true } })).body.items).toMatchObject([
      { unacknowledged: 0 },
    ]);
    expect((await environment.call('GET /incidents', { query: { open: true } })).body.items).toMatchObject([
      { unacknowledged: 1 },
    ]);
    running.bus.publish('incident.changed', { incidentId: ID, points: ['p-le-chan' as PointId], by: null });
    await vi.waitFor(() => expect(heard).toContain(ID));
    live.close();
  });

  it('is changed by nobody who only reads it, and not merged by who can write a part of it alone', async () => {
    const [member] = (await environment.call('GET /incidents/{incidentId}/members', at)).body.items;
    const viewer = await running.as('viewer');
    const steps = (client: ApiClient) => [
      client.call('POST /incidents/{incidentId}/name', { ...at, version: 1, body: { name: 'x' } }),
      client.call('POST /incidents/{incidentId}/comment', { ...at, body: { note: 'x' } }),
      client.call('POST /incidents/{incidentId}/split', { ...at, version: 1, body: { members: [member!.key] } }),
      client.call('POST /incidents/{incidentId}/remove', { ...at, version: 1, body: { members: [member!.key] } }),
    ];
    for (const call of steps(viewer)) expect(await call).toMatchObject({ status: 403 });
    const other = (await environment.call('POST /incidents', { body: { alarms: [member!.alarm!.id] } })).body;
    expect(other).toMatchObject({ members: 1, cause: { kind: 'hand' } });
    // Now all members are of the other agency: it isn't there any more for this one.
    for (const call of [environment.call('GET /incidents/{incidentId}', at), ...steps(environment)])
      expect(await call).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await running.anonymous().call('GET /incidents', { query: {} })).toMatchObject({ status: 401 });
    const stale = await environment.call('POST /incidents/{incidentId}/name', {
      ...{ params: { incidentId: other.id }, version: other.version + 1, body: { name: 'x' } },
    });
    expect(stale).toMatchObject({ status: 412, code: 'VERSION_STALE' });
  });
});
