/**
 * Draws the pictures of wall screens in docs/images, in both languages: each picture of the rotation at 1080p, a screen in trouble, and what the
 * administrator sees of them. Run by `npm run screenshots`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { chromium, type Page } from 'playwright-core';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { loadSettings } from '../../config/settings.ts';
import type { DisplayView } from '../../domain/display.ts';
import type { AgencyId, PointId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { atDesk } from './field-device.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const WEBP_QUALITY = 80;

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-wall-pictures-'));
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 2 } },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const url = `http://127.0.0.1:${platform.httpPort}`;

async function shoot(page: Page, name: string): Promise<void> {
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

const CHART: DisplayView = {
  kind: 'chart',
  seconds: 600,
  pointId: 'p-ea-hai-an' as PointId,
  quantity: 'pm2_5' as QuantityKey,
  hours: 24,
};
const VIEWS = {
  map: { kind: 'map', seconds: 600, area: null },
  alarms: { kind: 'alarms', seconds: 600 },
  counters: { kind: 'counters', seconds: 600 },
  air: { kind: 'air', seconds: 600 },
  chart: CHART,
} satisfies Record<DisplayView['kind'], DisplayView>;
const READY: Readonly<Record<keyof typeof VIEWS, (page: Page) => Promise<unknown>>> = {
  map: (page) => page.locator('.map-canvas[aria-busy="false"]').waitFor({ timeout: 60_000 }),
  alarms: (page) => page.locator('.wall-alarms > li').nth(3).waitFor(),
  counters: (page) => page.locator('.wall-counters').waitFor(),
  air: (page) => page.locator('.wall-air li').first().waitFor(),
  chart: (page) => page.locator('.wall-chart-line').waitFor({ timeout: 60_000 }),
};

try {
  const admin = await atDesk({ url, browser }, 'quantri');
  const agencies = (await admin.call('GET /agencies')).items.map(({ id }) => id);
  for (const name of ['ea-hai-an', 'ea-le-chan', 'ea-hong-bang', 'ea-cat-ba', 'ea-kien-an'])
    await report(name, { door_open: 1, pm2_5: 24 });
  await report('wn-do-son', { rain_intensity: 82 });
  await report('wn-le-chan', { rain_intensity: 140 });
  for (const language of LANGUAGES) {
    const what = {
      name: language === 'vi' ? 'Phòng trực điều hành' : 'Control room',
      agencies: agencies as AgencyId[],
      language,
      theme: 'dark' as const,
    };
    const { display, code } = await admin.call('POST /displays', {
      body: { agencyId: 'environment' as AgencyId, ...what, views: Object.values(VIEWS) },
    });
    const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(`${url}/wall#${code}`);
    await page.locator('.wall').waitFor();
    const params = { displayId: display.id };
    for (const kind of Object.keys(VIEWS) as (keyof typeof VIEWS)[]) {
      const { version } = await admin.call('GET /displays/{displayId}', { params });
      await admin.call('PUT /displays/{displayId}', { params, version, body: { ...what, views: [VIEWS[kind]] } });
      await READY[kind](page);
      await page.waitForTimeout(1_500);
      await shoot(page, `wall-${kind}-${language}`);
    }
    await context.setOffline(true);
    await page.locator('.wall-trouble').waitFor({ timeout: 60_000 });
    await shoot(page, `wall-trouble-${language}`);
    await context.setOffline(false);
    const desk = await browser.newContext({
      viewport: { width: 1280, height: 720 },
      colorScheme: 'dark',
      reducedMotion: 'reduce',
    });
    await desk.addInitScript((chosen) => localStorage.setItem('hd.language', chosen), language);
    await desk.request.post(`${url}/api/v1/session`, {
      headers: { origin: url },
      data: { loginName: 'quantri', password: 'hai-dang-demo' },
    });
    const list = await desk.newPage();
    await list.goto(`${url}/displays`);
    await list.locator('.display-row').first().waitFor();
    await list.waitForTimeout(1_000);
    await shoot(list, `displays-${language}-wide`);
    await desk.close();
    await context.close();
    await admin.call('DELETE /displays/{displayId}', { params });
  }
} finally {
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
