import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Alarm } from '../../domain/alarm.ts';
import type { DeviceId, SeriesId } from '../../domain/identifiers.ts';
import { RegistryUnavailableError } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { toColumns } from '../../domain/reading.ts';
import { type EpochMs, epochMs, milliseconds } from '../../domain/time.ts';
import { LiveClient, soon } from './live-client.ts';
import { aRaisedAlarm, ENVIRONMENT, POWER, type RunningApi, runApi, SYSTEM } from './running-api.ts';

let running: RunningApi;
const screens: LiveClient[] = [];
beforeEach(async () => {
  running = await runApi({
    limits: { liveHeartbeat: milliseconds(600), liveAlarmsUndrained: 5, liveAccessRecheck: milliseconds(300) },
  });
});
afterEach(async () => {
  for (const screen of screens.splice(0)) screen.close();
  await running.close();
});

const screen = async (
  cookie?: string | null,
  options: { apiKey?: string; origin?: string } = {},
): Promise<LiveClient> => {
  const client = new LiveClient(running.url, { ...(cookie ? { cookie } : {}), ...options });
  screens.push(client);
  await client.connected();
  return client;
};
const at = (seconds: number): EpochMs => epochMs(1_790_000_000_000 + seconds * 1000);

/** An alarm as the rules raise it, committed to the registry, and told on the bus unless that is lost. */
const raise = async (series: SeriesId, start: number, isTold = true): Promise<Alarm> => {
  const rule = (await running.registry.ruleState.liveRules())[0];
  if (!rule) throw new Error('no rule');
  const alarm = raisedAlarm(series, at(start), running.clock());
  await running.registry.ruleState.commit({
    cursor: start as never,
    states: [],
    jointStates: [],
    changes: [{ alarm: alarm.alarm, transitions: alarm.transitions }],
    outbox: [],
  });
  if (isTold) running.bus.publish('alarm.changed', alarm);
  return alarm.alarm;
};

const raisedAlarm = (series: SeriesId, startedAt: EpochMs, recordedAt: EpochMs) =>
  aRaisedAlarm({ series, startedAt, recordedAt });

describe('a live screen', () => {
  it('is given a snapshot of everything it may see, then only what changes, without a gap in its numbers', async () => {
    const [pm, temperature] = [
      await running.series('p-le-chan', 'pm2_5'),
      await running.series('p-le-chan', 'temperature'),
    ];
    const voltage = await running.series('p-tba', 'voltage');
    await running.arrive(
      { series: pm, eventTime: at(0), value: 20 },
      { series: temperature, eventTime: at(0), value: 30 },
      { series: voltage, eventTime: at(0), value: 221 },
    );
    const { cookie } = await running.as('operator');
    const client = await screen(cookie);
    expect(await client.subscribe()).toEqual({ ok: true });
    const snapshot = await client.snapshot();
    expect(snapshot.seq).toBe(1);
    expect(snapshot.list.sort()).toEqual([
      [pm, at(0), 20, 0],
      [temperature, at(0), 30, 0],
    ]);

    await running.arrive(
      { series: pm, eventTime: at(10), value: 21 },
      { series: voltage, eventTime: at(10), value: 222 },
    );
    await soon(() => expect(client.values.get(pm)).toBe(21));
    // What changed in the frame in which the screen came may be said again with that frame; what changed since is said once.
    const since = client.frames.slice(1).flatMap(({ readings }) => readings.filter(([, time]) => time === at(10)));
    expect(since).toEqual([[pm, at(10), 21, 0]]);
    expect(client.values.has(voltage)).toBe(false);
    expect(client.frames.map((one) => one.frame.seq)).toEqual(client.frames.map((_, i) => i + 1));
  });

  it('is given what its server was not told of, once that knows that it missed something, without a gap', async () => {
    const pm = await running.series('p-le-chan', 'pm2_5');
    const { cookie } = await running.as('operator');
    const client = await screen(cookie);
    await client.subscribe();
    await client.snapshot();
    const alarm = await raise(pm, 5, false);
    await running.store.load([
      toColumns([{ series: pm, eventTime: at(5), arrivalTime: at(5), value: 80, quality: 0 }]),
    ]);
    running.bus.publish('events.missed', {});
    await soon(() => {
      const told = client.frames.flatMap((one) => (one.kind === 'snapshot' ? one.frame.alarms : []));
      expect([...told, ...client.alarms.map((one) => one.alarm)].map(({ id }) => id)).toContain(alarm.id);
      expect(client.values.get(pm)).toBe(80);
    });
    expect(client.frames.map((one) => one.frame.seq)).toEqual(client.frames.map((_, i) => i + 1));
  });

  it('hears the server’s clock even when nothing changes', async () => {
    const { cookie } = await running.as('viewer');
    const client = await screen(cookie);
    await client.subscribe();
    await soon(() => expect(client.frames.filter((one) => one.kind === 'delta').length).toBeGreaterThan(1));
    const [, first, second] = client.frames;
    expect(first?.readings).toEqual([]);
    expect(Math.abs((second?.frame.at ?? 0) - Date.now())).toBeLessThan(3_000);
  });

  it('gets at most four frames a second with the newest value of each series', async () => {
    const pm = await running.series('p-le-chan', 'pm2_5');
    const { cookie } = await running.as('viewer');
    const client = await screen(cookie);
    await client.subscribe();
    await client.snapshot();
    const begun = performance.now();
    let sent = 0;
    while (performance.now() - begun < 2_000) {
      await running.arrive({ series: pm, eventTime: at(sent), value: sent });
      sent++;
    }
    await soon(() => expect(client.values.get(pm)).toBe(sent - 1));
    const deltas = client.frames.filter((one) => one.kind === 'delta');
    const seconds = (performance.now() - begun) / 1000;
    expect(deltas.length).toBeLessThanOrEqual(Math.ceil(seconds * 4) + 1);
    expect(deltas.every((one) => one.readings.length <= 1)).toBe(true);
    expect(sent).toBeGreaterThan(deltas.length);
  });

  it('is not shown an older reading as the newest', async () => {
    const pm = await running.series('p-le-chan', 'pm2_5');
    const { cookie } = await running.as('viewer');
    const client = await screen(cookie);
    await client.subscribe();
    await running.arrive({ series: pm, eventTime: at(100), value: 1 });
    await soon(() => expect(client.values.get(pm)).toBe(1));
    await running.arrive({ series: pm, eventTime: at(50), value: 2 });
    await running.arrive({ series: pm, eventTime: at(100), value: 3 });
    await soon(() => expect(client.values.get(pm)).toBe(3));
    expect(client.frames.some((one) => one.readings.some(([, time]) => time === at(50)))).toBe(false);
  });

  it('gets only what lies in its viewport and domains, and the rest when it looks elsewhere', async () => {
    const [leChan, doSon] = [await running.series('p-le-chan', 'pm2_5'), await running.series('p-do-son', 'pm2_5')];
    await running.arrive({ series: leChan, eventTime: at(0), value: 1 }, { series: doSon, eventTime: at(0), value: 2 });
    const { cookie } = await running.as('viewer');
    const client = await screen(cookie);
    await client.subscribe({ viewport: [106.6, 20.8, 106.7, 20.9], domains: ['environment'] });
    expect((await client.snapshot()).list.map(([series]) => series)).toEqual([leChan]);
    const seen = client.frames.length;
    await client.subscribe({ viewport: [106.75, 20.6, 106.85, 20.8], domains: null });
    expect((await client.snapshot(seen)).list.map(([series]) => series)).toEqual([doSon]);
    const again = client.frames.length;
    await client.subscribe({ viewport: null, domains: ['power'] });
    expect((await client.snapshot(again)).list).toEqual([]);
  });

  it('is told what is wrong with a subscription', async () => {
    const client = await screen((await running.as('viewer')).cookie);
    const wrong = { viewport: [1, 2, 3], domains: ['sea'] } as never;
    expect(await client.subscribe(wrong)).toEqual({ ok: false, code: 'INPUT_INVALID' });
  });

  it('that missed a number asks again and gets a snapshot with the next one', async () => {
    const client = await screen((await running.as('viewer')).cookie);
    await client.subscribe();
    await client.snapshot();
    const seen = client.frames.length;
    client.socket.emit('resync');
    const snapshot = await client.snapshot(seen);
    const before = client.frames.findIndex((one) => one.frame.seq === snapshot.seq) - 1;
    expect(snapshot.seq).toBe((client.frames[before]?.frame.seq ?? 0) + 1);
  });

  it('hears of devices coming and going', async () => {
    const { cookie } = await running.as('operator');
    const client = await screen(cookie);
    await client.subscribe();
    await client.snapshot();
    const status = (deviceId: string, agencyId: typeof ENVIRONMENT, online: boolean) =>
      running.bus.publish('device.status', {
        deviceId: deviceId as DeviceId,
        agencyId,
        online,
        at: at(5),
        reason: 'connected',
      });
    status('air-le-chan', ENVIRONMENT, true);
    status('meter-tba', POWER, true);
    await soon(() => expect(client.frames.flatMap((one) => one.frame.devices)).toEqual([['air-le-chan', true, at(5)]]));
    const points = (await (await running.as('operator')).call('GET /map/points')).body.points;
    expect(points.find(({ id }) => id === 'p-le-chan')?.devices).toMatchObject([{ id: 'air-le-chan', online: true }]);
    expect(points.find(({ id }) => id === 'p-do-son')?.devices).toMatchObject([{ online: null }]);
  });
});

describe('a screen that can’t keep up', () => {
  it('gets fewer frames with the newest values, and nothing piles up for it', async () => {
    const [pm, temperature] = [
      await running.series('p-le-chan', 'pm2_5'),
      await running.series('p-le-chan', 'temperature'),
    ];
    const { cookie } = await running.as('viewer');
    const slow = await screen(cookie);
    const quick = await screen(cookie);
    slow.keepsUp = false;
    await slow.subscribe({ viewport: null, domains: null, acknowledges: true });
    await quick.subscribe({ viewport: null, domains: null, acknowledges: true });
    await Promise.all([slow.snapshot(), quick.snapshot()]);
    await running.arrive({ series: temperature, eventTime: at(0), value: 30 });
    for (let i = 1; i <= 12; i++) {
      await running.arrive({ series: pm, eventTime: at(i), value: i });
      await soon(() => expect(quick.values.get(pm)).toBe(i));
    }
    // Two frames were on their way unacknowledged; then it was left alone.
    expect(slow.frames).toHaveLength(2);
    expect(slow.values.get(pm)).not.toBe(12);
    slow.catchUp();
    await soon(() => expect(slow.values.get(pm)).toBe(12));
    expect(slow.values.get(temperature)).toBe(30);
    expect(slow.frames.map((one) => one.frame.seq)).toEqual(slow.frames.map((_, i) => i + 1));
    expect(slow.frames.length).toBeLessThan(6);
    expect(await running.metrics.getSingleMetricAsString('hd_live_frames_held_back_total')).toMatch(/total [1-9]/);
  });

  it('whose line does not drain holds no more memory, however much happens', async () => {
    const series = await running.series('p-le-chan', 'pm2_5');
    const { cookie } = await running.as('operator');
    const client = await screen(cookie);
    await client.subscribe();
    await client.snapshot();
    // The client's own socket stops reading: the kernel's buffers fill, and the server's line is not writable any more.
    const tcp = (client.socket.io.engine as unknown as { transport: { ws: { pause(): void; resume(): void } } })
      .transport.ws;
    tcp.pause();
    const heldBack = async () =>
      Number(/total (\d+)/.exec(await running.metrics.getSingleMetricAsString('hd_live_alarms_held_back_total'))?.[1]);
    let raised = 0;
    // Alarms in one go are more than an undrained line is given.
    await soon(async () => {
      for (let i = 0; i < 50; i++) running.bus.publish('alarm.changed', raisedAlarm(series, at(raised++), at(0)));
      expect(await heldBack()).toBeGreaterThan(0);
    });
    tcp.resume();
    const seen = client.frames.length;
    const snapshot = await client.snapshot(seen);
    // What it was not told one by one it is told at once.
    expect(snapshot.alarms).toHaveLength(raised);
    expect(snapshot.alarmSeq).toBe(client.alarms.at(-1)?.alarmSeq);
  });
});

describe('alarms', () => {
  it('reach the screens of those who may see them at once, in their own order, with the names a list needs', async () => {
    const pm = await running.series('p-le-chan', 'pm2_5');
    const operator = await screen((await running.as('operator')).cookie);
    const power = await screen((await running.as('operator', POWER)).cookie);
    await operator.subscribe({ viewport: [0, 0, 1, 1], domains: ['traffic'] });
    await power.subscribe();
    await Promise.all([operator.snapshot(), power.snapshot()]);
    const begun = performance.now();
    const alarm = await raise(pm, 1);
    await soon(() => expect(operator.alarms).toHaveLength(1));
    expect(performance.now() - begun).toBeLessThan(200);
    expect(operator.alarms[0]).toMatchObject({
      alarmSeq: 1,
      alarm: {
        id: alarm.id,
        rule: { name: { vi: 'Bụi mịn cao' } },
        point: { siteId: 's-le-chan', domain: 'environment' },
      },
    });
    expect(power.alarms).toEqual([]);
  });

  it('that a person acknowledges change on every screen', async () => {
    const pm = await running.series('p-le-chan', 'pm2_5');
    const alarm = await raise(pm, 1);
    const one = await running.as('operator');
    const client = await screen((await running.as('agency_admin')).cookie);
    await client.subscribe();
    expect((await client.snapshot()).alarms).toMatchObject([{ id: alarm.id, work: 'new' }]);
    const answer = await one.call('POST /alarms/{alarmId}/acknowledge', {
      params: { alarmId: alarm.id },
      body: { note: 'Đã cử người đến' },
    });
    expect(answer.body).toMatchObject({ work: 'acknowledged', version: 2 });
    await soon(() => expect(client.alarms.at(-1)?.alarm).toMatchObject({ work: 'acknowledged' }));
    const history = await one.call('GET /alarms/{alarmId}/history', { params: { alarmId: alarm.id } });
    expect(history.body.items.at(-1)).toMatchObject({
      kind: 'acknowledged',
      byName: 'Person operator-env',
      note: 'Đã cử người đến',
    });
  });

  it('leave the snapshot when they have ended, in whatever order the news comes', async () => {
    const pm = await running.series('p-le-chan', 'pm2_5');
    const { alarm, transitions } = raisedAlarm(pm, at(1), at(1));
    const ended: Alarm = { ...alarm, condition: 'cleared', clearedAt: at(2), endedAt: at(2), version: 3 };
    running.bus.publish('alarm.changed', { alarm, transitions });
    running.bus.publish('alarm.changed', { alarm: ended, transitions: [] });
    const client = await screen((await running.as('operator')).cookie);
    await client.subscribe();
    expect((await client.snapshot()).alarms).toEqual([]);
  });
});

describe('who may connect', () => {
  it('sees without a session only what is public, and no alarms', async () => {
    const [leChan, doSon] = [await running.series('p-le-chan', 'pm2_5'), await running.series('p-do-son', 'pm2_5')];
    await running.arrive({ series: leChan, eventTime: at(0), value: 1 }, { series: doSon, eventTime: at(0), value: 2 });
    await raise(doSon, 1);
    await running.registry.as(SYSTEM).grants.create({
      id: 'g',
      agencyId: ENVIRONMENT,
      toAgencyId: null,
      domain: null,
      siteId: 's-do-son' as never,
      tag: null,
    });
    const client = await screen();
    await client.subscribe();
    const snapshot = await client.snapshot();
    expect(snapshot.list.map(([series]) => series)).toEqual([doSon]);
    expect(snapshot.alarms).toEqual([]);
    expect(snapshot.devices).toEqual([]);
  });

  it('refuses pages of other sites, and keys that mean nothing', async () => {
    const { cookie } = await running.as('operator');
    await expect(screen(cookie, { origin: 'https://evil.example' })).rejects.toThrow();
    await expect(screen(null, { apiKey: 'guess' })).rejects.toThrow('NOT_SIGNED_IN');
    await screen(cookie, { origin: running.url });
  });

  it('lets screens stay while the registry is away and nobody can say who looks', async () => {
    const { cookie } = await running.as('operator');
    const client = await screen(cookie);
    await client.subscribe();
    const asked = vi
      .spyOn(running.registry.identity, 'session')
      .mockRejectedValue(new RegistryUnavailableError('PostgreSQL does not answer'));
    await soon(() => expect(asked.mock.calls.length).toBeGreaterThan(2));
    asked.mockRestore();
    expect(client.goodbyes).toEqual([]);
    expect(client.socket.connected).toBe(true);
  });

  it('ends a screen when its person signs out', async () => {
    const person = await running.as('operator');
    const client = await screen(person.cookie);
    await client.subscribe();
    await person.call('DELETE /session');
    await soon(() => expect(client.goodbyes).toEqual(['SESSION_ENDED']));
    await soon(() => expect(client.socket.connected).toBe(false));
  });

  it('ends a screen when a role is taken away, and leaves others alone', async () => {
    const admin = await running.as('agency_admin');
    const client = await screen((await running.as('operator')).cookie);
    const other = await screen((await running.as('viewer')).cookie);
    const userId = await running.person('operator-env', []);
    const user = (await admin.call('GET /users/{userId}', { params: { userId } })).body;
    const { displayName, language, version } = user;
    await admin.call('PUT /users/{userId}', {
      params: { userId },
      version,
      body: { displayName, language, roles: [], disabled: false },
    });
    await soon(() => expect(client.goodbyes).toEqual(['ACCESS_CHANGED']));
    expect(other.socket.connected).toBe(true);
  });

  it('ends a screen when its key is revoked', async () => {
    const admin = await running.as('agency_admin');
    const roles = [{ agencyId: ENVIRONMENT, role: 'viewer' as const }];
    const made = await admin.call('POST /api-keys', {
      body: { agencyId: ENVIRONMENT, name: 'wall', roles, expiresAt: null },
    });
    const client = await screen(null, { apiKey: made.body.secret });
    await admin.call('DELETE /api-keys/{apiKeyId}', { params: { apiKeyId: made.body.apiKey.id } });
    await soon(() => expect(client.goodbyes).toEqual(['SESSION_ENDED']));
  });
});

describe('news of the city', () => {
  it('tells screens to fetch the map again when points change, and sends a new snapshot', async () => {
    const installer = await running.as('installer');
    const client = await screen((await running.as('viewer')).cookie);
    await client.subscribe();
    await client.snapshot();
    const seen = client.frames.length;
    const made = await installer.call('POST /points', {
      body: {
        agencyId: ENVIRONMENT,
        siteId: 's-do-son' as never,
        domain: 'environment',
        name: { vi: 'Điểm mới', en: 'New point' },
        location: { longitude: 106.79, latitude: 20.71 },
        wardCode: null,
        tags: [],
        quantities: ['noise_level' as QuantityKey].filter(() => false).concat('temperature' as QuantityKey),
      },
    });
    expect(made.status).toBe(201);
    await soon(() => expect(client.assetsChanged).toBe(1));
    await client.snapshot(seen);
    const series = made.body.series[0]?.id as SeriesId;
    await running.arrive({ series, eventTime: at(0), value: 29 });
    await soon(() => expect(client.values.get(series)).toBe(29));
  });

  it('shows notices to the agency they are about', async () => {
    const client = await screen((await running.as('operator')).cookie);
    const other = await screen((await running.as('operator', POWER)).cookie);
    await client.subscribe();
    await other.subscribe();
    const notice = {
      id: 'n1',
      kind: 'device.rate_limited' as const,
      agencyId: ENVIRONMENT,
      deviceId: 'air-le-chan' as DeviceId,
      text: { key: 'notice.device.rate_limited', params: { rate: 50 } },
      at: at(0),
    };
    running.bus.publish('notice.raised', notice);
    await soon(() => expect(client.notices).toEqual([notice]));
    expect(other.notices).toEqual([]);
  });

  it('says goodbye when the platform stops', async () => {
    const client = await screen((await running.as('viewer')).cookie);
    await client.subscribe();
    await running.api.stop();
    await soon(() => expect(client.goodbyes).toEqual(['STOPPING']));
  });
});
