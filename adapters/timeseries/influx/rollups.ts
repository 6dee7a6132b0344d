import { Point as InfluxPoint } from '@influxdata/influxdb-client';
import { directionOf } from '../../../domain/direction.ts';
import type { PointId, SeriesId } from '../../../domain/identifiers.ts';
import type {
  ResolveSeries,
  RetentionLimits,
  SeriesName,
  TimeSeriesStore,
  WindowColumns,
  WindowQuery,
} from '../../../domain/ports/time-series-store.ts';
import { type EpochMs, epochMs } from '../../../domain/time.ts';
import { type InfluxQueries, identifier, literal } from '../influx.ts';
import type { Gone, RollupRows } from '../rollup-rows.ts';

/**
 * Measurements of our own: an hour's (a day's) aggregates, under the tags `quantity` and `point`, and what is gone of each series. In the database's one retention
 * policy, which keeps for ever.
 */
const HOURS = 'hd_rollup_hours';
const DAYS = 'hd_rollup_days';
const GONE = 'hd_rollup_gone';
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const FIELDS = ['n', 'good', 'sum', 'min', 'max', 'last', 'cosine', 'sine'] as const;
/** What is gone is asked for again after so long: another process may have retired meanwhile. */
const KNOWN_FOR_MS = 60_000;

/** Aggregates of one window; sums of unit vectors only of directions. */
interface Bucket {
  n: number;
  good: number;
  sum: number;
  min: number;
  max: number;
  last: number;
  /** Of `last`, or the start of the bucket it comes from. */
  lastAt: number;
  cosine: number;
  sine: number;
}
/** By start, of each series. */
type Buckets = Map<SeriesId, Map<number, Bucket>>;

interface Rollups extends Pick<TimeSeriesStore, 'windows' | 'retire' | 'retired' | 'deleteRange'> {
  keep(rows: RollupRows): Promise<void>;
  keepGone(gone: Gone): Promise<void>;
  rows(table: RollupRows['table'], series: readonly SeriesId[], from: EpochMs, to: EpochMs): Promise<RollupRows>;
  readonly measurements: readonly string[];
}

/** Windows and retention on InfluxDB: what readings come to is written by us, since the server's own continuous queries know neither site days nor what came late. */
export function createInfluxRollups(
  queries: InfluxQueries,
  resolveSeries: ResolveSeries,
  utcOffsetMs: number,
): Rollups {
  const { query, send, byQuantity, anyOf } = queries;
  let gone: { readonly of: ReadonlyMap<string, RetentionLimits>; readonly at: number } | null = null;

  const nameOf = (quantity: string, point: string): string => `${quantity} ${point}`;

  async function allGone(): Promise<ReadonlyMap<string, RetentionLimits>> {
    if (gone !== null && Date.now() - gone.at < KNOWN_FOR_MS) return gone.of;
    const found = await query(
      `SELECT LAST("raw"), LAST("hourly"), LAST("daily") FROM ${identifier(GONE)} WHERE time >= 0 GROUP BY "quantity", "point"`,
      'POST',
    );
    const limit = (value: unknown): EpochMs | null =>
      value === null || value === undefined ? null : epochMs(Number(value));
    const of = new Map(
      found.map(({ tags, values }) => [
        nameOf(tags?.['quantity'] ?? '', tags?.['point'] ?? ''),
        { raw: limit(values[0]?.[1]), hourly: limit(values[0]?.[2]), daily: limit(values[0]?.[3]) },
      ]),
    );
    gone = { of, at: Date.now() };
    return of;
  }

  const bucketOf = (buckets: Buckets, series: SeriesId, start: number): Bucket => {
    const own = buckets.get(series) ?? new Map<number, Bucket>();
    buckets.set(series, own);
    let bucket = own.get(start);
    if (!bucket) {
      bucket = {
        n: 0,
        good: 0,
        sum: 0,
        min: Number.POSITIVE_INFINITY,
        max: Number.NEGATIVE_INFINITY,
        last: Number.NaN,
        lastAt: Number.NEGATIVE_INFINITY,
        cosine: 0,
        sine: 0,
      };
      own.set(start, bucket);
    }
    return bucket;
  };
  const add = (bucket: Bucket, part: Bucket): void => {
    bucket.n += part.n;
    bucket.good += part.good;
    bucket.sum += part.sum;
    bucket.min = Math.min(bucket.min, part.min);
    bucket.max = Math.max(bucket.max, part.max);
    bucket.cosine += part.cosine;
    bucket.sine += part.sine;
    if (part.lastAt >= bucket.lastAt) {
      bucket.last = part.last;
      bucket.lastAt = part.lastAt;
    }
  };

  /** Aggregates of readings that are there. */
  async function fromReadings({ series, from, to, step, align, directions = [] }: WindowQuery): Promise<Buckets> {
    const buckets: Buckets = new Map();
    if (from >= to) return buckets;
    const offset = ((align % step) + step) % step;
    const isDirection = new Set(directions);
    for (const [quantity, points] of byQuantity(series.filter((id) => !isDirection.has(id)))) {
      const source = (quality: string): string =>
        `FROM ${identifier(quantity)} WHERE ${anyOf(points.keys())} AND ${quality} AND time >= ${from}ms AND time < ${to}ms GROUP BY time(${step}ms, ${offset}ms), "point" fill(none)`;
      const found = await query(
        `SELECT COUNT("value"), MIN("value"), MAX("value"), SUM("value"), LAST("value") ${source('"quality" < 32')}`,
        'POST',
      );
      for (const { tags, values } of found) {
        const id = points.get((tags?.['point'] ?? '') as PointId);
        if (id === undefined) continue;
        for (const row of values) {
          const [start, n, min, max, sum, last] = row.map(Number) as [number, number, number, number, number, number];
          if (n > 0) Object.assign(bucketOf(buckets, id, start), { n, min, max, sum, last, lastAt: start + step - 1 });
        }
      }
      for (const { tags, values } of await query(`SELECT COUNT("value") ${source('"quality" = 0')}`, 'POST')) {
        const id = points.get((tags?.['point'] ?? '') as PointId);
        for (const row of values) {
          const bucket = id === undefined ? undefined : buckets.get(id)?.get(Number(row[0]));
          if (bucket) bucket.good = Number(row[1]);
        }
      }
    }
    // InfluxQL as old as 1.6 knows no sine.
    for (const [quantity, points] of byQuantity(directions)) {
      const found = await query(
        `SELECT "value", "quality" FROM ${identifier(quantity)} WHERE ${anyOf(points.keys())} AND "quality" < 32 AND time >= ${from}ms AND time < ${to}ms GROUP BY "point"`,
        'POST',
      );
      for (const { tags, values } of found) {
        const id = points.get((tags?.['point'] ?? '') as PointId);
        if (id === undefined) continue;
        for (const row of values) {
          const [at, value, quality] = row.map(Number) as [number, number, number];
          const radians = (value * Math.PI) / 180;
          const part = {
            n: 1,
            good: Number(quality === 0),
            sum: value,
            min: value,
            max: value,
            last: value,
            lastAt: at,
          };
          const start = align + Math.floor((at - align) / step) * step;
          add(bucketOf(buckets, id, start), { ...part, cosine: Math.cos(radians), sine: Math.sin(radians) });
        }
      }
    }
    return buckets;
  }

  /** Rollups that start in [from, to), added to the windows they lie in. */
  async function addRollups(
    buckets: Buckets,
    measurement: string,
    series: readonly SeriesId[],
    from: number,
    to: number,
    startOf: (at: number) => number,
  ): Promise<void> {
    if (from >= to) return;
    for (const [quantity, points] of byQuantity(series)) {
      const found = await query(
        `SELECT ${FIELDS.map(identifier).join(', ')} FROM ${identifier(measurement)} WHERE "quantity" = ${literal(quantity)} AND ${anyOf(points.keys())} AND time >= ${from}ms AND time < ${to}ms GROUP BY "point"`,
        'POST',
      );
      for (const { tags, values } of found) {
        const id = points.get((tags?.['point'] ?? '') as PointId);
        if (id === undefined) continue;
        for (const row of values) {
          // One that was made before the good ones were counted has no such field.
          const numbers = row.map((value, field) =>
            value === null && FIELDS[field - 1] === 'good' ? Number.NaN : Number(value),
          );
          const [at, n, good, sum, min, max, last, cosine, sine] = numbers as [
            number,
            number,
            number,
            number,
            number,
            number,
            number,
            number,
            number,
          ];
          add(bucketOf(buckets, id, startOf(at)), { n, good, sum, min, max, last, lastAt: at, cosine, sine });
        }
      }
    }
  }

  const floorTo = (instant: number, width: number): number => {
    const origin = width === DAY_MS ? -utcOffsetMs : 0;
    return Math.floor((instant - origin) / width) * width + origin;
  };
  const ceilTo = (instant: number, width: number): number => {
    const floor = floorTo(instant, width);
    return floor === instant ? floor : floor + width;
  };
  const madeOf = ({ step, align }: WindowQuery, width: number): boolean =>
    step % width === 0 && floorTo(align, width) === align;

  async function windows(asked: WindowQuery): Promise<WindowColumns> {
    const { from, to, step, align, series, directions = [] } = asked;
    const directionSet = new Set(directions);
    if (!madeOf(asked, HOUR_MS) || from >= to) return columnsOf(await fromReadings(asked), directionSet);
    const of = await allGone();
    const limitOf = (id: SeriesId): number => {
      const name = resolveSeries(id);
      return (name && of.get(nameOf(name.quantity, name.point))?.raw) ?? Number.NEGATIVE_INFINITY;
    };
    const buckets: Buckets = new Map();
    for (const [limit, alike] of Map.groupBy(series, limitOf)) {
      const rest = { series: alike, directions: alike.filter((id) => directionSet.has(id)), to, step, align };
      for (const [id, own] of await fromReadings({ ...rest, from: epochMs(Math.max(from, limit)) })) {
        for (const [start, bucket] of own) add(bucketOf(buckets, id, start), bucket);
      }
      const end = Math.min(to, limit);
      if (end <= from) continue;
      const startOf = (at: number): number => align + Math.floor((at - align) / step) * step;
      const [first, last] = [ceilTo(from, HOUR_MS), floorTo(end, HOUR_MS)];
      const [firstDay, lastDay] = [ceilTo(from, DAY_MS), floorTo(end, DAY_MS)];
      const days = madeOf(asked, DAY_MS) && firstDay < lastDay;
      await addRollups(buckets, HOURS, alike, first, days ? firstDay : last, startOf);
      if (days) {
        await addRollups(buckets, DAYS, alike, firstDay, lastDay, startOf);
        await addRollups(buckets, HOURS, alike, lastDay, last, startOf);
      }
    }
    return columnsOf(buckets, directionSet);
  }

  /** Time of the first reading before `limit` of these points. */
  async function firstReading(quantity: string, points: Iterable<PointId>, limit: number): Promise<number | null> {
    const [found] = await query(
      `SELECT "value" FROM ${identifier(quantity)} WHERE ${anyOf(points)} AND time < ${limit}ms ORDER BY time ASC LIMIT 1`,
      'POST',
    );
    return found?.values[0] ? Number(found.values[0][0]) : null;
  }
  async function count(measurement: string, condition: string, field: string): Promise<number> {
    const [found] = await query(
      `SELECT COUNT(${identifier(field)}) FROM ${identifier(measurement)} WHERE ${condition}`,
      'POST',
    );
    return Number(found?.values[0]?.[1] ?? 0);
  }

  const pointsOf = (measurement: string, buckets: Buckets, kept: Buckets, directions: ReadonlySet<SeriesId>) =>
    [...buckets].flatMap(([series, own]) => {
      const name = resolveSeries(series);
      if (!name) return [];
      return [...own].flatMap(([start, bucket]) => {
        // What stands there is the account of all readings; those that are left, or came later, are not.
        if ((kept.get(series)?.get(start)?.n ?? 0) >= bucket.n) return [];
        const { cosine, sine } = directions.has(series) ? bucket : { cosine: Number.NaN, sine: Number.NaN };
        return [pointOf(measurement, name, start, { ...bucket, cosine, sine })];
      });
    });
  /** Without fields for what is not known (NaN). */
  function pointOf(
    measurement: string,
    name: SeriesName,
    start: number,
    bucket: Readonly<Record<(typeof FIELDS)[number], number>>,
  ): InfluxPoint {
    const point = new InfluxPoint(measurement)
      .tag('quantity', name.quantity)
      .tag('point', name.point)
      .intField('n', bucket.n)
      .timestamp(start);
    if (!Number.isNaN(bucket.good)) point.intField('good', bucket.good);
    for (const field of ['sum', 'min', 'max', 'last', 'cosine', 'sine'] as const)
      if (!Number.isNaN(bucket[field])) point.floatField(field, bucket[field]);
    return point;
  }

  /** Rolls up the readings of points in the weeks before `limit`; on return that is durable, as far as InfluxDB's answer says. */
  async function rollUp(series: readonly SeriesId[], directions: readonly SeriesId[], first: number, limit: number) {
    const isDirection = new Set(directions);
    for (let from = floorTo(first, DAY_MS); from < limit; from += WEEK_MS) {
      const to = Math.min(limit, from + WEEK_MS);
      const step = HOUR_MS as WindowQuery['step'];
      const span = { series, directions, from: epochMs(from), to: epochMs(to), step, align: epochMs(0) };
      const keep = async (measurement: string, made: Buckets): Promise<void> => {
        const kept: Buckets = new Map();
        await addRollups(kept, measurement, series, from, to, (at) => at);
        await send(pointsOf(measurement, made, kept, isDirection));
      };
      await keep(HOURS, await fromReadings(span));
      // Days are those of their hours, unless more is known of them than the hours tell.
      const ofDays: Buckets = new Map();
      await addRollups(ofDays, HOURS, series, from, to, (at) => floorTo(at, DAY_MS));
      await keep(DAYS, ofDays);
    }
  }

  async function remember(quantity: string, points: Iterable<PointId>, fields: Partial<Record<string, EpochMs>>) {
    await send(
      [...points].map((name) => {
        const point = new InfluxPoint(GONE).tag('quantity', quantity).tag('point', name).timestamp(0);
        for (const [field, limit] of Object.entries(fields)) if (limit !== undefined) point.intField(field, limit);
        return point;
      }),
    );
    gone = null;
  }

  return {
    windows,

    async retire({ series, directions, limits }) {
      const done = { readings: 0, hourlyValues: 0, dailyValues: 0 };
      for (const [quantity, points] of byQuantity(series)) {
        const mine = anyOf(points.keys());
        if (limits.raw !== null) {
          const first = await firstReading(quantity, points.keys(), limits.raw);
          if (first !== null) {
            const ids = [...points.values()];
            await rollUp(
              ids,
              directions.filter((id) => ids.includes(id)),
              first,
              limits.raw,
            );
            await remember(quantity, points.keys(), { raw: limits.raw });
            const old = `${mine} AND time < ${limits.raw}ms`;
            done.readings += await count(quantity, old, 'value');
            await query(`DELETE FROM ${identifier(quantity)} WHERE ${old}`, 'POST');
          }
        }
        for (const [measurement, field, limit] of [
          [HOURS, 'hourly', limits.hourly],
          [DAYS, 'daily', limits.daily],
        ] as const) {
          if (limit === null) continue;
          const old = `"quantity" = ${literal(quantity)} AND ${mine} AND time < ${limit}ms`;
          const values = await count(measurement, old, 'n');
          if (values === 0) continue;
          await query(`DELETE FROM ${identifier(measurement)} WHERE ${old}`, 'POST');
          await remember(quantity, points.keys(), { [field]: limit });
          done[field === 'hourly' ? 'hourlyValues' : 'dailyValues'] += values;
        }
      }
      return done;
    },

    async keep(rows) {
      const measurement = rows.table === 'hours' ? HOURS : DAYS;
      const points: InfluxPoint[] = [];
      for (let i = 0; i < rows.series.length; i++) {
        const name = resolveSeries(rows.series[i] as SeriesId);
        if (!name) continue;
        const field = (of: (typeof FIELDS)[number]): number => rows[of][i]!;
        const bucket = Object.fromEntries(FIELDS.map((of) => [of, field(of)])) as Record<
          (typeof FIELDS)[number],
          number
        >;
        points.push(pointOf(measurement, name, rows.start[i]!, bucket));
      }
      await send(points);
    },
    async rows(table, series, from, to) {
      const buckets: Buckets = new Map();
      await addRollups(buckets, table === 'hours' ? HOURS : DAYS, series, from, to, (at) => at);
      const rows = [...buckets]
        .flatMap(([id, own]) => [...own].map(([start, bucket]) => ({ series: id, start, ...bucket })))
        .sort((a, b) => a.series - b.series || a.start - b.start);
      const column = (of: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, of);
      // Of what is no direction there are none, which comes back as nought.
      const ofDirections = (of: (row: (typeof rows)[number]) => number) =>
        column((row) => (row.cosine === 0 && row.sine === 0 ? Number.NaN : of(row)));
      const [cosine, sine] = [ofDirections((row) => row.cosine), ofDirections((row) => row.sine)];
      return {
        ...{ table, series: column((row) => row.series), start: column((row) => row.start) },
        ...{ n: column((row) => row.n), good: column((row) => row.good), sum: column((row) => row.sum) },
        ...{ min: column((row) => row.min), max: column((row) => row.max), last: column((row) => row.last) },
        ...{ cosine, sine },
      };
    },
    measurements: [HOURS, DAYS],
    async keepGone(limits) {
      for (const [id, { raw, hourly, daily }] of limits) {
        const name = resolveSeries(id);
        const known = Object.entries({ raw, hourly, daily }).filter(
          (entry): entry is [string, EpochMs] => entry[1] !== null,
        );
        if (name && known.length > 0) await remember(name.quantity, [name.point], Object.fromEntries(known));
      }
    },

    async retired(series) {
      const of = await allGone();
      return new Map(
        series.flatMap((id) => {
          const name = resolveSeries(id);
          const limits = name && of.get(nameOf(name.quantity, name.point));
          return limits ? [[id, limits] as const] : [];
        }),
      );
    },

    async deleteRange(series, from, to) {
      const name = resolveSeries(series);
      if (!name) return;
      for (const [measurement, width] of [
        [HOURS, HOUR_MS],
        [DAYS, DAY_MS],
      ] as const) {
        if (to - width < from) continue;
        await query(
          `DELETE FROM ${identifier(measurement)} WHERE "quantity" = ${literal(name.quantity)} AND "point" = ${literal(name.point)} AND time >= ${from}ms AND time <= ${to - width}ms`,
          'POST',
        );
      }
    },
  };
}

function columnsOf(buckets: Buckets, directions: ReadonlySet<SeriesId>): WindowColumns {
  const rows = [...buckets]
    .flatMap(([series, own]) => [...own].map(([start, bucket]) => ({ series, start, ...bucket })))
    .sort((a, b) => a.series - b.series || a.start - b.start);
  const column = (of: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, of);
  return {
    length: rows.length,
    series: Int32Array.from(rows, (row) => row.series),
    start: column((row) => row.start),
    count: Int32Array.from(rows, (row) => row.n),
    good: column((row) => row.good),
    mean: column((row) => (directions.has(row.series) ? directionOf(row.cosine, row.sine) : row.sum / row.n)),
    min: column((row) => row.min),
    max: column((row) => row.max),
    sum: column((row) => row.sum),
    last: column((row) => row.last),
  };
}
