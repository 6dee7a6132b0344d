import { createHash } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import type { RateLimit } from '../../domain/asset.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import { JournalUnavailableError } from '../../domain/ports/journal.ts';
import type { Clock } from '../../domain/time.ts';
import type { Pipeline } from '../pipeline.ts';
import type { DeviceDirectory } from '../validate/device-directory.ts';
import type { RateLimiter } from './rate-limit.ts';

export interface HttpIngestOptions {
  readonly pipeline: Pipeline;
  readonly directory: DeviceDirectory;
  readonly limiter: RateLimiter;
  readonly defaultRateLimit: RateLimit;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  /** A device was too fast for too long. */
  readonly onCut: (device: DeviceId, messagesPerSecond: number) => void;
}

/** What the body parser says of a body it could not take. */
interface BodyError {
  readonly type?: string;
  readonly status?: number;
}

const RETRY_WHEN_FULL_SECONDS = 5;

const problemJson = (response: Response, status: number, code: string, more: Record<string, unknown> = {}): void => {
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', status, code, ...more }));
};

/**
 * `POST /ingest/v1/telemetry` with the device's token as bearer; the body is that of MQTT.
 * 200 when anything was kept; 422 when nothing could be used (don't send it again); 503 while the journal can't take more (do).
 */
export function createHttpIngest(options: HttpIngestOptions): Router {
  const { pipeline, directory, limiter, clock } = options;

  /** The device whose token this is. */
  const deviceOf = async (request: Request): Promise<DeviceId | null> => {
    const bearer = /^Bearer\s+(.+)$/i.exec(request.get('authorization') ?? '')?.[1];
    if (!bearer) return null;
    const tokenSha256 = createHash('sha256').update(bearer).digest('hex');
    // A token made or revoked a moment ago counts.
    await directory.settled();
    const entry = directory.byToken(tokenSha256);
    const credential = entry?.credentials.find((c) => c.tokenSha256 === tokenSha256);
    if (!entry || !credential || entry.state === 'retired') return null;
    return credential.expiresAt === null || credential.expiresAt > clock() ? entry.deviceId : null;
  };

  /** Milliseconds after which the device may try again, or `null` when it may send now. */
  const toWait = (device: DeviceId): number | null => {
    const now = clock();
    const refusedUntil = limiter.refusedUntil(device, now);
    if (refusedUntil !== null) return refusedUntil - now;
    const verdict = limiter.message(device, directory.get(device)?.rateLimit ?? options.defaultRateLimit, now);
    switch (verdict.kind) {
      case 'pass':
        return null;
      case 'slow':
        return verdict.delayMs;
      case 'cut':
        options.onCut(device, verdict.messagesPerSecond);
        return verdict.until - now;
    }
  };

  const router = express.Router();
  router.post(
    '/ingest/v1/telemetry',
    // Before the body is read: what is not let in costs nothing.
    async (request, response, next) => {
      const device = await deviceOf(request);
      if (!device) {
        response.set('WWW-Authenticate', 'Bearer');
        problemJson(response, 401, 'UNAUTHENTICATED');
        return;
      }
      const waitMs = toWait(device);
      if (waitMs !== null) {
        response.set('Retry-After', String(Math.max(1, Math.ceil(waitMs / 1000))));
        problemJson(response, 429, 'RATE_LIMITED');
        return;
      }
      response.locals['device'] = device;
      next();
    },
    express.raw({ type: () => true, limit: options.maxBodyBytes }),
    async (request, response) => {
      const unavailable = (): void => {
        response.set('Retry-After', String(RETRY_WHEN_FULL_SECONDS));
        problemJson(response, 503, 'JOURNAL_UNAVAILABLE');
      };
      if (!pipeline.hasRoom) {
        unavailable();
        return;
      }
      const key = request.get('idempotency-key');
      try {
        const outcome = await pipeline.accept({
          deviceId: response.locals['device'] as DeviceId,
          transport: 'http',
          topic: request.path,
          bytes: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          ...(key ? { sending: { key: `http:${key}`, again: true } } : {}),
        });
        const quarantined = outcome.problems.map(({ index, quantity, code }) => ({ index, quantity, code }));
        if (outcome.accepted === 0 && outcome.problems.length > 0)
          problemJson(response, 422, 'NOTHING_USABLE', { quarantineId: outcome.quarantineId, quarantined });
        else response.json({ accepted: outcome.accepted, quarantined });
      } catch (error) {
        if (!(error instanceof JournalUnavailableError)) throw error;
        unavailable();
      }
    },
  );
  router.use('/ingest/v1', (error: BodyError, _request: Request, response: Response, next: (e: unknown) => void) => {
    if (error.type === 'entity.too.large') problemJson(response, 413, 'BODY_TOO_LARGE');
    // A broken or unknown encoding, a body cut short.
    else if (error.status !== undefined && error.status < 500) problemJson(response, error.status, 'BODY_UNREADABLE');
    else next(error);
  });
  return router;
}
