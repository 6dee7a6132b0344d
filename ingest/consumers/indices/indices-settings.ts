import { SETTLING_TIME } from '../../../domain/indices/index-values.ts';
import { type DurationMs, days, milliseconds, seconds } from '../../../domain/time.ts';

export interface IndicesSettings {
  /** How often it is looked whether an hour is over or something has changed. */
  readonly lookEvery: DurationMs;
  /** An hour's indices are worked out this long after its end. */
  readonly settle: DurationMs;
  /** Late readings are gathered at least this long before what they touch is worked out again. */
  readonly lateEvery: DurationMs;
  /** Where nothing has changed, the progress is kept at most this often. */
  readonly keepEvery: DurationMs;
  /** Points, devices and models are read again this long after they began to change. */
  readonly reloadAfter: DurationMs;
  /** How often the store is asked whether it has what is to be counted. */
  readonly storePoll: DurationMs;
  /** A point that gets its first index has it worked out this far back. */
  readonly backfill: DurationMs;
  /** Reading the journal without a break for longer would delay what else the process does. */
  readonly readAtOnce: DurationMs;
  /** Changed spans worked out in one round. */
  readonly changesAtOnce: number;
}

export const DEFAULT_INDICES_SETTINGS: IndicesSettings = {
  lookEvery: seconds(1),
  settle: SETTLING_TIME,
  lateEvery: seconds(5),
  keepEvery: seconds(5),
  reloadAfter: seconds(2),
  storePoll: milliseconds(100),
  backfill: days(31),
  readAtOnce: milliseconds(4),
  changesAtOnce: 1_000,
};

/** Told what people who run the platform should know. Structured like pino: facts first, then words. */
export interface IndicesLog {
  info(facts: object, words: string): void;
  error(facts: object, words: string): void;
}

/** Numbers since start, and where the consumer stands. */
export interface IndicesStatus {
  readonly cursor: number;
  /** Points that have indices. */
  readonly stations: number;
  /** Hours of series whose late readings have still to be counted. */
  readonly touchedHours: number;
  /** Values of indices published. */
  readonly values: number;
  /** The last round did not succeed; it is tried again. */
  readonly failing: boolean;
  /** Journal entries that could not be read and were skipped. */
  readonly undecodable: number;
}
