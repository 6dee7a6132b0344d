/** Part of the composition root: `npm run restore -- BACKUP [--check]`: makes the data directory from a backup, or looks one through. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { languageOf, progressBar, runCommand, UsageError } from './adapters/backup/command-line.ts';
import { BackupError, type Manifest, readManifest, totalReadings } from './adapters/backup/manifest.ts';
import { checkBackup, restoreBackup } from './adapters/backup/restore.ts';
import { loadSettings, type Settings } from './config/settings.ts';
import type { Language } from './domain/localized.ts';
import { migrateTo } from './main-migrate.ts';

const USAGE: Readonly<Record<Language, string>> = {
  en: `Usage: npm run restore -- BACKUP [--check] [--lang vi|en]

Makes the data directory (HD_DATA_DIRECTORY), which must be absent or empty, from BACKUP, and checks every byte, reading and row. With PostgreSQL, InfluxDB
and NATS in the settings it fills those, which must be empty too, and can be begun again.
  --check   only look BACKUP through where it lies`,
  vi: `Cách dùng: npm run restore -- BẢN_SAO_LƯU [--check] [--lang vi|en]

Dựng lại thư mục dữ liệu (HD_DATA_DIRECTORY, phải chưa có hoặc còn trống) từ BẢN_SAO_LƯU và kiểm tra từng byte, từng số đo, từng dòng. Nếu cấu hình dùng PostgreSQL,
InfluxDB và NATS, lệnh nạp dữ liệu vào các máy chủ đó (cũng phải còn trống); nếu bị ngắt giữa chừng, chỉ cần chạy lại.
  --check   chỉ kiểm tra BẢN_SAO_LƯU tại chỗ`,
};
const DONE: Readonly<Record<Language, (was: Manifest, where: string, checked: boolean) => string>> = {
  en: (was, where, checked) =>
    `${where}: ${checked ? 'sound' : 'restored and checked'}. Release ${was.release}, as of ${was.madeAt}, ${totalReadings(was).toLocaleString('en-GB')} readings in ${was.files.length} files.${was.store === 'influxdb' ? ' Readings are in InfluxDB: restore that too.' : ''}`,
  vi: (was, where, checked) =>
    `${where}: ${checked ? 'nguyên vẹn' : 'đã khôi phục và kiểm tra'}. Phiên bản ${was.release}, thời điểm ${was.madeAt}, ${totalReadings(was).toLocaleString('vi-VN')} số đo trong ${was.files.length} tệp.${was.store === 'influxdb' ? ' Số đo nằm trong InfluxDB: hãy khôi phục cả InfluxDB.' : ''}`,
};

/** Whether all is to go to servers. @throws {BackupError} when some is: a backup does not go to a mixture. */
function onServers({ registry, store, journal }: Settings): boolean {
  const servers = [registry.engine === 'postgres', store.engine === 'influxdb', journal.engine === 'nats'];
  if (servers.every((one) => one)) return true;
  if (servers.some((one) => one))
    throw new BackupError(
      'a backup is restored into a data directory alone, or into PostgreSQL, InfluxDB and NATS together: set all three engines, or none',
    );
  return false;
}

/** Restores beside the data directory what is seen to be sound, and moves it from there. Begun again it goes on with what is there. */
async function restoreToServers(
  settings: Settings,
  from: string,
  onProgress: (done: number, total: number) => void,
): Promise<Manifest> {
  const beside = `${resolve(settings.dataDirectory)}.restoring`;
  const was = readManifest(from);
  // The registry's file comes last.
  if (!existsSync(join(beside, 'registry.sqlite'))) await restoreBackup({ from, dataDirectory: beside, onProgress });
  await migrateTo(settings, beside, { onProgress, onStep: () => {} });
  rmSync(beside, { recursive: true, force: true });
  return was;
}

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
    const settings = loadSettings(process.env);
    const { dataDirectory } = settings;
    const bar = progressBar();
    const spill = mkdtempSync(join(tmpdir(), 'hai-dang-check-'));
    try {
      const was = values.check
        ? await checkBackup(from, spill, bar.at)
        : onServers(settings)
          ? await restoreToServers(settings, from, bar.at)
          : await restoreBackup({ from, dataDirectory, onProgress: bar.at });
      bar.done();
      console.log(DONE[language](was, values.check ? from : dataDirectory, values.check === true));
    } finally {
      bar.end();
      rmSync(spill, { recursive: true, force: true });
    }
  });
