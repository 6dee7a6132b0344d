import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInProcessBus } from '../../adapters/bus/in-process.ts';
import { openLmdbJournal } from '../../adapters/journal/lmdb.ts';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { openDuckDbStore } from '../../adapters/timeseries/duckdb.ts';
import { publishedIndices } from '../../config/indices/published.ts';
import type { Actor } from '../../domain/access.ts';
import type { DeviceId, DeviceModelId, PointId, SeriesId, SiteId } from '../../domain/identifiers.ts';
import { AIR_POLLUTANTS } from '../../domain/indices/air-index.ts';
import { airIndexOfDay, airIndexOfHour, type StationMeans } from '../../domain/indices/air-index-series.ts';
import { hourOf, hoursBefore, hoursOfDate, type LocalDate } from '../../domain/indices/local-hours.ts';
import type { ChangedReadings } from '../../domain/ports/index-work.ts';
import type { CitySeed } from '../../domain/ports/registry.ts';
import type { Quality } from '../../domain/quality.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { type Reading, toColumns } from '../../domain/reading.ts';
import { type EpochMs, epochMs, hours, milliseconds, minutes } from '../../domain/time.ts';
import { VIETNAM_TIME } from '../../domain/time-zone.ts';
import { createIndicesConsumer } from '../../ingest/consumers/indices/indices-consumer.ts';
import { createStoreWriter } from '../../ingest/consumers/store-writer.ts';
import { createIngestMetrics } from '../../ingest/metrics.ts';
import { encodePayload } from '../../ingest/readings-codec.ts';
import { smallCity } from '../ingest/platform-parts.ts';
import { hourlyMeansOf } from './hourly-means.ts';

export const system: Actor = { kind: 'system', name: 'test' };
export const INTERVAL = minutes(10);
/** Midnight in Hải Phòng. */
export const START = epochMs(Date.parse('2026-03-01T00:00:00+07:00'));
const [VN_AQI, US_AQI] = publishedIndices(VIETNAM_TIME).filter((index) => index.kind === 'air');

/** Points by what they measure, each served by a device that reports every ten minutes. */
const POINTS = {
  air: AIR_POLLUTANTS,
  noise: ['noise_level'],
  river: ['ph', 'dissolved_oxygen', 'ammonium', 'nitrate', 'coliform', 'water_temperature'],
} as const satisfies Record<string, readonly string[]>;
export type PointName = keyof typeof POINTS;

export function indexedCity(interval = INTERVAL): CitySeed {
  const { agencies, sites, points } = smallCity(1);
  const names = Object.keys(POINTS) as PointName[];
  const of = (name: PointName) => POINTS[name] as readonly string[] as readonly QuantityKey[];
  return {
    agencies,
    sites,
    links: [],
    rules: [],
    models: names.map((name) => ({
      id: `m-${name}` as DeviceModelId,
      agencyId: agencies[0]!.id,
      maker: 'M',
      name,
      domain: 'environment',
      format: 'native-json',
      channels: of(name).map((quantity) => ({ key: quantity, quantity, plausibleRange: null })),
      expectedInterval: interval,
      rateLimit: null,
    })),
    points: names.map((name) => ({
      ...points[0]!,
      id: `p-${name}` as PointId,
      siteId: 's' as SiteId,
      quantities: of(name),
    })),
    devices: names.map((name) => ({
      id: `d-${name}` as DeviceId,
      agencyId: agencies[0]!.id,
      modelId: `m-${name}` as DeviceModelId,
      serialNumber: null,
      state: 'commissioned',
      tokenSha256: null,
      serves: [`p-${name}` as PointId],
    })),
  };
}

/** Journal, store, registry and indices on their real engines in `folder`, by a clock of its own that stands still until it is set. */
export async function openIndexedStreet(folder: string, startsAt: EpochMs, watched = true) {
  let now = startsAt;
  const clock = () => now;
  const problems: string[] = [];
  const loaded: ChangedReadings[] = [];
  const bus = createInProcessBus((name, error) => problems.push(`${name}: ${String(error)}`));
  const registry = openSqliteRegistry({ path: join(folder, 'registry.sqlite'), clock, newId: randomUUID });
  await registry.seed(system, indexedCity());
  const journal = await openLmdbJournal({
    path: join(folder, 'journal'),
    capacityBytes: 256 * 2 ** 20,
    retain: hours(1),
    consumers: ['store', 'indices'],
    clock,
  });
  const store = await openDuckDbStore({ path: join(folder, 'store'), memoryLimitMegabytes: 256 });
  const writer = createStoreWriter({
    journal,
    store,
    metrics: createIngestMetrics(),
    onAway: (error) => problems.push(String(error)),
    onBack() {},
    paceMs: 10,
  });
  const indices = createIndicesConsumer({
    journal,
    registry,
    store,
    bus,
    clock,
    newId: randomUUID,
    definitions: publishedIndices(VIETNAM_TIME),
    offset: VIETNAM_TIME,
    onLoaded: (spans) => loaded.push(...spans),
    log: { info() {}, error: (facts) => problems.push(JSON.stringify(facts)) },
    settings: {
      lookEvery: milliseconds(10),
      lateEvery: milliseconds(10),
      keepEvery: milliseconds(20),
      reloadAfter: milliseconds(10),
      storePoll: milliseconds(5),
    },
  });
  await writer.start();
  if (watched) await indices.start();
  const seriesOf = async (point: PointName, quantity: string): Promise<SeriesId> =>
    (await registry.directory.series()).find((each) => each.pointId === `p-${point}` && each.quantity === quantity)!
      .series;
  return {
    registry,
    journal,
    store,
    bus,
    indices,
    problems,
    loaded,
    seriesOf,
    setClock: (at: EpochMs) => {
      now = at;
    },
    append: (readings: readonly Reading[]) =>
      journal.append({
        partition: 0,
        traceId: 't',
        payload: encodePayload({ readings: toColumns(readings), marks: [] }),
      }),
    /** What is kept of an index: [instant, value], usable values only; the last is told apart by its quality otherwise. */
    async kept(
      point: PointName,
      quantity: string,
    ): Promise<readonly (readonly [at: number, value: number, quality: number])[]> {
      const series = await seriesOf(point, quantity);
      const found = await store.range({
        series,
        from: epochMs(0),
        to: epochMs(Number.MAX_SAFE_INTEGER),
        limit: 100_000,
      });
      return Array.from({ length: found.length }, (_, i) => [found.eventTime[i]!, found.value[i]!, found.quality[i]!]);
    },
    async close(): Promise<void> {
      await indices.stop();
      await writer.stop();
      await journal.close();
      await store.close();
      await registry.close();
      await bus.close();
    },
  };
}
export type IndexedStreet = Awaited<ReturnType<typeof openIndexedStreet>>;

export const reading = (series: SeriesId, at: number, value: number, quality: Quality = 0): Reading => ({
  series,
  eventTime: epochMs(at),
  arrivalTime: epochMs(at),
  value,
  quality,
});

/** Values of an index as they should be kept, from readings of the air station: worked out whole, without store, journal or any order. */
export function expectedAir(
  index: 'vn_aqi' | 'us_aqi',
  byPollutant: Readonly<Record<string, readonly Reading[]>>,
  until: EpochMs,
): { readonly hourly: readonly [number, number][]; readonly daily: readonly [number, number][] } {
  const { method } = (index === 'vn_aqi' ? VN_AQI : US_AQI)!;
  const means = Object.fromEntries(
    Object.entries(byPollutant).map(([pollutant, readings]) => [
      pollutant,
      hourlyMeansOf(readings, { interval: INTERVAL, average: 'arithmetic', offset: VIETNAM_TIME, useSuspect: true }),
    ]),
  ) as StationMeans;
  const hourly: [number, number][] = [];
  for (let hour = hourOf(epochMs(START + 1), VIETNAM_TIME); hour <= until; hour = hoursBefore(hour, -1)) {
    const outcome = airIndexOfHour(means, hour, method);
    if (outcome.ok) hourly.push([hour, outcome.value.value]);
  }
  const daily: [number, number][] = [];
  for (let day = START; day < until; day = epochMs(day + hours(24))) {
    const date = new Date(day + hours(7)).toISOString().slice(0, 10) as LocalDate;
    const end = hoursOfDate(date, VIETNAM_TIME).at(-1)!;
    const outcome = airIndexOfDay(means, date, method);
    if (outcome.ok && end <= until) daily.push([end, outcome.value.value]);
  }
  return { hourly, daily };
}
