/**
 * Draws the pictures in docs/images: map, point panel and alarm list, in both languages, on a desk and on a phone. Starts a demo city of its
 * own in a temporary folder, and needs Chromium. Run by `npm run screenshots`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type Browser, chromium, type Page } from 'playwright-core';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { loadSettings } from '../../config/settings.ts';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { mapIsDrawn } from './map-pixels.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
/** A page of documentation holds several. */
const LARGEST_IMAGE_BYTES = 250_000;
const WEBP_QUALITY = 84;
const HISTORY_DAYS = 3;
const POINT = 'p-ea-le-chan';

const SCREENS = {
  // Dark is the control room's, light the phone's.
  wide: { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: 'light' },
} as const;

const PICTURES: readonly {
  readonly name: string;
  readonly path: string;
  readonly ready: (page: Page) => Promise<unknown>;
}[] = [
  { name: 'map', path: '/', ready: mapIsDrawn },
  {
    name: 'point',
    path: `/?point=${POINT}`,
    ready: async (page) => {
      await mapIsDrawn(page);
      await page.locator('.chart-plot .u-over').waitFor();
    },
  },
  { name: 'alarms', path: '/alarms', ready: (page) => page.locator('.grid-body [role="row"]').nth(3).waitFor() },
];

/** What makes a city worth watching: a cloudburst, and a transformer that lost a phase. */
const EVENTS = [
  { device: 'wn-kien-thuy', values: { rain_intensity: 82 } },
  { device: 'wn-do-son', values: { rain_intensity: 46 } },
  { device: 'wn-thuy-nguyen', values: { rain_intensity: 28 } },
  { device: 'pt-lach-tray-471-1', values: { voltage_l1: 12 } },
] as const;

async function shoot(browser: Browser, url: string, language: Language, size: keyof typeof SCREENS): Promise<void> {
  const context = await browser.newContext({
    ...SCREENS[size],
    isMobile: size === 'phone',
    hasTouch: size === 'phone',
    reducedMotion: 'reduce',
  });
  await context.addInitScript((chosen) => localStorage.setItem('hd.language', chosen), language);
  await context.request.post(`${url}/api/v1/session`, {
    headers: { origin: url },
    data: { loginName: 'vanhanh', password: 'hai-dang-demo' },
  });
  const page = await context.newPage();
  const developerTools = await context.newCDPSession(page);
  for (const { name, path, ready } of PICTURES) {
    await page.goto(url + path);
    await ready(page);
    await atRest(page);
    await page.locator('.map-canvas[aria-busy="true"]').waitFor({ state: 'detached' });
    const { data } = await developerTools.send('Page.captureScreenshot', { format: 'webp', quality: WEBP_QUALITY });
    const bytes = Buffer.from(data, 'base64');
    const file = `${name}-${language}-${size}.webp`;
    if (bytes.length > LARGEST_IMAGE_BYTES)
      throw new Error(`${file} has ${bytes.length} bytes, more than ${LARGEST_IMAGE_BYTES}`);
    writeFileSync(join(IMAGES, file), bytes);
    console.log(`${file}: ${Math.round(bytes.length / 1000)} kB`);
  }
  await context.close();
}

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-screenshots-'));
const historyFilled = Promise.withResolvers<void>();
const log = pino(
  { level: 'info' },
  { write: (line: string) => line.includes('"demo.history"') && historyFilled.resolve() },
);
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { historyDays: HISTORY_DAYS } },
);
const platform = await startPlatform(settings, 'demo', log);
const url = `http://127.0.0.1:${platform.httpPort}`;
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
try {
  await historyFilled.promise;
  // Heard from at least once: the devices report within their first minutes.
  await untilHeard(url, 550);
  for (const { device, values } of EVENTS) {
    const answer = await fetch(`${url}/ingest/v1/telemetry`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${demoToken(String(settings.demo.seed), device)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ values }),
    });
    if (!answer.ok) throw new Error(`${device}: ${answer.status} ${await answer.text()}`);
  }
  for (const language of LANGUAGES) {
    for (const size of ['wide', 'phone'] as const) await shoot(browser, url, language, size);
  }
} finally {
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Waits until so many devices are connected, as `/metrics` counts them. */
async function untilHeard(address: string, devices: number): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`${address}/metrics`)).text();
    const sessions = Number(/^hd_mqtt_sessions (\d+)/m.exec(metrics)?.[1] ?? 0);
    if (sessions >= devices) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
