import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInProcessBus } from '../../adapters/bus/in-process.ts';
import { openLmdbJournal } from '../../adapters/journal/lmdb.ts';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { openDuckDbStore } from '../../adapters/timeseries/duckdb.ts';
import type { Actor } from '../../domain/access.ts';
import type { RuleId, SeriesId, UserId } from '../../domain/identifiers.ts';
import type { CitySeed } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { type Reading, toColumns } from '../../domain/reading.ts';
import { type Condition, SEVERITIES } from '../../domain/rule.ts';
import { epochMs, hours, milliseconds, seconds } from '../../domain/time.ts';
import { createRulesConsumer } from '../../ingest/consumers/rules/rules-consumer.ts';
import { createStoreWriter } from '../../ingest/consumers/store-writer.ts';
import { createIngestMetrics } from '../../ingest/metrics.ts';
import { decodePayload, encodePayload } from '../../ingest/readings-codec.ts';
import { smallCity } from '../ingest/platform-parts.ts';

export const system: Actor = { kind: 'system', name: 'test' };
export const STATIONS = 12;
const START = Date.UTC(2026, 2, 1);
const PM = 'pm2_5' as QuantityKey;

const conditions: readonly { readonly id: string; readonly condition: Condition; readonly acknowledged: boolean }[] = [
  {
    id: 'levels',
    acknowledged: false,
    condition: {
      kind: 'above',
      hysteresis: 1,
      levels: [
        { severity: 'minor', limit: 6, hold: seconds(0) },
        { severity: 'critical', limit: 9, hold: seconds(2) },
      ],
    },
  },
  {
    id: 'held',
    acknowledged: true,
    condition: { kind: 'below', hysteresis: 0, levels: [{ severity: 'major', limit: 3, hold: seconds(5) }] },
  },
  {
    id: 'change',
    acknowledged: false,
    condition: {
      kind: 'rate_of_change',
      direction: 'either',
      window: seconds(3),
      hysteresis: 1,
      levels: [{ severity: 'notice', limit: 6, hold: seconds(0) }],
    },
  },
];

const city = (): CitySeed => ({
  ...smallCity(STATIONS),
  rules: conditions.map(({ id, condition, acknowledged }) => ({
    id: id as RuleId,
    agencyId: 'env' as never,
    name: { vi: id, en: id },
    advice: null,
    enabled: true,
    quantity: PM,
    selection: {},
    condition,
    clearHold: milliseconds(1_500),
    judgeSuspect: true,
    endsUnacknowledged: acknowledged ? [] : SEVERITIES,
  })),
});

/** The same pseudo-random number of 0 … 10 for the same place and time. */
const levelAt = (station: number, block: number): number => {
  let x = Math.imul(station + 1, 0x9e3779b1) ^ Math.imul(block + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  return ((x ^ (x >>> 13)) >>> 0) % 11;
};

/** Message `n` of the street: made of its number alone, so that it can be told afterwards what was said. Some come late. */
export function messageOf(n: number, series: readonly SeriesId[]): Reading[] {
  const station = n % STATIONS;
  const second = Math.floor(n / STATIONS);
  const late = n % 29 === 0 ? 7_500 : 0;
  const eventTime = epochMs(START + second * 1_000 - late);
  // What comes late doesn't fit what was seen live.
  const value = late > 0 ? levelAt(STATIONS, n) : levelAt(station, Math.floor(eventTime / 4_000));
  return [{ series: series[station]!, eventTime, arrivalTime: epochMs(eventTime + late), value, quality: 0 }];
}

/** Long after message `last`: all is calm. */
export const calmAfter = (last: number, series: readonly SeriesId[]): Reading[] =>
  Array.from({ length: 20 }, (_, i) =>
    series.map((id) => {
      const eventTime = epochMs(START + (last + 60 + i) * 1_000);
      return { series: id, eventTime, arrivalTime: eventTime, value: 5, quality: 0 as const };
    }),
  ).flat();

/** The street's journal, store, registry and rules on their real engines in `folder`. */
export async function openStreet(folder: string) {
  const clock = () => epochMs(Date.now());
  const problems: string[] = [];
  const bus = createInProcessBus((name, error) => problems.push(`${name}: ${String(error)}`));
  const registry = openSqliteRegistry({ path: join(folder, 'registry.sqlite'), clock, newId: randomUUID });
  await registry.seed(system, city());
  const journal = await openLmdbJournal({
    path: join(folder, 'journal'),
    capacityBytes: 256 * 2 ** 20,
    retain: hours(1),
    consumers: ['store', 'rules'],
    clock,
  });
  const store = await openDuckDbStore({ path: join(folder, 'store'), memoryLimitMegabytes: 256 });
  const writer = createStoreWriter({
    journal,
    store,
    metrics: createIngestMetrics(),
    onAway: (error) => problems.push(String(error)),
    onBack() {},
    paceMs: 20,
  });
  const rules = createRulesConsumer({
    journal,
    registry,
    store,
    bus,
    clock,
    decodePayload: (payload) => decodePayload(payload).readings,
    staleAfter: () => hours(1_000_000),
    log: {
      info() {},
      warn: (facts) => problems.push(JSON.stringify(facts)),
      error: (facts) => problems.push(JSON.stringify(facts)),
    },
    settings: { lateQuiet: milliseconds(50), lookEvery: milliseconds(20), keepEvery: milliseconds(100) },
  });
  const series = (await registry.directory.series())
    .filter((entry) => entry.quantity === PM)
    .sort((a, b) => a.series - b.series)
    .map((entry) => entry.series);
  await writer.start();
  await rules.start();
  return {
    bus,
    registry,
    journal,
    store,
    rules,
    series,
    problems,
    append: (readings: readonly Reading[]) =>
      journal.append({
        partition: 0,
        traceId: 't',
        payload: encodePayload({ readings: toColumns(readings), marks: [] }),
      }),
    /** An operator acknowledges the oldest alarm that waits for it. */
    async acknowledgeOne(): Promise<void> {
      const view = registry.as(system).alarms;
      const { items } = await view.list({ open: true, work: 'new', ruleId: 'held' as RuleId }, { limit: 1000 });
      const oldest = items.at(-1);
      if (oldest === undefined) return;
      bus.publish('alarm.changed', await view.work(oldest.id, { kind: 'acknowledge', by: 'op' as UserId }, clock()));
    },
    async close(): Promise<void> {
      await rules.stop();
      await writer.stop();
      await journal.close();
      await store.close();
      await registry.close();
    },
  };
}
export type Street = Awaited<ReturnType<typeof openStreet>>;
