import type { PointId, SeriesId } from '../identifiers.ts';
import type { QuantityKey } from '../quantity.ts';
import type { ReadingColumns } from '../reading.ts';
import type { DurationMs, EpochMs } from '../time.ts';
import type { JournalSequence } from './journal.ts';
import type { PastReadings } from './past-readings.ts';

/** What a series is called outside: stores that keep names instead of integers ask for it. */
export interface SeriesName {
  readonly quantity: QuantityKey;
  readonly point: PointId;
}
export type ResolveSeries = (series: SeriesId) => SeriesName | undefined;

export interface RangeQuery {
  readonly series: SeriesId;
  /** Inclusive. */
  readonly from: EpochMs;
  /** Exclusive. */
  readonly to: EpochMs;
  /** At most this many readings, the earliest ones. */
  readonly limit: number;
}

export interface StretchQuery {
  /** Each once. */
  readonly series: readonly SeriesId[];
  /** Inclusive. */
  readonly from: EpochMs;
  /** Exclusive, > from. */
  readonly to: EpochMs;
}
/** Readings of several series, ordered by series, then event time. */
export interface StretchColumns extends ReadingColumns {
  /** They are all of those with from ≤ event time < `to`; from < `to` ≤ the `to` asked for. */
  readonly to: EpochMs;
}

export interface WindowQuery {
  readonly series: readonly SeriesId[];
  /** Inclusive. */
  readonly from: EpochMs;
  /** Exclusive. */
  readonly to: EpochMs;
  /** Width of a window. Windows start at `align + k·step`. */
  readonly step: DurationMs;
  /** Origin of the windows; local midnight for day steps, so that days are the site's days. */
  readonly align: EpochMs;
  /** Those of `series` that are directions in degrees: their mean is that of unit vectors. */
  readonly directions?: readonly SeriesId[];
}

/** Windows that hold at least one usable reading (quality < UNUSABLE_FROM), ordered by series then start. */
export interface WindowColumns {
  readonly length: number;
  readonly series: Int32Array;
  /** Start of the window, epoch ms, inclusive. */
  readonly start: Float64Array;
  readonly count: Int32Array;
  /** How many of them are good without doubt; NaN where that was not counted (rolled up before it was). */
  readonly good: Float64Array;
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sum: Float64Array;
  /** Value with the latest event time in the window. */
  readonly last: Float64Array;
}

/** Instants before which something goes, or is gone; `null`: nothing. Readings go first, then hourly, then daily values. */
export interface RetentionLimits {
  readonly raw: EpochMs | null;
  readonly hourly: EpochMs | null;
  readonly daily: EpochMs | null;
}
export interface Retirement {
  /** Each once. */
  readonly series: readonly SeriesId[];
  /** Those of them that are directions in degrees. */
  readonly directions: readonly SeriesId[];
  /** Beginnings of weeks, Monday midnight of the site. */
  readonly limits: RetentionLimits;
}
/** What was deleted. */
export interface Retired {
  readonly readings: number;
  readonly hourlyValues: number;
  readonly dailyValues: number;
}

/** The store's answer could not be had now; try again. The journal holds what is not yet stored. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

export interface StoreStatus {
  readonly engine: string;
  readonly reachable: boolean;
  readonly bytesOnDisk: number | null;
  /** Files found damaged at opening and set aside. */
  readonly damagedFiles: readonly string[];
}

/** Keeps every reading under its identity (series, eventTime). */
export interface TimeSeriesStore extends PastReadings {
  /**
   * Keeps the readings; on return they are durable together with `cursor` (or, for stores without transactions, kept
   * idempotently before the cursor is). The same identity replaces value, quality and arrival: the later call, or the later row of
   * one call, wins. All readings, invalid ones too, are kept.
   * @throws {StoreUnavailableError} when nothing can be promised; the caller tries the same again.
   */
  append(batches: readonly ReadingColumns[], cursor: JournalSequence): Promise<void>;
  /** Last `cursor` given to a finished `append`; 0 for an empty store. */
  cursor(): Promise<JournalSequence>;
  /** Keeps readings that never were in the journal (imports, generated history); leaves the cursor. */
  load(batches: readonly ReadingColumns[]): Promise<void>;
  /** Raw readings of one series, ascending by event time, every quality. */
  range(query: RangeQuery): Promise<ReadingColumns>;
  /**
   * Raw readings of several series at once, every quality, as far as the store reads in one go (a file, say): the rest is asked for from there on. How much
   * that comes to is for the caller to bound, by series and span. Much less work than a {@link range} of each.
   */
  stretch(query: StretchQuery): Promise<StretchColumns>;
  /** Aggregates of usable readings per window, many series at once. Empty windows are absent. */
  windows(query: WindowQuery): Promise<WindowColumns>;
  /**
   * For each series its reading with the greatest event time < `before` (all of time when omitted), whatever its
   * quality; series without one are absent. Ordered by series.
   */
  latest(series: readonly SeriesId[], before?: EpochMs): Promise<ReadingColumns>;
  /** Removes readings of one series with from ≤ eventTime < to. */
  deleteRange(series: SeriesId, from: EpochMs, to: EpochMs): Promise<void>;
  /**
   * Deletes what the series have before the limits. Readings are rolled up first, by the hour and by the site's day, and go only when that is durable;
   * `windows` of whole hours or days are answered from it. What is sent for such a week later is not a new account of it: the first one stands.
   * Repeated after a kill it comes to the same. Gives disk space back as far as the engine can.
   */
  retire(retirement: Retirement): Promise<Retired>;
  /** Of the series that something was retired of: before when it is gone. */
  retired(series: readonly SeriesId[]): Promise<ReadonlyMap<SeriesId, RetentionLimits>>;
  status(): Promise<StoreStatus>;
  close(): Promise<void>;
}
