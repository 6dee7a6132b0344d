/**
 * Draws the pictures of the map's layers, of measuring and of printing in docs/images, in both languages: a flooded afternoon with a dead transformer,
 * and the air between the stations. Run by `npm run screenshots`; with a folder as argument the pictures go there, with more of them to be looked at.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { chromium, type Page } from 'playwright-core';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { haiPhong } from '../../config/city/hai-phong.ts';
import { loadSettings } from '../../config/settings.ts';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { mapIsDrawn } from './map-pixels.ts';
import { atRest } from './pages.ts';

const ELSEWHERE = process.argv[2];
const IMAGES = ELSEWHERE ?? join(import.meta.dirname, '../../docs/images');
const SIZES = { wide: { width: 1280, height: 720 }, phone: { width: 390, height: 844 } };
const WEBP_QUALITY = 84;
const STATION = 'p-ea-le-chan';

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-layer-pictures-'));
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 2 } },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const url = `http://127.0.0.1:${platform.httpPort}`;

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

async function shoot(page: Page, name: string): Promise<void> {
  await atRest(page);
  // A line's state follows its course by a frame or two.
  await pause(1_500);
  const tools = await page.context().newCDPSession(page);
  const { data } = await tools.send('Page.captureScreenshot', {
    format: ELSEWHERE ? 'png' : 'webp',
    ...(ELSEWHERE ? {} : { quality: WEBP_QUALITY }),
  });
  writeFileSync(join(IMAGES, `${name}.${ELSEWHERE ? 'png' : 'webp'}`), Buffer.from(data, 'base64'));
}

async function screen(language: Language, size: keyof typeof SIZES, scheme: 'dark' | 'light'): Promise<Page> {
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: scheme,
    reducedMotion: 'reduce',
    isMobile: size === 'phone',
    hasTouch: size === 'phone',
  });
  context.setDefaultTimeout(60_000);
  await context.addInitScript(
    ([chosen, colours]) => {
      localStorage.setItem('hd.language', chosen as string);
      localStorage.setItem('hd.colour-scheme', colours as string);
    },
    [language, scheme],
  );
  await context.request.post(`${url}/api/v1/session`, {
    headers: { origin: url },
    data: { loginName: 'vanhanh', password: 'hai-dang-demo' },
  });
  return context.newPage();
}

/** Opens the map with layers, and waits until their lines are known. */
async function look(page: Page, layers: string, view: string, rest = ''): Promise<void> {
  await page.goto(`${url}/?layers=${layers}&view=${view}${rest}`);
  await mapIsDrawn(page);
  await page.locator('.layers-legend').waitFor();
}

try {
  const watcher = await screen('vi', 'wide', 'dark');
  if (ELSEWHERE) {
    await look(watcher, 'roads power water floods air', '106.69,20.84,12.4');
    await shoot(watcher, 'nothing-yet');
  }
  // The history of two days is filled in, and its indices worked out, within seconds.
  for (let category: unknown = null; category === null; await pause(500)) {
    const answer = await watcher.request.get(`${url}/api/v1/points/${STATION}/indices`);
    category =
      ((await answer.json()) as { items: { hourly: { category: unknown } }[] }).items[0]?.hourly.category ?? null;
  }
  // Most of the network is as it should be.
  const sound: Readonly<Record<string, Readonly<Record<string, number>>>> = {
    'power-feeder': { line_voltage: 22_310 },
    'power-transformer': { voltage_l1: 222, voltage_l2: 221, voltage_l3: 223 },
    'power-meter': { voltage: 219, power_present: 1 },
    'water-plant-outlet': { water_pressure: 3.4 },
    'water-dma-inlet': { water_pressure: 2.6 },
    'water-pressure': { water_pressure: 1.9 },
    'water-flood': { flood_depth: 0 },
    'traffic-segment': { vehicle_speed: 41, occupancy: 6 },
  };
  for (const { id, modelId } of haiPhong.devices) {
    const values = sound[modelId];
    if (values && !id.startsWith('pm-lach-tray-471-1')) await report(id, values);
  }
  await report('pt-lach-tray-471-1', { voltage_l1: 0, voltage_l2: 0, voltage_l3: 0 });
  await report('we-an-bien', { water_pressure: 0.6 });
  for (const [spot, depth] of [
    ['lach-tray', 0.54],
    ['to-hieu', 0.34],
    ['van-cao', 0.2],
    ['minh-khai', 0.09],
    ['cho-hang', 0.31],
  ] as const)
    await report(`wf-${spot}`, { flood_depth: depth });
  for (const [street, speed] of [
    ['lach-tray', 6],
    ['to-hieu', 14],
    ['le-hong-phong', 22],
  ] as const)
    await report(`ts-${street}`, { vehicle_speed: speed });
  await pause(3_000);
  await watcher.context().close();

  for (const language of LANGUAGES) {
    const texts = { vi, en }[language];
    const page = await screen(language, 'wide', 'dark');
    await look(page, 'roads power floods', '106.69,20.845,13.2', '&list=layers');
    await page.locator('.panel [role="row"]').nth(4).waitFor();
    await shoot(page, `layers-${language}-wide`);
    if (ELSEWHERE) {
      await look(page, 'power water', '106.69,20.845,11.4');
      await shoot(page, `layers-network-${language}`);
    }
    await page.getByRole('button', { name: texts.measure.title }).click();
    const map = page.locator('.map-canvas');
    for (const [x, y] of [
      [330, 350],
      [640, 330],
      [700, 520],
      [400, 560],
      [330, 350],
    ] as const)
      await map.click({ position: { x, y } });
    await page.locator('.measure strong').nth(1).waitFor();
    await shoot(page, `measure-${language}`);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: texts.print.title }).click();
    await page.locator('.print-sheet img').waitFor();
    if (ELSEWHERE) {
      await shoot(page, `print-preview-${language}`);
      writeFileSync(join(IMAGES, `print-${language}.pdf`), await page.pdf({ preferCSSPageSize: true }));
    }
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 1032, height: 702 });
    await shoot(page, `map-print-${language}`);
    await page.context().close();

    const light = await screen(language, 'wide', 'light');
    await look(light, 'roads air', '106.69,20.84,11.2');
    await shoot(light, `layers-air-${language}`);
    if (ELSEWHERE) {
      await look(light, 'roads power water floods', '106.69,20.845,13.2', '&list=layers');
      await shoot(light, `layers-light-${language}`);
    }
    await light.context().close();
    const phone = await screen(language, 'phone', 'light');
    await look(phone, 'roads floods', '106.69,20.848,12.6');
    await shoot(phone, `layers-${language}-phone`);
    if (ELSEWHERE) {
      await phone.locator('.layers-legend-fold').click();
      await shoot(phone, `layers-key-${language}-phone`);
      await phone.getByRole('button', { name: texts.layers.table, exact: true }).click();
      await shoot(phone, `layers-table-${language}-phone`);
      await phone.goto(`${url}/?view=106.69,20.84,12`);
      await mapIsDrawn(phone);
      await phone.getByRole('button', { name: texts.measure.title }).click();
      await phone.locator('.measure').waitFor();
      await shoot(phone, `measure-${language}-phone`);
    }
    await phone.context().close();
  }
} finally {
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
