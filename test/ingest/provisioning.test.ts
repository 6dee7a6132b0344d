import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CredentialId, DeviceId, DeviceModelId } from '../../domain/identifiers.ts';
import { ADMISSION_REFUSALS, claimPreimage, type ProvisioningKey } from '../../domain/provisioning.ts';
import { epochMs } from '../../domain/time.ts';
import { createProvisioning } from '../../ingest/gateway/provisioning.ts';
import { openDeviceDirectory } from '../../ingest/validate/device-directory.ts';
import { aProfile, connect, ENV, MODEL, register, SECRET, STAFF, sha256 } from './device-door.ts';
import { newFolder, openIngest, tokenOf } from './platform-parts.ts';

let platform: Awaited<ReturnType<typeof openIngest>>;
let port: number;
beforeAll(async () => {
  platform = await openIngest(newFolder(), { mqtt: { registrationsPerSecond: 1_000 } });
  port = platform.mqttPort;
  await aProfile(platform);
});
afterAll(() => platform.stopAll());

const devices = () => platform.registry.as(STAFF).devices;
const inStock = (id: string, serialNumber: string | null = null) =>
  devices().create({ id: id as DeviceId, agencyId: ENV, modelId: MODEL, serialNumber, state: 'in_stock' });

describe('a device that registers itself over MQTT', () => {
  it('gets a token that works at once, and is claimed by the profile’s agency', async () => {
    const answer = await register(port, 'new-1', { model: MODEL, serial: 'SN-1' });
    expect(answer).toMatchObject({ ok: true, id: 'new-1', token: expect.stringMatching(/^[\w-]{43}$/) });
    const device = await connect(port, {
      clientId: 'new-1',
      username: 'new-1',
      password: answer.ok ? answer.token : '',
    });
    await device.publishAsync('hd/v1/new-1/telemetry', JSON.stringify({ values: { pm2_5: 12 } }), { qos: 1 });
    await device.endAsync();
    expect(await devices().get('new-1' as DeviceId)).toMatchObject({
      agencyId: ENV,
      modelId: MODEL,
      serialNumber: 'SN-1',
      state: 'claimed',
    });
    expect(platform.errors).toEqual([]);
  });

  it('is taken from the stock list, and its label’s code is dead then', async () => {
    await inStock('listed-1', 'SN-7');
    const window = { opensAt: epochMs(Date.now() - 1000), closesAt: epochMs(Date.now() + 60_000) };
    const codeSha256 = sha256(claimPreimage('listed-1' as DeviceId, '7G4K-0ZQX-M2VN'));
    await devices().openClaims([{ deviceId: 'listed-1' as DeviceId, codeSha256 }], window);
    const wrong = await register(port, 'listed-1', { model: MODEL, claim: 'AAAA-AAAA-AAAA' });
    expect(wrong).toEqual({ ok: false, code: 'CLAIM_REFUSED' });
    expect(await register(port, 'listed-1', { model: MODEL, serial: 'SN-7', claim: '7g4k0zqxm2vn' })).toMatchObject({
      ok: true,
    });
    expect(await devices().claimWindow('listed-1' as DeviceId)).toMatchObject({ usedAt: expect.any(Number) });
    const kinds = (await devices().activities('listed-1' as DeviceId)).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['created', 'claim_opened', 'state_changed', 'registered']));
  });

  it('may ask again when the answer was lost on its way, and no more once it has connected', async () => {
    const first = await register(port, 'lossy-1');
    const second = await register(port, 'lossy-1');
    const passwords = [first, second].map((answer) => (answer.ok ? answer.token : ''));
    const logIn = (password = '') => connect(port, { clientId: 'lossy-1', username: 'lossy-1', password });
    await expect(logIn(passwords[0])).rejects.toMatchObject({ code: 4 });
    await (await logIn(passwords[1])).endAsync();
    await expect
      .poll(async () => (await devices().statusHistory('lossy-1' as DeviceId, { limit: 1 })).items.length)
      .toBe(1);
    expect(await register(port, 'lossy-1')).toEqual({ ok: false, code: 'ALREADY_REGISTERED' });
  });

  it('counts against how many its profile lets in', async () => {
    await aProfile(platform, { key: 'two-only' as ProvisioningKey, maximumDevices: 2 }, 'two');
    const ask = (id: string) => register(port, id, { model: MODEL }, { key: 'two-only', secret: 'two' });
    const together = await Promise.all(['few-1', 'few-2', 'few-3'].map(ask));
    expect(together.filter(({ ok }) => ok)).toHaveLength(2);
    expect(await ask('few-4')).toEqual({ ok: false, code: 'PROFILE_FULL' });
  });

  it.each<{ code: string; id: string; body?: unknown; before?: () => Promise<unknown>; key?: string }>([
    { code: 'MALFORMED', id: 'odd-1', body: '{"model"' },
    { code: 'MALFORMED', id: 'odd-1', body: { model: 7 } },
    { code: 'MODEL_NOT_ALLOWED', id: 'odd-1', body: { model: 'toaster' } },
    { code: 'ALREADY_REGISTERED', id: 'air-1' },
    { code: 'SERIAL_MISMATCH', id: 'odd-2', body: { serial: 'B' }, before: () => inStock('odd-2', 'A') },
    {
      code: 'NOT_ON_STOCK_LIST',
      id: 'odd-3',
      key: 'listed',
      before: () => aProfile(platform, { key: 'listed' as ProvisioningKey, stockListOnly: true }, 'secret of listed'),
    },
    {
      code: 'PROFILE_DISABLED',
      id: 'odd-3',
      key: 'closed',
      before: () => aProfile(platform, { key: 'closed' as ProvisioningKey, enabled: false }, 'secret of closed'),
    },
    {
      code: 'PROFILE_EXPIRED',
      id: 'odd-3',
      key: 'past',
      before: () => aProfile(platform, { key: 'past' as ProvisioningKey, expiresAt: epochMs(1) }, 'secret of past'),
    },
    {
      code: 'DEVICE_RETIRED',
      id: 'odd-4',
      before: async () => {
        await inStock('odd-4');
        await devices().step('odd-4' as DeviceId, { step: 'retire', reason: 'hỏng', at: epochMs(Date.now()) });
      },
    },
  ])('is told $code', async ({ code, id, body, before, key }) => {
    await before?.();
    const door = key === undefined ? {} : { key, secret: `secret of ${key}` };
    expect(await register(port, id, body, door)).toEqual({ ok: false, code });
  });

  it('may do nothing else with its profile’s secret: not listen, not send, not push a device out', async () => {
    await register(port, 'quiet-1');
    const spy = await connect(port, { clientId: 'spy-1', username: 'provision', password: SECRET });
    for (const topic of ['hd/v1/provision/spring/quiet-1', 'hd/v1/provision/spring/+', 'hd/v1/air-1/telemetry', '#'])
      await expect(spy.subscribeAsync(topic), topic).rejects.toThrow();
    const before = platform.metrics.value('hd_unauthorised_publishes_total');
    await spy.publishAsync('hd/v1/air-1/telemetry', '{"values":{"pm2_5":1}}', { qos: 1 });
    expect(platform.metrics.value('hd_unauthorised_publishes_total')).toBe(before + 1);
    await spy.endAsync(true);
    const device = await connect(port, { clientId: 'air-2', username: 'air-2', password: tokenOf('air-2') });
    await expect(connect(port, { clientId: 'air-2', username: 'provision', password: SECRET })).rejects.toMatchObject({
      code: 2,
    });
    expect(device.connected).toBe(true);
    await device.endAsync();
  });

  it('is not heard by a gateway that listens to everything', async () => {
    await devices().addCredential({
      id: 'wide' as CredentialId,
      deviceId: 'air-3' as DeviceId,
      kind: 'token',
      tokenSha256: sha256('wide'),
      topicFilters: ['hd/v1/#'],
      expiresAt: null,
    });
    platform.bus.publish('device.changed', { deviceId: 'air-3' as DeviceId });
    const gateway = await connect(port, { clientId: 'air-3', username: 'air-3', password: 'wide' });
    const heard: string[] = [];
    gateway.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
    await gateway.subscribeAsync('hd/v1/#', { qos: 1 });
    const answer = await register(port, 'private-1');
    await gateway.publishAsync('hd/v1/air-3/status', 'over', { qos: 1 });
    await expect.poll(() => heard.some((message) => message.endsWith('over'))).toBe(true);
    expect(heard.join('\n')).not.toContain(answer.ok ? answer.token : 'no token');
    expect(heard.filter((message) => message.includes('provision'))).toEqual([]);
    await gateway.endAsync();
  });

  it('is answered with a token or a code, whatever it sends', async () => {
    const directory = await openDeviceDirectory(platform.registry, platform.bus, () => {});
    const door = await createProvisioning({
      admissions: platform.registry.admissions,
      directory,
      bus: platform.bus,
      metrics: platform.metrics,
      clock: () => epochMs(Date.now()),
      randomBytes,
      rate: { messagesPerSecond: 1_000, burstMessages: 1_000 },
      onError: (where, error) => {
        throw new Error(where, { cause: error });
      },
    });
    const text = fc.oneof(fc.string(), fc.constantFrom(MODEL, '__proto__', 'null', '\u0000', 'x'.repeat(100)));
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .record({ model: fc.option(text), serial: fc.option(text), claim: fc.option(text) }, { requiredKeys: [] })
        .map((body) => Buffer.from(JSON.stringify(body))),
      fc.jsonValue({ maxDepth: 2 }).map((body) => Buffer.from(JSON.stringify(body))),
    );
    let n = 0;
    await fc.assert(
      fc.asyncProperty(payload, async (bytes) => {
        const session = await door.open(`any-${n++}`, Buffer.from(SECRET), '');
        if (typeof session === 'string') throw new Error(session);
        const answer = JSON.parse((await session.request(bytes)).toString()) as { ok: boolean; code?: string };
        expect(answer.ok || ADMISSION_REFUSALS.includes(answer.code as never)).toBe(true);
        expect(answer.code).not.toBe('UNAVAILABLE');
      }),
      { numRuns: 60 },
    );
    door.stop();
    directory.stop();
  });

  it('can’t keep the registry busy by asking again and again', async () => {
    const client = await connect(port, { clientId: 'eager-1', username: 'provision', password: SECRET });
    const codes: string[] = [];
    client.on('message', (_topic, payload) => codes.push((JSON.parse(payload.toString()) as { code: string }).code));
    for (let i = 0; i < 7; i++) await client.publishAsync('hd/v1/provision/spring', '{"model":"toaster"}', { qos: 1 });
    await expect.poll(() => codes.length).toBe(7);
    expect(codes).toEqual([...Array(5).fill('MODEL_NOT_ALLOWED'), 'TOO_MANY_REQUESTS', 'TOO_MANY_REQUESTS']);
    await client.endAsync(true);
  });

  it('is refused for a while after too many wrong secrets from its address', async () => {
    const guess = () => connect(port, { clientId: 'guess-1', username: 'provision', password: 'guess' });
    const codes: unknown[] = [];
    for (let i = 0; i < 21; i++) codes.push(await guess().catch((error: { code: unknown }) => error.code));
    expect(new Set(codes.slice(0, 20))).toEqual(new Set([4]));
    expect(codes[20]).toBe(3);
  });
});

describe('a stock list', () => {
  it('is of one agency: another’s profile doesn’t learn of it', async () => {
    const other = await openIngest(newFolder());
    await other.registry.as(STAFF).agencies.create({ id: 'power' as typeof ENV, name: { vi: 'Điện', en: 'Power' } });
    const model = await other.registry.as(STAFF).models.get(MODEL);
    await other.registry.as(STAFF).models.create({ ...model, id: 'm-all' as DeviceModelId, agencyId: null });
    await aProfile(other, { agencyId: 'power' as typeof ENV, modelIds: ['m-all' as DeviceModelId] });
    expect(await register(other.mqttPort, 'air-1', {})).toEqual({ ok: false, code: 'DEVICE_ID_TAKEN' });
    await other.stopAll();
  });
});
