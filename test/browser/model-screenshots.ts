/**
 * Draws the pictures of device models in docs/images, in both languages: the list of models, and a codec on the bench beside what it makes of a
 * message that was held. Run by `npm run screenshots`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { chromium } from 'playwright-core';
import { loadSettings } from '../../config/settings.ts';
import type { DeviceId, DeviceModelId, PointId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { minutes } from '../../domain/time.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { atDesk } from './field-device.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const MODEL = 'em300-th' as DeviceModelId;
const DEVICE = 'em300-le-chan' as DeviceId;
/** As a maker may publish it, but for a battery that no channel takes. */
const CODEC = `function decodeUplink(input) {
  var bytes = input.bytes;
  var data = {};
  for (var i = 0; i < bytes.length; ) {
    var channel = bytes[i++];
    var type = bytes[i++];
    if (channel === 0x01 && type === 0x75) {
      data.battery = bytes[i++];
    } else if (channel === 0x03 && type === 0x67) {
      data.temperature = ((bytes[i + 1] << 24 >> 16) | bytes[i]) / 10;
      i += 2;
    } else if (channel === 0x04 && type === 0x68) {
      data.humidity = bytes[i++] / 2;
    } else {
      return { errors: ['unknown channel ' + channel] };
    }
  }
  return { data: data };
}
`;
const PAYLOAD = Uint8Array.of(0x01, 0x75, 0x5c, 0x03, 0x67, 0x1a, 0x01, 0x04, 0x68, 0x89);
const SIZE = { width: 1280, height: 1000 };
const QUANTITIES = ['temperature', 'humidity'] as QuantityKey[];

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-model-pictures-'));
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 0 } },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const url = `http://127.0.0.1:${platform.httpPort}`;
const desk = await atDesk({ url, browser }, 'quantri');
try {
  const point = await desk.call('GET /points/{pointId}', { params: { pointId: 'p-ea-le-chan' as PointId } });
  await desk.call('POST /models', {
    body: {
      id: MODEL,
      agencyId: point.agencyId,
      maker: 'Milesight',
      name: 'EM300-TH',
      title: { vi: 'Cảm biến nhiệt ẩm LoRaWAN', en: 'LoRaWAN climate sensor' },
      domain: 'environment',
      format: 'codec',
      codec: CODEC,
      channels: QUANTITIES.map((quantity) => ({ key: quantity, quantity, plausibleRange: null })),
      expectedInterval: minutes(10),
      rateLimit: null,
    },
  });
  const params = { deviceId: DEVICE };
  await desk.call('POST /devices', {
    body: { id: DEVICE, agencyId: point.agencyId, modelId: MODEL, serialNumber: '24e124785c420001', state: 'claimed' },
  });
  await desk.call('POST /devices/{deviceId}/assignments', { params, body: { pointId: point.id } });
  const { token } = await desk.call('POST /devices/{deviceId}/credentials', { params, body: {} });
  const headers = { authorization: `Bearer ${token}` };
  for (const body of [PAYLOAD.subarray(0, 7), PAYLOAD])
    await fetch(`${url}/ingest/v1/telemetry`, { method: 'POST', headers, body: Uint8Array.from(body) });

  for (const language of LANGUAGES) {
    const context = await browser.newContext({ viewport: SIZE, colorScheme: 'light', reducedMotion: 'reduce' });
    await context.addInitScript((chosen) => {
      localStorage.setItem('hd.language', chosen);
      localStorage.setItem('hd.colour-scheme', 'light');
    }, language);
    await context.request.post(`${url}/api/v1/session`, {
      headers: { origin: url },
      data: { loginName: 'quantri', password: 'hai-dang-demo' },
    });
    const page = await context.newPage();
    const developerTools = await context.newCDPSession(page);
    const shoot = async (name: string): Promise<void> => {
      await page.waitForLoadState('networkidle').catch(() => {});
      await atRest(page);
      const { data } = await developerTools.send('Page.captureScreenshot', { format: 'webp', quality: 84 });
      writeFileSync(join(IMAGES, `${name}-${language}.webp`), Buffer.from(data, 'base64'));
    };
    await page.goto(`${url}/models`);
    await page.locator('.grid-body [role="row"]').nth(3).waitFor();
    await shoot('models');
    await page.goto(`${url}/models/${MODEL}`);
    await page.locator('.cm-content').waitFor();
    await page.locator('.trial-values tbody tr').nth(1).waitFor();
    await shoot('codec');
    await context.close();
  }
} finally {
  await desk.close();
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
