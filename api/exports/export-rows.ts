import type { CsvDialect, ExportFormat } from '../../domain/data-export.ts';
import type { Language } from '../../domain/localized.ts';

/** What a file is told of the series whose rows come next; words in the language of the export. */
export interface ExportedSeries {
  readonly pointId: string;
  readonly pointName: string;
  readonly agency: string;
  readonly ward: string;
  readonly quantity: string;
  readonly quantityName: string;
  /** As people write it; empty for numbers without one. */
  readonly unit: string;
}

/** Rows of one series, ascending; all columns are equally long. */
export type ExportPage =
  | {
      readonly kind: 'readings';
      readonly time: Float64Array;
      readonly value: Float64Array;
      /** With people's verdicts laid over. */
      readonly quality: Uint8Array;
    }
  | {
      readonly kind: 'windows';
      /** Start of each window. */
      readonly time: Float64Array;
      readonly count: Float64Array;
      /** NaN where it was not counted. */
      readonly good: Float64Array;
      readonly mean: Float64Array;
      readonly min: Float64Array;
      readonly max: Float64Array;
      readonly sum: Float64Array;
      readonly last: Float64Array;
    };
export type ExportKind = ExportPage['kind'];

export interface ExportFileSettings {
  readonly path: string;
  readonly format: ExportFormat;
  readonly kind: ExportKind;
  readonly language: Language;
  /** IANA name; the local column is in it, the other in UTC. */
  readonly timeZone: string;
  readonly csv: CsvDialect;
  /** Lines for people: what, when, what was left out. */
  readonly notes: readonly string[];
}

/** One file that grows row by row; what it holds in memory is bounded, however long it becomes. */
export interface ExportFile {
  /** From here on rows are of this series. */
  begin(series: ExportedSeries): void;
  write(page: ExportPage): void | Promise<void>;
  /** Finishes the file; `notes` known only now. Resolves with its size in bytes. */
  end(notes: readonly string[]): Promise<number>;
}

/** Columns of numbers behind those that say what and when. */
export const WINDOW_COLUMNS = ['mean', 'min', 'max', 'sum', 'last', 'count', 'good'] as const;
