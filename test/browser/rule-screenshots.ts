/**
 * Draws the pictures of a rule in docs/images, in both languages: the page on which it is written, wide and on a phone, and what a second person
 * sees of the next version. Run by `npm run screenshots`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { chromium, type Page } from 'playwright-core';
import { loadSettings } from '../../config/settings.ts';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { AgencyId, RuleId } from '../../domain/identifiers.ts';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { atDesk } from './field-device.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const WEBP_QUALITY = 84;
const WORDS = { vi, en } as const;
const SCREENS = {
  wide: { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: 'light' },
} as const;

const MINUTE = 60_000;
/** Fine dust in the middle of the city: two levels, the hourly mean, by day in the season of haze. */
const CONTENT = {
  name: { vi: 'Bụi mịn cao ở nội thành', en: 'Fine dust is high in the city' },
  advice: {
    vi: 'Kiểm tra thiết bị; rà soát nguồn thải quanh trạm; báo cáo Sở.',
    en: 'Check the analyser; look at the sources around the station; report to the department.',
  },
  enabled: true,
  quantity: 'pm2_5',
  selection: {
    polygon: [
      [106.6, 20.8],
      [106.6, 20.89],
      [106.76, 20.89],
      [106.76, 20.8],
    ],
  },
  condition: {
    kind: 'above',
    over: { statistic: 'mean', length: 60 * MINUTE, interval: 10 * MINUTE, minimumCapture: 0.75 },
    hysteresis: 5,
    levels: [
      { severity: 'minor', hold: 30 * MINUTE, limit: 50 },
      { severity: 'major', hold: 0, limit: 100 },
    ],
  },
  clearHold: 20 * MINUTE,
  judgeSuspect: true,
  endsUnacknowledged: ['minor'],
  active: { weekly: [], seasons: [{ from: '10-01', to: '03-31' }] },
  message: {
    vi: '{quantity} tại {point}: {value} {unit} (ngưỡng {limit}), từ {since}.',
    en: '{quantity} at {point}: {value} {unit} (limit {limit}), since {since}.',
  },
};

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-rule-pictures-'));
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 0 } },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const url = `http://127.0.0.1:${platform.httpPort}`;

async function shoot(page: Page, name: string): Promise<void> {
  await atRest(page);
  await page.locator('.area-map[aria-busy="false"]').waitFor();
  const tools = await page.context().newCDPSession(page);
  const { data } = await tools.send('Page.captureScreenshot', { format: 'webp', quality: WEBP_QUALITY });
  const bytes = Buffer.from(data, 'base64');
  writeFileSync(join(IMAGES, `${name}.webp`), bytes);
  console.log(`${name}: ${Math.round(bytes.length / 1000)} kB`);
}

async function draw(language: Language, screen: keyof typeof SCREENS, ruleId: string): Promise<void> {
  const words = WORDS[language];
  const context = await browser.newContext({ ...SCREENS[screen], reducedMotion: 'reduce' });
  await context.addInitScript((chosen) => localStorage.setItem('hd.language', chosen), language);
  await context.request.post(`${url}/api/v1/session`, {
    headers: { origin: url },
    data: { loginName: 'quantri', password: 'hai-dang-demo' },
  });
  const page = await context.newPage();
  await page.goto(`${url}/rules/${ruleId}`);
  await page.locator('.rule-sentence').first().waitFor();
  await page.locator('.rule-count').getByText(/\d/).waitFor();
  if (screen === 'wide') {
    await shoot(page, `rule-review-${language}-wide`);
    await page.getByRole('button', { name: words.ruleDraft.do.edit }).click();
    await page.locator('.rule-slot').and(page.getByTitle(words.ruleForm.of.limit)).first().click();
    await page.getByRole('dialog', { name: words.ruleForm.of.limit }).waitFor();
  } else {
    await page.getByRole('button', { name: words.ruleDraft.do.edit }).click();
    await page.locator('.rule-slot').first().waitFor();
    await page.locator('.rule-sentences').scrollIntoViewIfNeeded();
  }
  await shoot(page, `rule-${language}-${screen}`);
  await context.close();
}

try {
  const [author, second] = [await atDesk({ url, browser }, 'moitruong'), await atDesk({ url, browser }, 'quantri')];
  const agencyId = 'environment' as AgencyId;
  const first = await author.call('POST /rule-drafts', { body: { agencyId, content: CONTENT } });
  const params = { ruleId: first.ruleId as RuleId };
  const sent = await author.call('POST /rule-drafts/{ruleId}/submit', { params, version: first.version });
  await second.call('POST /rule-drafts/{ruleId}/approve', { params, version: sent.version });
  const [minor, major] = CONTENT.condition.levels;
  const levels = [
    { ...minor, limit: 45 },
    { ...major, hold: 10 * MINUTE },
  ];
  const content = { ...CONTENT, condition: { ...CONTENT.condition, levels } };
  const next = await author.call('POST /rule-drafts', { body: { ...params, agencyId, content } });
  await author.call('POST /rule-drafts/{ruleId}/submit', { params, version: next.version });
  for (const language of LANGUAGES)
    for (const screen of ['wide', 'phone'] as const) await draw(language, screen, first.ruleId);
} finally {
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
