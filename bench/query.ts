/**
 * How fast the embedded store answers over about 130 million readings: `npm run bench:query [-- --json] [-- --scale 0.1]`.
 *
 * Stored: a year of 2,000 series every ten minutes (500 loggers of four quantities that report on the clock's marks, 0.1–2 s to arrive) and
 * a day of 20,000 series every minute (5,000 devices of four quantities, each at its own second, jittering by up to 100 ms, 20–300 ms to arrive). Values
 * move daily with noise, at the decimals of their quantity. While the questions are asked, 2,000 readings a second arrive.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type DuckDbTimeSeriesStore, openDuckDbStore } from '../adapters/timeseries/duckdb.ts';
import type { SeriesId } from '../domain/identifiers.ts';
import type { JournalSequence } from '../domain/ports/journal.ts';
import { emptyColumns, type ReadingColumns } from '../domain/reading.ts';
import { days, epochMs, hours, minutes } from '../domain/time.ts';

const scaleAt = process.argv.indexOf('--scale');
const SCALE = scaleAt < 0 ? 1 : Number(process.argv[scaleAt + 1]);
if (!(SCALE > 0 && SCALE <= 1)) throw new RangeError('--scale takes a number above 0, up to 1');
const asJson = process.argv.includes('--json');

const MEMORY_LIMIT_MEGABYTES = 160;
const YEAR_DEVICES = Math.ceil(500 * SCALE);
const YEAR_DAYS = 365;
const DAY_DEVICES = Math.ceil(5_000 * SCALE);
const QUANTITIES = 4;
const ARRIVING_PER_SECOND = 2_000;
const BATCH_READINGS = 200_000;
/** 00:00 of the last, dense day in Asia/Ho_Chi_Minh; the year ends where the day does. */
const LAST_MIDNIGHT = Date.parse('2026-11-19T00:00:00+07:00');
const END = LAST_MIDNIGHT + 86_400_000;
const FIRST_DENSE_SERIES = 100_000;

/** xorshift32: the same city each time. */
let state = 20_261_119;
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 4_294_967_296;
}

/** Temperature, humidity, air pressure, water level: mean, daily swing, noise, 10^decimals. */
const SIGNALS = [
  [26, 4, 0.3, 10],
  [75, 12, 2, 1],
  [1_010, 2, 0.3, 10],
  [2.5, 1.6, 0.02, 100],
] as const;
function valueAt(device: number, quantity: number, eventTime: number): number {
  const [mean, swing, noise, resolution] = SIGNALS[quantity]!;
  const wave = Math.sin((eventTime / 86_400_000) * 2 * Math.PI + device);
  return Math.round((mean + (device % 7) + swing * wave + noise * (random() - 0.5)) * resolution) / resolution;
}

/** Collects readings and hands them on in batches of a good size. */
class Batcher {
  #columns = emptyColumns(BATCH_READINGS);
  #length = 0;
  total = 0;
  readonly #send: (batch: ReadingColumns) => Promise<void>;
  constructor(send: (batch: ReadingColumns) => Promise<void>) {
    this.#send = send;
  }
  async device(firstSeries: number, device: number, eventTime: number, arrivalTime: number): Promise<void> {
    for (let quantity = 0; quantity < QUANTITIES; quantity++) {
      const i = this.#length++;
      this.#columns.series[i] = firstSeries + device * QUANTITIES + quantity;
      this.#columns.eventTime[i] = eventTime;
      this.#columns.arrivalTime[i] = arrivalTime;
      this.#columns.value[i] = valueAt(device, quantity, eventTime);
    }
    if (this.#length + QUANTITIES > BATCH_READINGS) await this.flush();
  }
  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const batch = { ...this.#columns, length: this.#length };
    this.total += this.#length;
    this.#length = 0;
    await this.#send(batch);
  }
}

const yearDevice = (batcher: Batcher, device: number, mark: number): Promise<void> =>
  batcher.device(1, device, mark, mark + 100 + Math.floor(random() * 1_900));
const dayDevice = (batcher: Batcher, device: number, minute: number): Promise<void> => {
  const eventTime = minute + ((device * 7_919) % 60) * 1_000 + Math.floor(random() * 100);
  return batcher.device(FIRST_DENSE_SERIES, device, eventTime, eventTime + 20 + Math.floor(random() * 280));
};

/** Fills the store in the order in which it would have come. */
async function fill(store: DuckDbTimeSeriesStore): Promise<number> {
  const batcher = new Batcher((batch) => store.load([batch]));
  const mark = 600_000;
  const started = performance.now();
  for (let at = END - YEAR_DAYS * 86_400_000; at < LAST_MIDNIGHT; at += mark) {
    for (let device = 0; device < YEAR_DEVICES; device++) await yearDevice(batcher, device, at);
    if ((at - LAST_MIDNIGHT) % (14 * 86_400_000) === 0) progress(batcher.total, started);
  }
  for (let minute = LAST_MIDNIGHT; minute < END; minute += 60_000) {
    if (minute % mark === 0) {
      for (let device = 0; device < YEAR_DEVICES; device++) await yearDevice(batcher, device, minute);
    }
    for (let device = 0; device < DAY_DEVICES; device++) await dayDevice(batcher, device, minute);
    if (minute % (2 * 3_600_000) === 0) progress(batcher.total, started);
  }
  await batcher.flush();
  await store.settle();
  progress(batcher.total, started);
  return batcher.total;
}
function progress(readings: number, started: number): void {
  const seconds = (performance.now() - started) / 1_000;
  process.stderr.write(
    `  ${(readings / 1e6).toFixed(1)} M readings in ${seconds.toFixed(0)} s, ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB\n`,
  );
}

/** 2,000 readings a second, four times a second, from the end of the day on, until stopped. */
function arrive(store: DuckDbTimeSeriesStore): () => Promise<number> {
  let sequence = 0;
  let device = 0;
  let minute = END;
  let arrived = 0;
  let writing = Promise.resolve();
  const batcher = new Batcher((batch) => store.append([batch], ++sequence as JournalSequence));
  const perTurn = ARRIVING_PER_SECOND / 4 / QUANTITIES;
  const timer = setInterval(() => {
    writing = writing.then(async () => {
      for (let i = 0; i < perTurn; i++) {
        await dayDevice(batcher, device, minute);
        if (++device === DAY_DEVICES) {
          device = 0;
          minute += 60_000;
        }
      }
      await batcher.flush();
      arrived = batcher.total;
    });
  }, 250);
  return async () => {
    clearInterval(timer);
    await writing;
    return arrived;
  };
}

interface Figures {
  readonly p50: number;
  readonly p95: number;
  readonly worst: number;
}
async function measure(times: number, ask: (turn: number) => Promise<void>): Promise<Figures> {
  for (let i = 0; i < 3; i++) await ask(i);
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    await ask(i + 3);
    took.push(performance.now() - started);
    // Questions come now and then, so that what arrives in between is met too.
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  took.sort((a, b) => a - b);
  const at = (share: number) => Math.round(took[Math.ceil(took.length * share) - 1]! * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), worst: at(1) };
}
function expectCount(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${what}: ${found} found where ${wanted} were stored`);
}

const folder = mkdtempSync(join(tmpdir(), 'hd-bench-query-'));
const openStore = () =>
  openDuckDbStore({
    path: join(folder, 'store'),
    memoryLimitMegabytes: MEMORY_LIMIT_MEGABYTES,
    onDamaged: (file, reason) => {
      throw new Error(`${file} is damaged: ${reason}`);
    },
  });
try {
  let store = await openStore();
  const loading = performance.now();
  const readings = await fill(store);
  const loadSeconds = (performance.now() - loading) / 1_000;
  await store.close();
  const opening = performance.now();
  store = await openStore();
  const openMs = performance.now() - opening;
  const bytes = (await store.status()).bytesOnDisk ?? 0;

  const stop = arrive(store);
  const asking = performance.now();
  const dense = (turn: number) => (FIRST_DENSE_SERIES + ((turn * 7_919) % (DAY_DEVICES * QUANTITIES))) as SeriesId;
  const sparse = (turn: number) => (1 + ((turn * 7_919) % (YEAR_DEVICES * QUANTITIES))) as SeriesId;
  const all = Array.from({ length: DAY_DEVICES * QUANTITIES }, (_, i) => (FIRST_DENSE_SERIES + i) as SeriesId);
  const align = epochMs(LAST_MIDNIGHT);
  const lastDay = { from: epochMs(LAST_MIDNIGHT), to: epochMs(END), align };

  const day = await measure(200, async (turn) => {
    const { length } = await store.windows({ series: [dense(turn)], ...lastDay, step: minutes(1) });
    expectCount('minutes of a day', length, 1_440);
  });
  const year = await measure(100, async (turn) => {
    const from = epochMs(END - YEAR_DAYS * 86_400_000);
    const { length } = await store.windows({ series: [sparse(turn)], ...lastDay, from, step: days(1) });
    expectCount('days of a year', length, YEAR_DAYS);
  });
  const latest = await measure(100, async () => {
    expectCount('latest readings', (await store.latest(all)).length, all.length);
  });
  const city = all.filter((_, i) => i % 4 === 0);
  const cityMean = await measure(50, async () => {
    const { length } = await store.windows({ series: city, ...lastDay, step: hours(1) });
    expectCount('hourly means', length, city.length * 24);
  });
  const askedSeconds = (performance.now() - asking) / 1_000;
  const arrived = await stop();
  const rssMegabytes = process.memoryUsage().rss / 1e6;
  await store.close();

  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  const result = {
    readings,
    load_s: Math.round(loadSeconds),
    open_ms: Math.round(openMs),
    day_ms_p95: day.p95,
    year_ms_p95: year.p95,
    latest_ms_p95: latest.p95,
    city_mean_ms_p95: cityMean.p95,
    bytes_per_reading: Math.round((bytes / readings) * 100) / 100,
    arrived_per_s: Math.round(arrived / askedSeconds),
    rss_mb: Math.round(rssMegabytes),
    machine,
  };
  const line = (what: string, { p50, p95, worst }: Figures, reach: number) =>
    `${what.padEnd(52)} ${String(p50).padStart(8)} ${String(p95).padStart(8)} ${String(worst).padStart(8)} ${`≤ ${reach}`.padStart(8)}`;
  console.log(
    [
      `${(readings / 1e6).toFixed(1)} M readings, loaded in ${result.load_s} s, opened in ${result.open_ms} ms; ${result.arrived_per_s} readings/s arriving`,
      `${machine.cpu}, ${machine.cores} cores, ${machine.memory_gb} GB, Node ${machine.node}`,
      `${'ms'.padEnd(52)} ${'p50'.padStart(8)} ${'p95'.padStart(8)} ${'worst'.padStart(8)} ${'p95 goal'.padStart(8)}`,
      line('a day of one series at 1-minute steps', day, 50),
      line('a year of one series at 1-day steps', year, 100),
      line(`latest of ${all.length} series`, latest, 100),
      line(`hourly mean over 24 h of ${city.length} series`, cityMean, 600),
      `bytes a reading (goal ≤ 6): ${result.bytes_per_reading};  RSS of this process: ${result.rss_mb} MB`,
    ].join('\n'),
  );
  if (asJson) console.log(JSON.stringify(result));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
