/**
 * How many messages a second become durable and are acknowledged, at what CPU, beside mosquitto with the same sender:
 * `npm run bench:ingest [-- --json] [-- --seconds 20]`.
 *
 * 1,000 authenticated connections, QoS 1, at most 5 unacknowledged each, 4 quantities in about 110 bytes, 5 rules a device, 5 live clients that follow
 * everything: as fast as it goes, then at a steady 5,000 messages a second, each device in its turn. CPU is that of the platform's process, all
 * threads, until every consumer has passed the journal. Then every acknowledged reading is looked for in the store.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '../adapters/free-port.ts';
import { openDuckDbStore } from '../adapters/timeseries/duckdb.ts';
import type { SeriesDirectoryEntry } from '../domain/asset.ts';
import { epochMs, milliseconds } from '../domain/time.ts';
import type { LiveClientsOrder, LiveClientsResult } from './live-clients.ts';
import { type LoadCity, loadCity, registerCity, signIn } from './load-city.ts';
import type { SenderOrder, SenderResult } from './mqtt-sender.ts';
import { type PlatformChild, startPlatform } from './platform-child.ts';
import { cpuTime, killAll, peakMegabytes, startOrder, startProcess, threadCpuTimes } from './processes.ts';
import { report, rounded } from './report.ts';

const { values: words } = parseArgs({
  options: {
    json: { type: 'boolean' },
    seconds: { type: 'string', default: '20' },
    /** Writes CPU profiles of the platform into this folder. */
    'cpu-prof': { type: 'string' },
  },
});
const CONNECTIONS = 1_000;
const WINDOW = 5;
const LIVE_CLIENTS = 5;
const STEADY_PER_SECOND = 5_000;
const SECONDS = Number(words.seconds);
if (!(SECONDS > 0)) throw new RangeError('--seconds takes a number above 0');

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

interface Phase extends SenderResult {
  readonly from: number;
  readonly cpuMicroseconds: number;
}

/** Sends and waits for the consumers; event times are recent, and past by more than a second for each thousand messages. */
async function runPhase(platform: PlatformChild, order: Omit<SenderOrder, 'from'>): Promise<Phase> {
  const from = Date.now() - 120_000;
  const before = cpuTime(platform.pid);
  const threadsBefore = threadCpuTimes(platform.pid);
  const sent = await startOrder<SenderOrder, SenderResult>('mqtt-sender.ts', { ...order, from }).answer;
  await platform.caughtUp();
  const after = cpuTime(platform.pid);
  const messages = sum(sent.acked);
  const line = [...threadCpuTimes(platform.pid)]
    .map(([name, { user, system }]) => {
      const { user: userBefore, system: systemBefore } = threadsBefore.get(name) ?? { user: 0, system: 0 };
      return { name, user: (user - userBefore) / messages, system: (system - systemBefore) / messages };
    })
    .filter(({ user, system }) => user + system > 0.05)
    .map(({ name, user, system }) => `${name} ${user.toFixed(1)}+${system.toFixed(1)}`)
    .join(', ');
  process.stderr.write(
    `${messages} messages of ${sent.bytesOfMessage} bytes in ${sent.seconds.toFixed(1)} s; µs of CPU a message, user+system: ${line}\n`,
  );
  return { ...sent, from, cpuMicroseconds: after.user + after.system - before.user - before.system };
}

/** Series counted in one question. */
const COUNTED_AT_ONCE = 200;

/** Counts each phase's readings back from the store. A reading is lost when its identity is missing, doubled when it is there twice. */
async function countBack(
  folder: string,
  city: LoadCity,
  series: readonly SeriesDirectoryEntry[],
  phases: readonly Phase[],
) {
  const damaged: string[] = [];
  const store = await openDuckDbStore({
    path: join(folder, 'store'),
    memoryLimitMegabytes: 512,
    onDamaged: (file, reason) => damaged.push(`${file}: ${reason}`),
  });
  const connectionOf = new Map(city.devices.map(({ pointId }, i) => [pointId, i]));
  let [stored, lost, doubled] = [0, 0, 0];
  for (const { from, acked } of phases) {
    const expected = (entry: SeriesDirectoryEntry): number => acked[connectionOf.get(entry.pointId)!]!;
    for (let first = 0; first < series.length; first += COUNTED_AT_ONCE) {
      const asked = series.slice(first, first + COUNTED_AT_ONCE);
      const to = from + Math.max(...asked.map(expected));
      // A window a millisecond long holds what there is of one identity.
      const found = await store.windows({
        series: asked.map((entry) => entry.series),
        from: epochMs(from),
        to: epochMs(to),
        step: milliseconds(1),
        align: epochMs(from),
      });
      const seen = new Map(asked.map((entry) => [entry.series as number, new Uint8Array(to - from)]));
      for (let i = 0; i < found.length; i++) {
        seen.get(found.series[i]!)![found.start[i]! - from] = 1;
        stored++;
        doubled += found.count[i]! - 1;
      }
      for (const entry of asked) {
        const identities = seen.get(entry.series)!;
        for (let n = 0; n < expected(entry); n++) if (identities[n] === 0) lost++;
      }
    }
  }
  await store.close();
  if (damaged.length > 0) throw new Error(`damaged: ${damaged.join('; ')}`);
  return { stored, lost, doubled };
}

/** Debian's mosquitto without persistence or authentication, with the same sender. */
async function measureMosquitto(
  folder: string,
  order: Omit<SenderOrder, 'port'>,
): Promise<SenderResult & { readonly cpuMicroseconds: number }> {
  const port = await freePort();
  const configuration = join(folder, 'mosquitto.conf');
  writeFileSync(
    configuration,
    `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type error\nmax_inflight_messages 0\n`,
  );
  const PATH = `${process.env['PATH']}:/usr/sbin`;
  const mosquitto = startProcess('mosquitto', ['-c', configuration], { env: { PATH }, stdio: 'ignore' });
  await pause(1_000);
  const before = cpuTime(mosquitto.pid!);
  const result = await startOrder<SenderOrder, SenderResult>('mqtt-sender.ts', { ...order, port }).answer;
  const after = cpuTime(mosquitto.pid!);
  mosquitto.kill();
  return { ...result, cpuMicroseconds: after.user + after.system - before.user - before.system };
}

const folder = mkdtempSync(join(tmpdir(), 'hd-bench-ingest-'));
try {
  const city = loadCity(CONNECTIONS);
  const series = await registerCity(folder, city.seed);
  const platform = await startPlatform({
    folder,
    env: { HD_MQTT_DEVICE_MESSAGES_PER_SECOND: '100000', HD_MQTT_DEVICE_BURST_MESSAGES: '1000000' },
    nodeOptions: words['cpu-prof'] ? ['--cpu-prof', `--cpu-prof-dir=${words['cpu-prof']}`] : [],
  });
  const live = startOrder<LiveClientsOrder, LiveClientsResult>('live-clients.ts', {
    httpUrl: platform.httpUrl,
    cookie: await signIn(platform.httpUrl),
    clients: LIVE_CLIENTS,
  });
  const order = {
    port: platform.mqttPort,
    devices: city.devices.map(({ id, token }) => [id, token] as const),
    channels: city.channels,
    seconds: SECONDS,
    window: WINDOW,
    rate: 0,
  };
  const full = await runPhase(platform, order);
  // Past the first phase's last event time, so that no identity is used twice.
  await pause(Math.max(0, full.from + Math.max(...full.acked) + 120_001 - Date.now()));
  const steady = await runPhase(platform, { ...order, rate: STEADY_PER_SECOND });
  const rss = peakMegabytes(platform.pid);
  live.child.stdin!.end();
  const screens = await live.answer;
  await platform.stop();

  const reference = await measureMosquitto(folder, { ...order, from: Date.now() });
  const { stored, lost, doubled } = await countBack(folder, city, series, [full, steady]);

  const perSecond = (sent: SenderResult): number => sum(sent.acked) / sent.seconds;
  const readingsOfMessage = city.channels.length;
  report(
    'ingest',
    {
      seconds: SECONDS,
      connections: CONNECTIONS,
      live_clients: LIVE_CLIENTS,
      bytes_of_message: full.bytesOfMessage,
      puback_per_s: rounded(perSecond(full), 0),
      mosquitto_per_s: rounded(perSecond(reference), 0),
      ratio_to_mosquitto: rounded(perSecond(full) / perSecond(reference), 3),
      puback_ms_p50: rounded(full.latencyMs.p50),
      puback_ms_p99: rounded(full.latencyMs.p99),
      cpu_us_per_message: rounded(full.cpuMicroseconds / sum(full.acked)),
      // What the same messages cost a broker in C that keeps none of them: says how fast the machine was.
      mosquitto_cpu_us_per_message: rounded(reference.cpuMicroseconds / sum(reference.acked)),
      rss_mb_peak: rounded(rss, 0),
      steady_puback_per_s: rounded(perSecond(steady), 0),
      steady_puback_ms_p50: rounded(steady.latencyMs.p50),
      steady_puback_ms_p99: rounded(steady.latencyMs.p99),
      steady_cpu_us_per_message: rounded(steady.cpuMicroseconds / sum(steady.acked)),
      acked: sum(full.acked) + sum(steady.acked),
      unanswered: full.unanswered + steady.unanswered,
      stored: stored / readingsOfMessage,
      lost: lost / readingsOfMessage,
      doubled: doubled / readingsOfMessage,
      live_deltas: screens.deltas,
      live_readings: screens.readings,
      live_gaps: screens.gaps,
    },
    {
      ratio_to_mosquitto: { least: 0.4 },
      cpu_us_per_message: { most: 25 },
      lost: { most: 0 },
      doubled: { most: 0 },
    },
  );
  if (lost > 0 || doubled > 0 || screens.deltas === 0) process.exitCode = 1;
} finally {
  killAll();
  rmSync(folder, { recursive: true, force: true });
}
