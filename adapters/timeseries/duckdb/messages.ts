import type { SeriesId } from '../../../domain/identifiers.ts';
import type { ChangesQuery, LatestAtQuery, StepColumns } from '../../../domain/ports/past-readings.ts';
import type {
  RangeQuery,
  RetentionLimits,
  Retired,
  Retirement,
  StoreStatus,
  StretchColumns,
  StretchQuery,
  WindowColumns,
  WindowQuery,
} from '../../../domain/ports/time-series-store.ts';
import type { ReadingColumns } from '../../../domain/reading.ts';

/** One of the files that make up the store. */
export interface StoreFile {
  readonly name: string;
  readonly bytes: number;
}
/** A sound copy of one of them. */
export interface StoreFileCopy {
  readonly readings: number;
}

/** A query whose many series travel by transfer. */
type PastAsk<Q> = Omit<Q, 'series'> & { readonly series: Int32Array };

/** What the platform's thread asks of the store's, by verb: arguments and answer. Columns travel by transfer, not by copy. */
export interface StoreVerbs {
  store: {
    readonly ask: { readonly readings: ReadingColumns; readonly cursor: number | null };
    readonly answer: undefined;
  };
  cursor: { readonly ask: undefined; readonly answer: number };
  range: { readonly ask: RangeQuery; readonly answer: ReadingColumns };
  stretch: { readonly ask: PastAsk<StretchQuery>; readonly answer: StretchColumns };
  windows: { readonly ask: WindowQuery; readonly answer: WindowColumns };
  latest: {
    readonly ask: { readonly series: Int32Array; readonly before: number | null };
    readonly answer: ReadingColumns;
  };
  latestAt: {
    readonly ask: PastAsk<LatestAtQuery>;
    readonly answer: ReadingColumns;
  };
  changes: {
    readonly ask: PastAsk<ChangesQuery>;
    readonly answer: StepColumns;
  };
  deleteRange: {
    readonly ask: { readonly series: number; readonly from: number; readonly to: number };
    readonly answer: undefined;
  };
  retire: { readonly ask: Retirement; readonly answer: Retired };
  retired: { readonly ask: readonly SeriesId[]; readonly answer: ReadonlyMap<SeriesId, RetentionLimits> };
  status: { readonly ask: undefined; readonly answer: StoreStatus };
  files: { readonly ask: undefined; readonly answer: readonly StoreFile[] };
  copyFile: {
    readonly ask: { readonly name: string; readonly target: string; readonly cursor: number };
    readonly answer: StoreFileCopy | null;
  };
  settle: { readonly ask: undefined; readonly answer: undefined };
  close: { readonly ask: undefined; readonly answer: undefined };
}
export type Verb = keyof StoreVerbs;

export type Request = {
  [V in Verb]: { readonly id: number; readonly verb: V; readonly ask: StoreVerbs[V]['ask'] };
}[Verb];

export type FromStore =
  | { readonly kind: 'opened' }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly id: number | null; readonly unavailable: boolean; readonly message: string }
  | { readonly kind: 'damaged'; readonly file: string; readonly reason: string };

/** The buffers of every typed array among the values of `columns`, each once. */
export function buffersOf(columns: object | undefined): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const value of Object.values(columns ?? {})) {
    if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) buffers.add(value.buffer);
  }
  return [...buffers];
}

/** All batches as one, copied into one buffer of its own, ready for transfer. */
export function joinBatches(batches: readonly ReadingColumns[]): ReadingColumns {
  const length = batches.reduce((sum, batch) => sum + batch.length, 0);
  const buffer = new ArrayBuffer(length * 29);
  const joined = {
    length,
    eventTime: new Float64Array(buffer, 0, length),
    arrivalTime: new Float64Array(buffer, length * 8, length),
    value: new Float64Array(buffer, length * 16, length),
    series: new Int32Array(buffer, length * 24, length),
    quality: new Uint8Array(buffer, length * 28, length),
  };
  let offset = 0;
  for (const batch of batches) {
    // A batch's columns may be longer than its length says.
    const exact = <T extends Float64Array | Int32Array | Uint8Array>(column: T): T =>
      (column.length === batch.length ? column : column.subarray(0, batch.length)) as T;
    joined.eventTime.set(exact(batch.eventTime), offset);
    joined.arrivalTime.set(exact(batch.arrivalTime), offset);
    joined.value.set(exact(batch.value), offset);
    joined.series.set(exact(batch.series), offset);
    joined.quality.set(exact(batch.quality), offset);
    offset += batch.length;
  }
  return joined;
}
