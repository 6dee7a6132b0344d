import type { ExportOrder, ExportState } from '../data-export.ts';
import type { UserId } from '../identifiers.ts';
import type { EpochMs } from '../time.ts';

/** A file of readings that somebody ordered. */
export interface DataExport {
  readonly id: string;
  readonly by: UserId;
  readonly orderedAt: EpochMs;
  /** From then on its file is gone. */
  readonly expiresAt: EpochMs;
  readonly order: ExportOrder;
  readonly state: ExportState;
}

/** Exports are their owner's alone; ordering and removing leave audit rows. */
export interface DataExportView {
  order(wanted: Pick<DataExport, 'id' | 'order' | 'expiresAt'>): Promise<DataExport>;
  get(id: string): Promise<DataExport>;
  /** Newest first. */
  list(): Promise<readonly DataExport[]>;
  remove(id: string): Promise<void>;
}

/** Exports as those who write them know them. */
export interface DataExportLog {
  /** Replaces the state; nothing for one that has been removed. */
  settle(id: string, state: ExportState): Promise<void>;
  /** Waiting or running; after a start, those that the last run left. */
  unfinished(): Promise<readonly DataExport[]>;
  /** Forgets those that expired by `at`, and says which. */
  expire(at: EpochMs): Promise<readonly string[]>;
}
