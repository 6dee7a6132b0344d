import { setTimeout as pause } from 'node:timers/promises';
import { type ConsumerMessages, DeliverPolicy, type JetStreamClient, type JsMsg } from '@nats-io/jetstream';
import { type JournalEntry, type JournalSequence, JournalUnavailableError } from '../../domain/ports/journal.ts';
import { decodeRecord } from './nats-record.ts';

/** Recent entries kept in memory, as many and as large, so that consumers that keep up never ask a server. */
const TAIL_ENTRIES = 1_024;
const TAIL_BYTES = 32 * 1024 * 1024;
/** Pages of older entries kept for consumers that catch up, one for each that does, and how many entries are fetched for one. */
const PAGES = 4;
const PAGE_ENTRIES = 256;
/** Ids of messages remembered, so that one the stream took twice is given once. */
const IDS_REMEMBERED = 10_000;
/** How long a server may take to give what is known to be there, and the tail to come on, before it is asked in another way. */
const PATIENCE_MS = 2_000;
const RETRY_MS = 250;
/** The least JetStream allows. */
const FETCH_MS = 1_000;
/** A reader that is gone is forgotten by the servers after this long. */
const FORGOTTEN_AFTER_MS = 30_000;

export interface StreamReadingOptions {
  readonly client: JetStreamClient;
  readonly stream: string;
  /** Sequence of the stream's last message when it was opened: newer ones come by themselves. */
  readonly from: number;
  /** There are new entries, which can be read. */
  readonly onArrived: () => void;
  readonly onDamaged: (sequence: number, reason: string) => void;
}

interface Page {
  /** It holds every entry with a sequence > `after` and ≤ `end`. */
  readonly after: number;
  readonly end: number;
  readonly entries: readonly JournalEntry[];
}

/** The partition, which is the last part of the subject. */
const partitionOf = (subject: string): number => Number(subject.slice(subject.lastIndexOf('.') + 1));

/**
 * Reads a stream for all consumers of one process: new entries are sent by the servers as they come and kept in memory for a while; older ones are fetched
 * in pages. No cursor is kept at the servers.
 */
export class StreamReading {
  readonly #options: StreamReadingOptions;
  readonly #tail: JournalEntry[] = [];
  #tailBytes = 0;
  /** The tail holds every entry with a sequence > this. */
  #tailAfter: number;
  #end: number;
  #movedAt = performance.now();
  #following: ConsumerMessages | null = null;
  #closed = false;
  readonly #ended: Promise<void>;
  readonly #pages: Page[] = [];
  /** Message id → the lowest sequence it was seen at. */
  readonly #seen = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  constructor(options: StreamReadingOptions) {
    this.#options = options;
    this.#tailAfter = options.from;
    this.#end = options.from;
    this.#ended = this.#follow();
  }

  /** Sequence of the last message received. */
  get end(): number {
    return this.#end;
  }

  /** Entries as the port's `read` gives them, among them those up to `durable`, which somebody was promised. `first`: nothing before it is left. */
  async read(after: number, limit: number, durable: number, first: number): Promise<readonly JournalEntry[]> {
    if (after < durable && this.#end < durable) await this.#untilReached(durable);
    const found: JournalEntry[] = [];
    for (let at = Math.max(after, first - 1); at < this.#end && found.length < limit; ) {
      if (this.#closed) throw new JournalUnavailableError('CLOSED');
      const page = this.#inMemory(at) ?? (await this.#fetch(at, Math.min(this.#end, this.#tailAfter)));
      const from = page.entries.findIndex(({ sequence }) => sequence > at);
      if (from >= 0) found.push(...page.entries.slice(from, from + limit - found.length));
      at = page.end;
    }
    return found;
  }

  #inMemory(at: number): Page | undefined {
    if (at >= this.#tailAfter) return { after: this.#tailAfter, end: this.#end, entries: this.#tail };
    return this.#pages.find((page) => page.after <= at && at < page.end);
  }

  /** Looks whether what is known to be in the stream has come; what is stuck is begun anew. */
  look(head: number): void {
    if (head <= this.#end) this.#movedAt = performance.now();
    else if (performance.now() - this.#movedAt > PATIENCE_MS) {
      this.#movedAt = performance.now();
      void this.#following?.close();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#waiting) wake();
    await this.#following?.close();
    await this.#ended;
  }

  async #follow(): Promise<void> {
    const { client, stream } = this.#options;
    while (!this.#closed) {
      try {
        const consumer = await client.consumers.get(stream, {
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: this.#end + 1,
          inactive_threshold: FORGOTTEN_AFTER_MS,
        });
        this.#following = await consumer.consume({
          max_messages: PAGE_ENTRIES,
          idle_heartbeat: FETCH_MS,
          callback: (message) => this.#take(message),
        });
        if (this.#closed) await this.#following.close();
        await this.#following.closed();
      } catch {
        // The servers are away, or choose who leads the stream: whoever appends or looks at the status says so.
      }
      this.#following = null;
      if (!this.#closed) await pause(RETRY_MS);
    }
  }

  #take(message: JsMsg): void {
    if (message.seq <= this.#end) return;
    this.#end = message.seq;
    this.#movedAt = performance.now();
    const entry = this.#entryOf(message);
    if (entry !== null) {
      this.#tail.push(entry);
      this.#tailBytes += entry.payload.length;
      while (this.#tail.length > TAIL_ENTRIES || this.#tailBytes > TAIL_BYTES) {
        const { sequence, payload } = this.#tail.shift()!;
        this.#tailAfter = sequence;
        this.#tailBytes -= payload.length;
      }
      this.#options.onArrived();
    }
    for (const wake of this.#waiting) wake();
  }

  /** `null`: it is damaged, or here already. */
  #entryOf(message: JsMsg): JournalEntry | null {
    const sequence = message.seq;
    const record = decodeRecord(message.data);
    if (typeof record === 'string') {
      this.#options.onDamaged(sequence, record);
      return null;
    }
    const id = message.headers?.get('Nats-Msg-Id') ?? '';
    if (this.#isRepeated(id, sequence)) return null;
    const { traceId, payload } = record;
    return { sequence: sequence as JournalSequence, partition: partitionOf(message.subject), traceId, payload };
  }

  /**
   * A message whose acknowledgement was lost with the server that led the stream is sent again; that server's successor may not know yet that it has it, and
   * takes it twice.
   */
  #isRepeated(id: string, sequence: number): boolean {
    if (id === '') return false;
    const before = this.#seen.get(id);
    if (before !== undefined && before < sequence) return true;
    this.#seen.set(id, sequence);
    if (this.#seen.size > IDS_REMEMBERED) for (const oldest of this.#seen.keys()) return !this.#seen.delete(oldest);
    return false;
  }

  async #untilReached(sequence: number): Promise<void> {
    const giveUp = AbortSignal.timeout(PATIENCE_MS);
    while (this.#end < sequence && !this.#closed) {
      if (giveUp.aborted) throw new JournalUnavailableError('UNREACHABLE');
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      giveUp.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  /** A page of what lies after `after`, up to `until`, which is in the stream. */
  async #fetch(after: number, until: number): Promise<Page> {
    const { client, stream } = this.#options;
    const entries: JournalEntry[] = [];
    let end = after;
    try {
      const consumer = await client.consumers.get(stream, {
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: after + 1,
        inactive_threshold: FORGOTTEN_AFTER_MS,
      });
      const wanted = Math.min(PAGE_ENTRIES, until - after);
      const messages = await consumer.fetch({ max_messages: wanted, expires: FETCH_MS });
      for await (const message of messages) {
        end = message.seq;
        const entry = this.#entryOf(message);
        if (entry !== null) entries.push(entry);
        if (end >= until || message.info.pending === 0) break;
      }
      void consumer.delete().catch(() => {});
    } catch (error) {
      throw new JournalUnavailableError('UNREACHABLE', { cause: error });
    }
    // What is left of them has been purged since; what is newer than they is in the tail.
    if (end === after) end = await this.#purgedUpTo(after, until);
    const page = { after, end, entries };
    this.#pages.push(page);
    if (this.#pages.length > PAGES) this.#pages.shift();
    return page;
  }

  async #purgedUpTo(after: number, until: number): Promise<number> {
    const { client, stream } = this.#options;
    const first = await client
      .jetstreamManager(false)
      .then((manager) => manager.streams.info(stream))
      .then(({ state }) => state.first_seq)
      .catch(() => 0);
    if (first > after + 1) return Math.min(until, first - 1);
    throw new JournalUnavailableError('UNREACHABLE');
  }
}
