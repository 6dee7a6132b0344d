import { randomUUID } from 'node:crypto';
import { InfluxDB, Point as InfluxPoint, setLogger, type WriteApi } from '@influxdata/influxdb-client';
import type { PointId, SeriesId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import {
  type ResolveSeries,
  StoreUnavailableError,
  type TimeSeriesStore,
} from '../../domain/ports/time-series-store.ts';
import { emptyColumns, type ReadingColumns } from '../../domain/reading.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import { pastReadingsOf } from './influx/past-queries.ts';
import { createInfluxRollups } from './influx/rollups.ts';
import type { Gone, RollupRows } from './rollup-rows.ts';

export interface InfluxStoreOptions {
  readonly url: string;
  /** `v2`: token, organisation and bucket; the bucket's DBRP mapping answers `/query`. `v1`: database, user and password (1.8+ and older). */
  readonly access:
    | { readonly api: 'v2'; readonly token: string; readonly organisation: string; readonly bucket: string }
    | { readonly api: 'v1'; readonly database: string; readonly user?: string; readonly password?: string };
  readonly resolveSeries: ResolveSeries;
  /** One request's time limit. */
  readonly timeoutMs?: number;
  /** Local time − UTC in whole hours (Asia/Ho_Chi_Minh: 7, the default): where the days of rollups begin. */
  readonly utcOffsetHours?: number;
  /** Readings that the server's retention policy no longer takes: it keeps the others, and would refuse these for ever. */
  readonly onBeyondRetention?: (readings: number) => void;
}

/** What this store can do besides the port: take over what another engine kept. */
export interface InfluxTimeSeriesStore extends TimeSeriesStore {
  /** Whether nothing was ever written to the database. */
  isEmpty(): Promise<boolean>;
  /** Keeps rollups as they are; those of the same hour or day are replaced. */
  keepRollups(rows: RollupRows): Promise<void>;
  /** Keeps what is gone. */
  keepGone(gone: Gone): Promise<void>;
  /** Rollups of the series that start in [from, to), ordered by series and start. */
  rollups(table: RollupRows['table'], series: readonly SeriesId[], from: EpochMs, to: EpochMs): Promise<RollupRows>;
  /** Event times of the first and the last reading; with `rollups` those of their hours and days too. `null` for none. */
  extent(
    of: 'readings' | 'rollups',
    series: readonly SeriesId[],
  ): Promise<readonly [first: EpochMs, last: EpochMs] | null>;
}

/** Points of one write request; the client's own batch is larger, so that it sends only when told to. */
const WRITE_POINTS = 5_000;
const CURSOR_MEASUREMENT = 'hd_cursor';
/** One point a day and writer, overwritten: a retention policy would refuse, or drop, one that stays at an old time. */
const CURSOR_SPAN_MS = 86_400_000;
/** What 1.x and 2.x say of points that are too old for them; the rest of the request was kept. */
const BEYOND_RETENTION = /points beyond retention policy(?: dropped=(\d+))?/;
/** Series, event time, value, quality, lateness in ms. */
export type ReadingRow = readonly [SeriesId, number, number, number, number];
type Row = readonly (number | string | null)[];
interface InfluxAnswer {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly name: string;
      readonly tags?: Record<string, string>;
      readonly columns: readonly string[];
      readonly values: readonly Row[];
    }[];
  }[];
}

type InfluxSeries = NonNullable<NonNullable<InfluxAnswer['results']>[number]['series']>;

/** What other files of this adapter ask and write with. */
export interface InfluxQueries {
  query(influxQl: string, method: 'POST'): Promise<InfluxSeries>;
  send(points: readonly InfluxPoint[]): Promise<void>;
  /** Series by their quantity. */
  byQuantity(series: readonly SeriesId[]): Map<string, Map<PointId, SeriesId>>;
  /** Condition on the points. */
  anyOf(points: Iterable<PointId>): string;
  columnsOf(rows: readonly ReadingRow[]): ReadingColumns;
}

/** `"a"` as InfluxQL writes identifiers. */
export const identifier = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
export const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/**
 * The time-series store on InfluxDB: measurement = quantity, tag `point`, fields `value`, `quality` and `late_ms`, so that the same identity overwrites.
 * There are no transactions: the cursor is written after the data's answer was seen, and an append repeated after a crash changes nothing.
 */
export function openInfluxStore(options: InfluxStoreOptions): InfluxTimeSeriesStore {
  const { access, resolveSeries } = options;
  const timeout = options.timeoutMs ?? 10_000;
  const writer = randomUUID();
  const v1Login = access.api === 'v1' && access.user ? { u: access.user, p: access.password ?? '' } : {};
  const database = access.api === 'v1' ? access.database : access.bucket;
  // Its errors come back to the caller, who says once that the store is away; the client would print each.
  setLogger({ error() {}, warn() {} });
  const client = new InfluxDB({ url: options.url, timeout, ...(access.api === 'v2' ? { token: access.token } : {}) });

  /** Sends points and resolves once their own answer has been seen. */
  async function send(points: readonly InfluxPoint[]): Promise<void> {
    for (let from = 0; from < points.length; from += WRITE_POINTS) {
      let failure: Error | null = null;
      // `maxRetries: 0`: trying again is ours, so that a cursor never passes what was not answered.
      const writer: WriteApi = client.getWriteApi(access.api === 'v2' ? access.organisation : '', database, 'ms', {
        batchSize: WRITE_POINTS + 1,
        flushInterval: 0,
        maxRetries: 0,
        writeFailed: (error) => {
          failure = error;
        },
      });
      if (access.api === 'v1')
        (writer as unknown as { path: string }).path =
          `/write?${new URLSearchParams({ db: database, precision: 'ms', ...v1Login })}`;
      writer.writePoints(points.slice(from, from + WRITE_POINTS));
      try {
        await writer.close();
      } catch (error) {
        failure ??= error as Error;
      }
      const beyond = failure && BEYOND_RETENTION.exec((failure as Error).message);
      if (beyond) options.onBeyondRetention?.(Number(beyond[1] ?? 1));
      else if (failure)
        throw new StoreUnavailableError(`InfluxDB did not keep the readings: ${(failure as Error).message}`, {
          cause: failure,
        });
    }
  }

  async function query(influxQl: string, method: 'GET' | 'POST' = 'GET'): Promise<InfluxSeries> {
    const parameters = new URLSearchParams({ db: database, epoch: 'ms', q: influxQl, ...v1Login });
    let answer: InfluxAnswer;
    try {
      const response = await fetch(`${options.url}/query${method === 'GET' ? `?${parameters}` : ''}`, {
        method,
        signal: AbortSignal.timeout(timeout),
        headers: access.api === 'v2' ? { authorization: `Token ${access.token}` } : {},
        ...(method === 'POST' ? { body: parameters } : {}),
      });
      answer = (await response.json()) as InfluxAnswer;
    } catch (cause) {
      throw new StoreUnavailableError(`InfluxDB did not answer: ${(cause as Error).message}`, { cause });
    }
    const error = answer.error ?? answer.results?.find((r) => r.error)?.error;
    if (error) throw new StoreUnavailableError(`InfluxDB refused: ${error}`);
    return answer.results?.flatMap((r) => r.series ?? []) ?? [];
  }

  const pointsOf = (batches: readonly ReadingColumns[]): InfluxPoint[] => {
    // The last row of an identity wins, also where two stand in one request, whose order InfluxDB does not promise.
    const byIdentity = new Map<string, InfluxPoint>();
    for (const batch of batches) {
      for (let i = 0; i < batch.length; i++) {
        const name = resolveSeries(batch.series[i] as SeriesId);
        if (!name) continue;
        const eventTime = batch.eventTime[i]!;
        byIdentity.set(
          `${batch.series[i]}:${eventTime}`,
          new InfluxPoint(name.quantity)
            .tag('point', name.point)
            .floatField('value', batch.value[i])
            .intField('quality', batch.quality[i])
            .intField('late_ms', batch.arrivalTime[i]! - eventTime)
            .timestamp(eventTime),
        );
      }
    }
    return [...byIdentity.values()];
  };

  /** Series by their quantity, with a regular expression over the points asked for. */
  const byQuantity = (series: readonly SeriesId[]): Map<string, Map<PointId, SeriesId>> => {
    const groups = new Map<string, Map<PointId, SeriesId>>();
    for (const id of series) {
      const name = resolveSeries(id);
      if (!name) continue;
      const group = groups.get(name.quantity) ?? new Map<PointId, SeriesId>();
      groups.set(name.quantity, group.set(name.point, id));
    }
    return groups;
  };
  const anyOf = (points: Iterable<PointId>): string =>
    `"point" =~ /^(${[...points].map((p) => p.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|')})$/`;
  const columnsOf = (rows: readonly ReadingRow[]): ReadingColumns => {
    const columns = emptyColumns(rows.length);
    rows.forEach(([series, eventTime, value, quality, late], i) => {
      columns.series[i] = series;
      columns.eventTime[i] = eventTime;
      columns.arrivalTime[i] = eventTime + late;
      columns.value[i] = value;
      columns.quality[i] = quality;
    });
    return columns;
  };

  const queries: InfluxQueries = { query, send, byQuantity, anyOf, columnsOf };
  const rollups = createInfluxRollups(queries, resolveSeries, (options.utcOffsetHours ?? 7) * 3_600_000);

  return {
    async append(batches, cursor) {
      await send(pointsOf(batches));
      const today = Math.floor(Date.now() / CURSOR_SPAN_MS) * CURSOR_SPAN_MS;
      // By a tag of its own: what a writer that stood still says late overwrites nothing that its successor has said.
      await send([
        new InfluxPoint(CURSOR_MEASUREMENT).tag('writer', writer).intField('sequence', cursor).timestamp(today),
      ]);
    },
    load: (batches) => send(pointsOf(batches)),
    async cursor() {
      const [found] = await query(`SELECT MAX("sequence") FROM ${identifier(CURSOR_MEASUREMENT)} WHERE time >= 0`);
      return Number(found?.values[0]?.[1] ?? 0) as JournalSequence;
    },

    async range({ series, from, to, limit }) {
      const name = resolveSeries(series);
      if (!name) return emptyColumns(0);
      const [found] = await query(
        `SELECT "value", "quality", "late_ms" FROM ${identifier(name.quantity)} WHERE "point" = ${literal(name.point)} AND time >= ${from}ms AND time < ${to}ms ORDER BY time ASC LIMIT ${limit}`,
      );
      return columnsOf(
        (found?.values ?? []).map(
          (row) => [series, Number(row[0]), Number(row[1]), Number(row[2]), Number(row[3])] as const,
        ),
      );
    },

    windows: (asked) => rollups.windows(asked),

    async latest(series, before) {
      const rows: ReadingRow[] = [];
      for (const [quantity, points] of byQuantity(series)) {
        const found = await query(
          `SELECT "value", "quality", "late_ms" FROM ${identifier(quantity)} WHERE ${anyOf(points.keys())}${before === undefined ? '' : ` AND time < ${before}ms`} GROUP BY "point" ORDER BY time DESC LIMIT 1`,
          'POST',
        );
        for (const { tags, values } of found) {
          const id = points.get((tags?.['point'] ?? '') as PointId);
          const row = values[0];
          if (id !== undefined && row) rows.push([id, Number(row[0]), Number(row[1]), Number(row[2]), Number(row[3])]);
        }
      }
      return columnsOf(rows.sort((a, b) => a[0] - b[0]));
    },

    ...pastReadingsOf(queries),

    async deleteRange(series, from, to) {
      const name = resolveSeries(series);
      if (!name) return;
      await query(
        `DELETE FROM ${identifier(name.quantity)} WHERE "point" = ${literal(name.point)} AND time >= ${from}ms AND time < ${to}ms`,
        'POST',
      );
      await rollups.deleteRange(series, from, to);
    },
    retire: (retirement) => rollups.retire(retirement),
    retired: (series) => rollups.retired(series),
    keepRollups: (rows) => rollups.keep(rows),
    keepGone: (gone) => rollups.keepGone(gone),
    rollups: (table, asked, from, to) => rollups.rows(table, asked, from, to),
    async extent(of, series) {
      const measurements = of === 'rollups' ? rollups.measurements : [...byQuantity(series).keys()];
      const times: number[] = [];
      for (const measurement of measurements) {
        for (const order of ['ASC', 'DESC']) {
          const [found] = await query(`SELECT * FROM ${identifier(measurement)} ORDER BY time ${order} LIMIT 1`);
          if (found?.values[0]) times.push(Number(found.values[0][0]));
        }
      }
      return times.length === 0 ? null : [epochMs(Math.min(...times)), epochMs(Math.max(...times))];
    },
    isEmpty: async () => (await query('SHOW MEASUREMENTS LIMIT 1')).length === 0,
    async status() {
      const reachable = await query('SHOW MEASUREMENTS LIMIT 1').then(
        () => true,
        () => false,
      );
      return { engine: 'InfluxDB', reachable, bytesOnDisk: null, damagedFiles: [] };
    },
    async close() {},
  };
}
