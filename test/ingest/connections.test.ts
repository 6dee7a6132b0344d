import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Actor } from '../../domain/access.ts';
import type { CredentialId, DeviceId } from '../../domain/identifiers.ts';
import { epochMs } from '../../domain/time.ts';
import { sha256 } from './device-door.ts';
import { tokenOf } from './platform-parts.ts';
import { closeOf, connectPacket, createStreet, post, stored, telemetry } from './small-street.ts';

const street = createStreet();
const { open, device } = street;
afterEach(street.close);
const system: Actor = { kind: 'system', name: 'test' };

describe('versions of MQTT', () => {
  it('serves 3.1, whose client ids are at most 23 characters long', async () => {
    const platform = await open();
    const old = { protocolId: 'MQIsdp', protocolVersion: 3 } as const;
    const client = await device(platform, 'air-1', old);
    await client.publishAsync(telemetry(), '{"pm2_5":7}', { qos: 1 });
    await vi.waitFor(async () => expect(await stored(platform)).toHaveLength(1), { timeout: 5_000 });
    const socket = await street.socket(platform);
    socket.write(connectPacket('air-station-with-a-long-name', old));
    await once(socket, 'close');
    expect(socket.packets).toMatchObject([{ cmd: 'connack', returnCode: 2 }]);
  });

  it('refuses version 5 with the reason its specification knows, byte for byte, and hangs up', async () => {
    const platform = await open();
    const socket = await street.socket(platform);
    const bytes: Buffer[] = [];
    socket.on('data', (chunk) => bytes.push(chunk));
    socket.write(connectPacket('air-1', { protocolVersion: 5, properties: { receiveMaximum: 5 } }));
    await once(socket, 'close');
    expect(Buffer.concat(bytes).toString('hex')).toBe('2003008400');
    expect(platform.gateway.sessions).toBe(0);
  });

  it('refuses a version nobody has heard of as 3.1.1 says', async () => {
    const platform = await open();
    const socket = await street.socket(platform);
    const packet = Buffer.from(connectPacket('air-1'));
    packet[8] = 9;
    socket.write(packet);
    await once(socket, 'close');
    expect(platform.gateway.sessions).toBe(0);
  });
});

describe('tokens', () => {
  const credential = (id: string, token: string, expiresAt: number | null = null) => ({
    id: id as CredentialId,
    deviceId: 'air-1' as DeviceId,
    kind: 'token' as const,
    tokenSha256: sha256(token),
    topicFilters: ['hd/v1/{id}/#'],
    expiresAt: expiresAt === null ? null : epochMs(expiresAt),
  });

  it('work over MQTT and HTTP the moment they are made, with no waiting in between', async () => {
    const platform = await open();
    await platform.registry.as(system).devices.addCredential(credential('c2', 'brand-new'));
    platform.bus.publish('device.changed', { deviceId: 'air-1' as DeviceId });
    const [client, answer] = await Promise.all([
      device(platform, 'air-1', { password: 'brand-new' }),
      post(platform, '{"pm2_5":1}', { authorization: 'Bearer brand-new' }),
    ]);
    expect(client.connected).toBe(true);
    expect(answer.status).toBe(200);
  });

  it('are refused over HTTP the moment they are revoked', async () => {
    const platform = await open();
    await platform.registry.as(system).devices.addCredential(credential('c2', 'short-lived'));
    platform.bus.publish('device.changed', { deviceId: 'air-1' as DeviceId });
    await platform.registry.as(system).devices.revokeCredential('air-1' as DeviceId, 'c2' as CredentialId);
    platform.bus.publish('device.changed', { deviceId: 'air-1' as DeviceId });
    expect((await post(platform, '{"pm2_5":1}', { authorization: 'Bearer short-lived' })).status).toBe(401);
  });

  it('are refused when their time is over', async () => {
    const platform = await open();
    await platform.registry.as(system).devices.addCredential(credential('c2', 'expired', Date.now() - 1_000));
    platform.bus.publish('device.changed', { deviceId: 'air-1' as DeviceId });
    await expect(device(platform, 'air-1', { password: 'expired' })).rejects.toThrow(/Bad username or password/i);
    expect((await post(platform, '{"pm2_5":1}', { authorization: 'Bearer expired' })).status).toBe(401);
  });

  it('of others are no use', async () => {
    const platform = await open();
    await expect(device(platform, 'air-1', { password: tokenOf('air-2') })).rejects.toThrow();
  });
});

describe('bounds of connections', () => {
  it('do not count those that went away while they were being let in', async () => {
    const platform = await open(undefined, { mqtt: { maxConnections: 3 } });
    for (let i = 0; i < 40; i++) {
      const socket = await street.socket(platform);
      socket.write(connectPacket(`air-${(i % 3) + 1}`), () => socket.destroy());
      await once(socket, 'close');
    }
    for (const id of ['air-1', 'air-2', 'air-3']) await vi.waitFor(() => device(platform, id), { timeout: 10_000 });
    await vi.waitFor(() => expect(platform.gateway.sessions).toBe(3));
  });

  it('refuses connections beyond the most, on TCP and WebSocket, and takes one again when another has gone', async () => {
    const platform = await open(undefined, { mqtt: { maxConnections: 2 } });
    const [one] = [await device(platform, 'air-1'), await device(platform, 'air-2')];
    await expect(device(platform, 'air-3')).rejects.toThrow();
    const refused = new WebSocket(`ws://127.0.0.1:${platform.httpPort}/mqtt`, 'mqtt');
    const [error] = (await once(refused, 'error')) as [Error];
    expect(error.message).toContain('503');
    expect(platform.metrics.value('hd_connections_refused_total')).toBeGreaterThanOrEqual(2);
    await one.endAsync();
    await vi.waitFor(async () => expect((await device(platform, 'air-3')).connected).toBe(true), { timeout: 5_000 });
  });

  it('refuses subscriptions beyond the most, and counts them', async () => {
    const platform = await open(undefined, { mqtt: { maxSubscriptions: 3 } });
    const client = await device(platform);
    for (const n of [1, 2, 3]) await client.subscribeAsync(`hd/v1/air-1/cmd/${n}`);
    await expect(client.subscribeAsync('hd/v1/air-1/cmd/4')).rejects.toThrow();
    await expect(client.subscribeAsync('hd/v1/air-1/cmd/3')).resolves.toBeDefined();
    expect(platform.metrics.value('hd_subscriptions_refused_total')).toBe(1);
  });

  it('closes a connection whose packet is larger than allowed, also when it came in one piece', async () => {
    const platform = await open(undefined, { mqtt: { maxPacketBytes: 2_000 } });
    const client = await device(platform);
    const closed = closeOf(client);
    client.publish(telemetry(), `{"pm2_5":1,"x":"${'y'.repeat(3_000)}"}`, { qos: 1 });
    await closed;
    expect(platform.metrics.value('hd_packets_too_large_total')).toBe(1);
    expect(platform.journal.head()).toBe(0);
  });

  it('keeps so many messages for an absent session and no more, and counts the others', async () => {
    const platform = await open(undefined, { mqtt: { maxQueuedMessages: 3 } });
    const asleep = await device(platform, 'air-1', { clean: false });
    await asleep.subscribeAsync('hd/v1/air-1/status', { qos: 1 });
    await asleep.endAsync();
    // Each coming and going of the same device by another connection is told at its status topic.
    for (let i = 0; i < 4; i++) {
      const socket = await street.socket(platform);
      socket.write(connectPacket('air-1', { clean: false }));
      await vi.waitFor(() => expect(socket.packets.length).toBeGreaterThan(0));
      socket.destroy();
      await vi.waitFor(() => expect(platform.gateway.sessions).toBe(0));
    }
    await vi.waitFor(() => expect(platform.metrics.value('hd_queued_messages_dropped_total')).toBeGreaterThan(0), {
      timeout: 5_000,
    });
  });
});
