import express, { type Request, type Response, type Router } from 'express';
import type { DeviceId } from '../../domain/identifiers.ts';
import { JournalUnavailableError } from '../../domain/ports/journal.ts';
import type { Pipeline } from '../pipeline.ts';
import { type BodyError, type HttpDoor, RETRY_WHEN_FULL_SECONDS, retryAfter } from './http-door.ts';
import { createInfluxWrite } from './influx-write.ts';

export interface HttpIngestOptions {
  readonly door: HttpDoor;
  readonly pipeline: Pipeline;
  readonly maxBodyBytes: number;
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
 * Beside it the write endpoints of InfluxDB's clients.
 */
export function createHttpIngest(options: HttpIngestOptions): Router {
  const { door, pipeline, maxBodyBytes } = options;

  const router = express.Router();
  router.use(createInfluxWrite({ door, pipeline, maxBodyBytes }));
  router.post(
    '/ingest/v1/telemetry',
    // Before the body is read: what is not let in costs nothing.
    async (request, response, next) => {
      const token = /^Bearer\s+(.+)$/i.exec(request.get('authorization') ?? '')?.[1];
      const device = token === undefined ? null : await door.deviceOf(token);
      if (!device) {
        response.set('WWW-Authenticate', 'Bearer');
        problemJson(response, 401, 'UNAUTHENTICATED');
        return;
      }
      const waitMs = door.toWait(device);
      if (waitMs !== null) {
        response.set('Retry-After', retryAfter(waitMs));
        problemJson(response, 429, 'RATE_LIMITED');
        return;
      }
      response.locals['device'] = device;
      next();
    },
    express.raw({ type: () => true, limit: maxBodyBytes }),
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
          topic: topicOf(request),
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

/** The path, with ChirpStack's `event`: what the rest of a query holds is nobody's business later on. */
function topicOf(request: Request): string {
  const event = new URL(request.originalUrl, 'http://localhost').searchParams.get('event');
  return event === null ? request.path : `${request.path}?event=${encodeURIComponent(event)}`;
}
