/**
 * A backup of a year's readings while others come in: `npm run bench:backup [-- --json] [-- --readings 100000000] [-- --seconds 30]`.
 *
 * The store is filled with readings every ten minutes of a year; then 500 devices send 2,000 messages a second, QoS 1, four quantities each: first
 * alone, then while `npm run backup` runs as a process of its own. What was made is restored beside, which checks every byte, reading and row, and what was
 * acknowledged before the backup began is looked for in it.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readManifest, totalBytes, totalReadings } from '../adapters/backup/manifest.ts';
import { restoreBackup } from '../adapters/backup/restore.ts';
import { loadCity, registerCity } from './load-city.ts';
import type { SenderOrder, SenderResult } from './mqtt-sender.ts';
import { startPlatform } from './platform-child.ts';
import { killAll, startOrder, startProcess } from './processes.ts';
import { report, rounded } from './report.ts';
import { fillYear } from './stored-year.ts';

const { values: words } = parseArgs({
  options: {
    json: { type: 'boolean' },
    readings: { type: 'string', default: '100000000' },
    /** Of sending before the backup begins, to compare with. */
    seconds: { type: 'string', default: '30' },
  },
});
const READINGS = Number(words.readings);
const SECONDS = Number(words.seconds);
if (!(READINGS > 0 && SECONDS > 0)) throw new RangeError('--readings and --seconds take numbers above 0');
const DEVICES = 500;
const PER_SECOND = 2_000;
/** Above those that the registry gives. */
const FIRST_FILLED_SERIES = 1_000_000;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const folder = mkdtempSync(join(tmpdir(), 'hd-bench-backup-'));
try {
  const data = join(folder, 'data');
  const backups = join(folder, 'backups');
  mkdirSync(data);
  mkdirSync(backups);
  const city = loadCity(DEVICES);
  await registerCity(data, city.seed);
  const filled = await fillYear(join(data, 'store'), READINGS, FIRST_FILLED_SERIES, Date.now() - 86_400_000);
  const platform = await startPlatform({ folder: data });
  const order = {
    port: platform.mqttPort,
    devices: city.devices.map(({ id, token }) => [id, token] as const),
    channels: city.channels,
    window: 20,
    rate: PER_SECOND,
  };
  const send = (seconds: number) => {
    const from = Date.now() - 120_000;
    return startOrder<SenderOrder, SenderResult>('mqtt-sender.ts', { ...order, seconds, from });
  };
  const alone = await send(SECONDS).answer;
  await platform.caughtUp();

  const beside = send(0);
  const began = performance.now();
  const command = startProcess(process.execPath, ['bootstrap.mjs', 'backup', backups], {
    env: { HD_DATA_DIRECTORY: data },
    stdio: 'ignore',
  });
  const code = await new Promise((resolve) => command.once('exit', resolve));
  const backupSeconds = (performance.now() - began) / 1_000;
  beside.child.stdin!.end();
  const during = await beside.answer;
  await platform.stop();
  const [name] = readdirSync(backups);
  if (code !== 0 || name === undefined) throw new Error(`the backup ended with ${code}`);

  const manifest = readManifest(join(backups, name));
  const restoring = performance.now();
  await restoreBackup({ from: join(backups, name), dataDirectory: join(folder, 'restored') });
  const restoreSeconds = (performance.now() - restoring) / 1_000;
  // All that was acknowledged before it began is in the copies of the store's files: the first sending was over and stored.
  const acknowledged = filled + sum(alone.acked) * city.channels.length;
  report(
    'backup',
    {
      readings: filled,
      megabytes: rounded(totalBytes(manifest) / 1e6, 0),
      messages_per_s: rounded(sum(during.acked) / during.seconds, 0),
      puback_ms_p50: rounded(alone.latencyMs.p50),
      puback_ms_p99: rounded(alone.latencyMs.p99),
      backup_s: rounded(backupSeconds),
      backup_puback_ms_p50: rounded(during.latencyMs.p50),
      backup_puback_ms_p99: rounded(during.latencyMs.p99),
      puback_p99_ratio: rounded(during.latencyMs.p99 / alone.latencyMs.p99, 2),
      unanswered: alone.unanswered + during.unanswered,
      restore_s: rounded(restoreSeconds),
      restored_readings: totalReadings(manifest),
      missing: Math.max(0, acknowledged - totalReadings(manifest)),
    },
    { puback_p99_ratio: { most: 2 }, unanswered: { most: 0 }, missing: { most: 0 } },
  );
} finally {
  killAll();
  rmSync(folder, { recursive: true, force: true });
}
