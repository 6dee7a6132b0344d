import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { DeviceDirectoryEntry } from '../domain/asset.ts';
import type { DeviceId, QuarantineId, SeriesId } from '../domain/identifiers.ts';
import {
  JOURNAL_START,
  type Journal,
  type JournalEntry,
  type JournalSequence,
  JournalUnavailableError,
} from '../domain/ports/journal.ts';
import type {
  Quarantine,
  QuarantinedMessage,
  QuarantineProblem,
  ReplayOutcome,
  ReplayQuarantined,
  Transport,
} from '../domain/ports/quarantine.ts';
import type { Tracing } from '../domain/ports/tracing.ts';
import type { Quality } from '../domain/quality.ts';
import { emptyColumns, type ReadingColumns } from '../domain/reading.ts';
import type { Clock, DurationMs, EpochMs } from '../domain/time.ts';
import { topicMatches } from '../domain/topic-filter.ts';
import type { RunCodec } from './decode/codec/codec-call.ts';
import { openDecoder } from './decode/formats.ts';
import { type Decoded, type Presence, problem, type Reply, refused } from './decode/measurement.ts';
import { deviceTopic } from './gateway/topics.ts';
import type { IngestMetrics } from './metrics.ts';
import { decodePayload, encodePayload, type ResendMark } from './readings-codec.ts';
import type { TopicMeaning } from './sources/source-topics.ts';
import { preciseNow } from './trace-entries.ts';
import type { DeviceDirectory } from './validate/device-directory.ts';
import type { Validator } from './validate/validate.ts';

export interface PipelineOptions {
  readonly journal: Journal;
  readonly quarantine: Quarantine;
  readonly directory: Pick<DeviceDirectory, 'get' | 'carriedBy'>;
  readonly validator: Validator;
  readonly runCodec: RunCodec;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly maximumItemsPerMessage: number;
  /** Messages accepted but not yet durable; beyond it the pipeline has no room, and whoever brings messages waits or refuses. */
  readonly maximumMessagesInFlight: number;
  /** How long a message without time is recognised when it is sent again. */
  readonly resendWindow: DurationMs;
  /** What topics of other brokers say of their payloads; `null` for topics that none of them has. */
  readonly meaningOfForeign?: (topic: string) => TopicMeaning | null;
  readonly onUnknownKeys?: (device: DeviceId, keys: readonly string[]) => void;
  /** Told of every message once it is decoded, before it is durable; must not keep its bytes. */
  readonly onDecoded?: (message: Incoming, decoded: Decoded, arrivalTime: EpochMs) => void;
  /** Absent: nothing is traced, and no time is taken for it. */
  readonly tracing?: Tracing;
  /** Told of each batch that is in the journal, under the id that all its stages have. */
  readonly onJournalled?: (batch: JournalledBatch) => void;
}

export interface JournalledBatch {
  readonly traceId: string;
  readonly sequence: JournalSequence;
  readonly messages: number;
  readonly readings: number;
}

export interface Incoming {
  readonly deviceId: DeviceId;
  readonly transport: Transport;
  readonly topic: string;
  /** The payload's format, where the way it came by says it. */
  readonly format?: string;
  readonly bytes: Uint8Array;
  /** What names a sending: MQTT packet id of a QoS > 0 message, or the Idempotency-Key. `again`: it may have been here before. */
  readonly sending?: { readonly key: string; readonly again: boolean };
  /** Readings older than the age limit are taken, as from a file of what a logger has kept. */
  readonly backfill?: true;
}

/** What became of a message, once all of it is durable. */
export interface Outcome {
  readonly accepted: number;
  readonly problems: readonly QuarantineProblem[];
  readonly quarantineId: QuarantineId | null;
  /** What the sender is to be told. */
  readonly replies?: readonly Reply[];
  /** Devices that came or went, by word of the sender that carries them. */
  readonly presence?: readonly Presence[];
}

export interface Pipeline {
  /**
   * Resolves once every reading is in the journal and what could not be used is in quarantine: only then may the message be acknowledged.
   * @throws {JournalUnavailableError} when that can't be promised now.
   */
  accept(message: Incoming): Promise<Outcome>;
  /** Quarantines a message for a reason found before decoding; resolves when it is on disk. */
  refuse(message: Incoming, problem: QuarantineProblem): Promise<Outcome>;
  readonly replay: ReplayQuarantined;
  /** Messages accepted and not yet durable. */
  readonly inFlight: number;
  /** False while more messages are in flight than allowed. */
  readonly hasRoom: boolean;
  /** Resolves when there is room again. */
  room(): Promise<void>;
  /** Resolves when nothing is in flight any more. */
  drained(): Promise<void>;
}

/** A message that is in a batch, and whoever waits for it to be durable. */
interface Waiting {
  readonly outcome: Outcome;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Instants of one message's decoding and validation, epoch ms. */
interface Step {
  readonly deviceId: DeviceId;
  readonly begunAt: number;
  readonly decodedAt: number;
  readonly validatedAt: number;
}
/** Messages of a batch whose steps are shown. */
const STEPS_SHOWN = 20;

/** Readings of one commit, growing. */
class Batch {
  columns: ReadingColumns;
  length = 0;
  readonly marks: ResendMark[] = [];
  readonly held: Omit<QuarantinedMessage, 'state'>[] = [];
  readonly waiting: Waiting[] = [];
  readonly traceId: string;
  /** What a trace shows of the batch's messages; `null`: it is not traced. */
  readonly steps: Step[] | null;

  constructor(columns: ReadingColumns, traceId: string, isTraced: boolean) {
    this.columns = columns;
    this.traceId = traceId;
    this.steps = isTraced ? [] : null;
  }

  readonly add = (series: SeriesId, eventTime: number, arrivalTime: number, value: number, quality: Quality): void => {
    if (this.length === this.columns.length) this.#grow();
    const at = this.length++;
    this.columns.series[at] = series;
    this.columns.eventTime[at] = eventTime;
    this.columns.arrivalTime[at] = arrivalTime;
    this.columns.value[at] = value;
    this.columns.quality[at] = quality;
  };

  #grow(): void {
    const larger = emptyColumns(this.columns.length * 2);
    larger.series.set(this.columns.series);
    larger.eventTime.set(this.columns.eventTime);
    larger.arrivalTime.set(this.columns.arrivalTime);
    larger.value.set(this.columns.value);
    larger.quality.set(this.columns.quality);
    this.columns = larger;
  }

  get readings(): ReadingColumns {
    return { ...this.columns, length: this.length };
  }
}

/**
 * Readings of one journal entry; a batch that has reached it is committed before more is added. With the largest message behind it an entry is below the
 * mebibyte that servers take at once, unless told otherwise.
 */
const BATCH_READINGS = 16_384;
/** What is remembered to recognise a message takes as much room as so many readings. */
const READINGS_OF_A_MARK = 4;
/**
 * Least time from one commit's beginning to the next. A message that comes alone is made durable at once; many share what each commit costs:
 * a sync, a record, and a turn of every consumer.
 */
const COMMIT_EVERY_MS = 5;

/** The way of a message from bytes to durable, with all messages that arrive during one sync sharing the next. */
export async function createPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { journal, quarantine, directory, validator, metrics, clock } = options;
  const decoder = openDecoder({
    limits: { maximumItems: options.maximumItemsPerMessage },
    carriedBy: directory.carriedBy,
    runCodec: options.runCodec,
  });
  const resends = await loadResends(journal, clock() - options.resendWindow);
  const lastSequence = new Map<DeviceId, number>();
  const unknownKeys = new Map<DeviceId, Set<string>>();
  const { tracing } = options;
  const newBatch = (columns: ReadingColumns): Batch => {
    const traceId = options.newId();
    return new Batch(columns, traceId, tracing?.isSampled(traceId) ?? false);
  };
  let batch = newBatch(emptyColumns(1024));
  /** Columns of a batch that has been encoded, for the next but one. */
  let spare: ReadingColumns | null = null;
  let committing: Promise<void> | null = null;
  let committedAt = Number.NEGATIVE_INFINITY;
  let inFlight = 0;
  /** Messages that are being decoded elsewhere: by codecs, in their own thread. */
  const decoding = new Set<Promise<unknown>>();
  let waitingForRoom: (() => void)[] = [];
  const waitingForBatch: (() => void)[] = [];

  const commit = async (): Promise<void> => {
    while (batch.waiting.length > 0) {
      const wait = committedAt + COMMIT_EVERY_MS - performance.now();
      // Not before this turn of the event loop's I/O is over, so that all that one read brought in shares the sync.
      await new Promise<void>((resolve) => (wait > 0 ? setTimeout(resolve, wait) : setImmediate(resolve)));
      committedAt = performance.now();
      const current = batch;
      batch = newBatch(spare ?? emptyColumns(1024));
      spare = null;
      for (const wake of waitingForBatch.splice(0)) wake();
      try {
        if (current.length > 0 || current.marks.length > 0) {
          const payload = encodePayload({ readings: current.readings, marks: current.marks });
          spare = current.columns;
          const { traceId } = current;
          const startedAt = current.steps === null ? 0 : preciseNow();
          const sequence = await journal.append({ partition: 0, traceId, payload });
          if (current.steps !== null) showBatch(current, current.steps, startedAt);
          options.onJournalled?.({ traceId, sequence, messages: current.waiting.length, readings: current.length });
        }
        if (current.held.length > 0)
          await quarantine.hold(current.held).catch((error) => {
            metrics.add('hd_quarantine_failures_total');
            throw error;
          });
        metrics.add('hd_readings_accepted_total', current.length);
        metrics.add('hd_messages_acknowledged_total', current.waiting.length);
        for (const { resolve, outcome } of current.waiting) resolve(outcome);
      } catch (error) {
        metrics.add('hd_batches_refused_total');
        for (const mark of current.marks) resends.delete(mark.key);
        const refusal =
          error instanceof JournalUnavailableError
            ? error
            : new JournalUnavailableError('DISK_FAILING', { cause: error });
        for (const { reject } of current.waiting) reject(refusal);
      }
      inFlight -= current.waiting.length;
      const woken = waitingForRoom;
      waitingForRoom = [];
      for (const wake of woken) wake();
    }
    committing = null;
  };

  /** The way of a traced batch up to here, where it may be acknowledged. */
  const showBatch = ({ traceId, waiting, length }: Batch, steps: readonly Step[], journalAt: number): void => {
    const endedAt = preciseNow();
    const startedAt = steps[0]?.begunAt ?? journalAt;
    const attributes = { 'hd.messages': waiting.length, 'hd.readings': length };
    tracing?.ended({ traceId, stage: 'gateway', startedAt, endedAt, attributes });
    for (const { deviceId, begunAt, decodedAt, validatedAt } of steps) {
      const of = { traceId, attributes: { 'hd.device': deviceId } };
      tracing?.ended({ ...of, stage: 'decode', startedAt: begunAt, endedAt: decodedAt });
      tracing?.ended({ ...of, stage: 'validate', startedAt: decodedAt, endedAt: validatedAt });
    }
    tracing?.ended({ traceId, stage: 'journal', startedAt: journalAt, endedAt });
  };

  /** Joins the batch that is being collected; resolves with the outcome when it is durable. */
  const durable = (outcome: Outcome): Promise<Outcome> => {
    inFlight++;
    return new Promise((resolve, reject) => {
      batch.waiting.push({ outcome, resolve, reject });
      committing ??= commit();
    });
  };

  const hold = (
    message: Omit<Incoming, 'sending'> & Pick<QuarantinedMessage, 'carrierId'>,
    arrivalTime: number,
    problems: readonly QuarantineProblem[],
  ): QuarantineId => {
    const id = `${arrivalTime.toString(36).padStart(9, '0')}-${options.newId()}` as QuarantineId;
    metrics.add('hd_quarantined_messages_total');
    batch.held.push({
      id,
      deviceId: message.deviceId,
      ...(message.carrierId === undefined ? {} : { carrierId: message.carrierId }),
      agencyId: directory.get(message.deviceId)?.agencyId ?? null,
      transport: message.transport,
      topic: message.topic,
      bytes: Uint8Array.from(message.bytes),
      arrivalTime: arrivalTime as QuarantinedMessage['arrivalTime'],
      problems,
    });
    return id;
  };

  const hasRoom = (): boolean => inFlight + decoding.size < options.maximumMessagesInFlight;
  const room = async (): Promise<void> => {
    while (!hasRoom()) {
      metrics.add('hd_messages_waited_for_room_total');
      await new Promise<void>((resolve) => waitingForRoom.push(resolve));
    }
  };

  /** Validates into the batch. */
  const take = (entry: DeviceDirectoryEntry, decoded: Decoded, arrivalTime: number, backfill: boolean): number => {
    const { accepted, outOfRange } = validator.validate(entry, decoded, arrivalTime, batch.add, backfill);
    if (outOfRange > 0) metrics.add('hd_readings_out_of_range_total', outOfRange);
    return accepted;
  };

  /** Validates what a message says of its sender and of the devices it carries; how many readings were accepted. */
  const takeAll = (
    entry: DeviceDirectoryEntry | undefined,
    decoded: Decoded,
    arrivalTime: number,
    backfill: boolean,
  ): number => {
    let accepted = entry ? take(entry, decoded, arrivalTime, backfill) : 0;
    for (const { device, decoded: its } of decoded.carried ?? []) accepted += take(device, its, arrivalTime, backfill);
    return accepted;
  };

  const decode = (
    entry: DeviceDirectoryEntry | undefined,
    { bytes, topic, format }: Pick<Incoming, 'bytes' | 'topic' | 'format'>,
    arrivalTime: number,
    replayed: boolean,
  ): Decoded | Promise<Decoded> =>
    entry
      ? decoder.decode({
          device: entry,
          bytes,
          topic,
          arrivalTime,
          replayed,
          ...(format === undefined ? undefined : { format }),
        })
      : refused('UNKNOWN_DEVICE', 'the device is not registered');

  /** The device whose telemetry a held message is, by the rights its sender has now; `null` when it is none. */
  const telemetryOf = (held: QuarantinedMessage): DeviceId | null => {
    const sender = held.carrierId ?? held.deviceId;
    if (held.transport !== 'mqtt') return sender;
    const at = deviceTopic(held.topic);
    if (at && at.kind !== 'telemetry') return null;
    const entry = directory.get(sender);
    const foreign = at === null ? options.meaningOfForeign?.(held.topic) : null;
    if (foreign && entry) {
      const device = foreign.device === null ? entry : directory.carriedBy(entry, foreign.device);
      return device?.deviceId ?? null;
    }
    const filters = [...(entry?.credentials ?? []), ...(entry?.certificates ?? [])].flatMap(
      (held) => held.topicFilters,
    );
    const allowed = at?.device === sender || filters.some((filter) => topicMatches(filter, held.topic, sender));
    return allowed ? ((at?.device ?? sender) as DeviceId) : null;
  };

  const noteHabits = (device: DeviceId, decoded: Decoded): void => {
    if (decoded.noValues > 0) metrics.add('hd_readings_no_value_total', decoded.noValues);
    for (const sequence of decoded.sequences) {
      const last = lastSequence.get(device);
      if (last !== undefined && sequence === last) metrics.add('hd_sequence_repeats_total');
      else if (last !== undefined && sequence > last + 1) metrics.add('hd_sequence_gaps_total', sequence - last - 1);
      lastSequence.set(device, sequence);
    }
    if (decoded.unknownKeys.length === 0) return;
    const known = unknownKeys.get(device) ?? new Set<string>();
    unknownKeys.set(device, known);
    // At most 32 names a device: a device that makes keys up does not make memory.
    const fresh = decoded.unknownKeys.filter((key) => !known.has(key) && known.size < 32 && known.add(key));
    if (fresh.length === 0) return;
    metrics.add('hd_unknown_keys_total', fresh.length);
    options.onUnknownKeys?.(device, fresh);
  };

  const sendingKey = ({ deviceId, bytes }: Incoming, key: string): string =>
    `${deviceId}\n${key}\n${createHash('sha1').update(bytes).digest('base64')}`;

  const accept = (message: Incoming): Promise<Outcome> => {
    if (batch.length + batch.marks.length * READINGS_OF_A_MARK >= BATCH_READINGS) {
      return new Promise<void>((resolve) => waitingForBatch.push(resolve)).then(() => accept(message));
    }
    metrics.add('hd_messages_received_total');
    const { deviceId, sending } = message;
    const now = clock();
    const before = sending?.again
      ? resends.find(sendingKey(message, sending.key), now - options.resendWindow)
      : undefined;
    // Sent again, its readings get the arrival time they had: the same identity, stored once.
    if (before !== undefined) metrics.add('hd_messages_resent_total');
    const arrivalTime = before ?? now;
    const begunAt = tracing === undefined ? 0 : preciseNow();
    const entry = directory.get(deviceId);
    const decoded = decode(entry, message, arrivalTime, false);
    // By far the most messages are decoded here and now.
    if (!(decoded instanceof Promise)) return keep(message, entry, decoded, arrivalTime, before === undefined, begunAt);
    const kept = decoded.then((later) => {
      decoding.delete(kept);
      return keep(message, entry, later, arrivalTime, before === undefined, begunAt);
    });
    decoding.add(kept);
    return kept;
  };

  /** `isFirst`: it isn't known to have been here before. */
  const keep = (
    message: Incoming,
    entry: DeviceDirectoryEntry | undefined,
    decoded: Decoded,
    arrivalTime: number,
    isFirst: boolean,
    begunAt: number,
  ): Promise<Outcome> => {
    const { sending } = message;
    const { steps } = batch;
    const decodedAt = steps === null ? 0 : preciseNow();
    options.onDecoded?.(message, decoded, arrivalTime as EpochMs);
    const accepted = takeAll(entry, decoded, arrivalTime, message.backfill ?? false);
    if (steps !== null && steps.length < STEPS_SHOWN)
      steps.push({ deviceId: message.deviceId, begunAt, decodedAt, validatedAt: preciseNow() });
    noteHabits(message.deviceId, decoded);
    for (const { device, decoded: its } of decoded.carried ?? []) noteHabits(device.deviceId, its);
    // Only a message that takes its times from its arrival needs to be known again, so only that one pays for its hash.
    if (sending && isFirst && takesTimeFromArrival(decoded)) {
      const mark = { key: sendingKey(message, sending.key), arrivalTime };
      batch.marks.push(mark);
      resends.add(mark);
    }
    const { carried, replies, presence } = decoded;
    if (carried === undefined) {
      const { problems } = decoded;
      const quarantineId = problems.length > 0 ? hold(message, arrivalTime, problems) : null;
      return durable({ accepted, problems, quarantineId, ...tellingOf(replies, presence) });
    }
    metrics.add('hd_carried_frames_total', carried.length);
    const problems = allProblems(decoded);
    const quarantineId = problems.length > 0 ? hold(heldFor(message, decoded), arrivalTime, problems) : null;
    return durable({ accepted, problems, quarantineId, ...tellingOf(replies, presence) });
  };

  return {
    accept,

    refuse(message, why) {
      metrics.add('hd_messages_received_total');
      return durable({ accepted: 0, problems: [why], quarantineId: hold(message, clock(), [why]) });
    },

    async replay(ids, { backfill }) {
      const outcomes: ReplayOutcome[] = [];
      for (const id of ids) {
        const held = await quarantine.get(id);
        if (!held) continue;
        const device = telemetryOf(held);
        if (device === null) {
          outcomes.push({ id, accepted: 0, problems: held.problems });
          continue;
        }
        await room();
        const entry = directory.get(device);
        const format = options.meaningOfForeign?.(held.topic)?.format;
        const message = { ...held, ...(typeof format === 'string' ? { format } : undefined) };
        const decoded = await decode(entry, message, held.arrivalTime, true);
        const accepted = takeAll(entry, decoded, held.arrivalTime, backfill);
        const problems = allProblems(decoded);
        await durable({ accepted, problems, quarantineId: id });
        if (problems.length === 0) await quarantine.mark(id, 'replayed');
        outcomes.push({ id, accepted, problems });
      }
      return outcomes;
    },

    get inFlight() {
      return inFlight;
    },
    get hasRoom() {
      return hasRoom();
    },
    room,
    async drained() {
      while (committing || decoding.size > 0) await (committing ?? Promise.race(decoding));
    },
  };
}

/** True when sending it again would give its readings other times. */
const takesTimeFromArrival = ({ measurements, carried, relativeTimes }: Decoded): boolean =>
  relativeTimes === true ||
  measurements.some(({ deviceTime }) => deviceTime === null) ||
  (carried?.some(({ decoded }) => takesTimeFromArrival(decoded)) ?? false);

/** What was wrong with any part of a message; what was wrong with a carried device's says which, where there are several. */
const allProblems = ({ problems, carried = [] }: Decoded): readonly QuarantineProblem[] =>
  carried.length === 0
    ? problems
    : [
        ...problems,
        ...carried.flatMap(({ device, decoded }) =>
          carried.length === 1
            ? decoded.problems
            : decoded.problems.map((p) => problem(p.index, p.quantity, p.code, `${device.deviceId}: ${p.detail}`)),
        ),
      ];

/** A message that fails for one carried device is held as that device's; any other as its sender's. */
function heldFor(
  message: Incoming,
  { problems, carried = [] }: Decoded,
): Incoming & Pick<QuarantinedMessage, 'carrierId'> {
  const [only] = carried;
  return only && carried.length === 1 && problems.length === 0 && only.device.deviceId !== message.deviceId
    ? { ...message, deviceId: only.device.deviceId, carrierId: message.deviceId }
    : message;
}

const tellingOf = (
  replies: readonly Reply[] | undefined,
  presence: readonly Presence[] | undefined,
): Pick<Outcome, 'replies' | 'presence'> => ({ ...(replies && { replies }), ...(presence && { presence }) });

/** Recent sendings of messages without time: key → arrival. Bounded; the oldest go first. */
const RESENDS_REMEMBERED = 200_000;

async function loadResends(journal: Journal, since: number) {
  const marks = new Map<string, number>();
  const store = {
    add({ key, arrivalTime }: ResendMark): void {
      marks.delete(key);
      marks.set(key, arrivalTime);
      if (marks.size > RESENDS_REMEMBERED) for (const oldest of marks.keys()) return void marks.delete(oldest);
    },
    delete: (key: string) => marks.delete(key),
    find(key: string, notBefore: number): number | undefined {
      const arrivalTime = marks.get(key);
      return arrivalTime !== undefined && arrivalTime >= notBefore ? arrivalTime : undefined;
    },
  };
  // The journal keeps its entries for the window, so that a resend after a crash is still recognised.
  for (
    let page = await readAtStart(journal, JOURNAL_START);
    page.length > 0;
    page = await readAtStart(journal, page[page.length - 1]!.sequence)
  ) {
    for (const entry of page)
      for (const mark of decodePayload(entry.payload).marks) if (mark.arrivalTime >= since) store.add(mark);
  }
  return store;
}

/** Servers that are just choosing who leads the journal let nobody read for some seconds: a start waits for them so long. */
const START_PATIENCE_MS = 30_000;
const READ_AGAIN_MS = 250;

async function readAtStart(journal: Journal, after: JournalSequence): Promise<readonly JournalEntry[]> {
  for (const giveUpAt = performance.now() + START_PATIENCE_MS; ; await pause(READ_AGAIN_MS)) {
    try {
      return await journal.read(after, 256);
    } catch (error) {
      const isPassing = error instanceof JournalUnavailableError && error.code === 'UNREACHABLE';
      if (!isPassing || performance.now() >= giveUpAt) throw error;
    }
  }
}
