/**
 * What trying a rule on the past takes, and what people notice of it: `npm run bench:backtest [-- --json] [-- --month]`.
 *
 * The platform as its users run it, with a year of 50 points' readings every minute (26 million) in its embedded store. A rule with a threshold that has
 * to hold for half an hour is ordered over REST, over the last 30 days and over the year, as a person's screen orders it; what it took is what the
 * platform says of it. Meanwhile 200 devices send 1,000 messages of four quantities a second at a steady rate, as they do for a while before without a
 * backtest: `puback` figures are theirs. `heap` is the most the platform's thread held during the year (V8's heap and what it holds outside), looked at
 * four times a second; `rss` is all of the process, the store's memory included.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDuckDbStore } from '../adapters/timeseries/duckdb.ts';
import type { BacktestWire } from '../api/contract/backtests.ts';
import { emptyColumns } from '../domain/reading.ts';
import { days, minutes } from '../domain/time.ts';
import { loadCity, registerCity, signIn } from './load-city.ts';
import type { SenderOrder, SenderResult } from './mqtt-sender.ts';
import { type PlatformChild, startPlatform } from './platform-child.ts';
import { killAll, peakMegabytes, startOrder, until } from './processes.ts';
import { type Figure, report, rounded } from './report.ts';

const { values: words } = parseArgs({
  options: {
    json: { type: 'boolean' },
    /** Leaves the year out. */
    month: { type: 'boolean' },
    /** Writes CPU profiles of the platform into this folder. */
    'cpu-prof': { type: 'string' },
    /** For the process that fills the store: its folder, the first reading, the span and the series. */
    fill: { type: 'string' },
  },
});
const STATIONS = 200;
const POINTS = 50;
const STEP = minutes(1);
const MONTH = days(30);
const YEAR = days(365);
const RATE_PER_SECOND = 1_000;
const QUIET_SECONDS = 15;
const BATCH_STEPS = 2_000;
const LOOK_EVERY_MS = 250;
const MEGABYTE = 1_048_576;
/** The value's daily wave reaches it on every point for some hours. */
const LIMIT = 33;

interface Filling {
  readonly path: string;
  readonly from: number;
  readonly steps: number;
  readonly series: readonly number[];
}

/** By a process of its own: what loading takes must not hide what a backtest takes. */
async function fill({ path, from, steps, series }: Filling): Promise<void> {
  const store = await openDuckDbStore({ path, memoryLimitMegabytes: 512 });
  for (let first = 0; first < steps; first += BATCH_STEPS) {
    const count = Math.min(BATCH_STEPS, steps - first);
    const columns = emptyColumns(count * series.length);
    let row = 0;
    for (let step = first; step < first + count; step++) {
      for (const [i, id] of series.entries()) {
        const time = from + step * STEP + ((i * 977) % 60) * 1_000;
        const wave = 10 * Math.sin((time / days(1)) * 2 * Math.PI + i / 8);
        columns.series[row] = id;
        columns.eventTime[row] = time;
        columns.arrivalTime[row] = time + 400;
        columns.value[row++] = Math.round(10 * (25 + wave + ((step * 7_919 + i * 31) % 17) / 10)) / 10;
      }
    }
    await store.load([columns]);
  }
  await store.settle();
  await store.close();
}
if (words.fill !== undefined) {
  await fill(JSON.parse(words.fill) as Filling);
  process.exit(0);
}

/** What the platform's thread holds now, in V8's heap and outside. */
const heapBytes = (platform: PlatformChild): Promise<number> =>
  platform.metric('nodejs_heap_size_used_bytes', 'nodejs_external_memory_bytes');

interface Watched {
  readonly job: BacktestWire;
  readonly heapMegabytes: number;
}

/** Orders a backtest and waits for its end, looking at the platform's memory meanwhile. */
async function runOne(platform: PlatformChild, cookie: string, order: object): Promise<Watched> {
  const session = await fetch(`${platform.httpUrl}/api/v1/session`, { headers: { cookie } });
  const { csrfToken } = (await session.json()) as { csrfToken: string };
  const call = async (path: string, init: RequestInit = {}): Promise<BacktestWire> => {
    const headers = { cookie, 'content-type': 'application/json', 'x-csrf-token': csrfToken };
    const answer = await fetch(`${platform.httpUrl}/api/v1/backtests${path}`, { ...init, headers });
    if (!answer.ok) throw new Error(`answered with ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as BacktestWire;
  };
  const { id } = await call('', { method: 'POST', body: JSON.stringify(order) });
  let heap = 0;
  const job = await until(
    'the backtest to end',
    async () => {
      heap = Math.max(heap, await heapBytes(platform));
      const now = await call(`/${id}`);
      return now.state === 'running' || now.state === 'waiting' ? undefined : now;
    },
    { everyMs: LOOK_EVERY_MS, withinMs: 600_000 },
  );
  if (job.state !== 'done' || job.report === null) throw new Error(`the backtest ended as ${job.state}`);
  return { job, heapMegabytes: heap / MEGABYTE };
}

const folder = mkdtempSync(join(tmpdir(), 'hd-bench-backtest-'));
try {
  const city = loadCity(STATIONS);
  const watched = city.devices.slice(0, POINTS).map(({ pointId }) => pointId);
  const [rule] = city.seed.rules;
  if (rule === undefined) throw new Error('the city has no rule');
  const series = (await registerCity(folder, city.seed))
    .filter((entry) => entry.quantity === rule.quantity && watched.includes(entry.pointId))
    .map((entry) => entry.series as number);
  // History ends an hour ago, so that what the devices send is in none of it.
  const to = Math.floor((Date.now() - minutes(60)) / STEP) * STEP;
  const span = words.month ? MONTH : YEAR;
  const filling: Filling = { path: join(folder, 'store'), from: to - span, steps: span / STEP, series };
  const filled = spawnSync(process.execPath, [import.meta.filename, '--fill', JSON.stringify(filling)], {
    stdio: 'inherit',
  });
  if (filled.status !== 0) throw new Error('the store could not be filled');

  const platform = await startPlatform({
    folder,
    env: { HD_MQTT_DEVICE_MESSAGES_PER_SECOND: '100000', HD_MQTT_DEVICE_BURST_MESSAGES: '1000000' },
    nodeOptions: words['cpu-prof'] ? ['--cpu-prof', `--cpu-prof-dir=${words['cpu-prof']}`] : [],
  });
  const cookie = await signIn(platform.httpUrl);
  const send = (from: number, seconds: number) =>
    startOrder<SenderOrder, SenderResult>('mqtt-sender.ts', {
      port: platform.mqttPort,
      devices: city.devices.map(({ id, token }) => [id, token] as const),
      channels: city.channels,
      seconds,
      window: 5,
      rate: RATE_PER_SECOND,
      from,
    });
  await send(Date.now() - 120_000, 5).answer;
  const sending = send(Date.now() - 60_000, QUIET_SECONDS).answer;
  let idleHeap = 0;
  // Looked at as often as beside a backtest: being asked takes the platform some milliseconds, too.
  for (let i = 0; i < (QUIET_SECONDS * 1_000) / LOOK_EVERY_MS; i++) {
    await pause(LOOK_EVERY_MS);
    idleHeap = Math.max(idleHeap, await heapBytes(platform));
  }
  const quiet = await sending;

  const { id: _, enabled: __, ...fields } = rule;
  const order = {
    rule: {
      ...fields,
      enabled: true,
      selection: { points: watched },
      condition: {
        kind: 'above',
        hysteresis: 0.5,
        levels: [{ severity: 'major', limit: LIMIT, hold: minutes(30) }],
      },
      clearHold: minutes(10),
    },
    to,
  };
  const beside = send(Date.now() - 30_000, 0);
  const month = await runOne(platform, cookie, { ...order, from: to - MONTH });
  // Without the year the month is tried until there is enough to tell a percentile by.
  const year = words.month ? null : await runOne(platform, cookie, { ...order, from: to - YEAR });
  for (let i = 0; words.month && i < 3; i++) await runOne(platform, cookie, { ...order, from: to - MONTH });
  beside.child.stdin!.end();
  const busy = await beside.answer;
  const rss = peakMegabytes(platform.pid);
  await platform.stop();

  const ofYear: Record<string, Figure> =
    year === null
      ? {}
      : {
          year_readings: year.job.report!.readings,
          year_alarms: year.job.report!.alarms,
          year_ms: year.job.tookMs,
        };
  report(
    'backtest',
    {
      month_readings: month.job.report!.readings,
      month_alarms: month.job.report!.alarms,
      month_ms: month.job.tookMs,
      ...ofYear,
      heap_mb: rounded((year ?? month).heapMegabytes),
      heap_mb_without: rounded(idleHeap / MEGABYTE),
      rss_mb_peak: rounded(rss, 0),
      messages_per_s: RATE_PER_SECOND,
      puback_ms_p50_without: rounded(quiet.latencyMs.p50, 2),
      puback_ms_p99_without: rounded(quiet.latencyMs.p99, 2),
      puback_ms_p50: rounded(busy.latencyMs.p50, 2),
      puback_ms_p99: rounded(busy.latencyMs.p99, 2),
      puback_p99_ratio: rounded(busy.latencyMs.p99 / quiet.latencyMs.p99, 2),
      unanswered: quiet.unanswered + busy.unanswered,
    },
    {
      month_ms: { most: 3_000 },
      year_ms: { most: 40_000 },
      heap_mb: { most: 300 },
      puback_p99_ratio: { most: 2 },
      unanswered: { most: 0 },
    },
  );
  if (month.job.report!.alarms === 0 || busy.unanswered > 0) process.exitCode = 1;
} finally {
  killAll();
  rmSync(folder, { recursive: true, force: true });
}
