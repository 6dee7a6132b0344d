import { afterEach, expect, it } from 'vitest';
import { freePort } from '../../adapters/free-port.ts';
import { demoFirmwareKey } from '../../config/city/demo-firmware.ts';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import { type EpochMs, milliseconds } from '../../domain/time.ts';
import { createFleet } from '../../firmware-sim/fleet.ts';
import { createCityDevices } from '../../firmware-sim/hardware/devices.ts';
import { ApiClient } from '../api/api-client.ts';
import { killAll, newFolder, startPlatformProcess } from '../faults/platform-process.ts';
import { anImage, brokenRoad, QUICK, signed, soon } from './firmware-street.ts';

const opened: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  killAll();
});

it('a rollout goes on after SIGKILL in the middle of it, and no device begins its download anew', async () => {
  const folder = newFolder();
  const [httpPort, mqttPort] = [await freePort(), await freePort()];
  const ports = { HD_HTTP_PORT: String(httpPort), HD_MQTT_PORT: String(mqttPort), HD_LOG_LEVEL: 'info' };
  let platform = await startPlatformProcess(folder, ports);

  const { devices } = createCityDevices({
    city: haiPhong,
    facts: haiPhongFacts,
    seed: 1,
    from: Date.now() as EpochMs,
    effects: [],
    temper: 'tame',
  });
  const stations = devices.filter(({ modelId }) => modelId === 'air-reference');
  const agency = haiPhong.devices.find(({ modelId }) => modelId === 'air-reference')?.agencyId as AgencyId;
  const road = await brokenRoad(httpPort, { breaks: Number.POSITIVE_INFINITY, afterBytes: 30_000 });
  opened.push(road.close);
  const { privateKey, publicKey } = demoFirmwareKey('1');
  const fleet = createFleet({
    brokerUrl: `mqtt://127.0.0.1:${mqttPort}`,
    devices: stations,
    credentialsOf: (device) => ({ username: device, password: demoToken('1', device) }),
    clock: () => Date.now() as EpochMs,
    firmware: { httpUrl: road.url, publicKeys: [publicKey], retryMs: 500 },
  });
  await fleet.start();
  opened.push(() => fleet.stop());

  const bytes = anImage(600_000);
  const { modelId, version, signature } = signed(bytes, 'air-reference', '9.0.0', privateKey);
  let installer = await ApiClient.signIn(`http://127.0.0.1:${httpPort}`, 'lapdat', 'hai-dang-demo');
  const { body: image } = await installer.call('POST /firmware/images', {
    query: { agency, model: modelId, version, signature },
    upload: { bytes, type: 'application/octet-stream' },
  });
  const { body: draft } = await installer.call('POST /firmware/rollouts', {
    body: { imageId: image.id, plan: { ...QUICK, stages: [40, 100], soak: milliseconds(0) } },
  });
  const params = { rolloutId: draft.id };
  const look = async () => (await installer.call('GET /firmware/rollouts/{rolloutId}', { params })).body;
  await installer.call('POST /firmware/rollouts/{rolloutId}/steps', { params, body: { step: 'start' } });
  const firstStage = Math.ceil(stations.length * 0.4);
  await soon(() => expect(road.trips.filter(({ status }) => status === 206).length).toBeGreaterThan(firstStage));
  const before = await look();
  expect(before.counts.downloading).toBeGreaterThan(0);
  expect(before.counts.applied).toBe(0);

  await platform.kill();
  platform = await startPlatformProcess(folder, ports);
  road.mend();
  installer = await ApiClient.signIn(`http://127.0.0.1:${httpPort}`, 'lapdat', 'hai-dang-demo');
  await soon(async () => expect((await look()).state).toBe('done'));
  expect((await look()).counts.applied).toBe(stations.length);
  // Each device asked for the whole once: after the kill, too, it went on from what it had.
  const whole = road.trips.filter(({ range, status }) => range === undefined && status === 200);
  expect(whole).toHaveLength(stations.length);
  // No byte came twice.
  expect(road.trips.reduce((sum, trip) => sum + trip.bytes, 0)).toBe(stations.length * bytes.length);
}, 90_000);
