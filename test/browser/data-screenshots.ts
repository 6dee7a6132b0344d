/**
 * Draws the pictures of exports and station files in docs/images, in both languages. Run by `npm run screenshots`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { PointId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { stationTime } from '../../domain/station-file.ts';
import { epochMs } from '../../domain/time.ts';
import { atDesk } from './field-device.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

const SIZE = { width: 1280, height: 900 };
const POINT = 'p-ea-do-son' as PointId;
const WORDS = { vi, en } as const;
const folder = mkdtempSync(join(tmpdir(), 'hd-data-pictures-'));
const watchedFolder = join(folder, 'incoming');

const now = epochMs(Math.floor(Date.now() / 60_000) * 60_000);
const nameAt = (ageMinutes: number, station = 'KHI001') =>
  `HP_DOSON_${station}_${stationTime(epochMs(now - ageMinutes * 60_000))}.txt`;
const lineAt = (ageMinutes: number, symbol: string, value: number, status = '00') =>
  `${symbol}\t${value}\tug/Nm3\t${stationTime(epochMs(now - ageMinutes * 60_000))}\t${status}\r\n`;
await drawPictures(
  { stationFiles: { watchedFolder, exportFolder: join(folder, 'outgoing'), pollSeconds: 0.2, quietSeconds: 0.2 } },
  async (room) => {
    const { url } = room;
    const desk = await atDesk(room, 'moitruong');
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
      const page = await pictured(room, language, 'wide', {
        as: 'moitruong',
        scheme: 'light',
        context: { viewport: SIZE },
      });
      await page.goto(`${url}/stations`);
      await page.getByText(words.stations.refusals.STATION_UNKNOWN).first().waitFor();
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: words.stations.choose }).click();
      await (await chooser).setFiles(upload);
      await page.getByRole('article').waitFor();
      await shoot(page, `station-files-${language}`);
      await page.goto(`${url}/export`);
      await page.getByText(words.exports.formats.csv, { exact: true }).click();
      await page.getByRole('button', { name: words.exports.start, exact: true }).click();
      await page.locator('[data-export=done]').first().waitFor();
      await shoot(page, `export-${language}`);
      await page.context().close();
    }
  },
);
rmSync(folder, { recursive: true, force: true });
