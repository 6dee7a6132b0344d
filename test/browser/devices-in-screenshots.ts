/**
 * Draws the pictures of the ways devices come in (sheet, labels, self-registration) in docs/images, in both languages. Run by `npm run screenshots`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { chromium } from 'playwright-core';
import { loadSettings } from '../../config/settings.ts';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { AgencyId, DeviceModelId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { ProvisioningKey } from '../../domain/provisioning.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { atDesk } from './field-device.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const TEXTS = { vi, en } as const;
const AGENCY = 'environment' as AgencyId;
const PROFILE = 'tram-on-2026' as ProvisioningKey;
const SHEET = [
  'id,agency,model,serial,state,note',
  ...Array.from({ length: 40 }, (_, i) =>
    [`on-${i + 1}`, 'environment', i === 2 ? 'noize' : 'noise', `SN-${1000 + i}`, i === 5 ? 'gone' : '', ''].join(','),
  ),
].join('\n');

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-devices-in-pictures-'));
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 0 } },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const street = { url: `http://127.0.0.1:${platform.httpPort}`, mqttPort: platform.mqttPort, browser };
const desk = await atDesk(street, 'quantri');
try {
  await desk.call('POST /provisioning-profiles', {
    body: {
      key: PROFILE,
      agencyId: AGENCY,
      name: 'Trạm ồn 2026',
      modelIds: ['noise' as DeviceModelId],
      stockListOnly: true,
      maximumDevices: 200,
      enabled: true,
      expiresAt: null,
    },
  });
  for (const language of LANGUAGES) {
    const t = TEXTS[language];
    const context = await browser.newContext({
      viewport: { width: 1280, height: 720 },
      colorScheme: 'light',
      reducedMotion: 'reduce',
    });
    await context.addInitScript((chosen) => localStorage.setItem('hd.language', chosen), language);
    await context.request.post(`${street.url}/api/v1/session`, {
      headers: { origin: street.url },
      data: { loginName: 'quantri', password: 'hai-dang-demo' },
    });
    const page = await context.newPage();
    const developerTools = await context.newCDPSession(page);
    const shoot = async (name: string): Promise<void> => {
      await atRest(page);
      const { data } = await developerTools.send('Page.captureScreenshot', { format: 'webp', quality: 84 });
      writeFileSync(join(IMAGES, `${name}-${language}.webp`), Buffer.from(data, 'base64'));
    };
    await page.goto(`${street.url}/imports`);
    const agency = (await desk.call('GET /agencies')).items.find(({ id }) => id === AGENCY);
    await page.getByLabel(t.alarms.agency).first().click();
    await page.getByRole('option', { name: agency?.name[language] ?? '', exact: true }).click();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'noise-2026.csv', mimeType: 'text/csv', buffer: Buffer.from(SHEET) });
    await page.getByRole('grid', { name: t.imports.rows }).waitFor();
    await page.locator('.row-error').first().waitFor();
    await shoot('import');
    await page.goto(`${street.url}/labels`);
    for (const id of ['kho-on-01', 'kho-on-02', 'kho-radar-01'])
      await page.getByRole('gridcell', { name: id, exact: true }).last().click();
    await page.getByRole('textbox', { name: t.labels.start }).fill('5');
    await shoot('labels');
    await page.goto(`${street.url}/provisioning?profile=${PROFILE}`);
    await page.getByRole('complementary').getByText(`hd/v1/provision/${PROFILE}`).waitFor();
    await shoot('provisioning');
    await context.close();
  }
} finally {
  await desk.close();
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
