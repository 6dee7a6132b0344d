import type { AgencyId, PointId, UserId } from '../identifiers.ts';
import type { Quality } from '../quality.ts';
import type { QuantityKey } from '../quantity.ts';
import type { Station } from '../station.ts';
import type { STATION_NAME_PROBLEMS, StationFileProblem, StationRecord } from '../station-file.ts';
import type { EpochMs } from '../time.ts';
import type { QuarantineCode } from './quarantine.ts';
import type { Page, PageRequest } from './registry.ts';

/** Why a file was not taken at all. */
export const FILE_REFUSALS = [
  ...(['EXTENSION', 'NAME_PARTS', 'NAME_TIME'] as const satisfies typeof STATION_NAME_PROBLEMS),
  'STATION_UNKNOWN',
  'FILE_TOO_LARGE',
  'FILE_UNREADABLE',
  'NOTHING_USABLE',
] as const;
export type FileRefusal = (typeof FILE_REFUSALS)[number];

/** What became of one file. */
export interface StationReceipt {
  /** SHA-256 of name and content: the same file again is the same receipt. */
  readonly key: string;
  readonly fileName: string;
  readonly source: 'folder' | 'upload';
  /** `null` when the name says no registered station. */
  readonly station: string | null;
  readonly agencyId: AgencyId | null;
  readonly at: EpochMs;
  /** `partly`: some records are readings, the others in quarantine. */
  readonly state: 'imported' | 'partly' | 'failed';
  readonly readings: number;
  /** Records that could not be used. */
  readonly refused: number;
  readonly reason: { readonly code: FileRefusal; readonly detail: string } | null;
  /** Who uploaded it. */
  readonly by: UserId | null;
  /** Below the watched folder, where it came from there. */
  readonly path: string | null;
}

/** Stations as people manage them; like keys they are the agency's own. Files of no registered station may be seen by everyone who manages stations. */
export interface StationView {
  list(): Promise<readonly Station[]>;
  get(code: string): Promise<Station>;
  /** @throws {RegistryError} REFERENCE_MISSING for a parameter whose point isn't the agency's or has no such quantity. */
  create(station: Omit<Station, 'version' | 'exportedTo'>): Promise<Station>;
  /** Everything but code and agency. A schedule that begins, begins now. @throws {RegistryError} CONFLICT */
  update(station: Omit<Station, 'exportedTo' | 'agencyId'>): Promise<Station>;
  /** Its readings and receipts stay. @throws {RegistryError} CONFLICT */
  remove(code: string, version: number): Promise<void>;
  /** Puts on record that this person imported a file, or put a failed one back. */
  noteFile(what: 'import' | 'retry', receipt: StationReceipt): Promise<void>;
  /** Newest first. */
  receipts(filter: { readonly state?: StationReceipt['state'] }, page: PageRequest): Promise<Page<StationReceipt>>;
}

/** Stations as the import and the export know them. */
export interface StationLog {
  stations(): Promise<readonly Station[]>;
  receipt(key: string): Promise<StationReceipt | undefined>;
  /** Replaces one of the same key. */
  record(receipt: StationReceipt): Promise<void>;
  /** Forgets receipts older than `before`. */
  forget(before: EpochMs): Promise<void>;
  /** Files up to `to` have been written; never goes back. */
  exported(code: string, to: EpochMs): Promise<void>;
}

/** What one record of a file would become. */
export type RecordOutcome =
  | {
      readonly kind: 'reading';
      readonly record: StationRecord;
      readonly pointId: PointId;
      readonly quantity: QuantityKey;
      /** In the quantity's unit. */
      readonly value: number;
      readonly quality: Quality;
    }
  | { readonly kind: 'refused'; readonly record: StationRecord; readonly code: QuarantineCode; readonly detail: string }
  | { readonly kind: 'unreadable'; readonly problem: StationFileProblem };

export interface StationFilePreview {
  readonly station: Station | null;
  readonly refusal: FileRefusal | null;
  /** In the order of the file; empty when its name is refused. */
  readonly outcomes: readonly RecordOutcome[];
  /** What became of this very file before, if it was here. */
  readonly before: StationReceipt | null;
}

/** The watched folder as it stands. */
export interface WatchedFolderStatus {
  /** `null`: none is configured. */
  readonly folder: string | null;
  readonly scannedAt: EpochMs | null;
  /** Files found at the last look: those that still change, and those that wait their turn. */
  readonly waiting: number;
  readonly lastFile: { readonly name: string; readonly at: EpochMs } | null;
  /** Since start. */
  readonly imported: number;
  readonly failed: number;
  /** Why it could not be looked at, the last time. */
  readonly trouble: string | null;
}
export interface StationExportStatus {
  /** `null`: none is configured, and nothing is written. */
  readonly folder: string | null;
  /** Since start. */
  readonly files: number;
  readonly lastFile: { readonly name: string; readonly at: EpochMs } | null;
  readonly trouble: string | null;
}

export interface StationFoldersStatus {
  readonly watched: WatchedFolderStatus;
  readonly exported: StationExportStatus;
}

/** Offered by ingest to the API. */
export interface StationFiles {
  preview(fileName: string, bytes: Uint8Array): Promise<StationFilePreview>;
  /** The way of all readings: journal, quality, quarantine. Resolves when all of it is durable. The same file again changes nothing. */
  import(
    fileName: string,
    bytes: Uint8Array,
    from: { readonly source: StationReceipt['source']; readonly by: UserId | null },
  ): Promise<StationReceipt>;
  /** Puts a failed file of the watched folder back into it. False when it isn't there any more. */
  retry(receipt: StationReceipt): Promise<boolean>;
  status(): StationFoldersStatus;
}
