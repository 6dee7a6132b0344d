import type { SeriesId } from './identifiers.ts';
import type { Quality } from './quality.ts';
import type { EpochMs } from './time.ts';

/** One observation (OGC O&M): result, phenomenon time, and when it reached us. Identity is (series, eventTime). */
export interface Reading {
  readonly series: SeriesId;
  readonly eventTime: EpochMs;
  readonly arrivalTime: EpochMs;
  readonly value: number;
  readonly quality: Quality;
}

/**
 * Readings in columns, in order of acceptance; all columns have `length` entries.
 * The form in which readings travel through journal, store and rules: no object per reading.
 * Consumers must not keep a reference to the columns past the call they were given in, nor write to them.
 */
export interface ReadingColumns {
  readonly length: number;
  readonly series: Int32Array;
  /** Epoch ms. */
  readonly eventTime: Float64Array;
  /** Epoch ms. */
  readonly arrivalTime: Float64Array;
  readonly value: Float64Array;
  /** `Quality` codes. */
  readonly quality: Uint8Array;
}

/** Columns of the given readings, copied. */
export function toColumns(readings: readonly Reading[]): ReadingColumns {
  const length = readings.length;
  const columns = emptyColumns(length);
  readings.forEach((reading, i) => {
    columns.series[i] = reading.series;
    columns.eventTime[i] = reading.eventTime;
    columns.arrivalTime[i] = reading.arrivalTime;
    columns.value[i] = reading.value;
    columns.quality[i] = reading.quality;
  });
  return columns;
}

/** Zeroed columns of `length` entries. */
export const emptyColumns = (length: number): ReadingColumns => ({
  length,
  series: new Int32Array(length),
  eventTime: new Float64Array(length),
  arrivalTime: new Float64Array(length),
  value: new Float64Array(length),
  quality: new Uint8Array(length),
});

/** The reading at `index` (0 ≤ index < length) as an object. */
export const readingAt = (columns: ReadingColumns, index: number): Reading => ({
  series: columns.series[index] as SeriesId,
  eventTime: columns.eventTime[index] as EpochMs,
  arrivalTime: columns.arrivalTime[index] as EpochMs,
  value: columns.value[index] as number,
  quality: columns.quality[index] as Quality,
});
