import type { StretchColumns, StretchQuery } from '../../../domain/ports/time-series-store.ts';
import { emptyColumns, type ReadingColumns } from '../../../domain/reading.ts';
import { epochMs } from '../../../domain/time.ts';
import { among, type Engine, EVENT_TIME, within } from './engine.ts';
import { isOrderly, rowsOf } from './queries.ts';
import type { WeekFile } from './week-file.ts';

/** Raw readings of several series in the first of `files`, which ascend: one statement, and each block of the file read once for all of them. */
export async function queryStretch(
  engine: Engine,
  [file]: readonly WeekFile[],
  { series, from, to }: StretchQuery,
): Promise<StretchColumns> {
  if (file === undefined || series.length === 0) return { ...emptyColumns(0), to };
  const first = Math.max(from, file.start);
  const end = Math.min(to, file.end);
  const orderly = series.every((id) => isOrderly(file, id, first, end));
  // Not ordered by the engine: for rows that lie in order already, as a sealed week's do, that doubles what the statement costs.
  const { length, columns } = await engine.query(
    `SELECT series::DOUBLE, ${EVENT_TIME}::DOUBLE, late_ms::DOUBLE, value, quality::DOUBLE
     FROM (${rowsOf(file.alias, `${among(series)} AND ${within(first, end)}`, orderly)})`,
  );
  const [ids, eventTime, late, value, quality] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < length; i++) late[i]! += eventTime[i]!;
  const readings = {
    length,
    series: Int32Array.from(ids),
    eventTime,
    arrivalTime: late,
    value,
    quality: Uint8Array.from(quality),
  };
  return { ...inOrder(readings), to: epochMs(end) };
}

/** The same readings by series, then event time. A file holds them day by day: those of one series mostly ascend, wherever they lie. */
function inOrder(readings: ReadingColumns): ReadingColumns {
  const { length, series, eventTime } = readings;
  let ordered = 1;
  while (ordered < length && isBefore(readings, ordered - 1, ordered)) ordered++;
  if (ordered >= length) return readings;
  const rows = new Map<number, number>();
  for (let i = 0; i < length; i++) rows.set(series[i]!, (rows.get(series[i]!) ?? 0) + 1);
  const next = new Map<number, number>();
  let place = 0;
  for (const id of [...rows.keys()].sort((a, b) => a - b)) {
    next.set(id, place);
    place += rows.get(id)!;
  }
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    const to = next.get(series[i]!)!;
    order[to] = i;
    next.set(series[i]!, to + 1);
  }
  for (const [id, count] of rows) {
    const end = next.get(id)!;
    const own = order.subarray(end - count, end);
    if (own.some((row, i) => i > 0 && !isBefore(readings, own[i - 1]!, row)))
      own.sort((a, b) => eventTime[a]! - eventTime[b]!);
  }
  const take = <T extends Float64Array | Int32Array | Uint8Array>(column: T): T =>
    column.map((_, i) => column[order[i]!]!) as T;
  return {
    length,
    series: take(series),
    eventTime: take(eventTime),
    arrivalTime: take(readings.arrivalTime),
    value: take(readings.value),
    quality: take(readings.quality),
  };
}

const isBefore = ({ series, eventTime }: ReadingColumns, a: number, b: number): boolean =>
  series[a]! < series[b]! || (series[a] === series[b] && eventTime[a]! < eventTime[b]!);
