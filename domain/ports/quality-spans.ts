import type { AgencyId, SeriesId, UserId } from '../identifiers.ts';
import type { TextKey } from '../localized.ts';
import type { Quality } from '../quality.ts';
import type { EpochMs } from '../time.ts';
import type { ChangedReadings } from './index-work.ts';

/** End of a span that lasts until somebody ends it: the last instant a date can name. Readings are covered as they arrive. */
export const LASTING: EpochMs = 8_640_000_000_000_000 as EpochMs;

/** A verdict on a span of raw readings, from inclusive, to exclusive. Which of several counts is for `effectiveQuality` to say; raw data is never rewritten. */
export interface QualitySpan {
  readonly id: string;
  readonly agencyId: AgencyId;
  readonly series: SeriesId;
  readonly from: EpochMs;
  /** {@link LASTING}: until somebody ends it. */
  readonly to: EpochMs;
  readonly quality: Quality;
  /** In the person's own words; empty for what the platform found. */
  readonly reason: string;
  /** What the platform found by itself; absent for a person's verdict. */
  readonly finding?: TextKey;
  /** The span that this one took the place of. */
  readonly replaces?: string;
  readonly by: UserId;
  readonly recordedAt: EpochMs;
  readonly withdrawnAt: EpochMs | null;
}

export type QualitySpanDraft = Pick<QualitySpan, 'series' | 'from' | 'to' | 'quality' | 'reason' | 'finding'>;

/** Verdicts as one actor may see and give them. Append-only: a verdict is withdrawn or replaced, never changed. */
export interface QualitySpanView {
  /** All that touch [from, to), withdrawn ones too, oldest recorded first. */
  list(filter: {
    readonly series: readonly SeriesId[];
    readonly from: EpochMs;
    readonly to: EpochMs;
  }): Promise<readonly QualitySpan[]>;
  mark(span: QualitySpanDraft): Promise<QualitySpan>;
  /** All of them or none. */
  markAll(spans: readonly QualitySpanDraft[]): Promise<readonly QualitySpan[]>;
  /** @throws {RegistryError} NOT_FOUND when it was withdrawn before. */
  withdraw(id: string): Promise<QualitySpan>;
  /** Withdraws the span and records another in its place, on the same series, in one step. @throws as `withdraw`. */
  replace(id: string, by: Omit<QualitySpanDraft, 'series'>): Promise<QualitySpan>;
}

/** What the platform itself keeps of verdicts. */
export interface VerdictLog {
  /** Spans not withdrawn that end after `since`, in no order. */
  counting(since: EpochMs): Promise<readonly QualitySpan[]>;
  /** All that touch [from, to), withdrawn ones too, in no order. */
  touching(from: EpochMs, to: EpochMs): Promise<readonly QualitySpan[]>;
  /** Spans whose readings count differently since a verdict was given or withdrawn, and that rules have still to judge again; oldest first. */
  changes(limit: number): Promise<readonly (ChangedReadings & { readonly id: number })[]>;
  /** The changes up to this one are judged. */
  forget(upTo: number): Promise<void>;
}
