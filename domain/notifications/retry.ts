import { after, type DurationMs, type EpochMs } from '../time.ts';

/** What came of one sending. */
export type SendOutcome =
  /** The other side took it, in its own words: a mail server's reply, an HTTP status. */
  | { readonly kind: 'accepted'; readonly answer: string }
  /** Not now: tried again. `retryAfter` is what the other side asked for. */
  | { readonly kind: 'failed'; readonly answer: string; readonly retryAfter?: DurationMs }
  /** Never as it is: given up. */
  | { readonly kind: 'refused'; readonly answer: string }
  /** The address is no more: given up, and forgotten. */
  | { readonly kind: 'gone'; readonly answer: string };

export interface RetryTerms {
  /** Waits are drawn from [half, whole] of first · 2ⁿ, never longer than `longest`. */
  readonly first: DurationMs;
  readonly longest: DurationMs;
  /** Sendings in all. */
  readonly attempts: number;
}

/** About a day in all. */
export const DEFAULT_RETRY: RetryTerms = {
  first: 15_000 as DurationMs,
  longest: 14_400_000 as DurationMs,
  attempts: 15,
};

/** The other side is believed about when to come back up to this. */
const BELIEVED_MS = 86_400_000;

/**
 * When to send again after `attempts` (≥ 1) sendings have failed; `null`: give up. `random` is from [0, 1): spread, so that what failed together doesn't come
 * back together.
 */
export function nextAttempt(
  { first, longest, attempts: most }: RetryTerms,
  attempts: number,
  now: EpochMs,
  random: number,
  retryAfter?: DurationMs,
): EpochMs | null {
  if (attempts >= most) return null;
  const whole = Math.min(longest, first * 2 ** Math.min(attempts - 1, 40));
  const wait = whole / 2 + (whole / 2) * random;
  return after(now, Math.round(Math.max(wait, Math.min(retryAfter ?? 0, BELIEVED_MS))) as DurationMs);
}
