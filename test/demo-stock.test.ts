import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HAI_PHONG_STOCK } from '../config/city/hai-phong/stock.ts';
import { haiPhong, haiPhongFacts } from '../config/city/hai-phong.ts';
import { loadSettings } from '../config/settings.ts';
import type { DeviceId, PointId } from '../domain/identifiers.ts';
import { cityOfOne } from '../firmware-sim/placed-devices.ts';
import { type Platform, startPlatform } from '../main.ts';
import { ApiClient } from './api/api-client.ts';

const SOON = { timeout: 60_000, interval: 200 };
const ids = HAI_PHONG_STOCK.map(({ id }) => id);

describe('the stock of the demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hd-stock-'));
  let platform: Platform;
  let installer: ApiClient;
  beforeAll(async () => {
    const settings = loadSettings(
      {},
      { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: true, historyDays: 0 } },
    );
    platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
    installer = await ApiClient.signIn(`http://127.0.0.1:${platform.httpPort}`, 'lapdat', 'hai-dang-demo');
  });
  afterAll(async () => {
    await platform.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is claimed by the codes the demo tells, and comes alive where it is hung up', { timeout: 120_000 }, async () => {
    const { demoStock } = (await installer.call('GET /settings')).body;
    expect(demoStock?.map(({ deviceId }) => deviceId)).toEqual(ids);
    const label = demoStock?.find(({ deviceId }) => deviceId === 'kho-on-01');
    if (!label) throw new Error('there is no such label');
    const params = { deviceId: label.deviceId };
    const status = async () => (await installer.call('GET /devices/{deviceId}/status', { params })).body.items;
    const claimed = await installer.call('POST /claims', { body: { ...label, agencyId: 'environment' as never } });
    expect(claimed.body).toMatchObject({ state: 'claimed' });
    // In its box it says nothing.
    expect(await status()).toEqual([]);
    const pointId = 'p-try' as PointId;
    const [served] = haiPhong.devices.find(({ modelId }) => modelId === 'noise')?.serves ?? [];
    const like = haiPhong.points.find(({ id }) => id === served);
    const at = haiPhong.sites.find(({ id }) => id === like?.siteId);
    if (!at || !like) throw new Error('the city has no noise station');
    const made = await installer.call('POST /points', {
      body: {
        id: pointId,
        agencyId: 'environment' as never,
        siteId: at.id,
        domain: 'environment',
        name: { vi: 'Thử', en: 'Try' },
        location: at.location,
        wardCode: at.wardCode,
        tags: [],
        quantities: [...like.quantities],
      },
    });
    expect(made.status, made.text).toBe(201);
    await installer.call('POST /devices/{deviceId}/assignments', { params, body: { pointId } });
    await expect.poll(async () => (await status())[0]?.online, SOON).toBe(true);
    const series = made.body.series.map(({ id }) => id);
    await installer.call('POST /devices/{deviceId}/commands', {
      params,
      body: { name: 'report_now' },
    });
    const heard = async () =>
      (await installer.call('GET /latest', { query: { series: series.join(',') } })).body.readings.length;
    await expect.poll(heard, { timeout: 90_000, interval: 500 }).toBeGreaterThan(0);
    // Fetched, it falls silent.
    await installer.call('POST /devices/{deviceId}/assignments/end', { params, body: { pointId } });
    await expect.poll(async () => (await status())[0]?.online, SOON).toBe(false);
  });

  it('measures at its own place what the nearest of its kind is like', () => {
    for (const { id, modelId } of HAI_PHONG_STOCK) {
      const location = { longitude: 106.69, latitude: 20.85 };
      const alone = cityOfOne(haiPhong, haiPhongFacts, { id, modelId, pointId: 'p' as PointId, location });
      expect(alone?.city.points).toMatchObject([{ id: 'p', location }]);
      expect(alone?.facts.get('p' as PointId)).toBeDefined();
    }
    const unknown = { id: 'x' as DeviceId, modelId: 'none' as never, pointId: 'p' as PointId };
    expect(cityOfOne(haiPhong, haiPhongFacts, { ...unknown, location: { longitude: 0, latitude: 0 } })).toBeNull();
  });

  it('bears ids that every MQTT client can use', () => {
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(23);
  });
});
