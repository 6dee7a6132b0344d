import { parentPort, workerData } from 'node:worker_threads';
import { newQuickJSWASMModuleFromVariant, type QuickJSWASMModule } from 'quickjs-emscripten-core';
import { CodecAllowance } from './codec-allowance.ts';
import {
  ANSWER,
  type Batch,
  type FromThread,
  LIMIT_TEXTS,
  PROGRESS,
  type ThreadOptions,
  type ToThread,
} from './codec-messages.ts';
import { type CallClock, CodecRuntime, type Looked } from './codec-runtime.ts';

/** The codecs' thread: other people's code may take its time here and nowhere else. */
if (parentPort === null) throw new Error('to be started as a worker thread');
const port = parentPort;
const tell = (message: FromThread): void => port.postMessage(message);
const options = workerData as ThreadOptions;
const progress = new Int32Array(options.progress);

/** Calls up to this long cost nothing of the allowance. */
const QUICK_MS = 1;

interface Codec {
  readonly source: string;
  readonly allowance: CodecAllowance;
  runtime: CodecRuntime | null;
  /** While a call of it is looked at. */
  looked: Looked | null;
  usedAt: number;
}

/** Milliseconds this thread has computed: a call isn't charged for the time the machine gave to others. */
const computedMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** Judges a call first by the clock on the wall, which costs nothing to read, and then by the thread's own time. */
class ThreadClock implements CallClock {
  #wallEnd = 0;
  #computedAtBegin = 0;
  #wallBegin = 0;

  /** Read again after every slow call: between, quick ones add up to less than a call may have. */
  note(): void {
    this.#computedAtBegin = computedMs();
  }
  begin(): void {
    this.#wallBegin = performance.now();
    this.#wallEnd = this.#wallBegin + options.callMilliseconds;
  }
  isOver(): boolean {
    if (performance.now() < this.#wallEnd) return false;
    const left = options.callMilliseconds - (computedMs() - this.#computedAtBegin);
    if (left <= 0) return true;
    this.#wallEnd = performance.now() + left;
    return false;
  }
  /** What the call took, when it was slow; else 0. */
  slowMs(): number {
    if (performance.now() - this.#wallBegin < QUICK_MS) return 0;
    const took = computedMs() - this.#computedAtBegin;
    this.note();
    return took;
  }
}

const clock = new ThreadClock();
const codecs = new Map<number, Codec>();
let engine: QuickJSWASMModule;
let running = 0;
let uses = 0;

async function renewEngine(): Promise<void> {
  // The old one goes whole, with all its runtimes: nothing of it is worth taking apart.
  for (const codec of codecs.values()) codec.runtime = null;
  running = 0;
  engine = await newQuickJSWASMModuleFromVariant(import('@jitl/quickjs-wasmfile-release-sync'));
  clock.note();
}

function runtimeOf(codec: Codec): CodecRuntime {
  codec.usedAt = ++uses;
  if (codec.runtime) return codec.runtime;
  if (running >= options.maximumRuntimes) {
    let oldest: Codec | null = null;
    for (const other of codecs.values())
      if (other.runtime && (oldest === null || other.usedAt < oldest.usedAt)) oldest = other;
    if (oldest) discard(oldest);
  }
  codec.runtime = new CodecRuntime(engine, codec.source, options.memoryBytes, clock, codec.looked);
  running++;
  return codec.runtime;
}

function discard(codec: Codec): void {
  const { runtime } = codec;
  if (!runtime) return;
  codec.runtime = null;
  running--;
  runtime.dispose();
}

/** Runs a call; the codec's runtime is made anew after it went over a limit. */
function run(codec: Codec, byteText: string, fPort: number, time: number): string {
  const runtime = runtimeOf(codec);
  let answer = runtime.call(byteText, fPort, time);
  if (!answer.startsWith(ANSWER.limit)) return answer;
  const wasFresh = runtime.calls <= 1;
  discard(codec);
  // Memory that earlier calls left behind isn't this payload's fault.
  if (!wasFresh && answer.endsWith(LIMIT_TEXTS.memory)) {
    answer = runtimeOf(codec).call(byteText, fPort, time);
    if (answer.startsWith(ANSWER.limit)) discard(codec);
  }
  return answer;
}

async function answer(codec: Codec | undefined, byteText: string, fPort: number, time: number): Promise<string> {
  if (!codec) return `${ANSWER.failed}the codec was forgotten`;
  if (!codec.allowance.mayRun(performance.now()))
    return `${ANSWER.suspended}the codec took too much time before; it runs again by and by`;
  let answered: string;
  try {
    answered = run(codec, byteText, fPort, time);
  } catch (error) {
    // The engine itself gave way: it can't be trusted any more.
    answered = `${ANSWER.limit}the engine failed: ${String((error as Error | undefined)?.message ?? error).slice(0, 100)}`;
    codec.allowance.spend(options.callMilliseconds, performance.now());
    await renewEngine();
  }
  const took = clock.slowMs();
  if (took > 0) codec.allowance.spend(took, performance.now());
  if (engine.getWasmMemory().buffer.byteLength > options.heapBytes) {
    // The call is over: what follows isn't its doing.
    Atomics.store(progress, PROGRESS.call, -1);
    await renewEngine();
  }
  return answered;
}

/** The codec's world before and after is another than the one of a call that is looked at. */
function beginLooking(codec: Codec | undefined, variables: string): Looked {
  const looked: Looked = { variables, console: [], place: null };
  if (codec) {
    discard(codec);
    codec.looked = looked;
  }
  return looked;
}
function endLooking(codec: Codec | undefined): void {
  if (!codec) return;
  discard(codec);
  codec.looked = null;
}

async function runBatch(batch: Batch): Promise<void> {
  const { number, codecs: ids, fPorts, times, ends, bytes, trialVariables } = batch;
  const answers: string[] = [];
  const codec = codecs.get(ids[0]!);
  const looked = trialVariables === undefined ? null : beginLooking(codec, trialVariables);
  const before = looked ? computedMs() : 0;
  Atomics.store(progress, PROGRESS.batch, number);
  clock.note();
  let from = 0;
  for (let i = 0; i < ids.length; i++) {
    Atomics.store(progress, PROGRESS.call, i);
    const end = ends[i]!;
    const codes: number[] = [];
    for (; from < end; from++) codes.push(bytes[from]! + 1);
    answers.push(await answer(codecs.get(ids[i]!), String.fromCharCode(...codes), fPorts[i]!, times[i]!));
  }
  Atomics.store(progress, PROGRESS.call, -1);
  const computed = computedMs();
  if (looked === null) tell({ kind: 'answers', number, answers, computedMs: computed });
  else {
    const notes = { console: looked.console, place: looked.place, computedMs: computed - before };
    endLooking(codec);
    tell({ kind: 'answers', number, answers, computedMs: computed, notes });
  }
}

async function serve(): Promise<void> {
  await renewEngine();
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: ToThread) => {
    // Only disposing of a broken runtime can fail here.
    last = last.then(() => take(message)).catch(renewEngine);
  });
  tell({ kind: 'ready' });
}

async function take(message: ToThread): Promise<void> {
  switch (message.kind) {
    case 'codec': {
      const { id, source, owedMs } = message;
      const allowance = new CodecAllowance(options.allowance, performance.now(), owedMs);
      // Told again, its allowance is a new one.
      const known = codecs.get(id);
      if (known) discard(known);
      codecs.set(id, { source, allowance, runtime: null, looked: null, usedAt: 0 });
      return;
    }
    case 'forget': {
      const codec = codecs.get(message.id);
      if (codec) discard(codec);
      codecs.delete(message.id);
      return;
    }
    case 'batch':
      return runBatch(message);
  }
}

await serve();
