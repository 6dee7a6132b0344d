import { Worker } from 'node:worker_threads';
import type { CodecExcess, CodecSuspension } from '../../../domain/ports/codec-bench.ts';
import { failure, outcomeOf, saidIn } from './codec-answers.ts';
import type { CodecCall, CodecOutcome, RunCodec, TrialRun } from './codec-call.ts';
import {
  type Batch,
  type FromThread,
  LIMIT_TEXTS,
  PROGRESS,
  type ThreadOptions,
  type ToThread,
  type TrialNotes,
} from './codec-messages.ts';
import { CodecSuspensions } from './codec-suspensions.ts';

export interface CodecSandboxOptions {
  /** Computing time of one call. */
  readonly callMilliseconds: number;
  /** Memory of one codec's world. */
  readonly memoryBytes: number;
  /** Told of what happens, for the metrics. */
  readonly count?: (event: CodecEvent, by: number) => void;
  /** Told of every payload that was not given to its codec, which had taken too much before. */
  readonly onHeld?: (call: CodecCall, excess: CodecExcess) => void;
  /** Epoch ms; the system's clock when absent. */
  readonly now?: () => number;
}
/** `stopped`: the thread was ended because a call could not be interrupted. */
export type CodecEvent = 'calls' | 'failed' | 'over_limit' | 'suspended' | 'stopped';

export interface CodecSandbox {
  /** Runs a codec on a payload, in a thread of its own. Never rejects while the sandbox runs. */
  readonly run: RunCodec;
  /** As `run`, in a world made for this one call, and with all the codec said. `variables` are what it is given beside the payload. */
  trial(call: CodecCall, variables: Readonly<Record<string, string>>): Promise<TrialRun>;
  /** `null` while the codec's payloads are given to it. */
  suspension(source: string): CodecSuspension | null;
  /** Gives a suspended codec a new allowance. */
  lift(source: string): void;
  /** Calls not yet answered. */
  readonly waiting: number;
  /** Milliseconds its threads have computed, for calls answered; a thread that had to be ended counts its last call in full. */
  readonly computedMs: number;
  /** Ends the thread; calls still waiting are answered as failed. */
  stop(): Promise<void>;
}

/** Calls sent to the thread in one piece. */
const BATCH_CALLS = 64;
/** Pieces the thread has at a time: one to run, one to begin with at once. */
const BATCHES_OUT = 2;
/**
 * A call that has computed for so long can't be interrupted from inside: its thread is ended. QuickJS asks whether the time is over at every ten
 * thousandth step, and some of its steps are long.
 */
const STOP_AFTER_COMPUTED_MS = 150;
const WATCH_EVERY_MS = 50;
/** What a codec owes for a thread: its call, and what it costs to load all others anew. */
const DEBT_OF_STOPPED_MS = 500;
/** Sources the thread keeps; the one longest unused goes first. */
const MOST_CODECS = 1_000;
const LONGEST_PAYLOAD_BYTES = 16_384;
/** See {@link CodecAllowance}: three calls of full length at once, then half a percent of the thread's time, and at least ten seconds' rest. */
const ALLOWANCE = { capacityMs: 150, refillMsPerSecond: 5, resumeAtMs: 50 } as const;
const MOST_RUNTIMES = 200;
const HEAP_BYTES = 256 * 1024 * 1024;

interface Waiting {
  readonly call: CodecCall;
  readonly codec: number;
  /** JSON; `null` for a payload of a message. */
  readonly trialVariables: string | null;
  /** `answer` and `notes`: as the thread gave them, if it lived to. */
  readonly resolve: (outcome: CodecOutcome, answer?: string, notes?: TrialNotes) => void;
}
interface Sent {
  readonly number: number;
  readonly calls: readonly Waiting[];
}
interface Thread {
  readonly worker: Worker;
  readonly progress: Int32Array;
  ready: boolean;
  /** Sources it has. */
  readonly known: Set<number>;
  computedMs: number;
}

/** Where a thread is: a call of a batch, or none (−1). */
const placeOf = ({ progress }: Thread): { readonly batch: number; readonly call: number } => ({
  batch: Atomics.load(progress, PROGRESS.batch),
  call: Atomics.load(progress, PROGRESS.call),
});

/** Milliseconds the thread has computed, told by its engine whatever it is doing; `null` when it has ended. */
async function computedBy(worker: Worker): Promise<number | null> {
  // Node before 24.6 can't tell: there the clock on the wall has to do.
  if (typeof worker.cpuUsage !== 'function') return performance.now();
  const usage = await worker.cpuUsage().catch(() => null);
  return usage && (usage.user + usage.system) / 1000;
}

/** A sandbox for people's codecs: QuickJS in WebAssembly in a thread of its own, without I/O. The thread is started by the first call. */
export function createCodecSandbox(options: CodecSandboxOptions): CodecSandbox {
  const count = options.count ?? (() => {});
  const codecs = new Map<string, { readonly id: number; usedAt: number }>();
  /** What codecs that ended a thread owe to the next. */
  const debts = new Map<number, number>();
  const sources = new Map<number, string>();
  const suspensions = new CodecSuspensions(options.now ?? Date.now);
  let queue: Waiting[] = [];
  let sent: Sent[] = [];
  let thread: Thread | null = null;
  let [lastCodec, lastBatch, uses] = [0, 0, 0];
  let pumping = false;
  /** By threads that are no more. */
  let computedBefore = 0;
  let stopped = false;
  let watch: NodeJS.Timeout | null = null;

  const tell = (message: ToThread): void => thread?.worker.postMessage(message);

  const codecOf = (source: string): number => {
    const known = codecs.get(source);
    if (known) {
      known.usedAt = ++uses;
      return known.id;
    }
    if (codecs.size >= MOST_CODECS) forgetOldest();
    const id = ++lastCodec;
    codecs.set(source, { id, usedAt: ++uses });
    sources.set(id, source);
    return id;
  };
  const forgetOldest = (): void => {
    const busy = new Set([...queue, ...sent.flatMap(({ calls }) => calls)].map(({ codec }) => codec));
    let oldest: [string, { readonly id: number; usedAt: number }] | null = null;
    for (const entry of codecs)
      if (!busy.has(entry[1].id) && (oldest === null || entry[1].usedAt < oldest[1].usedAt)) oldest = entry;
    if (oldest === null) return;
    const [source, { id }] = oldest;
    codecs.delete(source);
    sources.delete(id);
    debts.delete(id);
    suspensions.forget(id);
    if (thread?.known.delete(id)) tell({ kind: 'forget', id });
  };

  const startThread = (): Thread => {
    const progress = new SharedArrayBuffer(PROGRESS.length * Int32Array.BYTES_PER_ELEMENT);
    const workerData: ThreadOptions = {
      callMilliseconds: options.callMilliseconds,
      memoryBytes: options.memoryBytes,
      allowance: ALLOWANCE,
      maximumRuntimes: MOST_RUNTIMES,
      heapBytes: HEAP_BYTES,
      progress,
    };
    const worker = new Worker(new URL('./codec-thread.ts', import.meta.url), { workerData, name: 'codecs', env: {} });
    const started: Thread = {
      worker,
      progress: new Int32Array(progress),
      ready: false,
      known: new Set(),
      computedMs: 0,
    };
    worker.on('message', (message: FromThread) => {
      if (thread !== started) return;
      if (message.kind === 'ready') {
        started.ready = true;
        pump();
      } else {
        started.computedMs = message.computedMs;
        settle(message.number, message.answers, message.notes);
      }
    });
    worker.on('error', () => replaceThread(started));
    worker.on('exit', () => replaceThread(started));
    return started;
  };

  /** Sends what waits, as far as the thread has room for it. */
  const pump = (): void => {
    pumping = false;
    if (queue.length === 0 || stopped) return;
    thread ??= startThread();
    while (thread.ready && queue.length > 0 && sent.length < BATCHES_OUT) {
      const calls = nextCalls(queue);
      queue = queue.slice(calls.length);
      for (const { codec } of calls) {
        if (thread.known.has(codec)) continue;
        thread.known.add(codec);
        tell({ kind: 'codec', id: codec, source: sources.get(codec) ?? '', owedMs: debts.get(codec) ?? 0 });
        debts.delete(codec);
      }
      const number = ++lastBatch;
      sent.push({ number, calls });
      tell(batchOf(number, calls));
    }
    thread.worker.ref();
    watch ??= watchProgress();
  };

  const settle = (number: number, answers: readonly string[], notes?: TrialNotes): void => {
    const batch = sent.find((one) => one.number === number);
    if (!batch) return;
    sent = sent.filter((one) => one !== batch);
    for (const [i, waiting] of batch.calls.entries()) finish(waiting, outcomeOf(answers[i] ?? ''), answers[i], notes);
    if (queue.length > 0) pump();
    else if (sent.length === 0) rest();
  };

  const finish = (waiting: Waiting, outcome: CodecOutcome, answer?: string, notes?: TrialNotes): void => {
    if (outcome.kind === 'failed') {
      const events = { CODEC_FAILED: 'failed', CODEC_LIMIT: 'over_limit', CODEC_SUSPENDED: 'suspended' } as const;
      count(events[outcome.code], 1);
    }
    const excess = suspensions.note(waiting.codec, outcome);
    if (excess !== null) options.onHeld?.(waiting.call, excess);
    waiting.resolve(outcome, answer, notes);
  };
  /** Nothing to do: the thread keeps no process alive. */
  const rest = (): void => {
    if (watch) clearInterval(watch);
    watch = null;
    thread?.worker.unref();
  };

  /** Ends the thread when it has computed at one call for too long. */
  const watchProgress = (): NodeJS.Timeout => {
    let [seen, computedThen, isAsking] = ['', 0, false];
    return setInterval(async () => {
      const watched = thread;
      if (!watched?.ready || isAsking) return;
      const at = placeOf(watched);
      if (at.call < 0) return;
      isAsking = true;
      const computedMs = await computedBy(watched.worker);
      isAsking = false;
      const now = `${at.batch}:${at.call}`;
      const after = placeOf(watched);
      if (computedMs === null || thread !== watched || after.batch !== at.batch || after.call !== at.call) return;
      if (now !== seen) [seen, computedThen] = [now, computedMs];
      else if (computedMs - computedThen >= STOP_AFTER_COMPUTED_MS) replaceThread(watched);
    }, WATCH_EVERY_MS).unref();
  };

  /** The thread has ended or is to be: the call it was at is over, all others go to a new one. */
  const replaceThread = (old: Thread): void => {
    if (thread !== old) return;
    thread = null;
    computedBefore += old.computedMs + STOP_AFTER_COMPUTED_MS;
    void old.worker.terminate();
    if (watch) clearInterval(watch);
    watch = null;
    const at = placeOf(old);
    const guilty = sent.find(({ number }) => number === at.batch)?.calls[at.call];
    const again = sent.flatMap(({ calls }) => calls).filter((waiting) => waiting !== guilty);
    sent = [];
    if (stopped) return;
    count('stopped', 1);
    if (guilty) {
      debts.set(guilty.codec, DEBT_OF_STOPPED_MS);
      finish(guilty, failure('CODEC_LIMIT', LIMIT_TEXTS.stuck));
    }
    queue = [...again, ...queue];
    pump();
  };

  /** Joins the queue; resolves at once for a call that can't be made. */
  const enqueue = (call: CodecCall, trialVariables: string | null, resolve: Waiting['resolve']): void => {
    count('calls', 1);
    const tooLong = call.bytes.length > LONGEST_PAYLOAD_BYTES;
    if (stopped || tooLong) {
      const why = stopped
        ? 'the sandbox has been stopped'
        : `the payload is longer than ${LONGEST_PAYLOAD_BYTES} bytes`;
      resolve(failure('CODEC_FAILED', why));
      return;
    }
    queue.push({ call, codec: codecOf(call.source), trialVariables, resolve });
    // After this turn of the event loop, so that what one read brought in goes in one piece.
    if (pumping) return;
    pumping = true;
    setImmediate(pump);
  };

  return {
    run: (call) => new Promise((resolve) => enqueue(call, null, resolve)),
    trial: (call, variables) =>
      new Promise((resolve) =>
        enqueue(call, JSON.stringify(variables), (outcome, answer, notes) =>
          resolve({
            outcome,
            ...saidIn(answer, outcome),
            ...(notes ?? { console: [], place: null, computedMs: STOP_AFTER_COMPUTED_MS }),
          }),
        ),
      ),
    suspension: (source) => suspensions.of(codecs.get(source)?.id ?? 0),
    lift(source) {
      const known = codecs.get(source);
      if (!known) return;
      suspensions.forget(known.id);
      debts.delete(known.id);
      if (thread?.known.has(known.id)) tell({ kind: 'codec', id: known.id, source, owedMs: 0 });
    },
    get waiting() {
      return queue.length + sent.reduce((sum, { calls }) => sum + calls.length, 0);
    },
    get computedMs() {
      return computedBefore + (thread?.computedMs ?? 0);
    },
    async stop() {
      stopped = true;
      if (watch) clearInterval(watch);
      const left = [...sent.flatMap(({ calls }) => calls), ...queue];
      [sent, queue] = [[], []];
      for (const { resolve } of left) resolve(failure('CODEC_FAILED', 'the sandbox has been stopped'));
      await thread?.worker.terminate();
    },
  };
}

/** What goes to the thread in one piece: payloads of messages together, a call that is looked at alone. */
function nextCalls(queue: readonly Waiting[]): Waiting[] {
  if (queue[0] && queue[0].trialVariables !== null) return queue.slice(0, 1);
  const calls = queue.slice(0, BATCH_CALLS);
  const looked = calls.findIndex(({ trialVariables }) => trialVariables !== null);
  return looked < 0 ? calls : calls.slice(0, looked);
}

function batchOf(number: number, calls: readonly Waiting[]): Batch {
  const length = calls.reduce((sum, { call }) => sum + call.bytes.length, 0);
  const trialVariables = calls[0]?.trialVariables ?? null;
  const batch: Batch = {
    kind: 'batch',
    number,
    ...(trialVariables === null ? undefined : { trialVariables }),
    codecs: new Int32Array(calls.length),
    fPorts: new Int32Array(calls.length),
    times: new Float64Array(calls.length),
    ends: new Int32Array(calls.length),
    bytes: new Uint8Array(length),
  };
  let end = 0;
  calls.forEach(({ call, codec }, i) => {
    batch.codecs[i] = codec;
    batch.fPorts[i] = call.fPort;
    batch.times[i] = call.receivedTime;
    batch.bytes.set(call.bytes, end);
    end += call.bytes.length;
    batch.ends[i] = end;
  });
  return batch;
}
