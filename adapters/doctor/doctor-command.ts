/** `npm run doctor`: looks at the settings, the machine and what is kept, and says what is wrong and what to do. Changes nothing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadSettings, type Settings, SettingsError } from '../../config/settings.ts';
import { loadSources } from '../../config/sources.ts';
import type { Language } from '../../domain/localized.ts';
import { languageOf, runCommand } from '../backup/command-line.ts';
import { connectToPlatform } from '../backup/control-socket.ts';
import { isHeldToPostgres } from '../registry/postgres.ts';
import { damagedFiles, influx, journalAndQuarantine, postgresRegistry, readiness, registry } from './data.ts';
import { type Finding, ok, problem } from './finding.ts';
import {
  certificate,
  clockIsSet,
  clockSynchronised,
  disk,
  nodeVersion,
  openFiles,
  openFilesLimit,
  ports,
} from './machine.ts';
import { nats } from './nats.ts';

const USAGE: Readonly<Record<Language, string>> = {
  en: `Usage: npm run doctor -- [--json] [--lang vi|en]

Looks at settings, machine and data, and says what is wrong and what to do. Exit code 1 when something must be mended.`,
  vi: `Cách dùng: npm run doctor -- [--json] [--lang vi|en]

Kiểm tra cấu hình, máy chủ và dữ liệu; cho biết chỗ nào sai và cách xử lý. Mã thoát là 1 khi có lỗi phải sửa.`,
};
const MARKS = { ok: '✓', warning: '!', problem: '✗' } as const;
const LAST_LINE: Readonly<Record<Language, (problems: number, warnings: number) => string>> = {
  en: (problems, warnings) =>
    problems + warnings === 0 ? 'All is well.' : `To mend: ${problems}. To look at: ${warnings}.`,
  vi: (problems, warnings) =>
    problems + warnings === 0 ? 'Mọi thứ đều ổn.' : `Phải sửa: ${problems}. Cần xem lại: ${warnings}.`,
};

/** Everything that can be told of the settings, the machine and the data directory, most basic first. */
export async function examine(
  environment: Readonly<Record<string, string | undefined>>,
  now: Date,
): Promise<readonly Finding[]> {
  const node = nodeVersion(process.versions.node);
  let settings: Settings;
  let sources: number;
  try {
    settings = loadSettings(environment);
    sources = loadSources(settings.ingest.sourcesPath).length;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return [node, problem('settings', error.message, error.message)];
  }
  const { dataDirectory, store } = settings;
  const running = existsSync(dataDirectory) ? await connectToPlatform(dataDirectory) : null;
  running?.close();
  return [
    node,
    ok(
      'settings',
      `The settings can be read${sources > 0 ? `, ${sources} other brokers among them` : ''}`,
      `Đọc được cấu hình${sources > 0 ? `, gồm ${sources} máy chủ MQTT khác` : ''}`,
    ),
    clockIsSet(now, clockSynchronised()),
    ...(await disk(dataDirectory)),
    openFiles(openFilesLimit(), settings),
    ...certificate(settings, now),
    ...(running ? [await readiness(settings.http.port)] : await ports(settings)),
    settings.registry.engine === 'postgres' ? await postgresRegistry(settings.registry) : registry(dataDirectory),
    ...(running ? [] : journalAndQuarantine(dataDirectory)),
    damagedFiles(dataDirectory),
    ...(store.engine === 'influxdb' ? [await influx(store)] : []),
    ...([settings.journal.engine, settings.bus.engine].includes('nats')
      ? await nats(settings.nats, isHeldToPostgres(dataDirectory))
      : []),
    existsSync(join(import.meta.dirname, '../../dashboard/dist/index.html'))
      ? ok('dashboard', 'The dashboard is built', 'Giao diện đã được dựng')
      : ok('dashboard', 'The dashboard is built at the next start', 'Giao diện sẽ được dựng ở lần khởi động tới'),
  ];
}

if (import.meta.main)
  await runCommand(USAGE, async () => {
    const { values } = parseArgs({
      options: { json: { type: 'boolean' }, lang: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    const language = languageOf(values.lang);
    if (values.help) return void console.log(USAGE[language]);
    const findings = await examine(process.env, new Date());
    const count = (verdict: Finding['verdict']): number => findings.filter((found) => found.verdict === verdict).length;
    if (values.json) console.log(JSON.stringify(findings));
    else {
      for (const { verdict, text } of findings) console.log(`${MARKS[verdict]} ${text[language]}`);
      console.log(`\n${LAST_LINE[language](count('problem'), count('warning'))}`);
    }
    process.exitCode = count('problem') > 0 ? 1 : 0;
  });
