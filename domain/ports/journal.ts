import type { Brand } from '../brand.ts';

/**
 * Position in the journal: 1, 2, 3 …, over all partitions of one journal; a gap is left only by an append that failed, by an entry that was taken twice and is
 * given once, by damage, and by `skipTo`.
 * 0 is "before the first".
 */
export type JournalSequence = Brand<number, 'JournalSequence'>;
export const JOURNAL_START = 0 as JournalSequence;

/** Who reads the journal; each has its own cursor. */
export type ConsumerName = 'store' | 'rules' | 'live' | 'indices';

export interface JournalEntry {
  readonly sequence: JournalSequence;
  /** Devices are divided over partitions; one process has partition 0 only. */
  readonly partition: number;
  /** One id from gateway to alarm, for logs. */
  readonly traceId: string;
  readonly payload: Uint8Array;
}

/**
 * Why nothing is taken: the journal's own capacity is used up; the disk has reached its budget; the disk refuses; the servers that keep it, or most of
 * them, don't answer; it is closed.
 */
export type JournalState = 'FULL' | 'DISK_FULL' | 'DISK_FAILING' | 'UNREACHABLE' | 'CLOSED';

/** … or this entry is not taken: as many as allowed are on their way; it is larger than the servers take. */
export type JournalRefusal = JournalState | 'BUSY' | 'TOO_LARGE';

/** The journal does not take entries, or does not give them, at the moment. */
export class JournalUnavailableError extends Error {
  override readonly name = 'JournalUnavailableError';
  readonly code: JournalRefusal;
  constructor(code: JournalRefusal, options?: ErrorOptions) {
    super(`journal is not available: ${code}`, options);
    this.code = code;
  }
}

/** For whoever asks again later anyway: `null` instead of the refusal. Anything else that went wrong is thrown on. */
export function whenUnavailable(error: unknown): null {
  if (error instanceof JournalUnavailableError) return null;
  throw error;
}

export interface JournalStatus {
  readonly writable: boolean;
  readonly reason: JournalState | null;
  readonly head: JournalSequence;
  /** Entries kept on disk. */
  readonly entries: number;
  readonly bytes: number;
  readonly capacityBytes: number;
  /** Entries each consumer has still to pass; of those that have a say, once they are heard of. */
  readonly depth: Readonly<Partial<Record<ConsumerName, number>>>;
  /** Entries found damaged (checksum, length, sequence) and set aside since start. */
  readonly damaged: number;
}

/** The durable line between accepting a reading and everything done with it. */
export interface Journal {
  /**
   * Resolves with the entry's sequence once it is on disk (`fdatasync` returned; scaled out: held by a majority of
   * replicas). Entries become readable in sequence order, never before they are durable.
   * @throws {JournalUnavailableError} when it can't be kept; then nothing may be acknowledged.
   */
  append(entry: Pick<JournalEntry, 'partition' | 'traceId' | 'payload'>): Promise<JournalSequence>;
  /**
   * Up to `limit` entries with sequence > `after`, ascending; empty when there are none. What `append` resolved with, or any reader in this process was
   * given, before this was called is among them. Other things happen in the process before it resolves: what an entry is judged by may have changed since
   * it was asked for. Damaged entries are reported, set aside and skipped.
   * @throws {JournalUnavailableError} when they can't be had now: they are to be asked for again. Whoever opened the journal is told of it, once.
   */
  read(after: JournalSequence, limit: number): Promise<readonly JournalEntry[]>;
  /** Calls `listener` (no argument, may be coalesced) whenever there may be new entries. Returns the unsubscriber. */
  onAppended(listener: () => void): () => void;
  /** Highest durable sequence. */
  head(): JournalSequence;
  /**
   * Gives no sequence ≤ `sequence` any more; nothing when they are past it. For a journal that lost its end (damaged, or gone) while a consumer's cursor,
   * which is kept elsewhere, is ahead of it: else new entries would take sequences that the consumer believes it has passed.
   */
  skipTo(sequence: JournalSequence): void;
  /**
   * The consumer has durably passed everything ≤ `sequence` and may not ask for it again. Entries passed by all
   * consumers, and older than the retention the journal was opened with, are trimmed.
   */
  passed(consumer: ConsumerName, sequence: JournalSequence): void;
  status(): JournalStatus;
  close(): Promise<void>;
}
