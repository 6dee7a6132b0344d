import type { MqttClient } from 'mqtt';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import { epochMs } from '../../domain/time.ts';
import { closeOf, createStreet, held, type Platform, telemetry } from './small-street.ts';

const street = createStreet();
const { open, device } = street;
afterEach(street.close);
const system: Actor = { kind: 'system', name: 'test' };

/** What is retained at the device's status topic now, as the device itself sees it on its next connection. */
async function retained(client: MqttClient, topic: string): Promise<unknown> {
  const message = new Promise<unknown>((resolve) =>
    client.on(
      'message',
      (at, payload, packet) => at === topic && packet.retain && resolve(JSON.parse(String(payload))),
    ),
  );
  await client.subscribeAsync(topic, { qos: 1 });
  return message;
}
const reasons = async (platform: Platform): Promise<readonly string[]> => {
  const current = await platform.registry.deviceLog.currentStatus();
  return current.map(({ deviceId, online, reason }) => `${deviceId} ${online ? 'online' : 'offline'}: ${reason}`);
};

describe('the status of a device', () => {
  it('is told by its session: connected, disconnected in good order, lost', async () => {
    const platform = await open();
    const heard: string[] = [];
    platform.bus.subscribe('device.status', ({ online, reason }) => heard.push(`${online} ${reason}`));
    await (await device(platform)).endAsync();
    await vi.waitFor(() => expect(heard).toEqual(['true connected', 'false disconnected']));
    const client = await device(platform);
    client.stream.destroy();
    await vi.waitFor(() => expect(heard.slice(2)).toEqual(['true connected', 'false lost']));
    await vi.waitFor(async () => expect(await reasons(platform)).toEqual(['air-1 offline: lost']));
  });

  it('is online when a newer connection of it has taken over', async () => {
    const platform = await open();
    const heard: string[] = [];
    platform.bus.subscribe('device.status', ({ online, reason }) => heard.push(`${online} ${reason}`));
    const older = await device(platform);
    const gone = closeOf(older);
    const newer = await device(platform);
    await gone;
    await vi.waitFor(() => expect(heard).toEqual(['true connected', 'false taken_over', 'true connected']));
    expect(newer.connected).toBe(true);
    await vi.waitFor(async () => expect(await reasons(platform)).toEqual(['air-1 online: connected']));
    expect(await retained(newer, 'hd/v1/air-1/status')).toMatchObject({ online: true });
  });

  it('ends the moment the device is retired', async () => {
    const platform = await open();
    const client = await device(platform);
    const gone = closeOf(client);
    const retiring = { step: 'retire', reason: 'hit by a lorry', at: epochMs(Date.now()) } as const;
    await platform.registry.as(system).devices.step('air-1' as DeviceId, retiring);
    platform.bus.publish('device.changed', { deviceId: 'air-1' as DeviceId });
    await gone;
    await expect(device(platform)).rejects.toThrow();
  });
});

describe('a last will', () => {
  it('on the device’s own status is published and retained when the connection breaks', async () => {
    const platform = await open();
    const watcher = await street.watcher(platform);
    const heard: string[] = [];
    watcher.on('message', (_topic, payload) => heard.push(String(payload)));
    await watcher.subscribeAsync('hd/v1/air-1/status', { qos: 1 });
    const client = await device(platform, 'air-1', {
      will: { topic: 'hd/v1/air-1/status', payload: Buffer.from('"battery empty"'), qos: 1, retain: true },
    });
    await vi.waitFor(() => expect(heard.at(-1)).toContain('"online":true'));
    client.stream.destroy();
    await vi.waitFor(() => expect(heard).toContain('"battery empty"'));
    await vi.waitFor(() => expect(heard.some((text) => text.includes('"reason":"lost"'))).toBe(true));
  });

  it('is not published after a goodbye', async () => {
    const platform = await open();
    const client = await device(platform, 'air-1', {
      will: { topic: telemetry(), payload: Buffer.from('{"pm2_5":1}'), qos: 1, retain: false },
    });
    await client.endAsync();
    await vi.waitFor(async () => expect(await reasons(platform)).toEqual(['air-1 offline: disconnected']));
    expect(platform.journal.head()).toBe(0);
  });

  it('with readings is kept like any message', async () => {
    const platform = await open();
    const client = await device(platform, 'air-1', {
      will: { topic: telemetry(), payload: Buffer.from('{"pm2_5":1}'), qos: 1, retain: false },
    });
    client.stream.destroy();
    await vi.waitFor(() => expect(platform.journal.head()).toBe(1));
  });

  it('on another device’s topic is quarantined against its owner and reaches nobody', async () => {
    const platform = await open();
    await device(platform, 'air-2');
    const watcher = await street.watcher(platform);
    const heard: string[] = [];
    watcher.on('message', (_topic, payload) => heard.push(String(payload)));
    await watcher.subscribeAsync('hd/v1/air-2/#', { qos: 1 });
    const client = await device(platform, 'air-1', {
      will: { topic: 'hd/v1/air-2/status', payload: Buffer.from('forged'), qos: 1, retain: true },
    });
    client.stream.destroy();
    await vi.waitFor(async () => expect(await held(platform)).toMatchObject([{ deviceId: 'air-1' }]));
    await watcher.unsubscribeAsync('hd/v1/air-2/#');
    expect(await retained(watcher, 'hd/v1/air-2/status')).toMatchObject({ online: true });
    expect(heard).not.toContain('forged');
  });
});

describe('what a device retains', () => {
  it('is its status alone: readings and answers are not', async () => {
    const platform = await open();
    const client = await device(platform);
    for (const topic of [telemetry(), 'hd/v1/air-1/cmd/7/ack', 'hd/v1/air-1/attributes'])
      await client.publishAsync(topic, '{"pm2_5":1}', { qos: 1, retain: true });
    const topics = new Set<string>();
    client.on('message', (topic, _payload, packet) => packet.retain && topics.add(topic));
    await client.subscribeAsync('hd/v1/air-1/#', { qos: 1 });
    await vi.waitFor(() => expect([...topics]).toEqual(['hd/v1/air-1/status']));
  });
});
