/**
 * Draws the pictures of incidents in docs/images, in both languages: the list with a dead transformer beside its panel, and the same on a phone.
 * Run by `npm run screenshots`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { chromium, type Page } from 'playwright-core';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { loadSettings } from '../../config/settings.ts';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { atDesk } from './field-device.ts';
import { mapIsDrawn } from './map-pixels.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const WEBP_QUALITY = 84;
const SCREENS = {
  wide: { viewport: { width: 1280, height: 720 }, deviceScaleFactor: 1, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: 'light' },
} as const;

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-incident-pictures-'));
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 0 } },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const url = `http://127.0.0.1:${platform.httpPort}`;

async function shoot(page: Page, name: string): Promise<void> {
  await atRest(page);
  const tools = await page.context().newCDPSession(page);
  const { data } = await tools.send('Page.captureScreenshot', { format: 'webp', quality: WEBP_QUALITY });
  const bytes = Buffer.from(data, 'base64');
  writeFileSync(join(IMAGES, `${name}.webp`), bytes);
  console.log(`${name}: ${Math.round(bytes.length / 1000)} kB`);
}

/** A device of the demo says something, and goes. */
async function report(device: string, values: Readonly<Record<string, number>>): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
    clientId: device,
    username: device,
    password: demoToken(String(settings.demo.seed), device),
    protocolVersion: 4,
  });
  await client.publishAsync(`hd/v1/${device}/telemetry`, JSON.stringify({ values }), { qos: 1 });
  await client.endAsync();
}

try {
  const operator = await atDesk({ url, browser }, 'vanhanh');
  await report('pt-lach-tray-471-1', { voltage_l1: 0, voltage_l2: 0, voltage_l3: 0 });
  for (const n of [1, 2, 3]) await report(`pm-lach-tray-471-1-${n}`, { voltage: 0, power_present: 0 });
  for (const n of [1, 2]) await report(`pm-cua-cam-473-1-${n}`, { voltage: 0, power_present: 0 });
  for (const gauge of ['do-son', 'kien-an', 'cat-hai', 'thuy-nguyen'])
    await report(`wn-${gauge}`, { rain_intensity: 74 });
  let found = 0;
  for (let tries = 0; tries < 200 && found < 3; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    found = (await operator.call('GET /incidents')).items.length;
  }
  const { items } = await operator.call('GET /incidents');
  const transformer = items.find(
    ({ cause }) => cause.kind === 'site' && cause.siteId === 'transformer-lach-tray-471-1',
  );
  if (transformer === undefined) throw new Error('no incident of the transformer');

  const screen = async (language: Language, size: keyof typeof SCREENS): Promise<Page> => {
    const context = await browser.newContext({
      ...SCREENS[size],
      reducedMotion: 'reduce',
      locale: language === 'vi' ? 'vi-VN' : 'en-GB',
      isMobile: size === 'phone',
      hasTouch: size === 'phone',
    });
    await context.addInitScript((chosen) => localStorage.setItem('hd.language', chosen), language);
    await context.request.post(`${url}/api/v1/session`, {
      headers: { origin: url },
      data: { loginName: 'vanhanh', password: 'hai-dang-demo' },
    });
    return context.newPage();
  };
  const incident = encodeURIComponent(transformer.id);
  for (const language of LANGUAGES) {
    for (const size of ['wide', 'phone'] as const) {
      const page = await screen(language, size);
      await page.goto(`${url}/incidents?incident=${incident}`);
      await page.locator('.incident-members li').nth(5).waitFor();
      await shoot(page, `incident-${language}-${size}`);
      if (size === 'wide') {
        await page.goto(`${url}/?incident=${incident}`);
        await mapIsDrawn(page);
        await page.locator('.map-incident').waitFor();
        await shoot(page, `incident-map-${language}-wide`);
      }
      await page.context().close();
    }
  }
} finally {
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
