import { createHash } from 'node:crypto';
import type { DeviceDirectoryEntry } from '../domain/asset.ts';
import type { DeviceId, QuarantineId, SeriesId } from '../domain/identifiers.ts';
import { JOURNAL_START, type Journal, JournalUnavailableError } from '../domain/ports/journal.ts';
import type {
  Quarantine,
  QuarantinedMessage,
  QuarantineProblem,
  ReplayOutcome,
  ReplayQuarantined,
} from '../domain/ports/quarantine.ts';
import type { Quality } from '../domain/quality.ts';
import { emptyColumns, type ReadingColumns } from '../domain/reading.ts';
import type { Clock, DurationMs } from '../domain/time.ts';
import { FORMATS } from './decode/formats.ts';
import { type Decoded, emptyDecoded, problem } from './decode/measurement.ts';
import { deviceTopic, topicMatches } from './gateway/topics.ts';
import type { IngestMetrics } from './metrics.ts';
import { decodePayload, encodePayload, type ResendMark } from './readings-codec.ts';
import type { DeviceDirectory } from './validate/device-directory.ts';
import type { Validator } from './validate/validate.ts';

export interface PipelineOptions {
  readonly journal: Journal;
  readonly quarantine: Quarantine;
  readonly directory: DeviceDirectory;
  readonly validator: Validator;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly maximumItemsPerMessage: number;
  /** Messages accepted but not yet durable; beyond it the pipeline has no room, and whoever brings messages waits or refuses. */
  readonly maximumMessagesInFlight: number;
  /** How long a message without time is recognised when it is sent again. */
  readonly resendWindow: DurationMs;
  readonly onUnknownKeys?: (device: DeviceId, keys: readonly string[]) => void;
}

export interface Incoming {
  readonly deviceId: DeviceId;
  readonly transport: 'mqtt' | 'http';
  readonly topic: string;
  readonly bytes: Uint8Array;
  /** What names a sending: MQTT packet id of a QoS > 0 message, or the Idempotency-Key. `again`: it may have been here before. */
  readonly sending?: { readonly key: string; readonly again: boolean };
}

/** What became of a message, once all of it is durable. */
export interface Outcome {
  readonly accepted: number;
  readonly problems: readonly QuarantineProblem[];
  readonly quarantineId: QuarantineId | null;
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

/** Readings of one commit, growing. */
class Batch {
  columns: ReadingColumns;
  length = 0;
  readonly marks: ResendMark[] = [];
  readonly held: Omit<QuarantinedMessage, 'state'>[] = [];
  readonly waiting: Waiting[] = [];

  constructor(columns: ReadingColumns) {
    this.columns = columns;
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

/** Readings of one journal entry; a batch that has reached it is committed before more is added. */
const BATCH_READINGS = 65_536;
/**
 * Least time from one commit's beginning to the next. A message that comes alone is made durable at once; many share what each commit costs:
 * a sync, a record, and a turn of every consumer.
 */
const COMMIT_EVERY_MS = 5;

/** The way of a message from bytes to durable, with all messages that arrive during one sync sharing the next. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { journal, quarantine, directory, validator, metrics, clock } = options;
  const limits = { maximumItems: options.maximumItemsPerMessage };
  const resends = loadResends(journal, clock() - options.resendWindow);
  const lastSequence = new Map<DeviceId, number>();
  const unknownKeys = new Map<DeviceId, Set<string>>();
  let batch = new Batch(emptyColumns(1024));
  /** Columns of a batch that has been encoded, for the next but one. */
  let spare: ReadingColumns | null = null;
  let committing: Promise<void> | null = null;
  let committedAt = Number.NEGATIVE_INFINITY;
  let inFlight = 0;
  let waitingForRoom: (() => void)[] = [];
  const waitingForBatch: (() => void)[] = [];

  const commit = async (): Promise<void> => {
    while (batch.waiting.length > 0) {
      const wait = committedAt + COMMIT_EVERY_MS - performance.now();
      // Not before this turn of the event loop's I/O is over, so that all that one read brought in shares the sync.
      await new Promise<void>((resolve) => (wait > 0 ? setTimeout(resolve, wait) : setImmediate(resolve)));
      committedAt = performance.now();
      const current = batch;
      batch = new Batch(spare ?? emptyColumns(1024));
      spare = null;
      for (const wake of waitingForBatch.splice(0)) wake();
      try {
        if (current.length > 0 || current.marks.length > 0) {
          const payload = encodePayload({ readings: current.readings, marks: current.marks });
          spare = current.columns;
          await journal.append({ partition: 0, traceId: options.newId(), payload });
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

  /** Joins the batch that is being collected; resolves with the outcome when it is durable. */
  const durable = (outcome: Outcome): Promise<Outcome> => {
    inFlight++;
    return new Promise((resolve, reject) => {
      batch.waiting.push({ outcome, resolve, reject });
      committing ??= commit();
    });
  };

  const hold = (message: Incoming, arrivalTime: number, problems: readonly QuarantineProblem[]): QuarantineId => {
    const id = `${arrivalTime.toString(36).padStart(9, '0')}-${options.newId()}` as QuarantineId;
    metrics.add('hd_quarantined_messages_total');
    batch.held.push({
      id,
      deviceId: message.deviceId,
      agencyId: directory.get(message.deviceId)?.agencyId ?? null,
      transport: message.transport,
      topic: message.topic,
      bytes: Uint8Array.from(message.bytes),
      arrivalTime: arrivalTime as QuarantinedMessage['arrivalTime'],
      problems,
    });
    return id;
  };

  const hasRoom = (): boolean => inFlight < options.maximumMessagesInFlight;
  const room = async (): Promise<void> => {
    while (!hasRoom()) {
      metrics.add('hd_messages_waited_for_room_total');
      await new Promise<void>((resolve) => waitingForRoom.push(resolve));
    }
  };

  /** Decodes and validates into `accept`. */
  const read = (
    entry: DeviceDirectoryEntry | undefined,
    bytes: Uint8Array,
    arrivalTime: number,
    accept: Batch['add'],
    backfill: boolean,
  ): { decoded: Decoded; accepted: number } => {
    const format = entry && FORMATS.get(entry.format);
    if (!entry || !format) {
      const decoded = emptyDecoded();
      decoded.problems.push(
        entry
          ? problem(0, null, 'UNKNOWN_FORMAT', entry.format)
          : problem(0, null, 'UNKNOWN_DEVICE', 'the device is not registered'),
      );
      return { decoded, accepted: 0 };
    }
    const decoded = format(bytes, limits);
    const { accepted, outOfRange } = validator.validate(entry, decoded, arrivalTime, accept, backfill);
    if (outOfRange > 0) metrics.add('hd_readings_out_of_range_total', outOfRange);
    return { decoded, accepted };
  };

  /** The device whose telemetry a held message is, by the rights its sender has now; `null` when it is none. */
  const telemetryOf = (held: QuarantinedMessage): DeviceId | null => {
    if (held.transport === 'http') return held.deviceId;
    const at = deviceTopic(held.topic);
    if (at?.kind !== 'telemetry') return null;
    const filters = directory.get(held.deviceId)?.credentials.flatMap(({ topicFilters }) => topicFilters) ?? [];
    const allowed =
      at.device === held.deviceId || filters.some((filter) => topicMatches(filter, held.topic, held.deviceId));
    return allowed ? (at.device as DeviceId) : null;
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
    if (batch.length >= BATCH_READINGS) {
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
    const { decoded, accepted } = read(directory.get(deviceId), message.bytes, arrivalTime, batch.add, false);
    noteHabits(deviceId, decoded);
    // Only a message without time needs to be known again, so only that one pays for its hash.
    if (sending && before === undefined && decoded.measurements.some((m) => m.deviceTime === null)) {
      const mark = { key: sendingKey(message, sending.key), arrivalTime };
      batch.marks.push(mark);
      resends.add(mark);
    }
    const { problems } = decoded;
    const quarantineId = problems.length > 0 ? hold(message, arrivalTime, problems) : null;
    return durable({ accepted, problems, quarantineId });
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
        const { decoded, accepted } = read(directory.get(device), held.bytes, held.arrivalTime, batch.add, backfill);
        const { problems } = decoded;
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
      while (committing) await committing;
    },
  };
}

/** Recent sendings of messages without time: key → arrival. Bounded; the oldest go first. */
const RESENDS_REMEMBERED = 200_000;

function loadResends(journal: Journal, since: number) {
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
    let page = journal.read(JOURNAL_START, 256);
    page.length > 0;
    page = journal.read(page[page.length - 1]!.sequence, 256)
  ) {
    for (const entry of page)
      for (const mark of decodePayload(entry.payload).marks) if (mark.arrivalTime >= since) store.add(mark);
  }
  return store;
}
