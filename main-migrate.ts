/** Part of the composition root: `npm run migrate -- OLD_DIRECTORY` moves a city from embedded engines to those of the settings, while it goes on. */
import { constants, setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { languageOf, progressBar, runCommand, UsageError } from './adapters/backup/command-line.ts';
import { isStreamUnused, removeStream } from './adapters/journal/nats-stream.ts';
import { migrate } from './adapters/migrate/migrate.ts';
import { MigrationError } from './adapters/migrate/migration-error.ts';
import type { MigrationResult, MigrationStep } from './adapters/migrate/migration-parts.ts';
import { PostgresDatabase } from './adapters/registry/postgres-database.ts';
import { loadSettings, type Settings } from './config/settings.ts';
import type { Language } from './domain/localized.ts';
import { emptyColumns } from './domain/reading.ts';
import { decodePayload, encodePayload } from './ingest/readings-codec.ts';
import { openInflux, openJournal, openNats, readingOnly, storeOffsetHours } from './main-engines.ts';
import manifest from './package.json' with { type: 'json' };

const USAGE: Readonly<Record<Language, string>> = {
  en: `Usage: npm run migrate -- OLD_DIRECTORY [--lang vi|en]

Moves the city of OLD_DIRECTORY (SQLite, LMDB, DuckDB) to PostgreSQL, NATS and InfluxDB, which must be empty, while its platform goes on. Run it as that
platform's user, with the settings of the platform to come; HD_DATA_DIRECTORY is then that of its first gateway. At the end it stops the old platform and says
when to start the new processes. Killed at any moment it can be begun again. OLD_DIRECTORY stays as it is.`,
  vi: `Cách dùng: npm run migrate -- THƯ_MỤC_CŨ [--lang vi|en]

Chuyển hệ thống trong THƯ_MỤC_CŨ (SQLite, LMDB, DuckDB) sang PostgreSQL, NATS và InfluxDB còn trống, trong khi hệ thống vẫn chạy. Chạy lệnh bằng người dùng của hệ
thống cũ với cấu hình của hệ thống mới; HD_DATA_DIRECTORY khi đó là thư mục của cổng thu nhận đầu tiên. Cuối cùng lệnh dừng hệ thống cũ và báo lúc khởi động các tiến
trình mới. Nếu bị ngắt giữa chừng, chỉ cần chạy lại. THƯ_MỤC_CŨ được giữ nguyên.`,
};
const STEPS: Readonly<Record<Language, Readonly<Record<MigrationStep, string>>>> = {
  en: {
    history: 'Readings, week by week, each read again where it was written',
    registry: 'Registry and files, a first time',
    'catching-up': 'What came in meanwhile, from the journal',
    'handing-over': 'Hand-over: the old platform stops; devices keep their messages. Registry, to the last row',
    comparing: 'Comparing the weeks that changed',
    journal: 'Journal',
    files: 'Quarantine, sessions, files',
  },
  vi: {
    history: 'Số đo, từng tuần một, đọc lại để đối chiếu ngay sau khi ghi',
    registry: 'Sổ đăng ký và tệp, lượt đầu',
    'catching-up': 'Số liệu đến trong lúc đó, lấy từ nhật ký',
    'handing-over': 'Bàn giao: hệ thống cũ dừng, thiết bị giữ lại tin chưa gửi được. Sổ đăng ký, đến dòng cuối cùng',
    comparing: 'Đối chiếu các tuần có thay đổi',
    journal: 'Nhật ký',
    files: 'Khu cách ly, phiên kết nối, tệp',
  },
};
const DONE: Readonly<Record<Language, (result: MigrationResult) => string>> = {
  en: ({ handOverMs, registryRows, readings, daysAgain, entries }) =>
    `Moved: ${sumOf(registryRows).toLocaleString('en-GB')} rows in ${Object.keys(registryRows).length} tables, each alike; ${readings.toLocaleString('en-GB')} readings, each read again; ${daysAgain} days of series copied once more; ${entries} entries of the journal. Hand-over: ${(handOverMs / 1000).toLocaleString('en-GB', { maximumFractionDigits: 1 })} s. Start the new processes now.`,
  vi: ({ handOverMs, registryRows, readings, daysAgain, entries }) =>
    `Đã chuyển: ${sumOf(registryRows).toLocaleString('vi-VN')} dòng trong ${Object.keys(registryRows).length} bảng, đối chiếu khớp; ${readings.toLocaleString('vi-VN')} số đo, đều đã đọc lại; chép lại ${daysAgain} ngày của từng chuỗi; ${entries} mục nhật ký. Thời gian bàn giao: ${(handOverMs / 1000).toLocaleString('vi-VN', { maximumFractionDigits: 1 })} giây. Hãy khởi động các tiến trình mới ngay bây giờ.`,
};
/** Said before what went wrong. */
const STOPPED: Readonly<Record<Language, (from: string) => string>> = {
  en: (from) =>
    `The old platform has stopped, and the new one can't start yet. Mend what is said below and begin again; or remove ${from}/moved and start the old one.`,
  vi: (from) =>
    `Hệ thống cũ đã dừng, hệ thống mới chưa khởi động được. Hãy khắc phục lỗi dưới đây rồi chạy lại lệnh; hoặc xóa tệp ${from}/moved và khởi động lại hệ thống cũ.`,
};
const sumOf = (rows: Readonly<Record<string, number>>): number => Object.values(rows).reduce((a, b) => a + b, 0);

/** Moves what is in `from` to the engines of the settings. @throws {MigrationError} when they are not such that several processes can share. */
export async function migrateTo(
  settings: Settings,
  from: string,
  told: { readonly onProgress: (done: number, total: number) => void; readonly onStep: (step: MigrationStep) => void },
): Promise<MigrationResult> {
  const { registry, store, journal, nats, dataDirectory, timeZone } = settings;
  if (registry.engine !== 'postgres' || store.engine !== 'influxdb' || journal.engine !== 'nats')
    throw new MigrationError(
      'give the settings of the platform to come: HD_REGISTRY_ENGINE=postgres, HD_STORE_ENGINE=influxdb, HD_JOURNAL_ENGINE=nats, with where each is',
    );
  const connection = await openNats(settings);
  const database = await PostgresDatabase.open(registry);
  try {
    return await migrate({
      from,
      to: dataDirectory,
      release: manifest.version,
      registry: database,
      openStore: (resolve) => openInflux(store, timeZone, resolve),
      journal: {
        isEmpty: () => isStreamUnused(connection!, nats.stream),
        async openAnew() {
          await removeStream(connection!, nats.stream);
          return openJournal(settings, readingOnly(connection));
        },
      },
      payloads: {
        readingsOf: (payload) => decodePayload(payload).readings,
        nothing: encodePayload({ readings: emptyColumns(0), marks: [] }),
      },
      utcOffsetHours: storeOffsetHours(timeZone),
      ...told,
    });
  } finally {
    await database.close();
    await connection?.close();
  }
}

if (import.meta.main)
  await runCommand(USAGE, async () => {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { lang: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    const language = languageOf(values.lang);
    if (values.help) return void console.log(USAGE[language]);
    const [from, ...more] = positionals;
    if (from === undefined || more.length > 0) throw new UsageError('OLD_DIRECTORY ?');
    // Copying can wait; devices that want their acknowledgement should not.
    setPriority(constants.priority.PRIORITY_LOW);
    const bar = progressBar();
    let isStopped = false;
    try {
      const result = await migrateTo(loadSettings(process.env), from, {
        onProgress: bar.at,
        onStep(step) {
          bar.end();
          isStopped ||= step === 'comparing';
          console.error(`• ${STEPS[language][step]}`);
        },
      });
      console.log(DONE[language](result));
    } catch (error) {
      if (isStopped) console.error(STOPPED[language](from));
      throw error;
    } finally {
      bar.end();
    }
  });
