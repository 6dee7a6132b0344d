/**
 * Draws the pictures of the installer's app in docs/images, in both languages: jobs, label, place, pictures, checks and the signed record, with a
 * device that is really there. Run by `npm run screenshots`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { chromium } from 'playwright-core';
import { loadSettings } from '../../config/settings.ts';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { DeviceId, DeviceModelId, PointId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { milliseconds } from '../../domain/time.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { atDesk, labelPicture, switchOn } from './field-device.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const TEXTS = { vi, en } as const;
const STATION = 'p-ea-le-chan' as PointId;
const MODEL = 'demo-climate' as DeviceModelId;

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-installer-pictures-'));
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 0 } },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const street = { url: `http://127.0.0.1:${platform.httpPort}`, mqttPort: platform.mqttPort, browser };
const desk = await atDesk(street, 'quantri');
const running: (() => Promise<void>)[] = [];
try {
  const point = await desk.call('GET /points/{pointId}', { params: { pointId: STATION } });
  await desk.call('POST /models', {
    body: {
      id: MODEL,
      agencyId: point.agencyId,
      maker: 'Hải Phòng',
      name: 'Climate sensor',
      domain: 'environment',
      format: 'native-json',
      channels: ['temperature', 'humidity'].map((key) => ({ key, quantity: key as QuantityKey, plausibleRange: null })),
      expectedInterval: milliseconds(1_000),
      rateLimit: null,
    },
  });
  for (const language of LANGUAGES) {
    const t = TEXTS[language];
    const id = `kh-0${LANGUAGES.indexOf(language) + 7}` as DeviceId;
    const params = { deviceId: id };
    await desk.call('POST /devices', {
      body: { id, agencyId: point.agencyId, modelId: MODEL, serialNumber: 'KH-2611', state: 'in_stock' },
    });
    const { token } = await desk.call('POST /devices/{deviceId}/credentials', { params, body: {} });
    const { link, code } = await desk.call('POST /devices/{deviceId}/claim-code', { params, body: {} });
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      colorScheme: 'light',
      isMobile: true,
      hasTouch: true,
      reducedMotion: 'reduce',
      permissions: ['geolocation'],
      geolocation: { ...point.location, accuracy: 7 },
    });
    await context.addInitScript((chosen) => localStorage.setItem('hd.language', chosen), language);
    await context.request.post(`${street.url}/api/v1/session`, {
      headers: { origin: street.url },
      data: { loginName: 'lapdat', password: 'hai-dang-demo' },
    });
    const page = await context.newPage();
    const developerTools = await context.newCDPSession(page);
    const shoot = async (name: string): Promise<void> => {
      await page.waitForLoadState('networkidle').catch(() => {});
      await atRest(page);
      const { data } = await developerTools.send('Page.captureScreenshot', { format: 'webp', quality: 84 });
      writeFileSync(join(IMAGES, `installer-${name}-${language}.webp`), Buffer.from(data, 'base64'));
    };
    await page.goto(`${street.url}/claim`);
    await page.getByLabel(t.field.scanPicture).setInputFiles(labelPicture(link));
    await page.getByText(code).waitFor();
    const agency = (await desk.call('GET /agencies')).items.find(({ id: each }) => each === point.agencyId);
    await page.getByLabel(t.field.claimFor).first().click();
    await page.getByRole('option', { name: agency?.name[language] ?? '', exact: true }).click();
    await shoot('claim');
    await page.getByRole('button', { name: t.field.claim, exact: true }).click();
    await page.getByRole('button', { name: t.field.whereAmI }).click();
    await page.getByRole('group', { name: t.field.points }).getByRole('radio').first().check();
    await page.locator('.maplibregl-marker').waitFor();
    await page.locator('.field-body').evaluate((body) => body.scrollTo(0, 0));
    await shoot('place');
    await page.getByRole('button', { name: t.field.placeHere }).click();
    await page.getByLabel(t.field.note, { exact: true }).waitFor();
    await page.goto(`${street.url}/jobs`);
    await page.locator('.job').first().waitFor();
    await shoot('jobs');
    await page.goto(`${street.url}/install/${id}?step=checks`);
    await page.locator('.check').nth(8).waitFor();
    await shoot('checks-waiting');
    running.push(await switchOn(street, id, token, () => ({ temperature: 28.4, humidity: 74 })));
    await page.locator('.check[data-check="interval"][data-verdict="passed"]').waitFor();
    await page.locator('.field-bar button:enabled').waitFor();
    await shoot('checks');
    await page.locator('.field-bar button').click();
    await page.getByRole('heading', { name: t.record.title, level: 1 }).waitFor();
    await shoot('record');
    await context.close();
  }
} finally {
  await Promise.all(running.map((stop) => stop()));
  await desk.close();
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
