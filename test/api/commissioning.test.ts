import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommissioningNow } from '../../api/contract/commissioning.ts';
import type { AgencyId, DeviceId, DeviceModelId, PointId, QuarantineId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { milliseconds } from '../../domain/time.ts';
import { aJpeg } from './a-jpeg.ts';
import type { ApiClient } from './api-client.ts';
import { ENVIRONMENT, POWER, type RunningApi, runApi } from './running-api.ts';

let running: RunningApi;
let installer: ApiClient;
let operator: ApiClient;
beforeAll(async () => {
  running = await runApi();
  installer = await running.as('installer');
  operator = await running.as('operator');
});
afterAll(() => running.close());

let made = 0;
/** A claimed device at a point of its own near Lê Chân, installed and not yet heard of. */
async function anInstalledDevice(): Promise<{ readonly id: DeviceId; readonly point: PointId }> {
  const number = ++made;
  const id = `new-${number}` as DeviceId;
  const point = `p-new-${number}` as PointId;
  const model = `fast-${number}` as DeviceModelId;
  await installer.call('POST /models', {
    body: {
      id: model,
      agencyId: ENVIRONMENT,
      maker: 'Maker',
      name: 'Fast',
      domain: 'environment',
      format: 'native-json',
      channels: [{ key: 'pm2_5', quantity: 'pm2_5' as QuantityKey, plausibleRange: null }],
      expectedInterval: milliseconds(1_000),
      rateLimit: null,
    },
  });
  await installer.call('POST /points', {
    body: {
      id: point,
      agencyId: ENVIRONMENT,
      siteId: 's-le-chan' as never,
      domain: 'environment',
      name: { vi: 'Mới', en: 'New' },
      location: { longitude: 106.681, latitude: 20.851 },
      wardCode: null,
      tags: [],
      quantities: ['pm2_5' as QuantityKey],
    },
  });
  await installer.call('POST /devices', {
    body: { id, agencyId: ENVIRONMENT, modelId: model, serialNumber: 'SN-1', state: 'claimed' },
  });
  await installer.call('POST /devices/{deviceId}/assignments', { params: { deviceId: id }, body: { pointId: point } });
  await installer.call('POST /devices/{deviceId}/steps', { params: { deviceId: id }, body: { step: 'install' } });
  return { id, point };
}
const look = async (id: DeviceId): Promise<CommissioningNow> =>
  (await installer.call('GET /devices/{deviceId}/commissioning', { params: { deviceId: id } })).body;
const openOnes = ({ findings }: CommissioningNow) =>
  findings.filter(({ verdict }) => verdict === 'failed' || verdict === 'waiting').map(({ check }) => check);
/** Reports each second up to now, as if it had been heard of each second. */
async function report(point: PointId, value: number): Promise<void> {
  const series = await running.series(point, 'pm2_5');
  const now = running.clock();
  await running.arrive(...[3, 2, 1, 0].map((ago) => ({ series, eventTime: (now - ago * 1_000) as never, value })));
}
const online = (deviceId: DeviceId) =>
  running.registry.deviceLog.recordStatus([
    {
      deviceId,
      agencyId: ENVIRONMENT,
      online: true,
      reason: 'connected',
      eventTime: running.clock(),
      recordedAt: running.clock(),
    },
  ]);

describe('commissioning', () => {
  it('waits for a device that was hung up a moment ago', async () => {
    const { id, point } = await anInstalledDevice();
    expect(await look(id)).toMatchObject({ deviceId: id, state: 'installed', pointIds: [point] });
    expect(openOnes(await look(id))).toEqual([
      'connected',
      'first_reading',
      'channels_present',
      'values_plausible',
      'clock',
      'interval',
    ]);
  });

  it('sees a device that works pass, and keeps the signature with what was found', async () => {
    const { id, point } = await anInstalledDevice();
    await online(id);
    await report(point, 30);
    await running.registry.deviceLog.recordAttributes(id, { rssi_dbm: -71, battery_percent: 96 }, running.clock());
    expect(openOnes(await look(id))).toEqual([]);
    const photo = await installer.call('POST /devices/{deviceId}/photos', {
      params: { deviceId: id },
      upload: { bytes: aJpeg(640, 480), type: 'image/jpeg' },
    });
    const signed = await installer.call('POST /devices/{deviceId}/commissioning-records', {
      params: { deviceId: id },
      body: {
        photoIds: [photo.body.id],
        mounted: { location: { longitude: 106.681, latitude: 20.851 }, accuracyMetres: 5 },
      },
    });
    expect(signed.body).toMatchObject({ deviceId: id, signedName: 'Person installer-env', photoIds: [photo.body.id] });
    expect(signed.body.findings.every(({ overriddenBecause }) => overriddenBecause === null)).toBe(true);
    expect((await operator.call('GET /devices/{deviceId}', { params: { deviceId: id } })).body.state).toBe(
      'commissioned',
    );
    const read = await operator.call('GET /devices/{deviceId}/commissioning-records', { params: { deviceId: id } });
    expect(read.body.items).toEqual([signed.body]);
  });

  it('signs for what has not passed only with a reason for each', async () => {
    const { id } = await anInstalledDevice();
    const params = { deviceId: id };
    const refused = await installer.call('POST /devices/{deviceId}/commissioning-records', { params, body: {} });
    expect(refused).toMatchObject({ status: 409, code: 'COMMISSION_CHECKS_OPEN' });
    expect(refused.text).toContain('first_reading');
    const overrides = openOnes(await look(id)).map((check) => ({ check, reason: 'mạng 4G chưa có sóng' }));
    const signed = await installer.call('POST /devices/{deviceId}/commissioning-records', {
      params,
      body: { overrides },
    });
    expect(signed.status).toBe(201);
    expect(signed.body.findings.find(({ check }) => check === 'first_reading')).toMatchObject({
      verdict: 'waiting',
      overriddenBecause: 'mạng 4G chưa có sóng',
    });
  });

  it('can’t be had by a step without a signature', async () => {
    const { id } = await anInstalledDevice();
    const step = await installer.call('POST /devices/{deviceId}/steps', {
      params: { deviceId: id },
      body: { step: 'commission' },
    });
    expect(step).toMatchObject({ status: 409, code: 'COMMISSION_NEEDS_SIGNATURE' });
  });

  it('says why messages came and no reading did', async () => {
    const { id } = await anInstalledDevice();
    await running.quarantine.hold([
      {
        id: `held-${id}` as QuarantineId,
        deviceId: id,
        agencyId: ENVIRONMENT,
        transport: 'mqtt',
        topic: `hd/v1/${id}/telemetry`,
        bytes: new Uint8Array([1]),
        arrivalTime: running.clock(),
        problems: [{ index: 0, quantity: null, code: 'CLOCK_UNSET', detail: '1970' }],
      },
    ]);
    const { findings } = await look(id);
    expect(findings.find(({ check }) => check === 'first_reading')).toMatchObject({
      code: 'HELD_BACK',
      params: { reason: 'CLOCK_UNSET', messages: 1 },
    });
    expect(findings.find(({ check }) => check === 'clock')).toMatchObject({ code: 'CLOCK_UNSET' });
  });

  it('holds a reading against its neighbours', async () => {
    const { id, point } = await anInstalledDevice();
    await report('p-le-chan' as PointId, 31);
    await report('p-new-1' as PointId, 33);
    await expect
      .poll(async () => {
        await report(point, 480);
        const { findings } = await look(id);
        return findings.find(({ check }) => check === 'neighbours_agree');
      })
      .toMatchObject({ verdict: 'failed', code: 'NEIGHBOURS_DISAGREE', params: { value: 480 } });
  });

  it('is nobody’s business in another agency', async () => {
    const { id } = await anInstalledDevice();
    const other = await running.as('installer', POWER as AgencyId);
    for (const key of [
      'GET /devices/{deviceId}/commissioning',
      'GET /devices/{deviceId}/commissioning-records',
    ] as const)
      expect(await other.call(key, { params: { deviceId: id } })).toMatchObject({ status: 404 });
    const signed = await other.call('POST /devices/{deviceId}/commissioning-records', {
      params: { deviceId: id },
      body: {},
    });
    expect(signed.status).toBe(404);
  });
});

describe('pictures of the work', () => {
  it('come back as they were sent, once', async () => {
    const { id } = await anInstalledDevice();
    const params = { deviceId: id };
    const upload = { bytes: aJpeg(1600, 1200), type: 'image/jpeg' };
    const first = await installer.call('POST /devices/{deviceId}/photos', { params, upload });
    const again = await installer.call('POST /devices/{deviceId}/photos', { params, upload });
    expect(first.body).toMatchObject({ widthPixels: 1600, heightPixels: 1200 });
    expect(again.body).toEqual(first.body);
    const bytes = await operator.call('GET /devices/{deviceId}/photos/{photoId}', {
      params: { ...params, photoId: first.body.id },
    });
    expect(Uint8Array.from(bytes.bytes)).toEqual(upload.bytes);
    expect(bytes.headers.get('content-type')).toBe('image/jpeg');
  });

  it.each([
    ['that is no picture', Buffer.from('<script>'), 'image/jpeg', 422, 'PHOTO_UNREADABLE'],
    ['that is wider than allowed', aJpeg(5_000, 10), 'image/jpeg', 422, 'PHOTO_UNREADABLE'],
    ['of another kind', Buffer.from('x'), 'image/png', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['that is too large', Buffer.alloc(2_097_153), 'image/jpeg', 413, 'BODY_TOO_LARGE'],
  ])('refuse one %s', async (_what, bytes, type, status, code) => {
    const answer = await installer.call('POST /devices/{deviceId}/photos', {
      params: { deviceId: 'air-le-chan' },
      upload: { bytes, type },
    });
    expect(answer).toMatchObject({ status, code });
  });

  it('are refused when there is no room for more, and say so; those there are stay', async () => {
    const full = await runApi({ photoBytes: 10 });
    try {
      const upload = { bytes: aJpeg(160, 120), type: 'image/jpeg' };
      const params = { deviceId: 'air-le-chan' };
      const person = await full.as('installer');
      const answer = await person.call('POST /devices/{deviceId}/photos', { params, upload });
      expect(answer).toMatchObject({ status: 507, code: 'PHOTO_STORE_FULL' });
      expect((await person.call('GET /devices/{deviceId}/photos', { params })).body.items).toEqual([]);
    } finally {
      await full.close();
    }
  });
});
