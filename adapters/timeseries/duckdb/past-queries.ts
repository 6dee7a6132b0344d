import type { ChangesQuery, LatestAtQuery, StepColumns } from '../../../domain/ports/past-readings.ts';
import { emptyColumns, type ReadingColumns } from '../../../domain/reading.ts';
import { among, type Engine, EVENT_TIME, int, type NumberColumns, within } from './engine.ts';
import { LatestReadings } from './latest-readings.ts';
import { MINUTE_MS } from './layout.ts';
import { isOrderly, rowsOf } from './queries.ts';
import type { WeekFile } from './week-file.ts';

/** Most series have reported within this; the others are looked for in ever longer spans. */
const FIRST_SPAN_MS = 15 * MINUTE_MS;
const SPAN_GROWTH = 8;
/** Few readings take longer to arrive; blocks without such are passed over by the extremes known of each. */
const SELDOM_LATER_MS = 10 * MINUTE_MS;
/** From so many on, ids are not listed: the readings between the least and the greatest are read and what wasn't asked for is dropped. */
const LISTED_SERIES = 2_000;

const NEWEST = `max(${EVENT_TIME})::DOUBLE, ${['late_ms', 'value', 'quality'].map((column) => `arg_max(${column}, ${EVENT_TIME})::DOUBLE`).join(', ')}`;
const ARRIVAL = `(${EVENT_TIME} + late_ms)`;

/** Series asked for, as a condition and as what is left of the rows it lets through. */
class Asked {
  readonly condition: string;
  readonly #ids: ReadonlySet<number> | null = null;

  constructor(ids: readonly number[]) {
    if (ids.length <= LISTED_SERIES) this.condition = among(ids);
    else {
      this.#ids = new Set(ids);
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const id of ids) {
        if (id < low) low = id;
        if (id > high) high = id;
      }
      this.condition = `series BETWEEN ${int(low)} AND ${int(high)}`;
    }
  }
  has(id: number): boolean {
    return this.#ids === null || this.#ids.has(id);
  }
}

/** Series whose rows in the span are each an identity of its own, and the others. */
function byOrder(file: WeekFile, series: readonly number[], from: number, to: number): [boolean, readonly number[]][] {
  const orderly: number[] = [];
  const others: number[] = [];
  if (file.disorder.size === 0) return [[true, series]];
  for (const id of series) (isOrderly(file, id, from, to) ? orderly : others).push(id);
  return [
    [true, orderly],
    [false, others],
  ];
}

/** Rows of [from, to) of the series; what is asked of arrival counts only once the row of an identity is known. */
function rowsWithin(file: WeekFile, asked: Asked, from: number, to: number, orderly: boolean, also: string): string {
  const condition = `${asked.condition} AND ${within(from, to)}`;
  return orderly
    ? rowsOf(file.alias, condition + also, true)
    : `SELECT * FROM (${rowsOf(file.alias, condition, false)}) WHERE true${also}`;
}

/** `known`: the newest reading of each series of all, which is the answer for those that have sent nothing since. */
export async function queryLatestAt(
  engine: Engine,
  files: readonly WeekFile[],
  known: LatestReadings,
  { series, at, lookback, arrived }: LatestAtQuery,
): Promise<ReadingColumns> {
  const found = new LatestReadings();
  const oldest = at - lookback + 1;
  let missing: number[] = [];
  for (const id of series) {
    const eventTime = known.eventTime(id);
    if (eventTime < oldest) continue;
    if (eventTime > at || (arrived && known.arrivalTime(id) > at)) missing.push(id);
    else found.take(id, eventTime, known.arrivalTime(id), known.value(id), known.quality(id));
  }
  const also = arrived ? ` AND ${ARRIVAL} <= ${int(at)}` : '';
  let span = FIRST_SPAN_MS;
  for (const file of files.toReversed()) {
    let to = Math.min(at + 1, file.end);
    const end = Math.max(file.start, oldest);
    for (; missing.length > 0 && to > end; span *= SPAN_GROWTH) {
      const from = Math.max(end, to - span);
      const seen = new Set<number>();
      for (const [orderly, ids] of byOrder(file, missing, from, to)) {
        if (ids.length === 0) continue;
        const asked = new Asked(ids);
        const part = await engine.query(
          `SELECT series::DOUBLE, ${NEWEST} FROM (${rowsWithin(file, asked, from, to, orderly, also)}) GROUP BY series`,
        );
        const [id, eventTime, late, value, quality] = five(part);
        for (let i = 0; i < part.length; i++) {
          if (!asked.has(id[i]!)) continue;
          seen.add(id[i]!);
          found.take(id[i]!, eventTime[i]!, eventTime[i]! + late[i]!, value[i]!, quality[i]!);
        }
      }
      missing = missing.filter((id) => !seen.has(id));
      to = from;
    }
  }
  return found.columns(series);
}

/** The files hold what happened in (from, to], and, by arrival, in the lookback before. */
export async function queryChanges(
  engine: Engine,
  files: readonly WeekFile[],
  { series, from, to, step, lookback, arrived }: ChangesQuery,
): Promise<StepColumns> {
  const known = arrived ? `greatest(${EVENT_TIME}, ${ARRIVAL})` : EVENT_TIME;
  const also = arrived ? ` AND ${known} > ${int(from)} AND ${known} <= ${int(to)} AND late_ms < ${int(lookback)}` : '';
  const near = { from: arrived ? from - Math.min(SELDOM_LATER_MS, lookback) + 1 : from + 1, to: to + 1, also };
  const far = { from: from - lookback + 1, to: near.from, also: `${also} AND late_ms >= ${SELDOM_LATER_MS}` };
  const parts: { readonly rows: NumberColumns; readonly asked: Asked }[] = [];
  for (const file of files) {
    for (const span of arrived ? [far, near] : [near]) {
      const first = Math.max(file.start, span.from);
      const end = Math.min(file.end, span.to);
      if (first >= end) continue;
      for (const [orderly, ids] of byOrder(file, series, first, end)) {
        if (ids.length === 0) continue;
        const asked = new Asked(ids);
        const rows = await engine.query(
          `SELECT series::DOUBLE, ${NEWEST}, ((${known} - ${int(from + 1)}) // ${int(step)})::DOUBLE AS step
           FROM (${rowsWithin(file, asked, first, end, orderly, span.also)}) GROUP BY series, step ORDER BY step, series`,
        );
        parts.push({ rows, asked });
      }
    }
  }
  return merged(parts);
}

/** Parts, each in order, as one: of one series and step the later event stays (a step may lie in two files). */
function merged(parts: readonly { readonly rows: NumberColumns; readonly asked: Asked }[]): StepColumns {
  const room = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  const columns = { ...emptyColumns(room), step: new Int32Array(room) };
  const next = parts.map(() => 0);
  let length = 0;
  for (;;) {
    let best = -1;
    for (const [p, { rows, asked }] of parts.entries()) {
      while (next[p]! < rows.length && !asked.has(rows.columns[0]![next[p]!]!)) next[p]!++;
      if (next[p]! < rows.length && (best < 0 || comesBefore(rows, next[p]!, parts[best]!.rows, next[best]!))) best = p;
    }
    if (best < 0) break;
    const i = next[best]!++;
    const rows = parts[best]!.rows;
    const [series, eventTime, late, value, quality] = five(rows);
    const step = rows.columns[5]![i]!;
    const again = length > 0 && columns.step[length - 1] === step && columns.series[length - 1] === series[i]!;
    if (again && columns.eventTime[length - 1]! > eventTime[i]!) continue;
    const row = again ? length - 1 : length++;
    columns.step[row] = step;
    columns.series[row] = series[i]!;
    columns.eventTime[row] = eventTime[i]!;
    columns.arrivalTime[row] = eventTime[i]! + late[i]!;
    columns.value[row] = value[i]!;
    columns.quality[row] = quality[i]!;
  }
  return {
    length,
    step: columns.step.slice(0, length),
    series: columns.series.slice(0, length),
    eventTime: columns.eventTime.slice(0, length),
    arrivalTime: columns.arrivalTime.slice(0, length),
    value: columns.value.slice(0, length),
    quality: columns.quality.slice(0, length),
  };
}

function comesBefore(a: NumberColumns, i: number, b: NumberColumns, j: number): boolean {
  const [stepA, stepB] = [a.columns[5]![i]!, b.columns[5]![j]!];
  return stepA < stepB || (stepA === stepB && a.columns[0]![i]! < b.columns[0]![j]!);
}

const five = ({ columns }: NumberColumns) =>
  columns as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
