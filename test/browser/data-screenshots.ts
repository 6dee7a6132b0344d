/**
 * Draws the pictures of exports and station files in docs/images, in both languages. Run by `npm run screenshots`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { chromium } from 'playwright-core';
import { loadSettings } from '../../config/settings.ts';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { PointId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { stationTime } from '../../domain/station-file.ts';
import { epochMs } from '../../domain/time.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { atDesk } from './field-device.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const SIZE = { width: 1280, height: 900 };
const POINT = 'p-ea-do-son' as PointId;
const WORDS = { vi, en } as const;

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-data-pictures-'));
const watchedFolder = join(folder, 'incoming');
const settings = loadSettings(
  {},
  {
    dataDirectory: join(folder, 'data'),
    http: { port: 0 },
    mqtt: { port: 0 },
    demo: { fleet: false, historyDays: 0 },
    stationFiles: { watchedFolder, exportFolder: join(folder, 'outgoing'), pollSeconds: 0.2, quietSeconds: 0.2 },
  },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const url = `http://127.0.0.1:${platform.httpPort}`;
const desk = await atDesk({ url, browser }, 'moitruong');
const now = epochMs(Math.floor(Date.now() / 60_000) * 60_000);
const nameAt = (ageMinutes: number, station = 'KHI001') =>
  `HP_DOSON_${station}_${stationTime(epochMs(now - ageMinutes * 60_000))}.txt`;
const lineAt = (ageMinutes: number, symbol: string, value: number, status = '00') =>
  `${symbol}\t${value}\tug/Nm3\t${stationTime(epochMs(now - ageMinutes * 60_000))}\t${status}\r\n`;
try {
  const point = await desk.call('GET /points/{pointId}', { params: { pointId: POINT } });
  const parameter = (symbol: string, quantity: string) => ({
    symbol,
    pointId: POINT,
    quantity: quantity as QuantityKey,
    unit: 'µg/Nm3',
  });
  await desk.call('POST /stations', {
    body: {
      code: 'KHI001',
      agencyId: point.agencyId,
      station: {
        province: 'HP',
        facility: 'DOSON',
        parameters: [parameter('PM2,5', 'pm2_5'), parameter('PM10', 'pm10')],
        schedule: { intervalMinutes: 5, symbols: ['PM2,5', 'PM10'], folder: 'so-tnmt', dated: true },
      },
    },
  });
  for (let age = 60; age > 10; age -= 5)
    writeFileSync(join(watchedFolder, nameAt(age)), lineAt(age, 'PM2,5', 30 + age / 10) + lineAt(age, 'PM10', 60));
  writeFileSync(join(watchedFolder, nameAt(5, 'NUO009')), lineAt(5, 'COD', 12));
  const upload = join(folder, nameAt(10));
  writeFileSync(upload, lineAt(10, 'PM2.5', 37.5) + lineAt(10, 'PM10', 61, '01') + lineAt(10, 'SO2', 12));

  for (const language of LANGUAGES) {
    const words = WORDS[language];
    const context = await browser.newContext({ viewport: SIZE, colorScheme: 'light', reducedMotion: 'reduce' });
    await context.addInitScript((chosen) => {
      localStorage.setItem('hd.language', chosen);
      localStorage.setItem('hd.colour-scheme', 'light');
    }, language);
    await context.request.post(`${url}/api/v1/session`, {
      headers: { origin: url },
      data: { loginName: 'moitruong', password: 'hai-dang-demo' },
    });
    const page = await context.newPage();
    const picture = async (name: string): Promise<void> => {
      await atRest(page);
      const tools = await context.newCDPSession(page);
      const { data } = await tools.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
      writeFileSync(join(IMAGES, `${name}-${language}.webp`), Buffer.from(data, 'base64'));
      console.log(`${name}-${language}.webp`);
    };
    await page.goto(`${url}/stations`);
    await page.getByText(words.stations.refusals.STATION_UNKNOWN).first().waitFor();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: words.stations.choose }).click();
    await (await chooser).setFiles(upload);
    await page.getByRole('article').waitFor();
    await picture('station-files');
    await page.goto(`${url}/export`);
    await page.getByText(words.exports.formats.csv, { exact: true }).click();
    await page.getByRole('button', { name: words.exports.start, exact: true }).click();
    await page.locator('[data-export=done]').first().waitFor();
    await picture('export');
    await context.close();
  }
} finally {
  await desk.close();
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
