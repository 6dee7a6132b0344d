import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PointId, SeriesId } from '../../domain/identifiers.ts';
import type { TimeSeriesStore, WindowColumns, WindowQuery } from '../../domain/ports/time-series-store.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { emptyColumns, type ReadingColumns } from '../../domain/reading.ts';
import { type DurationMs, epochMs } from '../../domain/time.ts';
import { takeReadings } from '../backup/taking-elsewhere.ts';
import { openEngine } from '../backup/verify.ts';
import { copyReadings, DAY_MS, differingDays } from './copy-readings.ts';
import { readArchive } from './duckdb/archive-rows.ts';
import { openDuckDbStore } from './duckdb.ts';
import { openInfluxStore } from './influx.ts';
import { InfluxServer, influxPresent, influxVersion } from './influx-server.ts';

const HOUR_MS = 3_600_000;
/** A Monday midnight in Hải Phòng. */
const WEEK = epochMs(Date.parse('2026-10-05T00:00:00+07:00'));
const week = { from: WEEK, to: epochMs(WEEK + 7 * DAY_MS) };
const series = [1, 2, 3] as SeriesId[];
/** The second is a direction in degrees. */
const directions = [2 as SeriesId];
const quantityOf = (id: SeriesId) => (directions.includes(id) ? 'wind_direction' : 'pm2_5') as QuantityKey;

const server = new InfluxServer();
const newInflux = async () =>
  openInfluxStore({
    url: server.url,
    access: { api: 'v1', database: await server.newDatabase() },
    resolveSeries: (id) => ({ quantity: quantityOf(id), point: `p-${id}` as PointId }),
  });
const newDuckDb = async () => {
  const path = mkdtempSync(join(tmpdir(), 'hd-copy-'));
  return { path, store: await openDuckDbStore({ path, memoryLimitMegabytes: 128 }) };
};

/** Hourly readings of a week, of two of the series: some not to be believed, some zero below zero, some late. */
function readings(from: number): ReadingColumns {
  const hours = 7 * 24;
  const columns = emptyColumns(hours * 2);
  for (let i = 0; i < columns.length; i++) {
    const hour = i % hours;
    columns.series[i] = i < hours ? 1 : 2;
    columns.eventTime[i] = from + hour * HOUR_MS + (i % 7);
    columns.arrivalTime[i] = columns.eventTime[i]! + (hour % 5) * 86_400_000;
    columns.value[i] = hour % 11 === 0 ? -0 : (hour * 37.1) % 360;
    columns.quality[i] = hour % 13 === 0 ? 64 : hour % 6 === 0 ? 1 : 0;
  }
  return columns;
}

async function expectWindows(
  store: Pick<TimeSeriesStore, 'windows'>,
  steps: readonly WindowQuery[],
  wanted: readonly WindowColumns[],
): Promise<void> {
  for (const [i, query] of steps.entries()) {
    const found = await store.windows(query);
    expect(found.length).toBe(wanted[i]!.length);
    for (const column of ['series', 'start', 'count', 'good', 'min', 'max', 'last'] as const)
      expect(
        [...found[column]].map((number) => number + 0),
        column,
      ).toEqual([...wanted[i]![column]].map((number) => number + 0));
    for (const column of ['mean', 'sum'] as const)
      for (const [at, value] of found[column].entries()) expect(value).toBeCloseTo(wanted[i]![column][at]!, 6);
  }
}

describe.skipIf(!influxPresent)(`Readings on their way from DuckDB to InfluxDB (${influxVersion})`, () => {
  beforeAll(() => server.start());
  afterAll(() => server.discard());

  it('are the same there, also when some were there already that are not or no more so', async () => {
    const { store: from } = await newDuckDb();
    const to = await newInflux();
    expect(await to.isEmpty()).toBe(true);
    const sent = readings(WEEK);
    await from.load([sent, readings(WEEK)]);
    const wrong = readings(WEEK);
    wrong.value.fill(5);
    wrong.series.subarray(0, 20).fill(3);
    await to.load([wrong]);
    let told = 0;
    expect(await copyReadings(from, to, series, week, (some) => (told += some))).toBe(sent.length);
    expect(told).toBe(sent.length);
    expect(await to.isEmpty()).toBe(false);
    for (const id of series) {
      const asked = { series: id, from: week.from, to: week.to, limit: 1_000 };
      const [left, right] = [await from.range(asked), await to.range(asked)];
      expect([...right.value]).toEqual([...left.value].map((value) => value + 0));
      for (const column of ['eventTime', 'arrivalTime', 'quality'] as const)
        expect([...right[column]]).toEqual([...left[column]]);
    }
    expect(await differingDays(from, to, series, week)).toEqual([]);

    await from.deleteRange(1 as SeriesId, week.from, epochMs(WEEK + 5 * HOUR_MS));
    const day = { from: WEEK, to: epochMs(WEEK + DAY_MS) };
    expect(await differingDays(from, to, series, week)).toEqual([{ series: 1, span: day }]);
    expect(await copyReadings(from, to, [1 as SeriesId], day)).toBe(19);
    expect(await differingDays(from, to, series, week)).toEqual([]);
    await from.close();
  });

  it('leave what they came to when they are gone already', async () => {
    const { path, store: from } = await newDuckDb();
    const to = await newInflux();
    await from.load([readings(WEEK), readings(week.to)]);
    await from.retire({ series, directions, limits: { raw: week.to, hourly: null, daily: null } });
    const asked = { series, directions, from: week.from, to: epochMs(week.to + 7 * DAY_MS) };
    const steps = [HOUR_MS, DAY_MS].map((step) => ({ ...asked, step: step as DurationMs, align: WEEK }));
    const wanted = await Promise.all(steps.map((query) => from.windows(query)));
    const gone = await from.retired(series);
    const [archive] = (await from.files()).filter(({ name }) => name.startsWith('rollups-'));
    await copyReadings(from, to, series, { from: week.to, to: asked.to });
    await from.close();

    const engine = await openEngine(join(path, 'spill'));
    await to.keepGone(await readArchive(engine, join(path, archive?.name ?? ''), (rows) => to.keepRollups(rows)));
    engine.close();
    expect(await to.retired(series)).toEqual(gone);
    await expectWindows(to, steps, wanted);

    // And back, as a backup does it.
    const back = mkdtempSync(join(tmpdir(), 'hd-copy-'));
    const taken = { store: to, series: async () => series, utcOffsetHours: 7 };
    const counted = await takeReadings(taken, back, join(path, 'spill'));
    expect([...counted.values()].reduce((sum, count) => sum + count, 0)).toBe(readings(WEEK).length);
    const again = await openDuckDbStore({ path: back, memoryLimitMegabytes: 128 });
    expect(await again.retired(series)).toEqual(gone);
    await expectWindows(again, steps, wanted);
    await again.close();
  });
});
