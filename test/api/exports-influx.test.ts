import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { openDuckDbStore } from '../../adapters/timeseries/duckdb.ts';
import { openInfluxStore } from '../../adapters/timeseries/influx.ts';
import { InfluxServer, influxPresent, influxVersion } from '../../adapters/timeseries/influx-server.ts';
import type { ExportPage } from '../../api/exports/export-rows.ts';
import { runExport } from '../../api/exports/run-export.ts';
import { type ExportOrder, PLAIN_CSV } from '../../domain/data-export.ts';
import type { PointId, SeriesId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { TimeSeriesStore } from '../../domain/ports/time-series-store.ts';
import { QUALITY } from '../../domain/quality.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { emptyColumns } from '../../domain/reading.ts';
import { epochMs, hours, seconds } from '../../domain/time.ts';
import { VIETNAM_TIME } from '../../domain/time-zone.ts';

const FROM = epochMs(Date.parse('2026-11-01T00:00:00+07:00'));
const STEP = seconds(10);
/** More than an export asks for in one page. */
const READINGS = 51_000;
const TO = epochMs(FROM + READINGS * STEP);
const SERIES = [1, 2] as readonly number[] as readonly SeriesId[];
const DESCRIBED = { pointId: 'p', pointName: 'P', agency: 'a', ward: '', quantity: 'q', quantityName: 'Q', unit: '' };

async function fill(store: TimeSeriesStore): Promise<void> {
  for (const [at, series] of SERIES.entries()) {
    const columns = emptyColumns(READINGS);
    for (let i = 0; i < READINGS; i++) {
      columns.series[i] = series;
      columns.eventTime[i] = FROM + i * STEP;
      columns.arrivalTime[i] = FROM + i * STEP + 300;
      columns.value[i] = (i % 977) / 8 + series;
      columns.quality[i] = i % 500 === 0 ? QUALITY.INVALID_OUT_OF_RANGE : i % 90 === 0 ? QUALITY.SUSPECT_STUCK : 0;
    }
    await store.append([columns], (at + 1) as JournalSequence);
  }
}

/** Every page that an export of the store hands on, joined by series. */
async function exported(store: TimeSeriesStore, registry: Registry, order: Partial<ExportOrder>) {
  const rows: Record<string, number[]>[] = [];
  let pages = 0;
  const take = (page: ExportPage): void => {
    pages++;
    const { kind: _, ...columns } = page;
    for (const [name, column] of Object.entries(columns) as [string, ArrayLike<number>][]) {
      const joined = rows.at(-1)!;
      joined[name] = [...(joined[name] ?? []), ...Array.from(column)];
    }
  };
  const progress = await runExport(
    {
      series: [...SERIES],
      from: FROM,
      to: TO,
      step: null,
      format: 'csv',
      withUnusable: false,
      csv: PLAIN_CSV,
      language: 'vi',
      ...order,
    },
    { begin: async () => void rows.push({}), write: async (page) => take(page) },
    {
      store,
      registry,
      offset: VIETNAM_TIME,
      timeZone: 'Asia/Ho_Chi_Minh',
      isDirection: () => false,
      describe: () => DESCRIBED,
      inTurn: (query) => query(),
      maximumRows: 1_000_000,
      signal: new AbortController().signal,
      onProgress: () => {},
    },
  );
  return { rows, pages, progress };
}

describe.skipIf(!influxPresent)(`exports out of InfluxDB (${influxVersion})`, () => {
  const server = new InfluxServer();
  let embedded: TimeSeriesStore;
  let influx: TimeSeriesStore;
  const folder = mkdtempSync(join(tmpdir(), 'hd-export-influx-'));
  const registry = openSqliteRegistry({ path: ':memory:', clock: () => TO, newId: randomUUID });
  beforeAll(async () => {
    await server.start();
    embedded = await openDuckDbStore({ path: join(folder, 'store'), memoryLimitMegabytes: 256 });
    influx = openInfluxStore({
      url: server.url,
      access: { api: 'v1', database: await server.newDatabase() },
      resolveSeries: (id) => ({ quantity: 'pm2_5' as QuantityKey, point: `p-${id}` as PointId }),
    });
    await Promise.all([fill(embedded), fill(influx)]);
  });
  afterAll(async () => {
    await embedded.close();
    await influx.close();
    await registry.close();
    await server.discard();
  });

  it('hold the same readings, page for page, as out of the embedded store', async () => {
    const expected = await exported(embedded, registry, {});
    const found = await exported(influx, registry, {});
    expect(found.progress).toEqual(expected.progress);
    expect(found.progress.rows).toBe(SERIES.length * READINGS * (1 - 1 / 500));
    expect(found.pages).toBe(2 * SERIES.length);
    expect(found.rows).toEqual(expected.rows);
  });

  it('hold the same means, least and greatest values of each hour', async () => {
    const expected = await exported(embedded, registry, { step: hours(1) });
    const found = await exported(influx, registry, { step: hours(1) });
    expect(found.progress).toEqual(expected.progress);
    for (const [i, columns] of expected.rows.entries())
      for (const [name, column] of Object.entries(columns)) {
        expect(found.rows[i]![name], name).toHaveLength(column.length);
        for (const [k, value] of column.entries()) expect(found.rows[i]![name]![k]).toBeCloseTo(value, 6);
      }
  });
});
