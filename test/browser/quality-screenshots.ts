/** Draws the pictures of marked readings in docs/images, in both languages. Run by `npm run screenshots`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { chromium } from 'playwright-core';
import type { MapPoints } from '../../api/contract/map.ts';
import { loadSettings } from '../../config/settings.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const SIZE = { width: 1280, height: 900 };
const STATION = 'p-ea-le-chan';
const HOUR = 3_600_000;
const REASONS = {
  vi: ['Đốt rơm cạnh trạm', 'Hiệu chuẩn bằng khí chuẩn'],
  en: ['Straw burnt beside the station', 'Span gas calibration'],
} as const;

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-quality-pictures-'));
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 2 } },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const url = `http://127.0.0.1:${platform.httpPort}`;
try {
  for (const language of LANGUAGES) {
    const context = await browser.newContext({ viewport: SIZE, colorScheme: 'light', reducedMotion: 'reduce' });
    context.setDefaultTimeout(90_000);
    await context.addInitScript((chosen) => {
      localStorage.setItem('hd.language', chosen);
      localStorage.setItem('hd.colour-scheme', 'light');
    }, language);
    const signedIn = await context.request.post(`${url}/api/v1/session`, {
      headers: { origin: url },
      data: { loginName: 'moitruong', password: 'hai-dang-demo' },
    });
    const headers = { origin: url, 'x-csrf-token': ((await signedIn.json()) as { csrfToken: string }).csrfToken };
    const points = await (await context.request.get(`${url}/api/v1/map/points`)).json();
    const station = (points as MapPoints).points.find(({ id }) => id === STATION);
    const series = station?.series.find(({ quantity }) => quantity === 'pm2_5')?.id;
    const now = Date.now();
    // The history of two days is filled in within seconds.
    for (let stored = 0; stored < 30; await pause(500)) {
      const query = `series=${series}&from=${now - 24 * HOUR}&to=${now}`;
      const answer = await context.request.get(`${url}/api/v1/readings?${query}`);
      stored = ((await answer.json()) as { value: number[] }).value.length;
    }
    const given: string[] = [];
    for (const [reason, quality, from, to] of [
      [REASONS[language][0], 'INVALID_DECLARED', 5, 3.6],
      [REASONS[language][1], 'CALIBRATING', 1.6, 0.8],
    ] as const) {
      const data = { series: [series], from: now - from * HOUR, to: now - to * HOUR, quality, reason };
      const marked = await context.request.post(`${url}/api/v1/quality-marks`, { headers, data });
      given.push(...((await marked.json()) as { items: { id: string }[] }).items.map(({ id }) => id));
    }
    const page = await context.newPage();
    await page.goto(`${url}/?point=${STATION}&view=106.69,20.84,11.6`);
    await page.locator('.value-row', { hasText: 'PM2.5' }).first().click();
    const plot = page.locator('.chart-plot .u-over');
    await plot.waitFor();
    await page.locator('.quality-spans > li').nth(1).waitFor();
    await page.locator('.chart-caption').evaluate((caption) => caption.scrollIntoView({ block: 'start' }));
    await page.waitForLoadState('networkidle').catch(() => {});
    await atRest(page);
    const box = await plot.boundingBox();
    if (box) await page.mouse.move(box.x + box.width * (1 - 4.3 / 6), box.y + box.height / 2, { steps: 5 });
    await page.locator('.chart-verdict').waitFor();
    const developerTools = await context.newCDPSession(page);
    const { data } = await developerTools.send('Page.captureScreenshot', { format: 'webp', quality: 84 });
    writeFileSync(join(IMAGES, `data-quality-${language}.webp`), Buffer.from(data, 'base64'));
    for (const id of given) await context.request.delete(`${url}/api/v1/quality-spans/${id}`, { headers });
    await context.close();
  }
} finally {
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
