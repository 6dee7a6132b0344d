/**
 * Draws the pictures of air indices in docs/images, in both languages: the layer on the map with a station's card, and limits in force as rules to
 * begin with. Run by `npm run screenshots`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { chromium } from 'playwright-core';
import { loadSettings } from '../../config/settings.ts';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { LANGUAGES } from '../../domain/localized.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const SIZE = { width: 1280, height: 800 };
const STATION = 'p-ea-le-chan';

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-air-pictures-'));
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 2 } },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const url = `http://127.0.0.1:${platform.httpPort}`;
try {
  for (const language of LANGUAGES) {
    const texts = { vi, en }[language];
    const context = await browser.newContext({ viewport: SIZE, colorScheme: 'light', reducedMotion: 'reduce' });
    context.setDefaultTimeout(90_000);
    await context.addInitScript((chosen) => {
      localStorage.setItem('hd.language', chosen);
      localStorage.setItem('hd.colour-scheme', 'light');
    }, language);
    await context.request.post(`${url}/api/v1/session`, {
      headers: { origin: url },
      data: { loginName: 'moitruong', password: 'hai-dang-demo' },
    });
    // The history of two days is filled in, and its indices worked out, within seconds.
    for (let category: unknown = null; category === null; await pause(500)) {
      const answer = await context.request.get(`${url}/api/v1/points/${STATION}/indices`);
      category =
        ((await answer.json()) as { items: { hourly: { category: unknown } }[] }).items[0]?.hourly.category ?? null;
    }
    const page = await context.newPage();
    const developerTools = await context.newCDPSession(page);
    const shoot = async (name: string): Promise<void> => {
      await page.waitForLoadState('networkidle').catch(() => {});
      await atRest(page);
      const { data } = await developerTools.send('Page.captureScreenshot', { format: 'webp', quality: 84 });
      writeFileSync(join(IMAGES, `${name}-${language}.webp`), Buffer.from(data, 'base64'));
    };
    await page.goto(`${url}/?layer=vn_aqi&point=${STATION}&view=106.69,20.84,11.6`);
    await page.locator('.index-parts').waitFor();
    await page.locator('.index-history rect').nth(20).waitFor();
    await shoot('air');
    await page.goto(`${url}/rules`);
    await page.getByRole('button', { name: texts.presets.open }).click();
    await page.getByLabel(texts.presets.search).fill('PM2.5');
    await page.locator('.preset').nth(1).waitFor();
    await shoot('presets');
    await context.close();
  }
} finally {
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
