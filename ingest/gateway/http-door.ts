import { createHash } from 'node:crypto';
import type { RateLimit } from '../../domain/asset.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { Clock } from '../../domain/time.ts';
import type { DeviceDirectory } from '../validate/device-directory.ts';
import type { RateLimiter } from './rate-limit.ts';

export interface HttpDoorOptions {
  readonly directory: DeviceDirectory;
  readonly limiter: RateLimiter;
  readonly defaultRateLimit: RateLimit;
  readonly clock: Clock;
  /** A device was too fast for too long. */
  readonly onCut: (device: DeviceId, messagesPerSecond: number) => void;
}

/** Who may send by HTTP, and when. */
export interface HttpDoor {
  /** The device whose token this is. */
  deviceOf(token: string): Promise<DeviceId | null>;
  /** Milliseconds after which the device may try again, or `null` when it may send now. Counts as one message. */
  toWait(device: DeviceId): number | null;
}

export function createHttpDoor({ directory, limiter, defaultRateLimit, clock, onCut }: HttpDoorOptions): HttpDoor {
  return {
    async deviceOf(token) {
      const tokenSha256 = createHash('sha256').update(token).digest('hex');
      // A token made or revoked a moment ago counts.
      await directory.settled();
      const entry = directory.byToken(tokenSha256);
      const credential = entry?.credentials.find((c) => c.tokenSha256 === tokenSha256);
      if (!entry || !credential || entry.state === 'retired') return null;
      return credential.expiresAt === null || credential.expiresAt > clock() ? entry.deviceId : null;
    },
    toWait(device) {
      const now = clock();
      const refusedUntil = limiter.refusedUntil(device, now);
      if (refusedUntil !== null) return refusedUntil - now;
      const verdict = limiter.message(device, directory.get(device)?.rateLimit ?? defaultRateLimit, now);
      switch (verdict.kind) {
        case 'pass':
          return null;
        case 'slow':
          return verdict.delayMs;
        case 'cut':
          onCut(device, verdict.messagesPerSecond);
          return verdict.until - now;
      }
    },
  };
}

/** What the body parser says of a body it could not take. */
export interface BodyError {
  readonly type?: string;
  readonly status?: number;
}

/** Seconds in `Retry-After`, at least one. */
export const retryAfter = (waitMs: number): string => String(Math.max(1, Math.ceil(waitMs / 1000)));
export const RETRY_WHEN_FULL_SECONDS = 5;
