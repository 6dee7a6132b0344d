import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Database, open, type RootDatabase } from 'lmdb';
import {
  type ConsumerName,
  type Journal,
  type JournalEntry,
  type JournalSequence,
  type JournalStatus,
  JournalUnavailableError,
} from '../../domain/ports/journal.ts';
import type { Clock, DurationMs } from '../../domain/time.ts';
import type { JournalFault } from './journal-fault.ts';
import { findLmdbDamage, searchLmdbFile } from './lmdb-file.ts';

export interface LmdbJournalOptions {
  /** Folder of the journal; made if absent. */
  readonly path: string;
  /** Payload and header bytes kept before `append` answers FULL; the map is made a third larger for LMDB's own pages. */
  readonly capacityBytes: number;
  /** Entries stay at least this long, also when all consumers have passed them, so that resends can be recognised after a crash. */
  readonly retain: DurationMs;
  readonly consumers: readonly ConsumerName[];
  readonly clock: Clock;
  /** Told once when a lasting fault begins (or a damaged entry or file is set aside) and once when it ends. */
  readonly onFault?: (fault: JournalFault) => void;
}

/** What this journal can do besides the port. */
export interface LmdbJournal extends Journal {
  /**
   * Keeps every entry with a sequence > `after`, passed or not, until the hold is let go: for a copy that is made of the journal after one of the store.
   * A journal about to be full lets go by itself.
   */
  hold(after: JournalSequence): JournalHold;
}
export interface JournalHold {
  /** Whether nothing that was to be kept has been trimmed. */
  readonly kept: boolean;
  release(): void;
}

const RECORD_VERSION = 1;
/** version u8, flags u8, partition u16, crc32 u32, sequence f64, arrival f64, length of the trace id u8, spare to 32. */
const HEADER_BYTES = 32;
/** Entries removed in one go, so that trimming never holds up an append for long. */
const TRIM_STEP = 512;
/** Recent entries kept in memory, as many and as large, so that consumers that keep up never read from disk. */
const TAIL_ENTRIES = 256;
const TAIL_BYTES = 8 * 1024 * 1024;

/**
 * The journal on LMDB: appends that arrive while a sync is running share the next one. LMDB runs write, `fdatasync` and the meta page's write-through
 * in its own thread; the promise resolves after them (`overlappingSync: false`).
 */
export async function openLmdbJournal(options: LmdbJournalOptions): Promise<LmdbJournal> {
  const { clock, onFault } = options;
  mkdirSync(options.path, { recursive: true });
  const file = join(options.path, 'journal.mdb');
  const setAside = setAsideIfDamaged(file, clock());
  const root = openFile(file, options);
  // Keys as lmdb-js writes numbers: in four bytes they would run out within months.
  const entries: Database<Uint8Array, number> = root.openDB({ name: 'records', encoding: 'binary' });
  if (setAside) {
    const entriesSaved = await saveEntries(setAside.movedTo, entries);
    onFault?.({ kind: 'file_damaged', ...setAside, entriesSaved });
  }
  const cursors: Database<number, string> = root.openDB({ name: 'cursors', encoding: 'json' });

  // The head is kept as a number of its own too: after everything was trimmed, sequences must go on and never start again.
  let head = Math.max(lastKey(entries), savedNumber(cursors, 'head'));
  const passed = new Map<ConsumerName, number>(
    options.consumers.map((c) => [c, Math.min(savedNumber(cursors, c), head)]),
  );
  let next = head;
  let bytes = totalBytes(entries);
  let damaged = 0;
  let fault: 'FULL' | 'DISK_FAILING' | null = null;
  /** Bytes the disk could not take when it failed; 0 while it has not. */
  let failedBytes = 0;
  let closed = false;
  let trimming: Promise<void> | null = null;
  const tail: JournalEntry[] = [];
  let tailBytes = 0;
  const arrivals: { sequence: number; at: number; size: number }[] = [];
  const listeners = new Set<() => void>();

  const announce = () => {
    for (const listener of listeners) listener();
  };
  const failed = (reason: 'FULL' | 'DISK_FAILING', error: unknown): JournalUnavailableError => {
    if (fault !== reason) {
      fault = reason;
      onFault?.({ kind: 'unavailable', reason, error });
    }
    return new JournalUnavailableError(reason, { cause: error });
  };

  const recovered = (): void => {
    fault = null;
    failedBytes = 0;
    onFault?.({ kind: 'recovered' });
  };

  /** In order of sequence: an entry may be read only when all before it are durable too. */
  let chain: Promise<unknown> = Promise.resolve();

  const holds = new Set<{ readonly after: number; kept: boolean }>();

  const journal: LmdbJournal = {
    async append({ partition, traceId, payload }) {
      if (closed) throw new JournalUnavailableError('CLOSED');
      const at = clock();
      const trace = Buffer.from(traceId.slice(0, 255));
      const size = HEADER_BYTES + trace.length + padding(trace.length) + payload.length;
      if (bytes + size > options.capacityBytes) {
        trimSoon();
        throw failed('FULL', new Error(`${bytes} of ${options.capacityBytes} bytes are in use`));
      }
      const sequence = ++next;
      bytes += size;
      const record = encodeRecord({ sequence, partition, at, trace, payload, size });
      const put = commitOf(entries.put(sequence, record));
      const before = chain;
      const done = (async () => {
        await before.catch(() => {});
        await put;
      })();
      chain = done;
      try {
        await done;
      } catch (error) {
        bytes -= size;
        failedBytes = size;
        const full = /MDB_MAP_FULL|ENOSPC|No space/i.test(String(error));
        // The sequence is not used again: readers skip a gap left by an append that failed.
        throw failed(full ? 'FULL' : 'DISK_FAILING', error);
      }
      head = sequence;
      arrivals.push({ sequence, at, size });
      tail.push({ sequence: sequence as JournalSequence, partition, traceId, payload });
      tailBytes += payload.length;
      while (tail.length > TAIL_ENTRIES || tailBytes > TAIL_BYTES) tailBytes -= tail.shift()!.payload.length;
      if (fault) recovered();
      announce();
      return sequence as JournalSequence;
    },

    async read(after, limit) {
      const oldest = tail[0];
      if (oldest && after + 1 >= oldest.sequence) {
        const from = tail.findIndex((entry) => entry.sequence > after);
        return from < 0 ? [] : tail.slice(from, from + limit);
      }
      const found: JournalEntry[] = [];
      let seen = 0;
      let lastSeen: number = after;
      for (const { key, value } of entries.getRange({ start: after + 1, end: head + 1, limit })) {
        seen++;
        lastSeen = Number(key);
        const decoded = decodeRecord(Number(key), value);
        if (typeof decoded === 'string') {
          damaged++;
          onFault?.({ kind: 'entry_damaged', sequence: Number(key), reason: decoded });
          // Set aside: kept under its own name for a person to look at, out of the way of every reader.
          void commitOf(root.put(`damaged:${key}`, Buffer.from(value))).catch(() => {});
          void commitOf(entries.remove(Number(key))).catch(() => {});
        } else found.push(decoded);
      }
      // A page of nothing but damage must not look like the end.
      if (found.length === 0 && seen === limit) return journal.read(lastSeen as JournalSequence, limit);
      return found;
    },

    onAppended(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    head: () => head as JournalSequence,
    skipTo(sequence) {
      if (sequence <= next) return;
      next = sequence;
      head = Math.max(head, sequence);
    },

    passed(consumer, sequence) {
      if (sequence <= (passed.get(consumer) ?? 0)) return;
      passed.set(consumer, sequence);
      trimSoon();
    },

    hold(after) {
      const hold = { after, kept: true };
      holds.add(hold);
      return {
        get kept() {
          return hold.kept;
        },
        release: () => void holds.delete(hold),
      };
    },

    status(): JournalStatus {
      const depth = Object.fromEntries(options.consumers.map((c) => [c, after(passed.get(c) ?? 0)]));
      return {
        writable: !closed && fault === null,
        reason: closed ? 'CLOSED' : fault,
        head: head as JournalSequence,
        entries: entries.getCount(),
        bytes,
        capacityBytes: options.capacityBytes,
        depth: depth as JournalStatus['depth'],
        damaged,
      };
    },

    async close() {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      listeners.clear();
      await chain.catch(() => {});
      await trimming;
      // A cursor that is not saved costs a consumer some reading again; a disk that fails must not keep the process from ending.
      await saveCursors().catch(() => {});
      await root.close();
    },
  };

  /** Entries with a sequence > `sequence`. */
  function after(sequence: number): number {
    let low = 0;
    let high = arrivals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (arrivals[middle]!.sequence > sequence) high = middle;
      else low = middle + 1;
    }
    return arrivals.length - low;
  }

  const saveCursors = () => commitOf(root.batch(putCursors));
  // Inside a batch: its own promise covers these.
  function putCursors(): void {
    for (const [consumer, sequence] of passed) void cursors.put(consumer, sequence);
    void cursors.put('head', head);
  }

  function trimSoon(): void {
    if (closed || trimming) return;
    const old = clock() - options.retain;
    const pressed = bytes > options.capacityBytes * 0.9;
    if (pressed) {
      for (const hold of holds) hold.kept = false;
      holds.clear();
    }
    const upTo = Math.min(...passed.values(), ...[...holds].map((hold) => hold.after));
    const oldest = arrivals[0];
    if (!oldest || oldest.sequence > upTo || (oldest.at > old && !pressed)) return;
    trimming = trim(upTo, pressed ? Number.POSITIVE_INFINITY : old).finally(() => {
      trimming = null;
    });
  }

  async function trim(upTo: number, old: number): Promise<void> {
    const gone: typeof arrivals = [];
    for (const entry of arrivals) {
      if (gone.length >= TRIM_STEP || entry.sequence > upTo || entry.at > old) break;
      gone.push(entry);
    }
    try {
      await commitOf(
        root.batch(() => {
          for (const { sequence } of gone) void entries.remove(sequence);
          putCursors();
        }),
      );
    } catch (error) {
      failedBytes = Math.max(failedBytes, HEADER_BYTES);
      failed('DISK_FAILING', error);
      return;
    }
    arrivals.splice(0, gone.length);
    for (const { size } of gone) bytes -= size;
    if (fault === 'FULL' && failedBytes === 0 && bytes < options.capacityBytes * 0.95) recovered();
  }

  /** While the disk fails: tries as much as it could not take, so that it is known to be back before a device has to try. */
  let probing = false;
  async function probe(): Promise<void> {
    if (closed || probing || failedBytes === 0) return;
    probing = true;
    try {
      await commitOf(root.put('probe', Buffer.alloc(failedBytes)));
      await commitOf(root.remove('probe'));
      if (fault && !closed) recovered();
    } catch {
      // Still failing: nothing new to say.
    } finally {
      probing = false;
    }
  }

  for (const { key, value } of entries.getRange({}))
    arrivals.push({ sequence: Number(key), at: arrivalOf(value), size: value.length });
  const timer = setInterval(() => {
    trimSoon();
    void probe();
  }, 1_000);
  timer.unref();
  return journal;
}

/**
 * The promise of a commit, rejecting with what was wrong. Callers use `put`, `remove` and `batch`: of a `transaction` whose commit fails, lmdb-js never
 * settles the promise; and its error holds another rejected promise with the cause, which must be handled at once.
 */
function commitOf<T>(commit: Promise<T>): Promise<T> {
  return commit.catch(async (error: Error & { commitError?: Promise<never> }) => {
    throw (await error.commitError?.catch((cause: unknown) => cause)) ?? error;
  });
}

const padding = (length: number): number => (8 - (length % 8)) % 8;

function encodeRecord(entry: {
  sequence: number;
  partition: number;
  at: number;
  trace: Buffer;
  payload: Uint8Array;
  size: number;
}): Uint8Array {
  const bytes = Buffer.alloc(entry.size);
  bytes.writeUInt8(RECORD_VERSION, 0);
  bytes.writeUInt16LE(entry.partition, 2);
  bytes.writeDoubleLE(entry.sequence, 8);
  bytes.writeDoubleLE(entry.at, 16);
  bytes.writeUInt8(entry.trace.length, 24);
  entry.trace.copy(bytes, HEADER_BYTES);
  bytes.set(entry.payload, HEADER_BYTES + entry.trace.length + padding(entry.trace.length));
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/** The entry, or what is wrong with it. */
export function decodeRecord(key: number, value: Uint8Array): JournalEntry | string {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (bytes.length < HEADER_BYTES) return `record of ${bytes.length} bytes is too short`;
  if (bytes.readUInt8(0) !== RECORD_VERSION) return `record version ${bytes.readUInt8(0)} is not known`;
  if (bytes.readUInt32LE(4) !== crc32(bytes.subarray(8))) return 'checksum does not fit';
  const sequence = bytes.readDoubleLE(8);
  if (sequence !== key) return `sequence ${sequence} stands at ${key}`;
  const traceLength = bytes.readUInt8(24);
  const start = HEADER_BYTES + traceLength + padding(traceLength);
  return {
    sequence: sequence as JournalSequence,
    partition: bytes.readUInt16LE(2),
    traceId: bytes.toString('utf8', HEADER_BYTES, HEADER_BYTES + traceLength),
    payload: new Uint8Array(bytes.subarray(start)),
  };
}

/** A number as kept; 0, which only makes readers look at more than they must, where it is absent or can't be read. */
function savedNumber(db: Database<number, string>, key: string): number {
  try {
    const value = db.get(key);
    return Number.isSafeInteger(value) && value! > 0 ? value! : 0;
  } catch {
    return 0;
  }
}

const arrivalOf = (value: Uint8Array): number =>
  value.length < HEADER_BYTES ? 0 : Buffer.from(value.buffer, value.byteOffset, value.byteLength).readDoubleLE(16);

function lastKey(db: Database<Uint8Array, number>): number {
  for (const key of db.getKeys({ limit: 1, reverse: true })) return Number(key);
  return 0;
}

function totalBytes(db: Database<Uint8Array, number>): number {
  let sum = 0;
  for (const { value } of db.getRange({})) sum += value.length;
  return sum;
}

const openFile = (file: string, { capacityBytes }: LmdbJournalOptions): RootDatabase =>
  open({
    path: file,
    noSubdir: true,
    overlappingSync: false,
    // With it, lmdb-js makes a promise of its own for each turn's batch that nobody can handle: a commit that fails would end the process.
    eventTurnBatching: false,
    compression: false,
    maxDbs: 4,
    mapSize: Math.ceil((capacityBytes * 4) / 3) + 64 * 1024 * 1024,
  });

/** Moves a file that LMDB could not be trusted with out of the way, so that the platform can go on. */
function setAsideIfDamaged(file: string, now: number): { movedTo: string; reason: string } | null {
  const reason = existsSync(file) ? findLmdbDamage(file) : null;
  if (reason === null) return null;
  const movedTo = `${file}.damaged-${now}`;
  renameSync(file, movedTo);
  rmSync(`${file}-lock`, { force: true });
  return { movedTo, reason };
}

/**
 * Takes over every whole entry of a damaged file, found by its checksum. Some were trimmed long ago and are still lying there: their consumers have
 * passed them and never ask for them.
 */
async function saveEntries(damagedFile: string, entries: Database<Uint8Array, number>): Promise<number> {
  const saved = new Set<number>();
  let last: Promise<unknown> = Promise.resolve();
  for (const { value } of searchLmdbFile(damagedFile)) {
    const sequence = value.length < HEADER_BYTES ? Number.NaN : value.readDoubleLE(8);
    if (saved.has(sequence) || typeof decodeRecord(sequence, value) === 'string') continue;
    saved.add(sequence);
    last = commitOf(entries.put(sequence, value));
    if (saved.size % TRIM_STEP === 0) await last;
  }
  await last;
  return saved.size;
}
