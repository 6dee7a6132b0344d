import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceId, QuarantineId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { epochMs, minutes } from '../../domain/time.ts';
import type { ApiClient } from './api-client.ts';
import { CITY, ENVIRONMENT, POWER, type RunningApi, runApi } from './running-api.ts';

let running: RunningApi;
let installer: ApiClient;
beforeAll(async () => {
  running = await runApi();
  installer = await running.as('installer');
});
afterAll(() => running.close());

const model = (unit: string | null, more: object = {}) => ({
  agencyId: ENVIRONMENT,
  maker: 'Sông Cấm',
  name: 'Air L',
  domain: 'environment' as const,
  format: 'native-json',
  codec: 'function decodeUplink(input) { return { data: { pm: input.bytes[0] } }; }',
  channels: [{ key: 'pm', quantity: 'pm2_5' as QuantityKey, plausibleRange: null, unit }],
  expectedInterval: minutes(5),
  rateLimit: null,
  ...more,
});

describe('a device model', () => {
  it('keeps its codec and the unit its channel is sent in', async () => {
    const { status, body } = await installer.call('POST /models', { body: model('mg/m3') });
    expect(status).toBe(201);
    const { codec, channels } = model('mg/m3');
    expect(body).toMatchObject({ codec, channels });
  });

  it.each(['bar', 'fathoms'])(
    'is refused a channel sent in %s, which can’t become the quantity’s unit',
    async (unit) => {
      const { status, body } = await installer.call('POST /models', { body: model(unit) });
      expect(status).toBe(400);
      expect(body).toMatchObject({ errors: [{ path: 'channels.0.unit' }] });
    },
  );

  it('is refused a quantity that the platform works out itself', async () => {
    const channels = [{ key: 'aqi', quantity: 'vn_aqi_hourly' as QuantityKey, plausibleRange: null, unit: null }];
    const { status, body } = await installer.call('POST /models', { body: model(null, { channels }) });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      errors: [
        { path: 'channels.0.quantity', message: expect.stringMatching(/nền tảng tính|works this quantity out/) },
      ],
    });
  });

  it('is refused a codec longer than any codec', async () => {
    const { status } = await installer.call('POST /models', { body: model(null, { codec: ' '.repeat(70_000) }) });
    expect(status).toBe(400);
  });
});

const held = (id: string, bytes: Uint8Array, more: object = {}) => ({
  id: id as QuarantineId,
  deviceId: 'air-le-chan' as DeviceId,
  agencyId: ENVIRONMENT,
  transport: 'mqtt' as const,
  topic: 'hd/v1/air-le-chan/telemetry',
  bytes,
  arrivalTime: running.clock(),
  problems: [{ index: 0, quantity: null, code: 'CODEC_FAILED' as const, detail: 'Error: too short' }],
  ...more,
});
const AIR = { params: { modelId: 'air-1' } };
const aTrial = (source: string, more: object = {}) => ({
  body: { source, base64: 'AQI=', channels: model('mg/m3').channels, ...more },
});

describe('a withdrawn device model', () => {
  it('takes no new device, says since when and why, and is offered again', async () => {
    const made = (await installer.call('POST /models', { body: model(null) })).body;
    const params = { modelId: made.id };
    const reason = 'Nhà cung cấp ngừng sản xuất';
    const stale = await installer.call('POST /models/{modelId}/withdraw', { params, version: 9, body: { reason } });
    expect(stale.code).toBe('VERSION_STALE');
    const { body } = await installer.call('POST /models/{modelId}/withdraw', { params, version: 1, body: { reason } });
    expect(body).toMatchObject({ version: 2, withdrawn: { reason, at: expect.any(Number) } });
    const device = {
      body: { id: 'air-late' as DeviceId, agencyId: ENVIRONMENT, modelId: made.id, serialNumber: null },
    };
    expect(await installer.call('POST /devices', device)).toMatchObject({ status: 409, code: 'MODEL_WITHDRAWN' });
    await installer.call('DELETE /models/{modelId}/withdrawal', { params, version: 2 });
    expect((await installer.call('POST /devices', device)).status).toBe(201);
  });

  it('needs a reason, and somebody who may write models', async () => {
    const made = (await installer.call('POST /models', { body: model(null) })).body;
    const withdraw = (client: ApiClient, reason: string) =>
      client.call('POST /models/{modelId}/withdraw', { params: { modelId: made.id }, version: 1, body: { reason } });
    expect((await withdraw(installer, '  ')).status).toBe(400);
    expect((await withdraw(await running.as('operator'), 'x')).status).toBe(403);
    expect((await withdraw(await running.as('agency_admin', POWER), 'x')).status).toBe(404);
  });
});

describe('the devices of a model', () => {
  it('are counted for whom they are there', async () => {
    const items = (await installer.call('GET /model-usage')).body.items;
    expect(items).toContainEqual({ modelId: 'air-1', devices: 2, retired: 0 });
    expect(items.some(({ modelId }) => modelId === 'meter-1')).toBe(false);
  });
});

describe('work on a codec', () => {
  it('is tried on a payload: data, what would be kept of it, what it said and what it took', async () => {
    const { status, body } = await installer.call(
      'POST /codecs/try',
      aTrial(
        'function decodeUplink(i) { console.log(i.fPort, i.variables); return { data: { pm: 0.05, x: 1 }, warnings: ["low"] }; }',
        { fPort: 9, variables: { site: 'a' } },
      ),
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      outcome: { kind: 'decoded', data: { pm: 0.05, x: 1 } },
      values: [{ channel: 'pm', quantity: 'pm2_5', sent: 0.05, value: expect.closeTo(50), quality: 'good' }],
      unknownKeys: ['x'],
      warnings: ['low'],
      console: ['9 {"site":"a"}'],
    });
  });

  it('names the line it failed in', async () => {
    const { body } = await installer.call('POST /codecs/try', aTrial('function decodeUplink() {\n  nothing();\n}'));
    expect(body.outcome).toMatchObject({ kind: 'failed', code: 'CODEC_FAILED', place: { line: 2 } });
  });

  it('is refused to whom devices are none of their work, and to nobody in particular', async () => {
    const trial = aTrial('function decodeUplink() { return { data: {} }; }');
    expect((await (await running.as('operator')).call('POST /codecs/try', trial)).status).toBe(403);
    expect((await running.anonymous().call('POST /codecs/try', trial)).status).toBe(401);
  });

  it('is held to so many tries a minute for each person', async () => {
    const other = await runApi({ limits: { codecTriesPerMinute: 2 } });
    try {
      const [busy, calm] = [await other.as('installer'), await other.as('agency_admin')];
      const trial = aTrial('function decodeUplink() { return { data: {} }; }');
      for (const status of [200, 200, 429]) expect((await busy.call('POST /codecs/try', trial)).status).toBe(status);
      expect((await calm.call('POST /codecs/try', trial)).status).toBe(200);
    } finally {
      await other.close();
    }
  });

  it('has the model’s held payloads at hand, out of their envelopes, and puts them through again', async () => {
    const up = { deviceInfo: { devEui: '0102030405060708' }, fPort: 5, data: 'AQI=', time: '2026-03-01T02:00:00Z' };
    await running.quarantine.hold([
      held('q-bare', Uint8Array.of(7)),
      held('q-up', Buffer.from(JSON.stringify(up)), { arrivalTime: epochMs(running.clock() + 1) }),
      held('q-theirs', Uint8Array.of(8), { deviceId: 'meter-tba' as DeviceId, agencyId: POWER }),
    ]);
    const { items } = (await installer.call('GET /models/{modelId}/payloads', AIR)).body;
    expect(items).toMatchObject([
      { source: 'quarantine', quarantineId: 'q-up', fPort: 5, base64: 'AQI=', receivedTime: Date.parse(up.time) },
      { quarantineId: 'q-bare', fPort: 0, base64: 'Bw==', problems: [{ code: 'CODEC_FAILED' }] },
    ]);
    expect((await installer.call('GET /models/{modelId}/codec', AIR)).body).toEqual({
      suspension: null,
      heldMessages: 2,
      away: [],
    });
    const operator = await running.as('operator');
    expect((await operator.call('GET /models/{modelId}/codec', AIR)).body.heldMessages).toBeNull();
    expect((await operator.call('GET /models/{modelId}/payloads', AIR)).status).toBe(403);
    expect((await operator.call('POST /models/{modelId}/replay', AIR)).status).toBe(403);
    expect((await installer.call('POST /models/{modelId}/replay', AIR)).body).toEqual({
      messages: 2,
      accepted: 2,
      remaining: 0,
      more: false,
    });
    expect((await running.quarantine.get('q-theirs' as QuarantineId))?.state).toBe('held');
    expect((await installer.call('GET /models/{modelId}/codec', AIR)).body.heldMessages).toBe(0);
  });
});

describe('the topics of a credential', () => {
  const ask = (filter: string) =>
    installer.call('POST /devices/{deviceId}/credentials', {
      params: { deviceId: CITY.devices[0]!.id },
      body: { topicFilters: [filter] },
    });

  it.each(['hd/v1/{id}/#', 'application/17c82e96/device/+/event/+', 'v3/env@hp/devices/+/#', 'spBv1.0/hp/+/edge01/+'])(
    'may be %s',
    async (filter) => expect((await ask(filter)).status).toBe(201),
  );
  it.each(['#', '+/v1/#', '$SYS/#', 'applications/#', 'v3/a+/b', 'spBv1.0/#/x'])('may not be %s', async (filter) =>
    expect((await ask(filter)).status).toBe(400),
  );
});
