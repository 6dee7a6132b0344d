/** `npm run backup -- FOLDER [--keep N]`: saves the data directory, of a running platform or a stopped one. */
import { mkdirSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadSettings } from '../../config/settings.ts';
import type { Language } from '../../domain/localized.ts';
import { backupName, makeBackup, removeOldBackups } from './backup.ts';
import { languageOf, progressBar, runCommand, UsageError } from './command-line.ts';
import { BackupError, type Manifest, totalBytes, totalReadings } from './manifest.ts';

const { version: RELEASE } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  readonly version: string;
};

const USAGE: Readonly<Record<Language, string>> = {
  en: `Usage: npm run backup -- FOLDER [--keep N] [--lang vi|en]

Saves the whole data directory (HD_DATA_DIRECTORY) as FOLDER/hai-dang-<time, UTC>, while the platform runs or while it doesn't.
  --keep N   afterwards remove all finished backups in FOLDER but the newest N`,
  vi: `Cách dùng: npm run backup -- THƯ_MỤC [--keep N] [--lang vi|en]

Sao lưu toàn bộ thư mục dữ liệu (HD_DATA_DIRECTORY) vào THƯ_MỤC/hai-dang-<thời điểm, UTC>, cả khi hệ thống đang chạy lẫn khi đã dừng.
  --keep N   sau đó xóa các bản sao lưu đã hoàn tất trong THƯ_MỤC, chỉ giữ N bản mới nhất`,
};

/** A registry in another server is of one moment with the data directory only while nothing is written: both are saved by whoever stops the platform. */
const IN_POSTGRES: Readonly<Record<Language, string>> = {
  en: `The registry is in PostgreSQL, which this command does not save, so it saves nothing. Stop the platform and save both:
  1. a copy of the data directory (HD_DATA_DIRECTORY)
  2. pg_dump --format=custom --file=registry.dump DATABASE
To restore: pg_restore into an empty database, then the directory. See docs/operations.md, "PostgreSQL".`,
  vi: `Sổ đăng ký nằm trong PostgreSQL, lệnh này không sao lưu được nên không sao lưu gì cả. Hãy dừng hệ thống rồi sao lưu cả hai:
  1. bản sao của thư mục dữ liệu (HD_DATA_DIRECTORY)
  2. pg_dump --format=custom --file=registry.dump TÊN_CƠ_SỞ_DỮ_LIỆU
Khi khôi phục: chạy pg_restore vào cơ sở dữ liệu trống, rồi chép lại thư mục. Xem docs/operations.md, mục "PostgreSQL".`,
};

const numbers = (language: Language) => new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB');
const SUMMARY: Readonly<Record<Language, (made: Manifest, to: string, removed: readonly string[]) => string>> = {
  en: (made, to, removed) =>
    [
      `${to}: ${numbers('en').format(made.files.length)} files, ${numbers('en').format(Math.round(totalBytes(made) / 1e6))} MB, ${numbers('en').format(totalReadings(made))} readings.`,
      ...(made.store === 'influxdb' ? ['Readings are in InfluxDB: back that up now, after this.'] : []),
      ...removed.map((name) => `Removed ${name}.`),
    ].join('\n'),
  vi: (made, to, removed) =>
    [
      `${to}: ${numbers('vi').format(made.files.length)} tệp, ${numbers('vi').format(Math.round(totalBytes(made) / 1e6))} MB, ${numbers('vi').format(totalReadings(made))} số đo.`,
      ...(made.store === 'influxdb' ? ['Số đo nằm trong InfluxDB: hãy sao lưu InfluxDB ngay sau bước này.'] : []),
      ...removed.map((name) => `Đã xóa ${name}.`),
    ].join('\n'),
};

if (import.meta.main)
  await runCommand(USAGE, async () => {
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
    const { dataDirectory, registry } = loadSettings(process.env);
    if (registry.engine === 'postgres') throw new BackupError(IN_POSTGRES[language]);
    // Checksums can wait; devices that want their acknowledgement should not.
    setPriority(constants.priority.PRIORITY_LOW);
    mkdirSync(folder, { recursive: true });
    const now = new Date();
    const to = join(folder, backupName(now));
    const bar = progressBar();
    try {
      const made = await makeBackup({ dataDirectory, to, release: RELEASE, now, onProgress: bar.at });
      bar.done();
      console.log(SUMMARY[language](made, to, keep === null ? [] : removeOldBackups(folder, keep)));
    } finally {
      bar.end();
    }
  });
