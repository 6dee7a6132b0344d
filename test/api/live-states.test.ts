import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WantAnswer } from '../../api/contract/live.ts';
import { readCityPlaces } from '../../domain/city-places.ts';
import type { DeviceId, PointId } from '../../domain/identifiers.ts';
import { readLatestBlock } from '../../domain/latest-block.ts';
import { POINT_STATES } from '../../domain/point-state.ts';
import { NO_STATE, readStateBlock } from '../../domain/state-block.ts';
import { epochMs, hours } from '../../domain/time.ts';
import { LiveClient, soon } from './live-client.ts';
import { aRaisedAlarm, ENVIRONMENT, type RunningApi, runApi, SYSTEM } from './running-api.ts';

let running: RunningApi;
const screens: LiveClient[] = [];
beforeAll(async () => {
  // Larger than what a screen is given whole.
  running = await runApi({ limits: { livePointsWhole: 1 } });
});
afterAll(async () => {
  for (const screen of screens) screen.close();
  await running.close();
});

const screen = async (cookie?: string | null): Promise<LiveClient> => {
  const client = new LiveClient(running.url, cookie ? { cookie } : {});
  screens.push(client);
  await client.connected();
  await client.subscribe({ viewport: null, domains: null, states: true, readings: 'fitting' });
  return client;
};
const want = (client: LiveClient, series: readonly number[]): Promise<WantAnswer> =>
  new Promise((resolve) => client.socket.emit('want', series, resolve));
/** What the client's symbols say now, by point number. */
const rankOf = (client: LiveClient, number: number): number | undefined => {
  let rank: number | undefined;
  for (const { frame } of client.frames) {
    if (frame.states === undefined) continue;
    if ('ranks' in frame.states) rank = new Uint8Array(frame.states.ranks)[number];
    else {
      const block = readStateBlock(frame.states);
      const at = block.number.indexOf(number);
      if (at >= 0) rank = block.rank[at];
    }
  }
  return rank;
};
const stateOf = (client: LiveClient, number: number) => POINT_STATES[rankOf(client, number) ?? NO_STATE];
const numberOf = async (id: string): Promise<number> => {
  const { body } = await (await running.as('platform_admin')).call('GET /map/points', { query: { ids: id } });
  return body.points[0]?.number ?? -1;
};

describe('a screen that shows states', () => {
  it('is told what each point’s symbol says: silent, heard from, in alarm, silent again', async () => {
    const [pm, number] = [await running.series('p-le-chan', 'pm2_5'), await numberOf('p-le-chan')];
    const client = await screen((await running.as('operator')).cookie);
    await soon(() => expect(stateOf(client, number)).toBe('unknown'));
    await running.arrive({ series: pm, eventTime: running.clock(), value: 20 });
    await soon(() => expect(stateOf(client, number)).toBe('normal'));
    const raised = aRaisedAlarm({ series: pm, startedAt: running.clock() });
    running.bus.publish('alarm.changed', raised);
    await soon(() => expect(stateOf(client, number)).toBe('major'));
    const ended = { ...raised.alarm, condition: 'cleared' as const, endedAt: running.clock(), version: 2 };
    running.bus.publish('alarm.changed', { alarm: ended, transitions: [] });
    await soon(() => expect(stateOf(client, number)).toBe('normal'));
    running.pass(hours(6));
    await soon(() => expect(stateOf(client, number)).toBe('unknown'));
  });

  it('is told of maintenance, and that what is silent behind a dead gateway is cut off', async () => {
    const number = await numberOf('p-do-son');
    const client = await screen((await running.as('operator')).cookie);
    const down = aRaisedAlarm({ series: await running.series('p-le-chan', 'temperature'), startedAt: running.clock() });
    const carrier = {
      kind: 'device' as const,
      id: 'air-le-chan' as DeviceId,
      pointsBehind: 1,
      points: ['p-do-son' as PointId],
    };
    running.bus.publish('alarm.changed', { ...down, alarm: { ...down.alarm, carrier } });
    await soon(() => expect(stateOf(client, number)).toBe('cut_off'));
    const officer = await running.as('operator');
    const opened = await officer.call('POST /suppressions', {
      body: {
        kind: 'maintenance',
        scope: { kind: 'point', pointId: 'p-do-son' as PointId },
        reason: 'cleaning',
        from: running.clock(),
        until: epochMs(running.clock() + hours(1)),
      },
    });
    expect(opened.status, opened.text).toBe(201);
    await soon(() => expect(stateOf(client, number)).toBe('maintenance'));
  });

  it('is told nothing of points it may not see, and without a session nothing of alarms', async () => {
    const [power, doSon] = [await numberOf('p-tba'), await numberOf('p-do-son')];
    const client = await screen((await running.as('operator')).cookie);
    await client.snapshot();
    expect(rankOf(client, power)).toBe(NO_STATE);
    await running.registry.as(SYSTEM).grants.create({
      id: 'g',
      agencyId: ENVIRONMENT,
      toAgencyId: null,
      domain: null,
      siteId: 's-do-son' as never,
      tag: null,
    });
    const stranger = await screen();
    await stranger.snapshot();
    expect(stateOf(stranger, doSon)).toBe('unknown');
    expect(rankOf(stranger, power)).toBe(NO_STATE);
    const places = readCityPlaces((await running.anonymous().call('GET /map/places')).bytes);
    expect([...places.number]).toEqual([doSon]);
    expect(places.epoch).toBe((await stranger.snapshot()).states?.epoch);
  });
});

describe('what a screen has fetched of the city', () => {
  it('is known to be old from the next snapshot, whenever it was fetched', async () => {
    const operator = await running.as('operator');
    const admin = await running.as('platform_admin');
    const before = (await operator.call('GET /map/points')).body.assets;
    const first = await screen(operator.cookie);
    expect((await first.snapshot()).assets).toBe(before);

    const params = { pointId: 'p-le-chan' };
    const { siteId, domain, location, wardCode, tags, version } = (
      await admin.call('GET /points/{pointId}', { params })
    ).body;
    const body = { siteId, domain, location, wardCode, tags, name: { vi: 'Trạm Nghĩa Xá', en: 'Nghĩa Xá station' } };
    expect((await admin.call('PUT /points/{pointId}', { params, version, body })).status).toBe(200);
    await soon(() =>
      expect(first.frames.findLast(({ kind }) => kind === 'snapshot')?.frame).not.toMatchObject({ assets: before }),
    );
    const later = await screen(operator.cookie);
    const { assets } = await later.snapshot();
    expect(assets).not.toBe(before);
    expect((await operator.call('GET /map/points')).body).toMatchObject({ assets });
    expect(readCityPlaces((await operator.call('GET /map/places')).bytes).assets).toBe(assets);
  });
});

describe('a screen of a city too large to be sent whole', () => {
  it('gets the readings and devices it names, at once and as they change, and no others', async () => {
    const [leChan, temperature, doSon, voltage] = await Promise.all([
      running.series('p-le-chan', 'pm2_5'),
      running.series('p-le-chan', 'temperature'),
      running.series('p-do-son', 'pm2_5'),
      running.series('p-tba', 'voltage'),
    ]);
    const at = running.clock();
    await running.arrive(
      { series: leChan, eventTime: at, value: 1 },
      { series: temperature, eventTime: at, value: 30 },
      { series: doSon, eventTime: at, value: 2 },
      { series: voltage, eventTime: at, value: 220 },
    );
    running.bus.publish('device.status', {
      deviceId: 'air-do-son' as DeviceId,
      agencyId: ENVIRONMENT,
      online: true,
      at,
      reason: 'connected',
    });
    const client = await screen((await running.as('operator')).cookie);
    const snapshot = await client.snapshot();
    expect([snapshot.isWhole, snapshot.list, snapshot.devices]).toEqual([false, [], []]);
    const answer = await want(client, [doSon, voltage]);
    if (!answer.ok) throw new Error(answer.code);
    expect([...readLatestBlock(answer.readings).series]).toEqual([doSon]);
    expect(answer.devices.map(([id]) => id)).toEqual(['air-do-son']);
    await running.arrive(
      { series: doSon, eventTime: epochMs(at + 1_000), value: 3 },
      { series: leChan, eventTime: epochMs(at + 1_000), value: 4 },
      { series: voltage, eventTime: epochMs(at + 1_000), value: 221 },
    );
    await soon(() => expect(client.values.get(doSon)).toBe(3));
    expect([...client.values.keys()]).toEqual([doSon]);
    expect(await want(client, [-1])).toEqual({ ok: false, code: 'INPUT_INVALID' });
  });

  it('may still have everything by asking for all it has selected', async () => {
    const client = new LiveClient(running.url, { cookie: (await running.as('operator')).cookie ?? '' });
    screens.push(client);
    await client.connected();
    await client.subscribe();
    const snapshot = await client.snapshot();
    expect([snapshot.isWhole, snapshot.states]).toEqual([true, undefined]);
    expect(snapshot.list.length).toBeGreaterThan(1);
  });
});
