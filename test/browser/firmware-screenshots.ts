/** Draws the pictures of firmware in docs/images, in both languages: a rollout on its way to simulated stations. Run by `npm run screenshots`. */
import { demoFirmwareKey } from '../../config/city/demo-firmware.ts';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { EpochMs } from '../../domain/time.ts';
import { createFleet } from '../../firmware-sim/fleet.ts';
import { createCityDevices } from '../../firmware-sim/hardware/devices.ts';
import { ApiClient } from '../api/api-client.ts';
import { anImage, QUICK, signed } from '../firmware/firmware-street.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

const MODEL = 'air-reference';
const { devices } = createCityDevices({
  city: haiPhong,
  facts: haiPhongFacts,
  seed: 1,
  from: Date.now() as EpochMs,
  effects: [],
  temper: 'tame',
});
const stations = devices.filter(({ modelId }) => modelId === MODEL);
const { privateKey, publicKey } = demoFirmwareKey('1');
await drawPictures({}, async (room) => {
  const { url } = room;
  const fleet = createFleet({
    brokerUrl: `mqtt://127.0.0.1:${room.mqttPort}`,
    // The last few are asleep, and one has bad flash.
    devices: stations.slice(0, -3),
    credentialsOf: (device) => ({ username: device, password: demoToken('1', device) }),
    clock: () => Date.now() as EpochMs,
    firmware: {
      httpUrl: url,
      publicKeys: [publicKey],
      faultOf: (device) => (device === stations[1]?.id ? 'flash_failure' : null),
    },
  });
  await fleet.start();
  const installer = await ApiClient.signIn(url, 'lapdat', 'hai-dang-demo');
  const agency = haiPhong.devices.find(({ modelId }) => modelId === MODEL)?.agencyId ?? '';
  const bytes = anImage(1_400_000);
  const { signature } = signed(bytes, MODEL, '1.5.0', privateKey);
  const { body: image } = await installer.call('POST /firmware/images', {
    query: { agency, model: MODEL, version: '1.5.0', signature },
    upload: { bytes, type: 'application/octet-stream' },
  });
  const plan = { ...QUICK, stages: [40, 100], failureMinimum: 3 };
  const { body: rollout } = await installer.call('POST /firmware/rollouts', { body: { imageId: image.id, plan } });
  const params = { rolloutId: rollout.id };
  await installer.call('POST /firmware/rollouts/{rolloutId}/steps', { params, body: { step: 'start' } });
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  for (const language of LANGUAGES) {
    const page = await pictured(room, language, 'wide', { as: 'lapdat', scheme: 'light' });
    for (const [name, path] of [
      ['firmware', '/firmware'],
      ['firmware-rollout', `/firmware/rollouts/${rollout.id}`],
    ] as const) {
      await page.goto(url + path);
      await page.locator('.rollout-bar').first().waitFor();
      await page.waitForTimeout(500);
      await shoot(page, `${name}-${language}`);
    }
    await page.context().close();
  }
  await fleet.stop();
});
