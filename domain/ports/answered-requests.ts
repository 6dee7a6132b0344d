import type { DurationMs } from '../time.ts';

/** A request that may come again: `id` says who asked what under which key, `fingerprint` with what content. Neither tells what they were made of. */
export interface RepeatableRequest {
  readonly id: string;
  readonly fingerprint: string;
}

export interface ClaimTimes {
  /** So long nobody else does it; whoever began and was lost holds others up no longer. */
  readonly hold: DurationMs;
  /** So long it is known. */
  readonly keep: DurationMs;
}

export type RequestClaim =
  /** The caller's to do. A later turn's answer is not overwritten by an earlier one. */
  | { readonly kind: 'claimed'; readonly turn: number }
  /** Somebody is at it. */
  | { readonly kind: 'begun'; readonly fingerprint: string }
  | { readonly kind: 'answered'; readonly fingerprint: string; readonly answer: Uint8Array };

/** What was answered to requests that may come again, to whichever server. Times are the registry's own. */
export interface AnsweredRequests {
  claim(request: RepeatableRequest, times: ClaimTimes): Promise<RequestClaim>;
  /** Nothing when it is another's turn by now. */
  answer(id: string, turn: number, answer: Uint8Array): Promise<void>;
  /** It was not done: it may be tried again at once. Nothing when it is another's turn, or answered. */
  giveUp(id: string, turn: number): Promise<void>;
  /** Forgets what is known for long enough, and of the rest the oldest above `most`. */
  tidy(most: number): Promise<{ readonly kept: number; readonly evicted: number }>;
}
