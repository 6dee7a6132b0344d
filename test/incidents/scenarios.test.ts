import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import type { IncidentMemberWire, IncidentWire } from '../../api/contract/incidents.ts';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import { correlationSettings } from '../../config/correlation.ts';
import { loadSettings } from '../../config/settings.ts';
import { signalOfAlarm } from '../../domain/incident.ts';
import { IncidentBook } from '../../domain/incident-book.ts';
import { SupplyForest } from '../../domain/incident-network.ts';
import { epochMs, hours, minutes } from '../../domain/time.ts';
import { createFleet } from '../../firmware-sim/fleet.ts';
import { createCityDevices } from '../../firmware-sim/hardware/devices.ts';
import { createScenario } from '../../firmware-sim/scenarios/scenarios.ts';
import { startPlatform } from '../../main.ts';
import { ApiClient } from '../api/api-client.ts';
import { scenarioAlarms } from './scenario-alarms.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it('tells of a dead transformer as one incident with every meter behind it within 60 s', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hd-transformer-'));
  const settings = loadSettings(
    {},
    { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 0 } },
  );
  const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
  closing.push(() => platform.stop());
  const operator = await ApiClient.signIn(`http://127.0.0.1:${platform.httpPort}`, 'vanhanh', 'hai-dang-demo');
  // The substation with all that hangs on it.
  const devices = haiPhong.devices.filter(({ id }) => id.includes('lach-tray') && id.startsWith('p'));
  const city = { city: { ...haiPhong, devices }, facts: haiPhongFacts, seed: 1 };
  const world = createCityDevices({ ...city, from: epochMs(Date.now()), effects: [], temper: 'tame' });
  const fleet = createFleet({
    ...{ brokerUrl: `mqtt://127.0.0.1:${platform.mqttPort}`, devices: world.devices, seed: 1 },
    credentialsOf: (device) => ({ username: device, password: demoToken('1', device) }),
    clock: () => epochMs(Date.now()),
  });
  closing.push(() => fleet.stop());
  await fleet.start();
  await vi.waitFor(() => expect(fleet.stats().connected).toBe(devices.length), { timeout: 20_000, interval: 50 });

  const at = epochMs(Date.now());
  const { effects, truth } = createScenario('transformer-outage', { ...city, at });
  world.setEffects(effects, at);
  fleet.reschedule();
  const sites = [...truth.events[0]!.sites].sort();
  const open = async (): Promise<readonly IncidentWire[]> =>
    (await operator.call('GET /incidents', { query: { open: true } })).body.items;
  const named = await vi.waitFor(
    async () => {
      const [incident] = await open();
      expect(incident?.cause).toMatchObject({ kind: 'site', siteId: 'transformer-lach-tray-471-1' });
      return Date.now() - at;
    },
    { timeout: 60_000, interval: 100 },
  );
  const members = await vi.waitFor(
    async (): Promise<readonly IncidentMemberWire[]> => {
      const [incident, ...others] = await open();
      expect(others).toEqual([]);
      const params = { incidentId: incident!.id };
      const { items } = (await operator.call('GET /incidents/{incidentId}/members', { params })).body;
      expect([...new Set(items.map(({ siteId }) => siteId))].sort()).toEqual(sites);
      return items;
    },
    { timeout: 60_000, interval: 200 },
  );
  const whole = Date.now() - at;
  console.log(
    `named after ${(named / 1000).toFixed(1)} s; all ${sites.length - 1} meters after ${(whole / 1000).toFixed(1)} s, ${members.length} members`,
  );
  expect(whole).toBeLessThan(60_000);
  const [incident] = await open();
  expect(incident?.title).toMatchObject([
    { key: 'incident.title.no_supply', params: { name_en: 'Quán Mau transformer' } },
    { key: 'incident.behind.meters', params: { count: 3 } },
  ]);
}, 150_000);

it('keeps the typhoon readable: a handful of incidents for most of its alarms', async () => {
  const at = epochMs(Date.parse('2026-09-10T06:00:00+07:00'));
  const to = epochMs(at + hours(15));
  const { alarms, rows, measured, placeOf, ruleOf } = await scenarioAlarms('typhoon-flood', at, to);
  const settings = correlationSettings({ radiusM: 300, window: minutes(10) });
  const book = new IncidentBook(new SupplyForest(rows, measured), settings);
  for (const alarm of alarms) {
    const place = placeOf.get(alarm.pointId);
    if (place !== undefined) book.put(signalOfAlarm(alarm, ruleOf.get(alarm.ruleId), place, settings));
  }
  const { incidents, joined } = book.settle(to)!.commit;
  const biggest = incidents
    .map(({ id, cause }) => ({ cause, members: joined.filter(({ incidentId }) => incidentId === id).length }))
    .sort((a, b) => b.members - a.members);
  const alone = alarms.length - joined.length;
  console.log(
    `${alarms.length} alarms: ${incidents.length} incidents (${biggest.map(({ members }) => members).join(', ')}), ${alone} alarms alone`,
  );
  expect(alarms.length).toBeGreaterThan(60);
  expect(incidents.length).toBeLessThanOrEqual(12);
  expect(incidents.length + alone).toBeLessThanOrEqual(alarms.length / 3);
  expect(biggest[0]!.members).toBeGreaterThan(10);
});
