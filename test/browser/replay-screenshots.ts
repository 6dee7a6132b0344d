/** Draws the pictures of the replay in docs/images, in both languages, on a desk and on a phone. Run by `npm run screenshots`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { chromium } from 'playwright-core';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { loadSettings } from '../../config/settings.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { mapIsDrawn } from './map-pixels.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const WEBP_QUALITY = 84;
const MINUTE_MS = 60_000;
const SCREENS = {
  wide: { viewport: { width: 1280, height: 720 }, deviceScaleFactor: 1, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: 'light' },
} as const;
/** What the hour before was like: device, values, minutes ago. */
const EVENTS = [
  ['wn-kien-thuy', { rain_intensity: 82 }, 50],
  ['wn-do-son', { rain_intensity: 46 }, 35],
  ['wn-thuy-nguyen', { rain_intensity: 90 }, 32],
  ['pt-lach-tray-471-1', { voltage_l1: 12 }, 31],
] as const;

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-replay-pictures-'));
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 1 } },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const url = `http://127.0.0.1:${platform.httpPort}`;
try {
  for (const [device, values, minutesAgo] of EVENTS) {
    const client = await connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      clientId: device,
      username: device,
      password: demoToken(String(settings.demo.seed), device),
      protocolVersion: 4,
    });
    const body = JSON.stringify({ ts: Date.now() - minutesAgo * MINUTE_MS, values });
    await client.publishAsync(`hd/v1/${device}/telemetry`, body, { qos: 1 });
    await client.endAsync();
  }
  for (const language of LANGUAGES) {
    for (const [size, screen] of Object.entries(SCREENS)) {
      const phone = size === 'phone';
      const context = await browser.newContext({
        ...screen,
        locale: language === 'vi' ? 'vi-VN' : 'en-GB',
        isMobile: phone,
        hasTouch: phone,
        reducedMotion: 'reduce',
      });
      await context.addInitScript((chosen) => localStorage.setItem('hd.language', chosen), language);
      await context.request.post(`${url}/api/v1/session`, {
        headers: { origin: url },
        data: { loginName: 'vanhanh', password: 'hai-dang-demo' },
      });
      const page = await context.newPage();
      await page.goto(`${url}/?at=${new Date(Date.now() - 30 * MINUTE_MS).toISOString()}&known=now&speed=600`);
      await mapIsDrawn(page);
      await page.locator('.replay:not([data-busy]) .density rect').first().waitFor();
      if (!phone) await page.locator('.replay-span select').selectOption('h6');
      await atRest(page);
      const tools = await page.context().newCDPSession(page);
      const { data } = await tools.send('Page.captureScreenshot', { format: 'webp', quality: WEBP_QUALITY });
      writeFileSync(join(IMAGES, `replay-${language}-${size}.webp`), Buffer.from(data, 'base64'));
      await context.close();
    }
  }
} finally {
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
