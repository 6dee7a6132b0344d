/**
 * Draws the pictures of the desk in docs/images, in both languages: several points in one chart, the search, what a grant will show, the audit.
 * Run by `npm run screenshots`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { chromium, type Page } from 'playwright-core';
import { loadSettings } from '../../config/settings.ts';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { formatDate } from '../../dashboard/state/formatting.ts';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const WEBP_QUALITY = 84;
const WORDS = { vi, en } as const;
const HISTORY_DAYS = 3;
const FILLED_WITHIN_MS = 180_000;
const LINES = ['p-ea-an-duong', 'p-ea-cat-ba', 'p-ea-do-son'].map((point) => `${point}~pm2_5`);

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-desk-pictures-'));
const demo = { fleet: false, historyDays: HISTORY_DAYS };
const settings = loadSettings({}, { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo });
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

async function draw(language: Language): Promise<void> {
  const words = WORDS[language];
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: language === 'vi' ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: language === 'vi' ? 'vi-VN' : 'en-GB',
  });
  await context.addInitScript((chosen) => localStorage.setItem('hd.language', chosen), language);
  await context.request.post(`${url}/api/v1/session`, {
    headers: { origin: url },
    data: { loginName: 'quantri', password: 'hai-dang-demo' },
  });
  const page = await context.newPage();

  const lines = [...LINES, 'p-ea-an-duong~temperature'].join('+');
  await page.goto(`${url}/compare?lines=${lines}&period=h24`);
  // The demo's history is filled in behind the scenes, up to today.
  const newest = page.locator('.chart-table-box .grid-body [role="row"]').first();
  await newest.getByText(formatDate(Date.now(), language)).waitFor({ timeout: FILLED_WITHIN_MS });
  const plot = await page.locator('.chart-plot .u-over').boundingBox();
  if (plot) await page.mouse.move(plot.x + plot.width * 0.78, plot.y + plot.height / 2);
  await shoot(page, `compare-${language}`);

  await page.mouse.move(0, 0);
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(words.search.placeholder).fill('lach tray');
  await page.getByText(words.search.street, { exact: true }).first().waitFor();
  await shoot(page, `search-${language}`);

  await page.goto(`${url}/sharing`);
  await page.getByRole('button', { name: words.sharing.add }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(words.sharing.to).first().click();
  await page.getByRole('option').nth(1).click();
  await dialog.locator('.grant-effect[aria-busy="false"] .grant-samples').first().waitFor();
  await dialog.locator('.grant-effect').scrollIntoViewIfNeeded();
  await shoot(page, `sharing-${language}`);

  await page.goto(`${url}/audit`);
  await page.locator('.grid-body [role="row"]').first().click();
  await page.locator('.audit-changes').waitFor();
  await shoot(page, `audit-${language}`);
  await context.close();
}

try {
  for (const language of LANGUAGES) await draw(language);
} finally {
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
