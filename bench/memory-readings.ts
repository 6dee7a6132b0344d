import type { SeriesId } from '../domain/identifiers.ts';
import type {
  RangeQuery,
  StretchColumns,
  StretchQuery,
  TimeSeriesStore,
  WindowColumns,
  WindowQuery,
} from '../domain/ports/time-series-store.ts';
import { UNUSABLE_FROM } from '../domain/quality.ts';
import { emptyColumns, type ReadingColumns } from '../domain/reading.ts';

interface Collected {
  readonly times: number[];
  readonly values: number[];
}

/** Readings of good quality held in memory, to be read as from a store. */
export class MemoryReadings implements Pick<TimeSeriesStore, 'range' | 'stretch' | 'windows'> {
  readonly #collected = new Map<SeriesId, Collected>();
  readonly #columns = new Map<SeriesId, ReadingColumns>();

  /** In any order; of one instant the later given counts. */
  put(series: SeriesId, eventTime: number, value: number): void {
    this.#columns.delete(series);
    const known = this.#collected.get(series);
    if (known === undefined) this.#collected.set(series, { times: [eventTime], values: [value] });
    else {
      known.times.push(eventTime);
      known.values.push(value);
    }
  }

  #columnsOf(series: SeriesId): ReadingColumns {
    let columns = this.#columns.get(series);
    if (columns === undefined) {
      columns = inOrder(this.#collected.get(series) ?? { times: [], values: [] });
      this.#columns.set(series, columns);
    }
    return columns;
  }

  #within(series: SeriesId, from: number, to: number) {
    const all = this.#columnsOf(series);
    return { all, first: lowerBound(all, from), end: lowerBound(all, to) };
  }

  async range({ series, from, to, limit }: RangeQuery): Promise<ReadingColumns> {
    const { all, first, end: last } = this.#within(series, from, to);
    const end = Math.min(last, first + limit);
    return {
      length: end - first,
      series: all.series.subarray(first, end),
      eventTime: all.eventTime.subarray(first, end),
      arrivalTime: all.arrivalTime.subarray(first, end),
      value: all.value.subarray(first, end),
      quality: all.quality.subarray(first, end),
    };
  }

  async stretch({ series, from, to }: StretchQuery): Promise<StretchColumns> {
    const found = [...series].sort((a, b) => a - b).map((id) => ({ id, ...this.#within(id, from, to) }));
    const length = found.reduce((sum, { first, end }) => sum + end - first, 0);
    const columns = emptyColumns(length);
    let row = 0;
    for (const { id, all, first, end } of found) {
      columns.series.fill(id, row, row + end - first);
      for (const column of ['eventTime', 'arrivalTime', 'value', 'quality'] as const)
        columns[column].set(all[column].subarray(first, end), row);
      row += end - first;
    }
    return { ...columns, to };
  }

  async windows({ series: asked, from, to, step, align }: WindowQuery): Promise<WindowColumns> {
    const rows: { series: number; start: number; values: number[] }[] = [];
    for (const series of [...asked].sort((a, b) => a - b)) {
      const found = await this.range({ series, from, to, limit: Number.POSITIVE_INFINITY });
      for (let i = 0; i < found.length; i++) {
        if (found.quality[i]! >= UNUSABLE_FROM) continue;
        const start = align + Math.floor((found.eventTime[i]! - align) / step) * step;
        const row = rows.at(-1);
        if (row?.series === series && row.start === start) row.values.push(found.value[i]!);
        else rows.push({ series, start, values: [found.value[i]!] });
      }
    }
    const sum = ({ values }: { values: readonly number[] }): number => values.reduce((a, b) => a + b, 0);
    return {
      length: rows.length,
      series: Int32Array.from(rows, (row) => row.series),
      start: Float64Array.from(rows, (row) => row.start),
      count: Int32Array.from(rows, (row) => row.values.length),
      good: new Float64Array(rows.length).fill(Number.NaN),
      mean: Float64Array.from(rows, (row) => sum(row) / row.values.length),
      min: Float64Array.from(rows, (row) => Math.min(...row.values)),
      max: Float64Array.from(rows, (row) => Math.max(...row.values)),
      sum: Float64Array.from(rows, sum),
      last: Float64Array.from(rows, (row) => row.values.at(-1)!),
    };
  }
}

/** Ascending by time, each instant once. */
function inOrder({ times, values }: Collected): ReadingColumns {
  // Of one instant what came later lies behind.
  const order = Uint32Array.from(times.keys()).sort((a, b) => times[a]! - times[b]! || a - b);
  const columns = emptyColumns(order.length);
  let length = 0;
  for (const i of order) {
    if (length > 0 && columns.eventTime[length - 1] === times[i]) length--;
    columns.eventTime[length] = times[i]!;
    columns.arrivalTime[length] = times[i]!;
    columns.value[length++] = values[i]!;
  }
  return { ...columns, length };
}

function lowerBound({ eventTime, length }: ReadingColumns, at: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (eventTime[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
