import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream';
import {
  type ConsumerName,
  type Journal,
  type JournalRefusal,
  type JournalSequence,
  type JournalStatus,
  JournalUnavailableError,
} from '../../domain/ports/journal.ts';
import type { Clock, DurationMs } from '../../domain/time.ts';
import type { NatsConnection } from '../nats/connection.ts';
import type { JournalFault } from './journal-fault.ts';
import { StreamReading } from './nats-reading.ts';
import { decodeRecord, encodeRecord } from './nats-record.ts';

export interface NatsJournalOptions {
  readonly connection: NatsConnection;
  /** Of the stream; subjects are `{stream}.{partition}`. Letters, digits, `-` and `_`. */
  readonly stream: string;
  /** Servers that hold each entry: 1, 3 or 5. An entry is acknowledged once most of them have it. */
  readonly replicas: number;
  /** Bytes of the stream before `append` answers FULL. */
  readonly capacityBytes: number;
  /** Entries stay at least this long, also when all consumers have passed them, so that resends can be recognised after a crash. */
  readonly retain: DurationMs;
  /** Those that read in this process and have a say in what is trimmed; a process without any trims nothing. */
  readonly consumers: readonly ConsumerName[];
  readonly clock: Clock;
  readonly onFault?: (fault: JournalFault) => void;
  /** How long an entry is offered to servers that don't answer before it is refused. */
  readonly patienceMs?: number;
}

/** An acknowledgement that has not come by then is asked for again, of whoever leads the stream by then. */
const ACK_MS = 2_000;
const RETRY_MS = 250;
/** Entries on their way at once; more are refused. */
const IN_FLIGHT = 1_024;
/** The servers' own default for `max_payload`; entries are made to fit into it. */
const MAXIMUM_MESSAGE_BYTES = 1_048_576;
/** Of a message, besides the record: subject, headers and what the protocol adds. */
const MESSAGE_BYTES = 512;
/** The servers refuse an id again for this long: longer than any retry. */
const DUPLICATES_MS = 120_000;
const LOOK_EVERY_MS = 1_000;
const TRIM_EVERY_MS = 250;
/** Servers of a stream hear of each other every second. */
const SEEN_WITHIN_NS = 3e9;
/** While servers start, they can't yet say where a stream is to lie. */
const OPEN_PATIENCE_MS = 30_000;
/** Codes of JetStream's API. */
const MAXIMUM_BYTES_EXCEEDED = 10_077;
const INSUFFICIENT_RESOURCES = 10_023;
export const STREAM_NOT_FOUND = 10_059;
const NO_SUITABLE_PEERS = 10_005;

/**
 * The journal on NATS JetStream: one stream, whose sequence is the journal's, with a subject for each partition. Full means refused, never dropped. Cursors
 * are kept where they have always been, by the consumers; the stream is purged up to what all of them have passed.
 * @throws when the servers can't be had within half a minute, or the stream can't be made.
 */
export async function openNatsJournal(options: NatsJournalOptions): Promise<Journal> {
  const { connection, stream, clock, onFault, patienceMs = 10_000 } = options;
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: ACK_MS });
  const client = manager.jetstream();
  const room = connection.info?.max_payload ?? 0;
  if (room < MAXIMUM_MESSAGE_BYTES)
    throw new Error(
      `max_payload of the NATS servers is ${room}, which is below ${MAXIMUM_MESSAGE_BYTES}: entries would not fit`,
    );
  let { state } = await openStream(manager, options);

  const instance = randomUUID();
  let sent = 0;
  /** Highest sequence that an acknowledgement was seen for. */
  let acknowledged = 0;
  /** Nothing before it is left; 1 in a stream that has never held anything. */
  let firstSequence = Math.max(1, state.first_seq);
  /** Own entries since the last look at the stream, so that the status knows of them at once. */
  let recent: { readonly sequence: number; readonly bytes: number }[] = [];
  let inFlight = 0;
  let damaged = 0;
  let fault: 'FULL' | 'DISK_FAILING' | 'UNREACHABLE' | null = null;
  /** When the servers last answered, by `performance.now`. */
  let answeredAt = performance.now();
  let closed = false;
  let skipping: Promise<void> | null = null;
  let trimming: Promise<void> | null = null;
  let trimWanted = false;
  const passed = new Map<ConsumerName, number>(options.consumers.map((name) => [name, firstSequence - 1]));
  const listeners = new Set<() => void>();

  const reading = new StreamReading({
    client,
    stream,
    from: state.last_seq,
    onArrived: () => {
      for (const listener of listeners) listener();
    },
    onDamaged: (sequence, reason) => {
      damaged++;
      onFault?.({ kind: 'entry_damaged', sequence, reason });
    },
  });

  const head = (): number => Math.max(acknowledged, state.last_seq, reading.end);
  const bytes = (): number => recent.reduce((sum, entry) => sum + entry.bytes, state.bytes);
  const failed = (reason: NonNullable<typeof fault>, error: unknown): JournalUnavailableError => {
    if (fault !== reason && !closed) {
      fault = reason;
      onFault?.({ kind: 'unavailable', reason, error });
    }
    return new JournalUnavailableError(closed ? 'CLOSED' : reason, { cause: error });
  };
  const recovered = (): void => {
    if (fault === null || closed) return;
    fault = null;
    onFault?.({ kind: 'recovered' });
  };

  /** Offers the message until a majority has it; the same id makes that it is taken once. */
  async function publish(subject: string, record: Uint8Array): Promise<number> {
    const msgID = `${instance}-${++sent}`;
    const giveUpAt = performance.now() + patienceMs;
    for (;;) {
      try {
        const { seq } = await client.publish(subject, record, { msgID, timeout: ACK_MS });
        // A repetition of what is still on its way has no sequence yet: nobody may count on it.
        if (seq > 0) return seq;
      } catch (error) {
        const refusal = refusalOf(error);
        if (closed || refusal !== 'UNREACHABLE' || performance.now() >= giveUpAt) throw failed(refusal, error);
      }
      await pause(RETRY_MS);
    }
  }

  async function look(): Promise<void> {
    if (closed) return;
    const askedAt = performance.now();
    try {
      const known = head();
      const info = await manager.streams.info(stream);
      ({ state } = info);
      firstSequence = Math.max(firstSequence, state.first_seq);
      recent = recent.filter(({ sequence }) => sequence > state.last_seq);
      answeredAt = performance.now();
      reading.look(Math.max(known, state.last_seq));
      const isRoom = bytes() < options.capacityBytes * 0.95;
      if (fault === 'FULL' ? isRoom : isHeldByMost(info.cluster, options.replicas)) recovered();
    } catch (error) {
      // A question that was lost says nothing once another has been answered.
      if (answeredAt < askedAt) failed('UNREACHABLE', error);
    }
  }

  function trimSoon(): void {
    trimWanted = true;
    if (closed || options.consumers.length === 0) return;
    trimming ??= (async () => {
      while (trimWanted && !closed) {
        trimWanted = false;
        // What fails now is tried again at the next look.
        await trim().catch(() => {});
        await pause(TRIM_EVERY_MS, undefined, { ref: false });
      }
      trimming = null;
    })();
  }

  async function trim(): Promise<void> {
    const upTo = Math.min(...passed.values(), head());
    if (upTo < firstSequence) return;
    const isPressed = bytes() > options.capacityBytes * 0.9;
    const old = clock() - options.retain;
    // A look at entries costs as much as reading them, so that they are trimmed some at a time.
    const isDue = isPressed || options.retain === 0 || (await arrivalOf(firstSequence)) <= old - options.retain / 16;
    if (!isDue) return;
    const through = isPressed || options.retain === 0 ? upTo : await lastArrivedBefore(old, firstSequence, upTo);
    await manager.streams.purge(stream, { seq: through + 1 });
    firstSequence = through + 1;
    await look();
  }

  /** Of one that is gone, long ago. */
  async function arrivalOf(sequence: number): Promise<number> {
    const message = await manager.streams.getMessage(stream, { seq: sequence });
    if (message === null) return Number.NEGATIVE_INFINITY;
    const record = decodeRecord(message.data);
    return typeof record === 'string' ? message.time.getTime() : record.arrivedAt;
  }

  /** The last entry from `low`, which has, to `high` that arrived at `time` or before. */
  async function lastArrivedBefore(time: number, low: number, high: number): Promise<number> {
    let [known, end] = [low, high];
    while (known < end) {
      const middle = Math.ceil((known + end) / 2);
      if ((await arrivalOf(middle)) <= time) known = middle;
      else end = middle - 1;
    }
    return known;
  }

  /** The stream can begin at a later sequence only when it is empty: what it holds is waited for until all have passed it. */
  async function skip(sequence: number): Promise<void> {
    // What another process has appended and passed may not have been heard of here yet.
    await look();
    if (head() >= sequence) return;
    while (!closed && state.messages > 0 && Math.min(...passed.values()) < state.last_seq) {
      await pause(RETRY_MS);
      await look();
    }
    while (!closed && head() < sequence) {
      try {
        await manager.streams.purge(stream, { seq: sequence + 1 });
        firstSequence = sequence + 1;
        await look();
      } catch (error) {
        failed('UNREACHABLE', error);
        await pause(RETRY_MS);
      }
    }
  }

  const timer = setInterval(() => {
    void look();
    trimSoon();
  }, LOOK_EVERY_MS);
  timer.unref();

  return {
    async append({ partition, traceId, payload }) {
      if (closed) throw new JournalUnavailableError('CLOSED');
      if (inFlight >= IN_FLIGHT) throw new JournalUnavailableError('BUSY');
      const record = encodeRecord({ traceId, arrivedAt: clock(), payload });
      if (record.length + MESSAGE_BYTES > room) throw new JournalUnavailableError('TOO_LARGE');
      inFlight++;
      try {
        await skipping;
        const sequence = await publish(`${stream}.${partition}`, record);
        acknowledged = Math.max(acknowledged, sequence);
        answeredAt = performance.now();
        recent.push({ sequence, bytes: record.length });
        recovered();
        return sequence as JournalSequence;
      } finally {
        inFlight--;
      }
    },

    async read(after, limit) {
      if (closed) throw new JournalUnavailableError('CLOSED');
      return reading.read(after, limit, acknowledged, firstSequence);
    },

    onAppended(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    head: () => head() as JournalSequence,

    skipTo(sequence) {
      if (sequence <= head()) return;
      skipping = (skipping ?? Promise.resolve())
        .then(() => skip(sequence))
        .then(() => {
          skipping = null;
        });
    },

    passed(consumer, sequence) {
      if (sequence <= (passed.get(consumer) ?? Number.POSITIVE_INFINITY)) return;
      passed.set(consumer, sequence);
      trimSoon();
    },

    status(): JournalStatus {
      const entries = state.messages + recent.length;
      const depth = [...passed].map(([consumer, sequence]) => [
        consumer,
        Math.min(entries, Math.max(0, head() - sequence)),
      ]);
      return {
        writable: !closed && fault === null,
        reason: closed ? 'CLOSED' : fault,
        head: head() as JournalSequence,
        entries,
        bytes: bytes(),
        capacityBytes: options.capacityBytes,
        depth: Object.fromEntries(depth) as JournalStatus['depth'],
        damaged,
      };
    },

    async close() {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      listeners.clear();
      await reading.close();
      await Promise.allSettled([skipping, trimming]);
    },
  };
}

/** The stream as it is to be: made, or changed to it. */
async function openStream(
  manager: JetStreamManager,
  { stream, replicas, capacityBytes }: NatsJournalOptions,
): Promise<StreamInfo> {
  const wanted = {
    subjects: [`${stream}.*`],
    max_bytes: capacityBytes,
    num_replicas: replicas,
    duplicate_window: DUPLICATES_MS * 1e6,
    discard: DiscardPolicy.New,
  };
  const opened = async (): Promise<StreamInfo> => {
    const info = await manager.streams.info(stream).catch((error: unknown) => {
      if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return null;
      throw error;
    });
    if (info === null)
      return manager.streams.add({
        name: stream,
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
        ...wanted,
      });
    const isAsWanted = info.config.max_bytes === capacityBytes && info.config.num_replicas === replicas;
    return isAsWanted ? info : manager.streams.update(stream, wanted);
  };
  for (const giveUpAt = performance.now() + OPEN_PATIENCE_MS; ; await pause(RETRY_MS)) {
    try {
      return await opened();
    } catch (error) {
      const isFinal = error instanceof JetStreamApiError && error.status !== 503 && error.code !== NO_SUITABLE_PEERS;
      if (isFinal || performance.now() >= giveUpAt) throw error;
    }
  }
}

/** Whether what is offered now can be held by most of the replicas: the one that leads answers also when it is alone, for a while. */
function isHeldByMost(cluster: StreamInfo['cluster'], replicas: number): boolean {
  const others = cluster?.replicas?.filter((peer) => peer.current && !peer.offline && peer.active < SEEN_WITHIN_NS);
  return (1 + (others?.length ?? 0)) * 2 > replicas;
}

function refusalOf(error: unknown): Extract<JournalRefusal, 'FULL' | 'DISK_FAILING' | 'UNREACHABLE'> {
  if (!(error instanceof JetStreamApiError)) return 'UNREACHABLE';
  if (error.code === MAXIMUM_BYTES_EXCEEDED) return 'FULL';
  return error.code === INSUFFICIENT_RESOURCES ? 'DISK_FAILING' : 'UNREACHABLE';
}
