import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { DeviceId } from '../../domain/identifiers.ts';
import { JournalUnavailableError } from '../../domain/ports/journal.ts';
import { isPrecision } from '../decode/line-protocol.ts';
import type { Pipeline } from '../pipeline.ts';
import { type BodyError, type HttpDoor, RETRY_WHEN_FULL_SECONDS, retryAfter } from './http-door.ts';

export interface InfluxWriteOptions {
  readonly door: HttpDoor;
  readonly pipeline: Pipeline;
  readonly maxBodyBytes: number;
}

/** Version told to clients that look for one before they write. */
const INFLUX_VERSION = '1.8-hai-dang';
/** A user name, where one is given, must be the device's id. */
interface Login {
  readonly token: string;
  readonly user: string | null;
}

/**
 * Line protocol as clients of InfluxDB write it: `POST /write` (1.x) and `/api/v2/write` (2.x). 204 when all was kept. 400 `partial write` when
 * something went to quarantine: the rest is kept, and nothing is to be sent again, which is how these clients take it.
 */
export function createInfluxWrite({ door, pipeline, maxBodyBytes }: InfluxWriteOptions): Router {
  const router = express.Router();

  const admit: RequestHandler = async (request, response, next) => {
    const login = loginOf(request);
    const device = login && (await door.deviceOf(login.token));
    if (!login || !device || (login.user !== null && login.user !== device)) {
      response.set('WWW-Authenticate', 'Basic realm="Hai Dang"');
      refuse(response, 401, 'unauthorized', 'the token is not valid');
      return;
    }
    response.locals['device'] = device;
    next();
  };

  const pace: RequestHandler = (request, response, next) => {
    const waitMs = door.toWait(response.locals['device'] as DeviceId);
    if (waitMs === null) {
      next();
      return;
    }
    response.set('Retry-After', retryAfter(waitMs));
    // Telegraf's output for 1.x drops a batch at any 4xx, also at this one (telegraf: plugins/outputs/influxdb/http.go); at 503 it keeps it.
    refuse(response, request.path === '/write' ? 503 : 429, 'too many requests', 'too many requests');
  };

  const write: RequestHandler = async (request, response) => {
    const precision = paramOf(request, 'precision');
    if (precision !== null && !isPrecision(precision)) {
      refuse(response, 400, 'invalid', `there is no precision ${precision}`);
      return;
    }
    const unavailable = (): void => {
      response.set('Retry-After', String(RETRY_WHEN_FULL_SECONDS));
      refuse(response, 503, 'unavailable', 'the journal can take no more now');
    };
    if (!pipeline.hasRoom) {
      unavailable();
      return;
    }
    try {
      const { accepted, problems, quarantineId } = await pipeline.accept({
        deviceId: response.locals['device'] as DeviceId,
        transport: 'http',
        // Kept with what goes to quarantine, so it must not hold the token that the query may.
        topic: precision === null ? request.path : `${request.path}?precision=${precision}`,
        bytes: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      });
      const [first] = problems;
      if (first === undefined) response.status(204).end();
      else {
        const which = `${first.quantity ?? `line ${first.index + 1}`}: ${first.code} ${first.detail}`;
        const text = `partial write: ${accepted} values kept, ${problems.length} in quarantine as ${quarantineId}; ${which}`;
        refuse(response, 400, 'invalid', text);
      }
    } catch (error) {
      if (!(error instanceof JournalUnavailableError)) throw error;
      unavailable();
    }
  };

  const body = express.raw({ type: () => true, limit: maxBodyBytes });
  // In this order: what is not let in costs nothing.
  router.post(['/write', '/api/v2/write'], admit, pace, body, write);
  // Telegraf makes its database before it writes, and says so at every write until it may.
  router.post('/query', admit, express.urlencoded({ limit: 4096, extended: false }), (request, response) => {
    const query = paramOf(request, 'q') ?? String((request.body as Record<string, unknown> | undefined)?.['q'] ?? '');
    if (/^\s*CREATE DATABASE\b/i.test(query)) response.json({ results: [{ statement_id: 0 }] });
    else refuse(response, 400, 'invalid', 'only CREATE DATABASE is answered; readings are asked for at /api/v1');
  });
  router.get('/ping', (_request, response) => {
    response.set('X-Influxdb-Version', INFLUX_VERSION).status(204).end();
  });
  router.use(
    ['/write', '/api/v2/write', '/query'],
    (error: BodyError, _request: Request, response: Response, next: (e: unknown) => void) => {
      if (error.type === 'entity.too.large') refuse(response, 413, 'request too large', 'the body is too large');
      else if (error.status !== undefined && error.status < 500)
        refuse(response, error.status, 'invalid', 'the body can’t be read');
      else next(error);
    },
  );
  return router;
}

/** Errors as clients of both versions look for them: `error` (1.x), `code` and `message` (2.x). */
function refuse(response: Response, status: number, code: string, message: string): void {
  response.set('X-Influxdb-Error', message.replace(/[^\x20-\x7e]/g, '?'));
  response.status(status).json({ code, message, error: message });
}

const paramOf = (request: Request, name: string): string | null =>
  new URL(request.originalUrl, 'http://localhost').searchParams.get(name);

/** The token by which a client of InfluxDB shows itself: `Token …` or `Bearer …` (2.x, also as `user:password`), Basic, or `u` and `p` (1.x). */
function loginOf(request: Request): Login | null {
  const [, scheme, value] = /^(Token|Bearer|Basic)\s+(\S+)$/i.exec(request.get('authorization') ?? '') ?? [];
  if (scheme !== undefined && value !== undefined) {
    const text = /^basic$/i.test(scheme) ? Buffer.from(value, 'base64').toString('utf8') : value;
    const colon = text.indexOf(':');
    return colon < 0 ? { token: text, user: null } : { token: text.slice(colon + 1), user: text.slice(0, colon) };
  }
  const password = paramOf(request, 'p');
  return password === null ? null : { token: password, user: paramOf(request, 'u') };
}
