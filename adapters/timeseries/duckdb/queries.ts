import { directionOf } from '../../../domain/direction.ts';
import type { RangeQuery, WindowColumns, WindowQuery } from '../../../domain/ports/time-series-store.ts';
import { UNUSABLE_FROM } from '../../../domain/quality.ts';
import { emptyColumns, type ReadingColumns } from '../../../domain/reading.ts';
import { SUM_OF_GOOD, type YearFile } from './archive.ts';
import { among, type Engine, EVENT_TIME, int, type NumberColumns, within } from './engine.ts';
import { type BucketHours, type Layout, MINUTE_MS } from './layout.ts';
import type { WeekFile } from './week-file.ts';

const RAW = 'series, minute, ms, late_ms, value, quality';

/** Rows of a file under a condition, from both of its tables, each identity once. */
export function rowsOf(alias: string, condition: string, orderly: boolean): string {
  if (orderly) {
    return `SELECT ${RAW} FROM ${alias}.sorted WHERE ${condition} UNION ALL SELECT ${RAW} FROM ${alias}.tail WHERE ${condition}`;
  }
  // The tail's rows came later than the sorted ones, and of its own rows the one with the greater rowid.
  return `SELECT ${RAW} FROM (
    SELECT ${RAW}, row_number() OVER (PARTITION BY series, minute, ms ORDER BY came DESC) AS age FROM (
      SELECT ${RAW}, -1 AS came FROM ${alias}.sorted WHERE ${condition} UNION ALL SELECT ${RAW}, rowid AS came FROM ${alias}.tail WHERE ${condition}
    )) WHERE age = 1`;
}

export const isOrderly = (file: WeekFile, series: number, from: number, to: number): boolean => {
  const span = file.disorder.get(series);
  return span === undefined || span.from >= to || span.to <= from;
};

/** Files read by one statement: two months of them. What a statement costs by itself is as much as reading a week of minutes. */
const FILES_AT_ONCE = 8;

/** Raw readings; `files` ascending. */
export async function queryRange(
  engine: Engine,
  files: readonly WeekFile[],
  query: RangeQuery,
): Promise<ReadingColumns> {
  const { series, limit } = query;
  const parts: NumberColumns[] = [];
  let length = 0;
  const rowsIn = (file: WeekFile): string => {
    const from = Math.max(query.from, file.start);
    const to = Math.min(query.to, file.end);
    return rowsOf(file.alias, `series = ${int(series)} AND ${within(from, to)}`, isOrderly(file, series, from, to));
  };
  // The first file tells how many readings a file has, and so how many files the rest of the page is in.
  for (let [next, count] = [0, 1]; next < files.length && length < limit; ) {
    const some = files.slice(next, next + count);
    const part = await engine.query(
      `SELECT ${EVENT_TIME}::DOUBLE, late_ms::DOUBLE, value, quality::DOUBLE
       FROM (${some.map(rowsIn).join(' UNION ALL ')})
       ORDER BY minute, ms LIMIT ${int(limit - length)}`,
    );
    parts.push(part);
    length += part.length;
    next += count;
    const perFile = Math.max(1, part.length / some.length);
    count = Math.max(1, Math.min(FILES_AT_ONCE, Math.ceil((limit - length) / perFile)));
  }
  const result = emptyColumns(length);
  result.series.fill(series);
  let offset = 0;
  for (const part of parts) {
    const [eventTime, late, value, quality] = part.columns as [Float64Array, Float64Array, Float64Array, Float64Array];
    result.eventTime.set(eventTime, offset);
    result.value.set(value, offset);
    result.quality.set(quality, offset);
    for (let i = 0; i < part.length; i++) result.arrivalTime[offset + i] = eventTime[i]! + late[i]!;
    offset += part.length;
  }
  return result;
}

/** Windows are merged from partial aggregates, rows of (series, start, n, good, sum, min, max, last, at_ms, cosine, sine). */
class WindowPlan {
  readonly parts: string[] = [];
  readonly #query: WindowQuery;
  readonly #layout: Layout;
  /** The first window's start at or before `from`. */
  readonly #origin: number;
  /** Sums of unit vectors of the directions among the series, as SQL over raw readings. */
  readonly #vectors: string;

  constructor(query: WindowQuery, layout: Layout) {
    this.#query = query;
    this.#layout = layout;
    this.#origin = query.align + Math.floor((query.from - query.align) / query.step) * query.step;
    const directions = query.directions ?? [];
    this.#vectors = ['cos', 'sin']
      .map((part) =>
        directions.length === 0
          ? 'NULL::DOUBLE'
          : `sum(${part}(radians(value))) FILTER (series IN (${directions.map(int).join(',')}))`,
      )
      .join(', ');
  }

  #startOf = (time: string): string =>
    `(${int(this.#origin)} + (${time} - ${int(this.#origin)}) // ${int(this.#query.step)} * ${int(this.#query.step)})`;

  /** Whether windows are made of whole buckets of that length. */
  takes(hours: BucketHours): boolean {
    return this.#layout.madeOfBuckets(this.#query.step, this.#query.align, hours);
  }

  raw(alias: string, series: readonly number[], from: number, to: number, orderly: boolean): void {
    if (series.length === 0 || from >= to) return;
    const condition = `${among(series)} AND ${within(from, to)} AND quality < ${UNUSABLE_FROM}`;
    // A later row of the same identity may be unusable: its quality counts only once it is known to be the one.
    const rows = orderly
      ? rowsOf(alias, condition, true)
      : `SELECT * FROM (${rowsOf(alias, `${among(series)} AND ${within(from, to)}`, false)}) WHERE quality < ${UNUSABLE_FROM}`;
    this.parts.push(
      `SELECT series, ${this.#startOf(EVENT_TIME)} AS start_ms, count(*) AS n, count(*) FILTER (quality = 0) AS good, sum(value) AS sum, min(value) AS min,
         max(value) AS max, arg_max(value, ${EVENT_TIME}) AS last, max(${EVENT_TIME}) AS at_ms, ${this.#vectors} FROM (${rows}) GROUP BY 1, 2`,
    );
  }

  /** Buckets that start in [from, to) and end by `to`. */
  rollup(alias: string, series: readonly number[], hours: BucketHours, from: number, to: number): void {
    if (series.length === 0 || from >= to) return;
    this.parts.push(
      `SELECT series, ${this.#startOf(`start_minute::BIGINT * ${MINUTE_MS}`)} AS start_ms, n, good, sum, min, max, last,
         start_minute::BIGINT * ${MINUTE_MS} AS at_ms, NULL::DOUBLE, NULL::DOUBLE FROM ${alias}.rollup WHERE ${among(series)} AND hours = ${hours}
         AND start_minute >= ${int(from / MINUTE_MS)} AND start_minute < ${int(to / MINUTE_MS)}`,
    );
  }

  /** What is left of retired readings: whole days from the days, and hours at both ends, or hours alone. */
  retired(alias: string, series: readonly number[], from: number, to: number): void {
    const layout = this.#layout;
    const take = (table: 'hours' | 'days', first: number, end: number): void => {
      if (first >= end) return;
      this.parts.push(
        `SELECT series, ${this.#startOf(`start_minute::BIGINT * ${MINUTE_MS}`)} AS start_ms, n, good, sum, min, max, last,
           start_minute::BIGINT * ${MINUTE_MS} AS at_ms, cosine, sine FROM ${alias}.${table}
         WHERE ${among(series)} AND start_minute >= ${int(first / MINUTE_MS)} AND start_minute < ${int(end / MINUTE_MS)}`,
      );
    };
    if (!this.takes(1)) return;
    const [first, end] = [layout.bucketCeiling(from, 1), layout.bucketStart(to, 1)];
    const [firstDay, endDay] = [layout.bucketCeiling(from, 24), layout.bucketStart(to, 24)];
    if (!this.takes(24) || firstDay >= endDay) {
      take('hours', first, end);
      return;
    }
    take('hours', first, firstDay);
    take('days', firstDay, endDay);
    take('hours', endDay, end);
  }

  sql(): string {
    return `SELECT series::DOUBLE, start_ms::DOUBLE, sum(n)::DOUBLE, (${SUM_OF_GOOD})::DOUBLE, sum(sum), min(min), max(max), arg_max(last, at_ms), sum(cosine), sum(sine)
      FROM (${this.parts.join('\nUNION ALL ')}) AS part (series, start_ms, n, good, sum, min, max, last, at_ms, cosine, sine) GROUP BY series, start_ms ORDER BY series, start_ms`;
  }
}

export interface WindowSources {
  readonly files: readonly WeekFile[];
  /** Rollups of readings that are gone. */
  readonly archives: readonly YearFile[];
  /** Before when readings of a series are gone; −∞ when none are. */
  readonly goneBefore: (series: number) => number;
}

export async function queryWindows(
  engine: Engine,
  layout: Layout,
  { files, archives, goneBefore }: WindowSources,
  query: WindowQuery,
): Promise<WindowColumns> {
  const plan = new WindowPlan(query, layout);
  const series = [...new Set<number>(query.series)];
  if (series.length > 0 && query.from < query.to) {
    for (const archive of archives)
      plan.retired(archive.alias, series, Math.max(query.from, archive.start), Math.min(query.to, archive.end));
    // What came for a week after its readings went is no second account of it.
    for (const file of files) {
      const own = plan.takes(1) ? series.filter((id) => goneBefore(id) < file.end) : series;
      planFile(plan, layout, file, own, query);
    }
  }
  if (plan.parts.length === 0)
    return windowColumns({ length: 0, columns: Array.from({ length: 10 }, () => new Float64Array(0)) }, new Set());
  return windowColumns(await engine.query(plan.sql()), new Set<number>(query.directions));
}

function planFile(
  plan: WindowPlan,
  layout: Layout,
  file: WeekFile,
  series: readonly number[],
  query: WindowQuery,
): void {
  const from = Math.max(query.from, file.start);
  const to = Math.min(query.to, file.end);
  const groups = {
    raw: [] as number[],
    close: [] as number[],
    1: [] as number[],
    24: [] as number[],
  };
  const useful = { 1: plan.takes(1), 24: plan.takes(24) };
  const directions = new Set<number>(query.directions);
  for (const id of series) {
    const hours = file.hoursOf(id);
    const orderly = isOrderly(file, id, from, to);
    // The week's rollup knows no vectors, and not yet what came late.
    if (hours === 0 || !useful[hours] || !orderly || directions.has(id)) groups[orderly ? 'raw' : 'close'].push(id);
    else groups[hours].push(id);
  }
  plan.raw(file.alias, groups.raw, from, to, true);
  plan.raw(file.alias, groups.close, from, to, false);
  for (const hours of [1, 24] as const) {
    const first = layout.bucketCeiling(from, hours);
    // The rollup where it is complete, readings before and after.
    const complete = Math.max(first, layout.bucketStart(Math.min(to, file.sealedTo), hours));
    plan.rollup(file.alias, groups[hours], hours, first, complete);
    plan.raw(file.alias, groups[hours], from, Math.min(first, to), true);
    plan.raw(file.alias, groups[hours], complete, to, true);
  }
}

/** Series, start, n, good, sum, min, max, last, cosine and sine of summed readings, a column each. */
export type SummedColumns = [
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
];

function windowColumns({ length, columns }: NumberColumns, directions: ReadonlySet<number>): WindowColumns {
  const [series, start, count, good, sum, min, max, last, cosine, sine] = columns as SummedColumns;
  return {
    length,
    series: Int32Array.from(series),
    start,
    count: Int32Array.from(count),
    good,
    mean: sum.map((total, i) => (directions.has(series[i]!) ? directionOf(cosine[i]!, sine[i]!) : total / count[i]!)),
    min,
    max,
    sum,
    last,
  };
}

/** Newest reading < `before` of each of `series` in one file, looked for in ever longer spans: it is mostly near. */
export async function queryLatestBefore(
  engine: Engine,
  file: WeekFile,
  series: readonly number[],
  before: number,
  take: (series: number, eventTime: number, arrivalTime: number, value: number, quality: number) => void,
): Promise<void> {
  let to = Math.min(before, file.end);
  let missing = [...series];
  for (let span = 2 * 3_600_000; missing.length > 0 && to > file.start; span *= 12) {
    const from = Math.max(file.start, to - span);
    const orderly = missing.every((id) => isOrderly(file, id, from, to));
    const found = await engine.query(
      `SELECT series::DOUBLE, max(${EVENT_TIME})::DOUBLE, ${['late_ms', 'value', 'quality'].map((column) => `arg_max(${column}, ${EVENT_TIME})::DOUBLE`).join(', ')}
       FROM (${rowsOf(file.alias, `${among(missing)} AND ${within(from, to)}`, orderly)}) GROUP BY series`,
    );
    const seen = new Set<number>();
    for (let i = 0; i < found.length; i++) {
      const [id, eventTime, late, value, quality] = found.columns.map((column) => column[i]!);
      seen.add(id!);
      take(id!, eventTime!, eventTime! + late!, value!, quality!);
    }
    missing = missing.filter((id) => !seen.has(id));
    to = from;
  }
}
