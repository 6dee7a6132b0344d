import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { carriedDevices } from '../../config/city/carried.ts';
import { demoGatewayToken, demoToken } from '../../config/city/demo-tokens.ts';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import { loadSettings } from '../../config/settings.ts';
import type { RuleId } from '../../domain/identifiers.ts';
import { epochMs, minutes } from '../../domain/time.ts';
import { createFleet } from '../../firmware-sim/fleet.ts';
import { createCityDevices } from '../../firmware-sim/hardware/devices.ts';
import { createScenario } from '../../firmware-sim/scenarios/scenarios.ts';
import { startPlatform } from '../../main.ts';
import { ApiClient } from '../api/api-client.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it('tells of the demo’s dead gateway as one incident, and keeps the silence of what it carries quiet', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hd-gateway-'));
  const settings = loadSettings(
    {},
    { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 0 } },
  );
  const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
  closing.push(() => platform.stop());
  const admin = await ApiClient.signIn(`http://127.0.0.1:${platform.httpPort}`, 'quantri', 'hai-dang-demo');

  // Counters are silent for ten minutes before anybody is told; here one minute is enough.
  const params = { ruleId: 'traffic-no-data' as RuleId };
  const { body: rule } = await admin.call('GET /rules/{ruleId}', { params });
  const { name, advice, enabled, quantity, selection, clearHold, judgeSuspect, endsUnacknowledged } = rule;
  const soon = { kind: 'no_data' as const, levels: [{ severity: 'notice' as const, hold: minutes(1) }] };
  const edited = await admin.call('PUT /rules/{ruleId}', {
    ...{ params, version: rule.version },
    body: {
      ...{ name, advice, enabled, quantity, selection, clearHold, judgeSuspect, endsUnacknowledged },
      condition: soon,
    },
  });
  expect(edited.status, edited.text).toBe(200);

  const at = () => epochMs(Date.now());
  const carried = haiPhong.links.filter(({ kind }) => kind === 'backhauls').map(({ to }) => to);
  const points = haiPhong.points.filter(({ siteId }) => carried.includes(siteId)).map(({ id }) => id);
  const devices = haiPhong.devices.filter(({ id, serves: [point] }) => id === 'tg-cau-dat' || points.includes(point!));
  expect(devices).toHaveLength(11);
  const city = { city: { ...haiPhong, devices }, facts: haiPhongFacts, seed: 1 };
  const carriers = carriedDevices(haiPhong, haiPhongFacts);
  const world = createCityDevices({ ...city, from: at(), effects: [], temper: 'tame' });
  const fleet = createFleet({
    ...{ brokerUrl: `mqtt://127.0.0.1:${platform.mqttPort}`, devices: world.devices, seed: 1 },
    credentialsOf: (device) => ({
      username: device,
      password: device === 'tg-cau-dat' ? demoGatewayToken('1', device) : demoToken('1', device),
    }),
    carriedBy: (device) => carriers.get(device),
    clock: at,
  });
  closing.push(() => fleet.stop());
  await fleet.start();
  await vi.waitFor(() => expect(fleet.stats().connected).toBe(1), { timeout: 30_000, interval: 50 });
  const { effects } = createScenario('gateway-outage', { ...city, at: at() });
  world.setEffects(effects, at());
  fleet.reschedule();

  await vi.waitFor(
    async () => {
      const { items } = (await admin.call('GET /incidents', { query: { open: true } })).body;
      expect(items).toHaveLength(1);
      expect(items[0]?.cause).toEqual({ kind: 'device', deviceId: 'tg-cau-dat' });
      const { items: members } = (
        await admin.call('GET /incidents/{incidentId}/members', { params: { incidentId: items[0]!.id } })
      ).body;
      const hidden = members.filter(({ alarm }) => alarm?.suppression?.kind === 'carrier_down');
      expect(new Set(hidden.map(({ pointId }) => pointId))).toEqual(new Set(points));
    },
    { timeout: 240_000, interval: 1_000 },
  );
  // What is shown is the gateway's own alarm alone.
  const { items: open } = (await admin.call('GET /alarms', { query: { open: true, limit: 100 } })).body;
  expect(open.filter(({ suppression }) => suppression === null)).toHaveLength(1);
}, 400_000);
