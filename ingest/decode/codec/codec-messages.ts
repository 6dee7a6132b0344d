import type { CodecExcess, SourcePlace } from '../../../domain/ports/codec-bench.ts';
import type { AllowanceOptions } from './codec-allowance.ts';

/** What the sandbox and its thread say to each other. */
export interface ThreadOptions {
  readonly callMilliseconds: number;
  readonly memoryBytes: number;
  readonly allowance: AllowanceOptions;
  /** Runtimes kept ready; the one longest unused goes first. */
  readonly maximumRuntimes: number;
  /** WebAssembly memory never shrinks: above this the whole engine is made anew. */
  readonly heapBytes: number;
  /** {@link PROGRESS}: where the thread is, for who watches it. */
  readonly progress: SharedArrayBuffer;
}

/** Positions in `progress` (int32): number of the batch being run, and the call in it (−1: none). */
export const PROGRESS = { batch: 0, call: 1, length: 2 } as const;

export type ToThread =
  | { readonly kind: 'codec'; readonly id: number; readonly source: string; readonly owedMs: number }
  | { readonly kind: 'forget'; readonly id: number }
  | Batch;

/** Calls in columns; the payload of call n ends at `ends[n]` in `bytes`. */
export interface Batch {
  readonly kind: 'batch';
  readonly number: number;
  readonly codecs: Int32Array;
  readonly fPorts: Int32Array;
  /** Epoch ms. */
  readonly times: Float64Array;
  readonly ends: Int32Array;
  readonly bytes: Uint8Array;
  /** JSON of what `variables` holds: the batch is one call that somebody looks at. */
  readonly trialVariables?: string;
}

/** What is noted of such a call. */
export interface TrialNotes {
  readonly console: readonly string[];
  readonly place: SourcePlace | null;
  readonly computedMs: number;
}

export type FromThread =
  | { readonly kind: 'ready' }
  /** One answer a call, in order: a letter of {@link ANSWER} and what it says. `computedMs`: of the thread, since it began. */
  | {
      readonly kind: 'answers';
      readonly number: number;
      readonly answers: readonly string[];
      readonly computedMs: number;
      readonly notes?: TrialNotes;
    };

/**
 * First letter of an answer. `data`: its JSON; `warned`: JSON of [data, warnings]; `reported`: JSON of the errors and warnings the codec
 * returned; the others: an explanation.
 */
export const ANSWER = { data: 'd', warned: 'w', reported: 'r', failed: 'e', limit: 'l', suspended: 's' } as const;

/** Explanations of a limit, by what there was too much of. */
export const LIMIT_TEXTS = {
  time: 'the time of a call was over',
  memory: 'the memory of a codec was full',
  stuck: 'the call could not be interrupted',
} as const satisfies Record<CodecExcess, string>;
