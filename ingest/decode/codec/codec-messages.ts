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
}

export type FromThread =
  | { readonly kind: 'ready' }
  /** One answer a call, in order: a letter of {@link ANSWER} and what it says. `computedMs`: of the thread, since it began. */
  | {
      readonly kind: 'answers';
      readonly number: number;
      readonly answers: readonly string[];
      readonly computedMs: number;
    };

/** First letter of an answer. `data`: its JSON; `warned`: JSON of [data, warnings]; the others: an explanation. */
export const ANSWER = { data: 'd', warned: 'w', failed: 'e', limit: 'l', suspended: 's' } as const;
