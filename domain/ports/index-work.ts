import type { SeriesId } from '../identifiers.ts';
import type { HourEnd } from '../indices/local-hours.ts';
import type { EpochMs } from '../time.ts';
import type { JournalSequence } from './journal.ts';

/** Where the working out of indices stands. */
export interface IndexProgress {
  /** All readings up to here have been taken into account. */
  readonly cursor: JournalSequence;
  /** Hours up to this one have their indices; readings of them that come later have them worked out again. */
  readonly through: HourEnd;
}

/** Readings of a series, from inclusive to exclusive, that are not what they were without the journal knowing: imported, or judged by people. */
export interface ChangedReadings {
  readonly series: SeriesId;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** What the indices consumer keeps between runs. A verdict on readings adds its span here in the transaction that records it. */
export interface IndexWork {
  /** `null` before the first `keep`. */
  progress(): Promise<IndexProgress | null>;
  /** Keeps the progress, and forgets the changes whose indices have been worked out: all of it or none of it. */
  keep(progress: IndexProgress, done: readonly number[]): Promise<void>;
  /** Oldest first. */
  changes(limit: number): Promise<readonly (ChangedReadings & { readonly id: number })[]>;
  add(changes: readonly ChangedReadings[]): Promise<void>;
}
