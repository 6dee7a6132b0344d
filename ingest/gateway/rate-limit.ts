import type { RateLimit } from '../../domain/asset.ts';
import type { DurationMs } from '../../domain/time.ts';

export type RateVerdict =
  | { readonly kind: 'pass' }
  /** Hold the message back this long before answering, so that the connection is read more slowly. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** It has been too fast for too long: close, and refuse until then (epoch ms). */
  | { readonly kind: 'cut'; readonly until: number; readonly messagesPerSecond: number };

export interface RateLimiter {
  /** Counts one message of the device at `now`. */
  message(device: string, limit: RateLimit, now: number): RateVerdict;
  /** Until when the device is refused (epoch ms), or `null`. */
  refusedUntil(device: string, now: number): number | null;
}

interface Bucket {
  /** Messages that may still come at once; below zero is debt that is waited off. */
  tokens: number;
  at: number;
  overSince: number | null;
  /** Messages since `overSince`. */
  sinceOver: number;
}

/**
 * A token bucket a device: within `burstMessages` nothing is noticed; beyond it messages wait; after `patience` of that the device is cut off. A clock that is
 * set back takes nothing from anybody, and refuses nobody for longer.
 */
export function createRateLimiter(patience: DurationMs, cutFor: DurationMs): RateLimiter {
  const buckets = new Map<string, Bucket>();
  const cut = new Map<string, number>();
  return {
    message(device, { messagesPerSecond, burstMessages }, now) {
      let bucket = buckets.get(device);
      if (!bucket) {
        bucket = { tokens: burstMessages, at: now, overSince: null, sinceOver: 0 };
        buckets.set(device, bucket);
      }
      const passedMs = now - bucket.at;
      if (passedMs < 0 && bucket.overSince !== null) bucket.overSince += passedMs;
      bucket.tokens = Math.min(burstMessages, bucket.tokens + (Math.max(0, passedMs) * messagesPerSecond) / 1000) - 1;
      bucket.at = now;
      if (bucket.tokens > burstMessages / 2) bucket.overSince = null;
      if (bucket.tokens >= 0) return { kind: 'pass' };
      if (bucket.overSince === null) {
        bucket.overSince = now;
        bucket.sinceOver = 0;
      }
      bucket.sinceOver++;
      const over = now - bucket.overSince;
      if (over < patience) return { kind: 'slow', delayMs: (-bucket.tokens / messagesPerSecond) * 1000 };
      const until = now + cutFor;
      cut.set(device, until);
      buckets.delete(device);
      return { kind: 'cut', until, messagesPerSecond: bucket.sinceOver / (over / 1000) };
    },
    refusedUntil(device, now) {
      const until = cut.get(device);
      if (until === undefined) return null;
      if (until > now && until - now <= cutFor) return until;
      cut.delete(device);
      return null;
    },
  };
}
