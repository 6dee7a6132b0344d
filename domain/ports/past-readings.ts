import type { SeriesId } from '../identifiers.ts';
import type { ReadingColumns } from '../reading.ts';
import type { DurationMs, EpochMs } from '../time.ts';

export interface LatestAtQuery {
  /** Each once. */
  readonly series: readonly SeriesId[];
  /** Inclusive. */
  readonly at: EpochMs;
  /** Readings of at − lookback and before are too old to be looked for. */
  readonly lookback: DurationMs;
  /** Only what had arrived by `at`, as a screen of that time knew it; `false`: whenever it came. */
  readonly arrived: boolean;
}

export interface ChangesQuery {
  /** Each once. */
  readonly series: readonly SeriesId[];
  /** Exclusive. */
  readonly from: EpochMs;
  /** Inclusive. */
  readonly to: EpochMs;
  /** Step k is (from + k·step, from + (k+1)·step]. */
  readonly step: DurationMs;
  /** What came later than this after its event time is left out. */
  readonly lookback: DurationMs;
  /** A reading belongs to the step in which it arrived (or happened, where its clock was ahead); `false`: in which it happened. */
  readonly arrived: boolean;
}

/** Readings, and the step of each. */
export interface StepColumns extends ReadingColumns {
  /** 0, 1, 2 … */
  readonly step: Int32Array;
}

/**
 * How the readings stood at any past moment. A reading that was sent again is known by its last arrival alone, as the store keeps it.
 * Verdicts are for the caller to lay over: `quality` is as recorded.
 */
export interface PastReadings {
  /** Of each series the reading with the greatest event time in (at − lookback, at]; series without one are absent. Ordered by series. */
  latestAt(query: LatestAtQuery): Promise<ReadingColumns>;
  /**
   * Of each series and step the reading with the greatest event time among those that became known in it. Folded over `latestAt(from)`, where an older
   * event never replaces a newer one, they give `latestAt` of every step's end, but for readings that have grown older than the lookback meanwhile.
   * Ordered by step, then series.
   */
  changes(query: ChangesQuery): Promise<StepColumns>;
}
