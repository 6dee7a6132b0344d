import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { Notice } from '../../domain/events.ts';
import type { DeviceId, PointId } from '../../domain/identifiers.ts';
import { epochMs } from '../../domain/time.ts';
import { smallCity } from './platform-parts.ts';
import { createStreet, held, stored, telemetry } from './small-street.ts';

const street = createStreet();
const { open, device } = street;
afterEach(street.close);
const system: Actor = { kind: 'system', name: 'test' };

describe('replaying quarantine', () => {
  it('stores what a device sent before it served a point, once it does, at its first arrival time', async () => {
    const city = smallCity(2);
    const platform = await open(undefined, {}, { ...city, devices: city.devices.map((d) => ({ ...d, serves: [] })) });
    const client = await device(platform);
    await client.publishAsync(telemetry(), '{"pm2_5":9}', { qos: 1 });
    const [message] = await held(platform);
    expect(message?.problems).toMatchObject([{ code: 'UNASSIGNED', quantity: 'pm2_5' }]);
    const deviceId = 'air-1' as DeviceId;
    const assigned = { deviceId, pointId: 'p-air-1' as PointId, from: epochMs(Date.now()) };
    await platform.registry.as(system).devices.assign(assigned);
    platform.bus.publish('device.changed', { deviceId });
    await vi.waitFor(async () =>
      expect(await platform.pipeline.replay([message!.id], { backfill: false })).toMatchObject([
        { accepted: 1, problems: [] },
      ]),
    );
    await vi.waitFor(
      async () =>
        expect(await stored(platform)).toMatchObject([
          { value: 9, eventTime: message!.arrivalTime, arrivalTime: message!.arrivalTime },
        ]),
      { timeout: 5_000 },
    );
  });

  it('stores the same once, however often it is done', async () => {
    const platform = await open();
    const client = await device(platform);
    await client.publishAsync(telemetry(), '{"ts":1600000000,"values":{"pm2_5":9}}', { qos: 1 });
    const [message] = await held(platform);
    for (let i = 0; i < 3; i++) await platform.pipeline.replay([message!.id], { backfill: true });
    await vi.waitFor(async () => expect(await stored(platform)).toHaveLength(1), { timeout: 5_000 });
  });

  it('does not give a device the readings it sent under another’s name', async () => {
    const platform = await open();
    const client = await device(platform);
    await client.publishAsync(telemetry('air-2'), '{"pm2_5":9}', { qos: 1 });
    const [message] = await held(platform);
    expect(await platform.pipeline.replay([message!.id], { backfill: false })).toMatchObject([
      { accepted: 0, problems: [{ code: 'WRONG_TOPIC' }] },
    ]);
    expect(platform.journal.head()).toBe(0);
    expect((await platform.quarantine.get(message!.id))?.state).toBe('held');
  });

  it('gives them to the other, once the sender has the right', async () => {
    const platform = await open();
    const client = await device(platform, 'air-3');
    await client.publishAsync(telemetry('air-2'), '{"pm2_5":9}', { qos: 1 });
    const [message] = await held(platform);
    await street.watcher(platform);
    expect(await platform.pipeline.replay([message!.id], { backfill: false })).toMatchObject([{ accepted: 1 }]);
    await vi.waitFor(async () => expect(await stored(platform, 'air-2')).toMatchObject([{ value: 9 }]), {
      timeout: 5_000,
    });
    expect(await stored(platform, 'air-3')).toEqual([]);
  });

  it('does not take attributes for readings', async () => {
    const platform = await open();
    const client = await device(platform);
    await client.publishAsync('hd/v1/air-1/attributes', '{"pm2_5":9,"nested":{"a":1}}', { qos: 1 });
    const [message] = await held(platform);
    expect(message?.problems[0]?.code).toBe('MALFORMED');
    expect(await platform.pipeline.replay([message!.id], { backfill: false })).toMatchObject([{ accepted: 0 }]);
    expect(platform.journal.head()).toBe(0);
  });
});

describe('a topic of the device’s own that means nothing', () => {
  it.each(['', '/', '/readings', '/telemetry/x', '/cmd/7', '/config'])(
    'is quarantined and acknowledged, though the payload is a good one: hd/v1/air-1%s',
    async (rest) => {
      const platform = await open();
      const client = await device(platform);
      await client.publishAsync(`hd/v1/air-1${rest}`, '{"pm2_5":1}', { qos: 1 });
      expect(await held(platform)).toMatchObject([{ deviceId: 'air-1', problems: [{ code: 'WRONG_TOPIC' }] }]);
      expect(platform.journal.head()).toBe(0);
      expect(client.connected).toBe(true);
    },
  );
});

describe('the share of a device', () => {
  it('is kept to by evicting its own oldest, counted, and told to the operators once and not at every message', async () => {
    const platform = await open(undefined, {
      quarantine: { capacityBytes: 1_000_000, deviceShareBytes: 6_000 },
      mqtt: { deviceBurstMessages: 1_000 },
    });
    const notices: Notice[] = [];
    platform.bus.subscribe('notice.raised', (notice) => notices.push(notice));
    const [quiet, noisy] = [await device(platform, 'air-2'), await device(platform)];
    await quiet.publishAsync(telemetry('air-2'), 'bad', { qos: 1 });
    for (let i = 0; i < 40; i++) await noisy.publishAsync(telemetry(), `bad ${i}`, { qos: 1 });
    const { evictedMessages } = platform.quarantine.status();
    const list = await held(platform);
    expect(list.filter(({ deviceId }) => deviceId === 'air-1').length + evictedMessages).toBe(40);
    expect(evictedMessages).toBeGreaterThan(20);
    expect(Buffer.from(list[0]!.bytes).toString()).toBe('bad 39');
    expect(list.filter(({ deviceId }) => deviceId === 'air-2')).toHaveLength(1);
    expect(notices).toMatchObject([{ kind: 'quarantine.evicted', deviceId: 'air-1' }]);
  });
});
