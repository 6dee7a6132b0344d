import { createHash } from 'node:crypto';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import type { Language } from '../../domain/localized.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { type Authenticate, proofIn } from '../auth/authenticate.ts';
import { actorFor, admit, type Caller } from '../auth/caller.ts';
import { isSameOrigin } from '../auth/same-origin.ts';
import { sameSecret } from '../auth/secrets.ts';
import { DISPLAY_HEADER } from '../contract/displays.ts';
import type { Route } from '../contract/route.ts';
import { type ApiRoute, ROUTES } from '../contract/routes.ts';
import { ApiError, parseInput } from '../errors.ts';
import { type PreparedAnswer, sendAnswer, versionIn, versionTag } from './answer.ts';
import type { ApiRequest, FileAnswer, Handlers, RawAnswer, StreamedUpload, Upload } from './handler.ts';
import { IDEMPOTENCY_KEY_PATTERN, type IdempotentAnswers } from './idempotency.ts';

export interface RouterOptions {
  readonly registry: Registry;
  readonly authenticate: Authenticate;
  readonly handlers: Handlers<ApiRoute>;
  readonly idempotent: IdempotentAnswers;
  readonly bodyBytes: number;
  /** Files above this are refused with BODY_TOO_LARGE. */
  readonly uploadBytes: number;
  readonly publicOrigin: string | null;
  readonly isStopping: () => boolean;
}

/** A handler whose request has been checked against its own route: the types are re-joined here, once, by the table's keys. */
type AnyHandler = (request: ApiRequest<never>) => Promise<unknown>;

/** Where handlers of the error path find the language of the caller. */
export const languageOf = (response: Response): Language =>
  (response.locals as { language?: Language }).language ?? 'vi';

/** The language of the request's header, else the person's, else Vietnamese. */
function chooseLanguage(request: Request, caller?: Caller): Language {
  const asked = request.headers['accept-language'] === undefined ? false : request.acceptsLanguages('vi', 'en');
  if (asked === 'vi' || asked === 'en') return asked;
  return caller?.kind === 'person' && caller.by.kind === 'session' ? caller.by.user.language : 'vi';
}

/** Splits `GET /points/{pointId}` into method and Express path. */
export function expressPath(key: string): {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
} {
  const [method, path] = key.split(' ') as [string, string];
  return {
    method: method.toLowerCase() as 'get' | 'post' | 'put' | 'delete',
    path: path.replace(/\{(\w+)\}/g, ':$1'),
  };
}

/**
 * The router of `/api/v1`, made from the table: for every route authenticate, refuse foreign pages, admit, parse, do once, answer.
 */
export function createApiRouter(options: RouterOptions): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  const readBytes = express.raw({ limit: options.uploadBytes, type: () => true });
  const readJson = express.json({ limit: options.bodyBytes, strict: true, type: 'application/json' });

  const serve = async (key: ApiRoute, route: Route, request: Request, response: Response): Promise<void> => {
    (response.locals as { route?: string }).route = key;
    response.locals['language'] = chooseLanguage(request);
    if (options.isStopping()) throw new ApiError('STOPPING', { retryAfterSeconds: 5 });

    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const proof = proofIn(request.headers, request.secure);
    if (!isRead && proof.kind !== 'api_key') {
      if (!isSameOrigin(request.headers, request.get('host'), options.publicOrigin)) throw new ApiError('CSRF_REFUSED');
    }
    const caller = await options.authenticate(proof);
    const language = chooseLanguage(request, caller);
    response.locals['language'] = language;
    admit(caller, route.access, key);
    if (!isRead && caller.kind === 'person' && caller.by.kind === 'session' && route.access !== 'anyone') {
      if (!sameSecret(request.get('x-csrf-token') ?? '', caller.by.session.csrfToken))
        throw new ApiError('CSRF_REFUSED');
    }

    const params = parsePath(route, request);
    const query = route.query ? parseInput(route.query, request.query, language) : undefined;
    const body = route.body
      ? parseInput(route.body, await bodyOf(request, response), language)
      : route.upload
        ? route.streamed
          ? streamOf(route.upload, request)
          : await uploadOf(route.upload, request, response)
        : undefined;
    let version = 0;
    if (route.ifMatch) {
      const header = request.get('if-match');
      if (header === undefined) throw new ApiError('VERSION_REQUIRED');
      const given = versionIn(header);
      if (given === undefined) throw new ApiError('VERSION_STALE');
      version = given;
    }

    const actor = actorFor(caller, route.access, isRead);
    const cookies: string[] = [];
    const work = async (): Promise<PreparedAnswer> => {
      const handler = options.handlers[key] as unknown as AnyHandler;
      const result = await handler({
        params,
        query,
        body,
        version,
        caller,
        actor,
        view: options.registry.as(actor),
        language,
        connection: {
          address: request.ip ?? request.socket.remoteAddress ?? '',
          origin: options.publicOrigin ?? `${request.protocol}://${request.get('host') ?? 'localhost'}`,
          secure: request.secure,
          hasBearer: proof.kind === 'api_key',
        },
        setCookie: (cookie: string) => cookies.push(cookie),
      } as unknown as ApiRequest<never>);
      return prepare(route, result, cookies);
    };

    response.setHeader('Cache-Control', route.tag === 'session' || !isRead ? 'no-store' : 'private, no-cache');
    response.vary('Cookie');
    response.vary('Authorization');
    response.vary(DISPLAY_HEADER);
    const idempotencyKey = request.get('idempotency-key');
    const answer =
      isRead || idempotencyKey === undefined || caller.kind === 'anonymous' || route.streamed
        ? await work()
        : await options.idempotent.once(
            `${accountOf(caller)} ${request.method} ${request.originalUrl} ${version}`,
            checkedKey(idempotencyKey),
            route.upload
              ? createHash('sha256')
                  .update((body as Upload).bytes)
                  .digest('hex')
              : body,
            work,
          );
    await sendAnswer(request, response, answer);
  };

  /** A body that is absent counts as an empty object: the schema says whether that will do. */
  const bodyOf = async (request: Request, response: Response): Promise<unknown> => {
    const isEmpty =
      request.headers['transfer-encoding'] === undefined && Number(request.headers['content-length'] ?? 0) === 0;
    if (isEmpty) return {};
    if (!request.is('application/json')) throw new ApiError('MEDIA_TYPE_UNSUPPORTED', { types: 'application/json' });
    await new Promise<void>((resolve, reject) => {
      readJson(request, response, (error?: unknown) =>
        error ? reject(bodyError(error, options.bodyBytes)) : resolve(),
      );
    });
    return request.body as unknown;
  };

  const uploadOf = async (types: readonly string[], request: Request, response: Response): Promise<Upload> => {
    const mediaType = request.is([...types]);
    if (!mediaType) throw new ApiError('MEDIA_TYPE_UNSUPPORTED', { types: types.join(', ') });
    await new Promise<void>((resolve, reject) => {
      readBytes(request, response, (error?: unknown) =>
        error ? reject(bodyError(error, options.uploadBytes)) : resolve(),
      );
    });
    return { mediaType, bytes: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0) };
  };

  const streamOf = (types: readonly string[], request: Request): StreamedUpload => {
    const mediaType = request.is([...types]);
    if (!mediaType) throw new ApiError('MEDIA_TYPE_UNSUPPORTED', { types: types.join(', ') });
    const length = Number(request.headers['content-length'] ?? Number.NaN);
    return {
      mediaType,
      // A refusal midway must still reach the sender: the connection stays.
      bytes: request.iterator({ destroyOnReturn: false }),
      lengthBytes: Number.isSafeInteger(length) ? length : null,
      isBrokenOff: () => request.destroyed && !request.complete,
    };
  };

  for (const key of Object.keys(ROUTES) as ApiRoute[]) {
    const route: Route = ROUTES[key];
    const { method, path } = expressPath(key);
    router[method](path, (request: Request, response: Response, next: NextFunction) => {
      serve(key, route, request, response)
        .catch(next)
        // What was not read of a refused upload goes by unread.
        .finally(() => route.streamed && request.resume());
    });
  }

  const allowed = new Map<string, string[]>();
  for (const key of Object.keys(ROUTES)) {
    const { method, path } = expressPath(key);
    allowed.set(path, [...(allowed.get(path) ?? []), ...(method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])]);
  }
  for (const [path, methods] of allowed) {
    router.all(path, () => {
      throw new ApiError('METHOD_NOT_ALLOWED', { allowed: methods.join(', ') });
    });
  }
  return router;
}

/** A path that can't name anything names nothing. */
function parsePath(route: Route, request: Request): unknown {
  if (!route.params) return undefined;
  const parsed = route.params.safeParse(request.params);
  if (!parsed.success) throw new ApiError('NOT_FOUND');
  return parsed.data;
}

function prepare(route: Route, result: unknown, cookies: readonly string[]): PreparedAnswer {
  if (route.bytes) return { status: 200, json: null, raw: result as RawAnswer | FileAnswer, etag: null, cookies };
  if (route.status === 204) return { status: 204, json: null, raw: null, etag: null, cookies };
  const json = JSON.stringify(result);
  const etag = route.etag ? versionTag((result as { version: number }).version, json) : null;
  return { status: route.status, json, raw: null, etag, cookies };
}

const accountOf = (caller: Caller): string => {
  if (caller.kind === 'anonymous') return '';
  if (caller.kind === 'display') return `display ${caller.display.id}`;
  return caller.by.kind === 'api_key' ? `key ${caller.by.keyId}` : `person ${caller.userId}`;
};

function checkedKey(key: string): string {
  if (IDEMPOTENCY_KEY_PATTERN.test(key)) return key;
  throw new ApiError('INPUT_INVALID', {}, [
    { path: 'Idempotency-Key', code: 'invalid_format', message: String(IDEMPOTENCY_KEY_PATTERN) },
  ]);
}

/** What the body reader's errors mean; the reader names them by `type`. */
function bodyError(error: unknown, limitBytes: number): unknown {
  const { type, status } = error as { type?: string; status?: number };
  if (type === 'entity.too.large') return new ApiError('BODY_TOO_LARGE', { limitBytes }, [], { cause: error });
  if (type === 'charset.unsupported' || type === 'encoding.unsupported')
    return new ApiError('MEDIA_TYPE_UNSUPPORTED', { types: 'UTF-8' }, [], { cause: error });
  // Malformed, cut short, or not what its Content-Encoding says.
  if (status !== undefined && status >= 400 && status < 500)
    return new ApiError('JSON_MALFORMED', {}, [], { cause: error });
  return error;
}
