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
}

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
export function createHttpIngest({
  pipeline,
  directory,
  limiter,
  defaultRateLimit,
  maxBodyBytes,
  clock,
}: HttpIngestOptions): Router {
  /** The device whose token this is. */
  const authenticated = (request: Request): DeviceId | null => {
    const bearer = /^Bearer\s+(.+)$/i.exec(request.get('authorization') ?? '')?.[1];
    if (!bearer) return null;
    const tokenSha256 = createHash('sha256').update(bearer).digest('hex');
    const entry = directory.byToken(tokenSha256);
    const credential = entry?.credentials.find((c) => c.tokenSha256 === tokenSha256);
    if (!entry || !credential || entry.state === 'retired') return null;
    return credential.expiresAt === null || credential.expiresAt > clock() ? entry.deviceId : null;
  };

  const router = express.Router();
  router.post(
    '/ingest/v1/telemetry',
    express.raw({ type: () => true, limit: maxBodyBytes }),
    async (request, response) => {
      const deviceId = authenticated(request);
      if (!deviceId) {
        response.set('WWW-Authenticate', 'Bearer');
        problemJson(response, 401, 'UNAUTHENTICATED');
        return;
      }
      const now = clock();
      const refusedUntil = limiter.refusedUntil(deviceId, now);
      const verdict =
        refusedUntil === null
          ? limiter.message(deviceId, directory.get(deviceId)?.rateLimit ?? defaultRateLimit, now)
          : null;
      if (verdict?.kind !== 'pass') {
        const waitMs =
          verdict === null
            ? (refusedUntil ?? now) - now
            : verdict.kind === 'slow'
              ? verdict.delayMs
              : verdict.kind === 'cut'
                ? verdict.until - now
                : 0;
        response.set('Retry-After', String(Math.max(1, Math.ceil(waitMs / 1000))));
        problemJson(response, 429, 'RATE_LIMITED');
        return;
      }
      const key = request.get('idempotency-key');
      try {
        const outcome = await pipeline.accept({
          deviceId,
          transport: 'http',
          topic: request.path,
          bytes: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          ...(key ? { sending: { key: `http:${key}`, again: true } } : {}),
        });
        const quarantined = outcome.problems.map(({ index, quantity, code }) => ({ index, quantity, code }));
        if (outcome.accepted === 0 && outcome.problems.length > 0) {
          problemJson(response, 422, 'NOTHING_USABLE', { quarantineId: outcome.quarantineId, quarantined });
          return;
        }
        response.json({ accepted: outcome.accepted, quarantined });
      } catch (error) {
        if (!(error instanceof JournalUnavailableError)) throw error;
        response.set('Retry-After', '5');
        problemJson(response, 503, 'JOURNAL_UNAVAILABLE');
      }
    },
  );
  router.use(
    '/ingest/v1',
    (error: { type?: string }, _request: Request, response: Response, next: (error: unknown) => void) => {
      if (error.type === 'entity.too.large') problemJson(response, 413, 'BODY_TOO_LARGE');
      else next(error);
    },
  );
  return router;
}
