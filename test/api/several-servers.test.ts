import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AlarmLookers } from '../../api/contract/presence.ts';
import type { RouteBodyInput } from '../../api/contract/routes.ts';
import { readCityPlaces } from '../../domain/city-places.ts';
import type { GatewayId, PointId, SeriesId, SiteId } from '../../domain/identifiers.ts';
import { QUALITY } from '../../domain/quality.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { toColumns } from '../../domain/reading.ts';
import { epochMs, hours, milliseconds, minutes } from '../../domain/time.ts';
import { ApiClient } from './api-client.ts';
import { LiveClient, soon } from './live-client.ts';
import { aRaisedAlarm, ENVIRONMENT, PASSWORD, type RunningApi, runApi, type ServingApi } from './running-api.ts';

const FROM = epochMs(Date.parse('2026-11-01T00:00:00+07:00'));
const TO = epochMs(FROM + hours(60));

let first: RunningApi;
let second: ServingApi;
/** One person, at either server. */
let here: ApiClient;
let there: ApiClient;
let pm: SeriesId;
const screens: LiveClient[] = [];
beforeAll(async () => {
  first = await runApi();
  second = await first.another();
  here = await first.as('environment');
  there = await at(second, 'environment');
  pm = await first.series('p-le-chan', 'pm2_5');
  const many = Array.from({ length: 200_000 }, (_, i) => {
    const eventTime = epochMs(FROM + i * 1_000);
    return { series: pm, eventTime, arrivalTime: eventTime, value: i % 90, quality: QUALITY.GOOD };
  });
  await first.store.load([toColumns(many)]);
});
afterEach(() => {
  for (const screen of screens.splice(0)) screen.close();
});
afterAll(() => first.close());

/** Who has been made at the first server, signed in at another. */
const at = ({ url }: ServingApi, role: string): Promise<ApiClient> =>
  ApiClient.signIn(url, `${role}-${ENVIRONMENT}`, PASSWORD);

describe('an export ordered at one of two servers', () => {
  const order = (more: Partial<RouteBodyInput<'POST /exports'>> = {}): RouteBodyInput<'POST /exports'> => ({
    selection: { points: ['p-le-chan' as PointId], quantities: ['pm2_5' as QuantityKey] },
    from: FROM,
    to: epochMs(FROM + hours(1)),
    step: null,
    format: 'csv',
    language: 'vi',
    ...more,
  });
  const stateAt = async (client: ApiClient, exportId: string) =>
    (await client.call('GET /exports/{exportId}', { params: { exportId } })).body.state;

  it('is seen and loaded at the other', async () => {
    const { body: made } = await here.call('POST /exports', { body: order() });
    await vi.waitFor(async () => expect(await stateAt(there, made.id)).toBe('done'), { timeout: 20_000 });
    const files = await Promise.all(
      [here, there].map((one) => one.call('GET /exports/{exportId}/file', { params: { exportId: made.id } })),
    );
    expect(files.map(({ status }) => status)).toEqual([200, 200]);
    expect(files[0]!.text).toBe(files[1]!.text);
  });

  it('is made once when it is sent again to the other, the first answer lost on its way', async () => {
    const headers = { 'idempotency-key': 'lost-on-its-way' };
    const [first, again] = [
      await here.call('POST /exports', { body: order(), headers }),
      await there.call('POST /exports', { body: order(), headers }),
    ];
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text]);
    const params = { exportId: first.body.id };
    expect((await there.call('DELETE /exports/{exportId}', { params })).status).toBe(204);
  });

  it('is written while the other writes another, counts for its bounds, and is stopped there', async () => {
    const ids: string[] = [];
    for (const client of [here, there, here, there, here])
      ids.push((await client.call('POST /exports', { body: order({ format: 'xlsx', to: TO }) })).body.id);
    // Each writes one, and shows how far either is.
    await vi.waitFor(
      async () => {
        const { items } = (await there.call('GET /exports')).body;
        const running = items.filter(({ state }) => state === 'running');
        expect(running).toHaveLength(2);
        expect(running.every(({ progress }) => progress.rows > 0)).toBe(true);
      },
      { timeout: 20_000 },
    );
    const sixth = await there.call('POST /exports', { body: order() });
    expect([sixth.status, sixth.code]).toEqual([429, 'TOO_MANY_REQUESTS']);
    for (const exportId of ids.toReversed())
      expect((await there.call('DELETE /exports/{exportId}', { params: { exportId } })).status).toBe(204);
    expect((await here.call('POST /exports', { body: order() })).status).toBe(201);
  });
});

describe('a backtest ordered at one of two servers', () => {
  const order: RouteBodyInput<'POST /backtests'> = {
    rule: {
      agencyId: ENVIRONMENT,
      name: { vi: 'Bụi mịn cao', en: 'High PM2.5' },
      advice: null,
      enabled: true,
      quantity: 'pm2_5' as QuantityKey,
      selection: {},
      condition: { kind: 'above', hysteresis: 5, levels: [{ severity: 'major', limit: 50, hold: minutes(0) }] },
      clearHold: milliseconds(0),
      judgeSuspect: true,
      endsUnacknowledged: [],
    },
    from: FROM,
    to: TO,
  };

  it('is looked at and cancelled at the other, by its owner alone', async () => {
    const { body: made } = await here.call('POST /backtests', { body: order });
    const params = { backtestId: made.id };
    const done = await vi.waitFor(
      async () => {
        const { body } = await there.call('GET /backtests/{backtestId}', { params });
        expect(body.state).toBe('done');
        return body;
      },
      { timeout: 20_000 },
    );
    expect(done).toEqual((await here.call('GET /backtests/{backtestId}', { params })).body);
    expect(done.report?.alarms).toBeGreaterThan(0);
    await first.as('agency_admin');
    const other = await at(second, 'agency_admin');
    expect((await other.call('GET /backtests/{backtestId}', { params })).status).toBe(404);
    expect((await other.call('DELETE /backtests/{backtestId}', { params })).status).toBe(404);
    expect((await there.call('DELETE /backtests/{backtestId}', { params })).status).toBe(204);
    for (const client of [here, there])
      expect((await client.call('GET /backtests/{backtestId}', { params })).status).toBe(404);
  });

  it('is not there when its server is nobody that is known', async () => {
    for (const backtestId of ['gone.1', 'no-dot'])
      expect((await there.call('GET /backtests/{backtestId}', { params: { backtestId } })).status).toBe(404);
  });
});

it('shows what all processes have counted, and names the one that does not answer', async () => {
  await first.as('platform_admin');
  const admin = await ApiClient.signIn(second.url, 'platform_admin-all', PASSWORD);
  const gone = 'gone' as GatewayId;
  await first.registry.gateways.beat({ id: gone, name: 'gateway-9', ttl: minutes(10), held: 0 }, first.clock());
  // A screen at the other server is seen at this one.
  await screenAt(first, here);
  await soon(async () => {
    const { stages, processes } = (await admin.call('GET /operations')).body;
    expect(stages.find(({ stage }) => stage === 'screens')?.waiting).toBe(1);
    expect(processes.map(({ id, load }) => [id, load?.roles ?? null])).toEqual([
      [gone, null],
      ['here', ['api']],
      ['there-1', ['api']],
    ]);
  });
  await first.registry.gateways.stopped(gone, 0, first.clock());
  const { processes } = (await admin.call('GET /operations')).body;
  expect(processes.map(({ id }) => id)).not.toContain(gone);
});

it('shows how far retention and the folders of station files are where others do them', async () => {
  await first.as('platform_admin');
  const admin = await ApiClient.signIn(second.url, 'platform_admin-all', PASSWORD);
  const { retention } = (await admin.call('GET /operations')).body;
  expect(retention.classes.map(({ key }) => key)).toContain('environment');
  expect((await admin.call('GET /station-files/status')).body.exported.folder).toContain('outgoing');
});

async function screenAt({ url }: ServingApi, client: ApiClient): Promise<LiveClient> {
  const screen = new LiveClient(url, { cookie: client.cookie });
  screens.push(screen);
  await screen.connected();
  return screen;
}
async function raiseAlarm(startedAt: number) {
  const raised = aRaisedAlarm({ series: pm, startedAt: epochMs(startedAt), recordedAt: first.clock() });
  await first.registry.ruleState.commit({
    cursor: startedAt as never,
    states: [],
    jointStates: [],
    changes: [raised],
    outbox: [],
  });
  first.bus.publish('alarm.changed', raised);
  return raised.alarm;
}

describe('screens of two servers', () => {
  it('know the places of the city by the same numbers, those that come later too', async () => {
    const placesAt = async (client: ApiClient) => {
      const { bytes } = await client.call('GET /map/places');
      return readCityPlaces(new Uint8Array(bytes));
    };
    const installer = await first.as('installer');
    const made = await installer.call('POST /points', {
      body: {
        id: 'p-0-new' as PointId,
        agencyId: ENVIRONMENT,
        siteId: 's-le-chan' as SiteId,
        domain: 'environment',
        name: { vi: 'Trạm mới', en: 'New station' },
        location: { longitude: 106.7, latitude: 20.8 },
        wardCode: null,
        tags: [],
        quantities: ['pm2_5' as QuantityKey],
      },
    });
    expect(made.status).toBe(201);
    // Reads the city with the new point in it, the first by its id.
    const third = await first.another();
    await soon(async () => {
      const mine = await placesAt(here);
      expect(mine.length).toBe(3);
      expect(await placesAt(there)).toEqual(mine);
      expect(await placesAt(await at(third, 'environment'))).toEqual(mine);
    });
    await third.close();
    const screen = await screenAt(second, there);
    await screen.subscribe({ viewport: null, domains: null, states: true });
    const { epoch } = await placesAt(here);
    expect((await screen.snapshot()).states?.epoch).toBe(epoch);
  });

  it('tell each other who looks at an alarm, until the other server stops', async () => {
    const { id } = await raiseAlarm(1_790_000_000_000);
    await first.as('operator');
    const third = await first.another();
    const mine = await screenAt(first, here);
    const theirs = await screenAt(third, await at(third, 'operator'));
    let told: readonly AlarmLookers[] = [];
    mine.socket.on('presence', (lookers) => {
      told = lookers;
    });
    const names = () => told.flatMap(({ people }) => people.map(({ name }) => name)).sort();
    mine.socket.emit('look', id);
    theirs.socket.emit('look', id);
    await soon(() => expect(names()).toEqual(['Person environment-env', 'Person operator-env']));
    await third.close();
    await soon(() => expect(names()).toEqual(['Person environment-env']));
  });

  it('are whole and without gaps after moving from a server that stops to another', async () => {
    const third = await first.another();
    const before = await screenAt(third, here);
    await before.subscribe();
    await before.snapshot();
    await first.arrive({ series: pm, eventTime: first.clock(), value: 41 });
    await soon(() => expect(before.values.get(pm)).toBe(41));
    await third.close();
    expect(before.goodbyes).toEqual(['STOPPING']);
    const missed = await raiseAlarm(1_790_000_100_000);
    await first.arrive({ series: pm, eventTime: first.clock(), value: 42 });

    const after = await screenAt(second, there);
    await after.subscribe();
    const snapshot = await after.snapshot();
    expect(snapshot.seq).toBe(1);
    expect(after.values.get(pm)).toBe(42);
    expect(snapshot.alarms.map(({ id }) => id)).toContain(missed.id);
    const next = await raiseAlarm(1_790_000_200_000);
    await first.arrive({ series: pm, eventTime: first.clock(), value: 43 });
    await soon(() => expect(after.values.get(pm)).toBe(43));
    await soon(() => expect(after.alarms.map(({ alarm }) => alarm.id)).toEqual([next.id]));
    expect(after.alarms[0]?.alarmSeq).toBe(snapshot.alarmSeq + 1);
    expect(after.frames.map(({ frame }) => frame.seq)).toEqual(after.frames.map((_, i) => i + 1));
  });
});
