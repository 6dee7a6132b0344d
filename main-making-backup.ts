/** Part of the composition root: saves the data directory, of a running platform or a stopped one. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { backupName, type Elsewhere, makeBackup, removeOldBackups } from './adapters/backup/backup.ts';
import { languageOf, progressBar, runCommand, UsageError } from './adapters/backup/command-line.ts';
import { type Manifest, totalBytes, totalReadings } from './adapters/backup/manifest.ts';
import { type TakenJournal, takeJournal, takeReadings, takeRegistry } from './adapters/backup/taking-elsewhere.ts';
import { firstKept } from './adapters/journal/nats-stream.ts';
import { PostgresDatabase } from './adapters/registry/postgres-database.ts';
import { RegistrySnapshot } from './adapters/registry/row-sync.ts';
import { SERIES_ROWS, SeriesNames, type SeriesRow } from './adapters/registry/series-names.ts';
import { loadSettings, type Settings } from './config/settings.ts';
import type { Language } from './domain/localized.ts';
import { openInflux, openJournal, openNats, readingOnly, storeOffsetHours } from './main-engines.ts';
import manifest from './package.json' with { type: 'json' };

const USAGE: Readonly<Record<Language, string>> = {
  en: `Usage: npm run backup -- FOLDER [--keep N] [--lang vi|en]

Saves the whole data directory (HD_DATA_DIRECTORY) as FOLDER/hai-dang-<time, UTC>, while the platform runs or while it doesn't; with what is in PostgreSQL,
InfluxDB and NATS, where the settings say so, as the files it would be in a data directory.
  --keep N   afterwards remove all finished backups in FOLDER but the newest N`,
  vi: `Cách dùng: npm run backup -- THƯ_MỤC [--keep N] [--lang vi|en]

Sao lưu toàn bộ thư mục dữ liệu (HD_DATA_DIRECTORY) vào THƯ_MỤC/hai-dang-<thời điểm, UTC>, cả khi hệ thống đang chạy lẫn khi đã dừng; dữ liệu trong PostgreSQL,
InfluxDB và NATS (nếu cấu hình có dùng) được lưu thành các tệp như trong thư mục dữ liệu.
  --keep N   sau đó xóa các bản sao lưu đã hoàn tất trong THƯ_MỤC, chỉ giữ N bản mới nhất`,
};

const numbers = (language: Language) => new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB');
const SUMMARY: Readonly<Record<Language, (made: Manifest, to: string, removed: readonly string[]) => string>> = {
  en: (made, to, removed) =>
    [
      `${to}: ${numbers('en').format(made.files.length)} files, ${numbers('en').format(Math.round(totalBytes(made) / 1e6))} MB, ${numbers('en').format(totalReadings(made))} readings.`,
      ...removed.map((name) => `Removed ${name}.`),
    ].join('\n'),
  vi: (made, to, removed) =>
    [
      `${to}: ${numbers('vi').format(made.files.length)} tệp, ${numbers('vi').format(Math.round(totalBytes(made) / 1e6))} MB, ${numbers('vi').format(totalReadings(made))} số đo.`,
      ...removed.map((name) => `Đã xóa ${name}.`),
    ].join('\n'),
};

/** How what the settings say is on servers gets into a backup. */
async function takenElsewhere(
  settings: Settings,
): Promise<{ readonly elsewhere: Elsewhere; readonly close: () => Promise<void> }> {
  const { registry, store, timeZone, nats, dataDirectory } = settings;
  const opened: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  const database = registry.engine === 'postgres' ? await PostgresDatabase.open(registry) : null;
  if (database) opened.push(() => database.close());
  const names = new SeriesNames();
  const rows = async () => {
    if (database) return names.know(await database.tuples(SERIES_ROWS));
    const snapshot = new RegistrySnapshot(join(dataDirectory, 'registry.sqlite'));
    names.know(await snapshot.tuples<SeriesRow>(SERIES_ROWS).finally(() => snapshot.close()));
  };
  const influx = store.engine === 'influxdb' ? openInflux(store, timeZone, names.resolve) : null;
  const series = async () => {
    await rows();
    return names.all;
  };
  const taken = influx && { store: influx, series, utcOffsetHours: storeOffsetHours(timeZone) };
  const connection = await openNats(settings);
  if (connection) opened.push(() => connection.close());
  const journal = async (path: string): Promise<TakenJournal> => {
    const from = await openJournal(settings, readingOnly(connection));
    opened.push(() => from.close());
    return takeJournal(from, () => firstKept(connection!, nats.stream), path);
  };
  return {
    elsewhere: {
      ...(database && { registry: (path) => takeRegistry(database, path) }),
      ...(taken && { store: (path, spill) => takeReadings(taken, path, spill) }),
      ...(connection && { journal }),
    },
    close,
  };
}

/** `npm run backup -- FOLDER [--keep N]`. */
export const makeBackupAsTold = (): Promise<void> =>
  runCommand(USAGE, async () => {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { keep: { type: 'string' }, lang: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    const language = languageOf(values.lang);
    if (values.help) return void console.log(USAGE[language]);
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0) throw new UsageError('FOLDER ?');
    const keep = values.keep === undefined ? null : Number(values.keep);
    if (keep !== null && !(Number.isInteger(keep) && keep >= 1))
      throw new UsageError(`--keep: "${values.keep}" (1, 2, 3 …)`);
    const settings = loadSettings(process.env);
    const { dataDirectory } = settings;
    mkdirSync(folder, { recursive: true });
    const now = new Date();
    const to = join(folder, backupName(now));
    const bar = progressBar();
    const { elsewhere, close } = await takenElsewhere(settings);
    try {
      const made = await makeBackup({
        dataDirectory,
        to,
        release: manifest.version,
        now,
        elsewhere,
        onProgress: bar.at,
      });
      bar.done();
      console.log(SUMMARY[language](made, to, keep === null ? [] : removeOldBackups(folder, keep)));
    } finally {
      bar.end();
      await close();
    }
  });
