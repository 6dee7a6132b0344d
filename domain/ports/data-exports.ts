import type { ExportOrder, ExportProgress, ExportState } from '../data-export.ts';
import type { UserId } from '../identifiers.ts';
import type { DurationMs, EpochMs } from '../time.ts';

/** The right to write an export: each time a server takes it up its number is higher. */
export interface ExportTurn {
  readonly id: string;
  readonly turn: number;
}

/** A file of readings that somebody ordered. */
export interface DataExport extends ExportTurn {
  readonly by: UserId;
  readonly orderedAt: EpochMs;
  /** From then on its file is gone. */
  readonly expiresAt: EpochMs;
  readonly order: ExportOrder;
  readonly state: ExportState;
  /** As its writer said last. */
  readonly progress: ExportProgress;
}

/** What its writer says that came of it. */
export type ExportEnding = Extract<ExportState, { readonly kind: 'done' | 'failed' }>;

/** Exports are their owner's alone; ordering and removing leave audit rows. */
export interface DataExportView {
  order(wanted: Pick<DataExport, 'id' | 'order' | 'expiresAt'>): Promise<DataExport>;
  get(id: string): Promise<DataExport>;
  /** Newest first. */
  list(): Promise<readonly DataExport[]>;
  remove(id: string): Promise<void>;
}

export interface UnfinishedExport {
  readonly id: string;
  readonly by: UserId;
  /** Nobody writes it: it waits, or its writer has not been heard of in time. */
  readonly isFree: boolean;
}

/** Exports as the servers that write them know them, each one at a time. Times are the registry's own: no server's clock has a say. */
export interface DataExportLog {
  /** In the order in which they were ordered. */
  unfinished(): Promise<readonly UnfinishedExport[]>;
  /** The first that is free, to be written from its beginning, for `ttl` from now on; `null` when there is none. One that servers were lost over is given up. */
  takeUp(ttl: DurationMs): Promise<DataExport | null>;
  /** Its writer is there, and has it for `ttl` from now on. False when it is another's by now, or was removed. */
  goOn(turn: ExportTurn, progress: ExportProgress, ttl: DurationMs): Promise<boolean>;
  /** Others may have it at once. Nothing when it is another's. */
  putBack(turn: ExportTurn): Promise<void>;
  /** What came of it; saying it again changes nothing. False, and nothing, when it is another's by now, or was removed. */
  settle(turn: ExportTurn, ending: ExportEnding): Promise<boolean>;
  /** The latest turn of each that there is, by id: files of other turns are nobody's. */
  turns(): Promise<ReadonlyMap<string, number>>;
  /** Forgets those that expired by `at`. */
  expire(at: EpochMs): Promise<void>;
}
