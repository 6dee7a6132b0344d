/** `npm run restore -- BACKUP [--check]`: makes the data directory from a backup, or looks one through. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadSettings } from '../../config/settings.ts';
import type { Language } from '../../domain/localized.ts';
import { languageOf, progressBar, runCommand, UsageError } from './command-line.ts';
import { type Manifest, totalReadings } from './manifest.ts';
import { checkBackup, restoreBackup } from './restore.ts';

const USAGE: Readonly<Record<Language, string>> = {
  en: `Usage: npm run restore -- BACKUP [--check] [--lang vi|en]

Makes the data directory (HD_DATA_DIRECTORY), which must be absent or empty, from BACKUP, and checks every byte, reading and row.
  --check   only look BACKUP through where it lies`,
  vi: `Cách dùng: npm run restore -- BẢN_SAO_LƯU [--check] [--lang vi|en]

Dựng lại thư mục dữ liệu (HD_DATA_DIRECTORY, phải chưa có hoặc còn trống) từ BẢN_SAO_LƯU và kiểm tra từng byte, từng số đo, từng dòng.
  --check   chỉ kiểm tra BẢN_SAO_LƯU tại chỗ`,
};
const DONE: Readonly<Record<Language, (was: Manifest, where: string, checked: boolean) => string>> = {
  en: (was, where, checked) =>
    `${where}: ${checked ? 'sound' : 'restored and checked'}. Release ${was.release}, as of ${was.madeAt}, ${totalReadings(was).toLocaleString('en-GB')} readings in ${was.files.length} files.${was.store === 'influxdb' ? ' Readings are in InfluxDB: restore that too.' : ''}`,
  vi: (was, where, checked) =>
    `${where}: ${checked ? 'nguyên vẹn' : 'đã khôi phục và kiểm tra'}. Phiên bản ${was.release}, thời điểm ${was.madeAt}, ${totalReadings(was).toLocaleString('vi-VN')} số đo trong ${was.files.length} tệp.${was.store === 'influxdb' ? ' Số đo nằm trong InfluxDB: hãy khôi phục cả InfluxDB.' : ''}`,
};

if (import.meta.main)
  await runCommand(USAGE, async () => {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { check: { type: 'boolean' }, lang: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    const language = languageOf(values.lang);
    if (values.help) return void console.log(USAGE[language]);
    const [from, ...more] = positionals;
    if (from === undefined || more.length > 0) throw new UsageError('BACKUP ?');
    const { dataDirectory } = loadSettings(process.env);
    const bar = progressBar();
    const spill = mkdtempSync(join(tmpdir(), 'hai-dang-check-'));
    try {
      const was = values.check
        ? await checkBackup(from, spill, bar.at)
        : await restoreBackup({ from, dataDirectory, onProgress: bar.at });
      bar.done();
      console.log(DONE[language](was, values.check ? from : dataDirectory, values.check === true));
    } finally {
      bar.end();
      rmSync(spill, { recursive: true, force: true });
    }
  });
