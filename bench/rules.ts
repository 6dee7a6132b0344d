/**
 * What judging costs: `npm run bench:rules [-- --json] [-- --every SECONDS]`. 10,000 live rules over 10,000 points that report every second, or so many
 * (and a fifth of them a second quantity): 12,000 readings a second, with the real registry on disk: limits, rolling windows, changes, stillness, silence, combinations of
 * quantities, areas of 5 to 40 points, neighbourhoods. 2 % of the points go over their limits in a slow wave. Entries appear as they would arrive,
 * so that states are kept as often as in the street, and come from memory, as the journal gives its newest: what the journal itself costs is part of
 * `bench:ingest`. Counted is all CPU time of the process.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createInProcessBus } from '../adapters/bus/in-process.ts';
import { openSqliteRegistry } from '../adapters/registry/sqlite.ts';
import { haiPhong } from '../config/city/hai-phong.ts';
import type { AgencyId, PointId, RuleId, SeriesId } from '../domain/identifiers.ts';
import type { Journal, JournalEntry, JournalSequence } from '../domain/ports/journal.ts';
import type { CitySeed } from '../domain/ports/registry.ts';
import type { QuantityKey } from '../domain/quantity.ts';
import { emptyColumns } from '../domain/reading.ts';
import type { Condition, PointSelection, RollingStatistic } from '../domain/rule.ts';
import { epochMs, minutes, seconds } from '../domain/time.ts';
import { createRulesConsumer } from '../ingest/consumers/rules/rules-consumer.ts';
import type { RulesStore } from '../ingest/consumers/rules/rules-settings.ts';
import { decodePayload, encodePayload } from '../ingest/readings-codec.ts';
import { report, rounded } from './report.ts';

const POINTS = 10_000;
const PAIRED = 2_000;
const { values: words } = parseArgs({
  options: { json: { type: 'boolean' }, every: { type: 'string', default: '1' } },
});
const EVERY_SECONDS = Number(words.every);
if (!(Number.isInteger(EVERY_SECONDS) && EVERY_SECONDS >= 1 && EVERY_SECONDS <= 15))
  throw new RangeError('--every takes 1 to 15');
const INTERVAL = seconds(EVERY_SECONDS);
/** Windows and latest readings fill in the first part; only the second is measured. */
const WARMING_SECONDS = 2 * Math.ceil(5 / EVERY_SECONDS) * EVERY_SECONDS;
/** Longer than states are kept apart, in whole rounds. */
const MEASURED_SECONDS = Math.ceil(65 / EVERY_SECONDS) * EVERY_SECONDS;
const READINGS_PER_ENTRY = 60;
const LEVEL = 'water_level' as QuantityKey;
const FLOW = 'flow_rate' as QuantityKey;

const [site] = haiPhong.sites;
if (site === undefined) throw new Error('the city has no site');
const agencyId = site.agencyId as AgencyId;
const pointId = (i: number): PointId => `p-${i}` as PointId;
const over = (statistic: 'mean' | 'max', length: RollingStatistic['length']): RollingStatistic => ({
  statistic,
  length,
  interval: INTERVAL,
  minimumCapture: 0.5,
});
const at = { step: seconds(30), maximumAge: seconds(45), settle: seconds(5) };
const major = { severity: 'major' as const, hold: minutes(1) };
const minor = { severity: 'minor' as const, hold: seconds(30) };

interface Watch {
  readonly condition: Condition;
  readonly selection: PointSelection;
}
const one = (i: number): PointSelection => ({ points: [pointId(i)] });
/** How many rules of a kind there are, and the i-th of them. */
const KINDS: readonly { readonly count: number; readonly rule: (i: number) => Watch }[] = [
  {
    count: 4_500,
    rule: (i) => ({
      selection: one(i),
      condition: {
        kind: 'above',
        hysteresis: 0.2,
        levels: [
          { ...minor, limit: 3 },
          { ...major, limit: 3.5 },
        ],
      },
    }),
  },
  {
    count: 1_500,
    rule: (i) => ({
      selection: one(4_500 + i),
      condition: { kind: 'above', hysteresis: 0.2, levels: [{ ...major, limit: 3 }], over: over('mean', minutes(10)) },
    }),
  },
  {
    count: 500,
    rule: (i) => ({
      selection: one(6_000 + i),
      condition: { kind: 'above', hysteresis: 0.2, levels: [{ ...major, limit: 3 }], over: over('mean', minutes(60)) },
    }),
  },
  {
    count: 1_000,
    rule: (i) => ({
      selection: one(6_500 + i),
      condition: {
        kind: 'rate_of_change',
        direction: 'rising',
        window: minutes(5),
        hysteresis: 0.1,
        levels: [{ ...major, limit: 1 }],
      },
    }),
  },
  {
    count: 500,
    rule: (i) => ({
      selection: one(7_500 + i),
      condition: {
        kind: 'frozen',
        tolerance: 0,
        within: { length: minutes(5), interval: INTERVAL, minimumCapture: 0.5 },
        levels: [major],
      },
    }),
  },
  { count: 500, rule: (i) => ({ selection: one(8_000 + i), condition: { kind: 'no_data', levels: [major] } }) },
  {
    count: 500,
    rule: (i) => ({
      selection: one(i % PAIRED),
      condition: {
        kind: 'combination',
        join: 'all',
        parts: [
          { quantity: LEVEL, side: 'above', hysteresis: 0.2 },
          { quantity: FLOW, side: 'below', hysteresis: 1, over: over('mean', minutes(5)) },
        ],
        levels: [{ ...major, limits: [{ limit: 3 }, { limit: 50 }] }],
        at,
      },
    }),
  },
  {
    count: 500,
    rule: (i) => ({
      selection: { points: Array.from({ length: 5 + (i % 36) }, (_, k) => pointId((i * 20 + k) % POINTS)) },
      condition: {
        kind: 'area_count',
        each: { side: 'above', limit: { limit: 3 }, hysteresis: 0.2 },
        minimumHeard: 0.5,
        levels: [
          { ...minor, points: 2 },
          { ...major, points: 4 },
        ],
        at,
      },
    }),
  },
  {
    count: 500,
    rule: (i) => ({
      selection: one(8_500 + i),
      condition: {
        kind: 'neighbours',
        measure: 'absolute',
        direction: 'either',
        withinMetres: 1_500,
        minimumNeighbours: 3,
        levels: [{ ...major, limit: 2 }],
        hysteresis: 0.2,
        at,
      },
    }),
  },
];

const city = (): CitySeed => ({
  agencies: haiPhong.agencies,
  models: [],
  sites: [{ ...site, parentId: null }],
  links: [],
  devices: [],
  points: Array.from({ length: POINTS }, (_, i) => ({
    id: pointId(i),
    agencyId,
    siteId: site.id,
    domain: 'water',
    name: { vi: `Điểm ${i}`, en: `Point ${i}` },
    // A hundred by a hundred, some 400 m apart.
    location: { longitude: 106.5 + (i % 100) * 0.004, latitude: 20.7 + Math.floor(i / 100) * 0.004 },
    wardCode: null,
    tags: [],
    quantities: i < PAIRED ? [LEVEL, FLOW] : [LEVEL],
  })),
  rules: KINDS.flatMap(({ count, rule }, kind) =>
    Array.from({ length: count }, (_, i) => ({
      id: `r-${kind}-${i}` as RuleId,
      agencyId,
      name: { vi: 'Đo tải', en: 'Load test' },
      advice: null,
      enabled: true,
      quantity: LEVEL,
      ...rule(i),
      clearHold: seconds(30),
      judgeSuspect: true,
      endsUnacknowledged: ['major', 'minor'],
    })),
  ),
});

/** Two of a hundred points go over 3 in a wave of four minutes, out of step with each other. */
function valueAt(point: number, quantity: QuantityKey, time: number): number {
  if (quantity === FLOW) return 80 + (point % 7);
  const noise = ((point * 7_919 + time / 1_000) % 13) / 100;
  const high = point % 50 === 0 ? 1.6 : 0.4;
  return 2 + noise + high * Math.sin((time / 240_000) * 2 * Math.PI + point);
}

const folder = mkdtempSync(join(tmpdir(), 'hd-bench-rules-'));
const clock = () => epochMs(Date.now());
try {
  const registry = openSqliteRegistry({ path: join(folder, 'registry.sqlite'), clock, newId: randomUUID });
  await registry.seed({ kind: 'system', name: 'bench' }, city());
  const pointNumber = (id: PointId): number => Number(id.slice(2));
  const series = (await registry.directory.series()).map(({ series: id, pointId: of, quantity }) => ({
    id,
    point: pointNumber(of),
    quantity,
  }));
  // Every series at its own moment of the round, in order of arrival, 50 ms after.
  const rounds = (WARMING_SECONDS + MEASURED_SECONDS) / (INTERVAL / 1_000);
  const begin = Math.ceil(Date.now() / INTERVAL) * INTERVAL;
  const coming: (JournalEntry & { readonly arrived: number })[] = [];
  const perRound = series.length;
  for (let round = 0; round < rounds; round++) {
    for (let first = 0; first < perRound; first += READINGS_PER_ENTRY) {
      const length = Math.min(READINGS_PER_ENTRY, perRound - first);
      const columns = emptyColumns(length);
      let arrived = 0;
      for (let k = 0; k < length; k++) {
        const { id, point, quantity } = series[first + k]!;
        const time = begin + round * INTERVAL + Math.floor(((first + k) / perRound) * INTERVAL);
        arrived = time + 50;
        columns.series[k] = id as SeriesId;
        columns.eventTime[k] = time;
        columns.arrivalTime[k] = arrived;
        columns.value[k] = valueAt(point, quantity, time);
      }
      coming.push({
        sequence: (coming.length + 1) as JournalSequence,
        partition: 0,
        traceId: 'bench',
        payload: encodePayload({ readings: columns, marks: [] }),
        arrived,
      });
    }
  }

  // As the journal gives its newest entries, which are what a consumer reads that keeps up: from memory, those that have arrived.
  let head = 0;
  const listeners = new Set<() => void>();
  const journal: Omit<Journal, 'append' | 'close'> = {
    read: async (after, limit) => coming.slice(after, Math.min(after + limit, head)),
    head: () => head as JournalSequence,
    onAppended(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    status: () => ({
      writable: true,
      reason: null,
      head: head as JournalSequence,
      entries: head,
      bytes: 0,
      capacityBytes: 2 ** 29,
      depth: { store: 0, rules: 0, live: 0, indices: 0 },
      damaged: 0,
    }),
    passed() {},
    skipTo() {},
  };
  const store: RulesStore = {
    range: async () => emptyColumns(0),
    stretch: async ({ to }) => ({ ...emptyColumns(0), to }),
    latest: async () => emptyColumns(0),
    cursor: async () => 0 as never,
  };
  const started = performance.now();
  let shift = 0;
  const consumer = createRulesConsumer({
    journal,
    registry,
    store,
    bus: createInProcessBus(() => {}),
    clock: () => epochMs(begin + performance.now() - shift),
    decodePayload: (payload) => decodePayload(payload).readings,
    staleAfter: () => minutes(5),
    log: { info() {}, warn: console.error, error: console.error },
  });
  shift = performance.now();
  await consumer.start();
  const startMs = performance.now() - started;
  shift = performance.now();
  // Awake only when something arrives, at most 200 times a second: the bench's own work is counted with the consumer's.
  let arrival: NodeJS.Timeout | undefined;
  const takeNext = (): void => {
    const now = begin + performance.now() - shift;
    const before = head;
    while (head < coming.length && coming[head]!.arrived <= now) head++;
    if (head > before) for (const listener of listeners) listener();
    const next = coming[head];
    if (next !== undefined) arrival = setTimeout(takeNext, Math.max(5, next.arrived - now));
  };
  takeNext();
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await wait(WARMING_SECONDS * 1_000);
  const before = { cpu: process.cpuUsage(), readings: consumer.status().readings, at: performance.now() };
  await wait(MEASURED_SECONDS * 1_000);
  const cpu = process.cpuUsage(before.cpu);
  const status = consumer.status();
  const readings = status.readings - before.readings;
  const tookSeconds = (performance.now() - before.at) / 1_000;
  clearTimeout(arrival);
  await consumer.stop();
  await registry.close();
  report(
    'rules',
    {
      rules: KINDS.reduce((sum, { count }) => sum + count, 0),
      points: POINTS,
      watched: status.watched,
      readings_per_s: rounded(readings / tookSeconds, 0),
      start_ms: rounded(startMs, 0),
      transitions: status.transitions,
      commits: status.commits,
      late: status.late,
      cpu_us_per_reading: rounded((cpu.user + cpu.system) / readings, 2),
    },
    { cpu_us_per_reading: { most: 5 } },
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
