import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { promisify } from 'node:util';
import { connectAsync } from 'mqtt';
import { generate } from 'mqtt-packet';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { Notice } from '../../domain/events.ts';
import type { CredentialId, DeviceId } from '../../domain/identifiers.ts';
import { newFolder, openIngest, tokenOf } from './platform-parts.ts';
import { createStreet, type Platform, post, stored, telemetry } from './small-street.ts';

const street = createStreet();
const { open, device } = street;
afterEach(street.close);
const system: Actor = { kind: 'system', name: 'test' };

describe('a reading by MQTT', () => {
  it.each([
    { way: 'TCP over IPv4', url: (p: Platform) => `mqtt://127.0.0.1:${p.mqttPort}` },
    { way: 'TCP over IPv6', url: (p: Platform) => `mqtt://[::1]:${p.mqttPort}` },
    { way: 'WebSocket on the HTTP port', url: (p: Platform) => `ws://127.0.0.1:${p.httpPort}/mqtt` },
  ])('comes in by $way, is in the journal when acknowledged, and reaches the store', async ({ url }) => {
    const platform = await open();
    const client = await device(platform, 'air-1', {}, url(platform));
    const ts = Date.now() - 1000;
    await client.publishAsync(telemetry(), JSON.stringify({ ts, values: { pm2_5: 41.5 } }), { qos: 1 });
    expect(platform.journal.head()).toBe(1);
    await vi.waitFor(
      async () => expect(await stored(platform)).toMatchObject([{ eventTime: ts, value: 41.5, quality: 0 }]),
      { timeout: 5000 },
    );
  });

  it('is kept once when it is sent again', async () => {
    const platform = await open();
    const client = await device(platform);
    const body = JSON.stringify({ ts: Date.now() - 1000, values: { pm2_5: 1 } });
    for (let i = 0; i < 3; i++) await client.publishAsync(telemetry(), body, { qos: i === 2 ? 2 : 1 });
    await vi.waitFor(async () => expect(await stored(platform)).toHaveLength(1), { timeout: 5000 });
  });

  it('goes to quarantine when it is bad, is acknowledged all the same, and the connection stays', async () => {
    const platform = await open();
    const client = await device(platform);
    await client.publishAsync(telemetry(), 'not json', { qos: 1 });
    await client.publishAsync(telemetry(), '{"values":{"pm2_5":5,"moonlight":1}}', { qos: 1 });
    expect(client.connected).toBe(true);
    const held = await platform.quarantine.list({ agencies: 'all' }, 10);
    expect(held.map((m) => m.problems[0]?.code)).toEqual(['UNKNOWN_QUANTITY', 'MALFORMED']);
    expect(Buffer.from(held[1]!.bytes).toString()).toBe('not json');
  });

  it('on another device’s topic is quarantined against the sender, acknowledged, and kept from everybody', async () => {
    const platform = await open();
    const [thief, victim] = [await device(platform, 'air-1'), await device(platform, 'air-2')];
    const seen = vi.fn();
    victim.on('message', seen);
    await victim.subscribeAsync('hd/v1/air-2/#');
    await thief.publishAsync(telemetry('air-2'), '{"pm2_5":1}', { qos: 1 });
    expect(await platform.quarantine.list({ agencies: 'all' }, 10)).toMatchObject([
      { deviceId: 'air-1', problems: [{ code: 'WRONG_TOPIC' }] },
    ]);
    expect(await stored(platform, 'air-2')).toEqual([]);
    expect(seen.mock.calls.filter(([topic]) => topic === telemetry('air-2'))).toEqual([]);
  });

  it('refuses subscriptions outside the device’s own topics', async () => {
    const platform = await open();
    const client = await device(platform);
    for (const topic of ['#', 'hd/v1/+/telemetry', 'hd/v1/air-2/#', '$SYS/#']) {
      await expect(client.subscribeAsync(topic)).rejects.toThrow();
    }
    await expect(client.subscribeAsync('hd/v1/air-1/cmd/+')).resolves.toBeDefined();
  });
});

describe('logging in', () => {
  it.each([
    { what: 'a wrong token', options: { password: 'nope' } },
    { what: 'a device that is not registered', options: { clientId: 'nobody-1', username: 'nobody-1' } },
    { what: 'another device’s name', options: { username: 'air-2' } },
  ])('refuses $what', async ({ options }) => {
    const platform = await open();
    await expect(device(platform, 'air-1', options)).rejects.toThrow();
  });

  it('works the moment a credential is made, and is refused and closed the moment it is revoked', async () => {
    const platform = await open();
    const id = 'air-1' as DeviceId;
    const credentialId = 'second' as CredentialId;
    const { createHash } = await import('node:crypto');
    await platform.registry.as(system).devices.addCredential({
      id: credentialId,
      deviceId: id,
      kind: 'token',
      tokenSha256: createHash('sha256').update('brand-new').digest('hex'),
      topicFilters: ['hd/v1/{id}/#'],
      expiresAt: null,
    });
    platform.bus.publish('device.changed', { deviceId: id });
    const client = await device(platform, 'air-1', { password: 'brand-new' });
    await platform.registry.as(system).devices.revokeCredential(id, credentialId);
    const closed = new Promise<void>((resolve) => client.once('close', resolve));
    platform.bus.publish('device.changed', { deviceId: id });
    platform.bus.publish('credential.revoked', { deviceId: id, credentialId });
    await closed;
    await expect(device(platform, 'air-1', { password: 'brand-new' })).rejects.toThrow();
  });

  const mosquitto = spawnSync('mosquitto_pub', ['--help']).error === undefined;
  if (!mosquitto && process.env['CI'] === 'true')
    throw new Error('mosquitto-clients is missing: this suite must run in CI');
  it.skipIf(!mosquitto)(
    'serves mosquitto_pub as 3.1.1 and tells it as version 5 that the version is not supported',
    async () => {
      const platform = await open();
      const run = promisify(execFile);
      const common = [
        '-h',
        '127.0.0.1',
        '-p',
        String(platform.mqttPort),
        '-i',
        'air-1',
        '-u',
        'air-1',
        '-P',
        tokenOf('air-1'),
        '-q',
        '1',
        '-t',
        telemetry(),
        '-m',
        '{"pm2_5":7}',
      ];
      await run('mosquitto_pub', ['-V', 'mqttv311', ...common]);
      await vi.waitFor(async () => expect(await stored(platform)).toHaveLength(1), { timeout: 5000 });
      const refused = await run('mosquitto_pub', ['-V', 'mqttv5', ...common]).catch((error) => String(error.stderr));
      expect(refused).toMatch(/Unsupported protocol version|protocol/i);
    },
  );
});

describe('bounds', () => {
  it('closes a connection that announces a packet larger than allowed, before it is sent', async () => {
    const platform = await open(newFolder(), { mqtt: { maxPacketBytes: 10_000 } });
    const socket = connectSocket(platform.mqttPort, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: 'air-1',
        keepalive: 60,
        username: 'air-1',
        password: Buffer.from(tokenOf('air-1')),
      }),
    );
    await once(socket, 'data');
    socket.on('error', () => {});
    // A publish of 100 MB is announced; its body never comes.
    socket.write(Buffer.from([0x32, 0x80, 0x80, 0x80, 0x30, 0x00, 0x01, 0x61]));
    await once(socket, 'close');
    expect(platform.errors).toEqual([]);
  });

  it('slows a flooding device, cuts it off, names it, and the others do not notice', async () => {
    const platform = await open(newFolder(), {
      mqtt: { deviceMessagesPerSecond: 150, deviceBurstMessages: 20, slowedBeforeCutSeconds: 0.3, cutForSeconds: 60 },
    });
    const notices: Notice[] = [];
    platform.bus.subscribe('notice.raised', (notice) => notices.push(notice));
    const [loud, quiet] = [await device(platform, 'air-1'), await device(platform, 'air-2')];
    const closed = new Promise<void>((resolve) => loud.once('close', resolve));
    for (let i = 0; i < 400; i++) loud.publish(telemetry('air-1'), '{"pm2_5":1}', { qos: 0 });
    await quiet.publishAsync(telemetry('air-2'), '{"pm2_5":2}', { qos: 1 });
    await closed;
    expect(notices).toMatchObject([
      {
        kind: 'device.rate_limited',
        deviceId: 'air-1',
        text: { params: { device: 'air-1', rate: expect.any(Number) } },
      },
    ]);
    await expect(device(platform, 'air-1')).rejects.toThrow();
  });
});

describe('what survives a restart', () => {
  it('is the resend of a message without time, retained status, and queued messages of a session', async () => {
    const folder = newFolder();
    const first = await openIngest(folder);
    const one = await connectAsync(`mqtt://127.0.0.1:${first.mqttPort}`, {
      clientId: 'air-1',
      username: 'air-1',
      password: tokenOf('air-1'),
      protocolVersion: 4,
      clean: false,
      reconnectPeriod: 0,
    });
    await one.subscribeAsync('hd/v1/air-1/cmd/+', { qos: 1 });
    await one.endAsync();
    const send = (port: number, dup: boolean) =>
      new Promise<void>((resolve, reject) => {
        const socket = connectSocket(port, '127.0.0.1');
        socket.on('error', reject);
        let acks = 0;
        socket.on('data', () => {
          if (++acks === 1)
            socket.write(
              generate({
                cmd: 'publish',
                topic: telemetry('air-2'),
                payload: '{"pm2_5":3}',
                qos: 1,
                messageId: 77,
                dup,
                retain: false,
              }),
            );
          else socket.end(() => resolve());
        });
        socket.write(
          generate({
            cmd: 'connect',
            protocolId: 'MQTT',
            protocolVersion: 4,
            clean: true,
            clientId: 'air-2',
            keepalive: 60,
            username: 'air-2',
            password: Buffer.from(tokenOf('air-2')),
          }),
        );
      });
    await send(first.mqttPort, false);
    await first.stopAll();
    const second = await open(folder);
    await send(second.mqttPort, true);
    await vi.waitFor(async () => expect(await stored(second, 'air-2')).toHaveLength(1), { timeout: 5000 });
    expect(second.metrics.value('hd_messages_resent_total')).toBe(1);
    const two = await device(second, 'air-2');
    // The retained one may still be that of the connection before; the newest comes right behind it.
    const told: string[] = [];
    two.on('message', (topic, payload) => topic === 'hd/v1/air-2/status' && told.push(payload.toString()));
    await two.subscribeAsync('hd/v1/air-2/status');
    await vi.waitFor(() => expect(JSON.parse(told.at(-1) ?? '{}')).toMatchObject({ online: true }), { timeout: 5_000 });
  });
});

describe('a reading by HTTP', () => {
  it('answers what was kept and what was not', async () => {
    const platform = await open();
    const answer = await post(platform, '[{"values":{"pm2_5":1}},{"values":{"moonlight":1}}]');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      accepted: 1,
      quarantined: [{ index: 1, quantity: 'moonlight', code: 'UNKNOWN_QUANTITY' }],
    });
  });

  it.each([
    { it: '422 with the quarantine id when nothing can be used', body: '{', headers: {}, status: 422 },
    { it: '401 without a valid token', body: '{"pm2_5":1}', headers: { authorization: 'Bearer x' }, status: 401 },
    { it: '413 when the body is too large', body: `{"pm2_5":${'1'.repeat(2_000_000)}}`, headers: {}, status: 413 },
  ])('answers $it', async ({ body, headers, status }) => {
    const platform = await open();
    const answer = await post(platform, body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    if (status === 422)
      expect(await answer.json()).toMatchObject({ code: 'NOTHING_USABLE', quarantineId: expect.any(String) });
  });

  it('keeps a message without time once when its Idempotency-Key comes again', async () => {
    const platform = await open();
    for (let i = 0; i < 3; i++)
      expect((await post(platform, '{"pm2_5":1}', { 'idempotency-key': 'k1' })).status).toBe(200);
    await vi.waitFor(async () => expect(await stored(platform)).toHaveLength(1), { timeout: 5000 });
  });

  it('answers 503 with Retry-After while the journal is full, and keeps nothing of it', async () => {
    const platform = await open(newFolder(), { journal: { capacityBytes: 1, retainSeconds: 300 } });
    const answer = await post(platform, '{"pm2_5":1}');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await stored(platform)).toEqual([]);
  });
});

describe('quarantine', () => {
  it('replays a message after the cause is mended, at its first arrival time', async () => {
    const platform = await open();
    const client = await device(platform);
    await client.publishAsync(telemetry(), '{"ts":1500000000,"values":{"pm2_5":9}}', { qos: 1 });
    const [held] = await platform.quarantine.list({ agencies: 'all' }, 10);
    expect(held?.problems[0]?.code).toBe('TOO_OLD');
    expect(await platform.pipeline.replay([held!.id], { backfill: false })).toMatchObject([{ accepted: 0 }]);
    expect(await platform.pipeline.replay([held!.id], { backfill: true })).toMatchObject([
      { accepted: 1, problems: [] },
    ]);
    await vi.waitFor(
      async () => expect(await stored(platform)).toMatchObject([{ value: 9, arrivalTime: held!.arrivalTime }]),
      { timeout: 5000 },
    );
    expect((await platform.quarantine.get(held!.id))?.state).toBe('replayed');
  });
});
