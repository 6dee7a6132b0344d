/** Draws the pictures of firmware in docs/images, in both languages: a rollout on its way to simulated stations. Run by `npm run screenshots`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { chromium } from 'playwright-core';
import { demoFirmwareKey } from '../../config/city/demo-firmware.ts';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import { loadSettings } from '../../config/settings.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { EpochMs } from '../../domain/time.ts';
import { createFleet } from '../../firmware-sim/fleet.ts';
import { createCityDevices } from '../../firmware-sim/hardware/devices.ts';
import { startPlatform } from '../../main.ts';
import { ApiClient } from '../api/api-client.ts';
import { anImage, QUICK, signed } from '../firmware/firmware-street.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const MODEL = 'air-reference';
if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
const folder = mkdtempSync(join(tmpdir(), 'hd-firmware-pictures-'));
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 0 } },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const url = `http://127.0.0.1:${platform.httpPort}`;
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
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
const fleet = createFleet({
  brokerUrl: `mqtt://127.0.0.1:${platform.mqttPort}`,
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
try {
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
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, reducedMotion: 'reduce' });
    await context.addInitScript(
      ([chosen]) => {
        localStorage.setItem('hd.language', chosen ?? 'vi');
        localStorage.setItem('hd.colour-scheme', 'light');
      },
      [language],
    );
    await context.request.post(`${url}/api/v1/session`, {
      headers: { origin: url },
      data: { loginName: 'lapdat', password: 'hai-dang-demo' },
    });
    const page = await context.newPage();
    const tools = await context.newCDPSession(page);
    for (const [name, path] of [
      ['firmware', '/firmware'],
      ['firmware-rollout', `/firmware/rollouts/${rollout.id}`],
    ]) {
      await page.goto(url + path);
      await page.locator('.rollout-bar').first().waitFor();
      await page.waitForTimeout(500);
      const { data } = await tools.send('Page.captureScreenshot', { format: 'webp', quality: 84 });
      writeFileSync(join(IMAGES, `${name}-${language}.webp`), Buffer.from(data, 'base64'));
    }
    await context.close();
  }
} finally {
  await fleet.stop();
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
