import type { SeriesId } from './identifiers.ts';
import type { Language } from './localized.ts';
import type { DurationMs, EpochMs } from './time.ts';

export const EXPORT_FORMATS = ['csv', 'xlsx', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** How a CSV is spelled; Excel set to Vietnamese wants a byte order mark, `;` and a decimal comma. */
export interface CsvDialect {
  readonly byteOrderMark: boolean;
  readonly delimiter: ',' | ';' | '\t';
  readonly decimal: '.' | ',';
}
export const PLAIN_CSV: CsvDialect = { byteOrderMark: false, delimiter: ',', decimal: '.' };
export const EXCEL_VIETNAMESE_CSV: CsvDialect = { byteOrderMark: true, delimiter: ';', decimal: ',' };

/** What is to be written; the series are those the caller saw when ordering. */
export interface ExportOrder {
  readonly series: readonly SeriesId[];
  /** Inclusive. */
  readonly from: EpochMs;
  /** Exclusive. */
  readonly to: EpochMs;
  /** Width of the windows; `null`: readings as they came. */
  readonly step: DurationMs | null;
  readonly format: ExportFormat;
  /** Readings of calibration and invalid ones; windows never count them. */
  readonly withUnusable: boolean;
  readonly csv: CsvDialect;
  /** Of headings and notes; Parquet has its own names. */
  readonly language: Language;
}

/** How far one that is being written has come. */
export interface ExportProgress {
  readonly seriesDone: number;
  readonly rows: number;
  /** Readings left out so far by `withUnusable: false`. */
  readonly leftOut: number;
  /** Series of which readings of the span were no longer there. */
  readonly gone: number;
}
export const NO_PROGRESS: ExportProgress = { seriesDone: 0, rows: 0, leftOut: 0, gone: 0 };

/** Servers that may be lost over one export: with one more it is given up, for it may be what ends them. */
export const EXPORT_LOSSES_MAX = 3;

export const EXPORT_STATES = ['waiting', 'running', 'done', 'failed', 'interrupted'] as const;
/** Why one failed. */
export const EXPORT_FAILURES = ['TOO_LARGE', 'DISK_FULL', 'STORE_AWAY', 'FAILED'] as const;
export type ExportState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running' }
  | {
      readonly kind: 'done';
      readonly rows: number;
      /** Left out by `withUnusable: false`. */
      readonly leftOut: number;
      readonly bytes: number;
      readonly tookMs: number;
    }
  | { readonly kind: 'failed'; readonly why: (typeof EXPORT_FAILURES)[number] }
  /** Given up after servers were lost over it, {@link EXPORT_LOSSES_MAX} and one; it can be ordered again. */
  | { readonly kind: 'interrupted' };

/** Rows a worksheet can hold, its heading included. */
export const SHEET_ROWS_MAX = 1_048_576;

/**
 * Bytes of one row, as `npm run bench:export` measures them: names in Vietnamese make CSV long, and pack well. For the estimate that people see
 * before they start.
 */
export const BYTES_PER_ROW: Readonly<Record<ExportFormat, number>> = { csv: 165, xlsx: 55, parquet: 7 };

/** Rows that an order will come to at the most: windows can't be more than readings, nor than the span has of them. */
export function estimatedRows(
  readings: number,
  { series, from, to, step }: Pick<ExportOrder, 'from' | 'to' | 'step'> & { readonly series: number },
): number {
  return step === null ? readings : Math.min(readings, series * Math.ceil((to - from) / step));
}
