import type { SeriesId } from '../../domain/identifiers.ts';
import type { RetentionLimits } from '../../domain/ports/time-series-store.ts';

/** What hours or the site's days of retired readings come to, in columns of one length: as engines keep it, on its way from one to another. */
export interface RollupRows {
  readonly table: 'hours' | 'days';
  readonly series: Float64Array;
  /** Start of the hour or day, epoch ms. */
  readonly start: Float64Array;
  /** Usable readings. */
  readonly n: Float64Array;
  /** Those of them that are good without doubt; NaN: not counted. */
  readonly good: Float64Array;
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly last: Float64Array;
  /** Sums of unit vectors, of directions alone; NaN for others. */
  readonly cosine: Float64Array;
  readonly sine: Float64Array;
}

/** Before when readings, hourly and daily values of series are gone. */
export type Gone = ReadonlyMap<SeriesId, RetentionLimits>;
