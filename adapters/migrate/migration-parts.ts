import type { Journal } from '../../domain/ports/journal.ts';
import type { ResolveSeries } from '../../domain/ports/time-series-store.ts';
import type { ReadingColumns } from '../../domain/reading.ts';
import type { PostgresDatabase } from '../registry/postgres-database.ts';
import type { InfluxTimeSeriesStore } from '../timeseries/influx.ts';

/** The stream that is to be the journal. */
export interface NewJournal {
  /** Whether it was never there, or has never held anything. */
  isEmpty(): Promise<boolean>;
  /** Opens it without anything in it, whatever it held. */
  openAnew(): Promise<Journal>;
}

/** What a journal's entry holds is not this adapter's to know. */
export interface Payloads {
  readonly readingsOf: (payload: Uint8Array) => ReadingColumns;
  /** An entry without readings: it stands where the old journal has none. */
  readonly nothing: Uint8Array;
}

/** What is being done, in this order; some of it more than once. */
export type MigrationStep = 'history' | 'registry' | 'catching-up' | 'handing-over' | 'comparing' | 'journal' | 'files';

export interface MigrationParts {
  /** Data directory of the platform on embedded engines. */
  readonly from: string;
  /** That of the first gateway of the platform to come. */
  readonly to: string;
  readonly release: string;
  readonly registry: PostgresDatabase;
  readonly openStore: (resolve: ResolveSeries) => InfluxTimeSeriesStore;
  readonly journal: NewJournal;
  readonly payloads: Payloads;
  /** Local time − UTC in whole hours, as the old store was opened with. */
  readonly utcOffsetHours: number;
  /** Bytes of the old store's files done, of those there are to do. */
  readonly onProgress: (done: number, total: number) => void;
  readonly onStep: (step: MigrationStep) => void;
}

export interface MigrationResult {
  /** From when the old platform was asked to stop, or was found stopped, until the new one can start. */
  readonly handOverMs: number;
  /** Rows of each table of the registry. */
  readonly registryRows: Readonly<Record<string, number>>;
  /** Readings read again in the new store, one by one. */
  readonly readings: number;
  /** Days of series that had changed otherwise than by the journal, and were copied once more at the end. */
  readonly daysAgain: number;
  /** Entries of the journal taken over. */
  readonly entries: number;
}
