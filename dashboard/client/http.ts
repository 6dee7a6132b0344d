import type { Problem } from '../../api/contract/problem.ts';
import type { ApiRoute, RouteAnswer, RouteBodyInput } from '../../api/contract/routes.ts';
import { currentLanguage } from '../i18n/i18n.ts';
import { ApiProblem } from './problem.ts';

type QueryValue = string | number | boolean | readonly (string | number)[] | undefined;

export interface Call<K extends ApiRoute> {
  /** Fills `{name}` in the route's path. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: RouteBodyInput<K>;
  /** The version an edit is based on. */
  readonly ifMatch?: number;
  /** A file, instead of a body. */
  readonly upload?: Blob;
  /** Of what may have been sent before, in an earlier life of the page; absent: this is a new request; `null`: it changes nothing. */
  readonly idempotencyKey?: string | null;
  readonly signal?: AbortSignal;
}

/** No answer within this is no answer: the page says so instead of waiting for ever. */
const ANSWER_WITHIN_MS = 20_000;

let csrfToken: string | null = null;
let displayBuild: string | null = null;
let onSignedOut: () => void = () => {};

/** Sent with every change from now on; given by the session. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}
/** Said with every request from now on: this page is a wall screen's, of that build. `null`: a person's. */
export function setDisplayBuild(build: string | null): void {
  displayBuild = build;
}
/** What {@link setCsrfToken} was given last. */
export const currentCsrfToken = (): string | null => csrfToken;
/** Called when the server says that the session is over. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** Where an operation is called. */
export function addressOf(route: string, call: Call<ApiRoute>): string {
  const path = route
    .slice(route.indexOf(' ') + 1)
    .replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(call.params?.[name] ?? ''));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value === undefined) continue;
    if (typeof value === 'object') {
      if (value.length > 0) query.set(name, value.join(','));
    } else query.set(name, String(value));
  }
  const text = query.toString();
  return `/api/v1${path}${text === '' ? '' : `?${text}`}`;
}

/** What the server says is wrong. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  try {
    const problem = (await response.json()) as Partial<Problem>;
    const parts = [problem.title, problem.detail, ...(problem.errors ?? []).map(({ message }) => message)];
    const text = [...new Set(parts.filter((part) => part !== undefined && part !== ''))].join('. ');
    return new ApiProblem(response.status, problem.code ?? 'INTERNAL', text === '' ? null : text);
  } catch {
    return new ApiProblem(response.status, response.status >= 500 ? 'UNREACHABLE' : 'INTERNAL', null);
  }
}

async function send(route: ApiRoute, call: Call<ApiRoute>): Promise<Response> {
  const method = route.slice(0, route.indexOf(' '));
  const headers: Record<string, string> = { 'Accept-Language': currentLanguage() };
  if (displayBuild !== null) headers['X-Display'] = displayBuild;
  if (call.body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrfToken !== null) headers['X-CSRF-Token'] = csrfToken;
  if (call.upload !== undefined) headers['Content-Type'] = call.upload.type;
  if (method === 'POST' && call.idempotencyKey !== null)
    headers['Idempotency-Key'] = call.idempotencyKey ?? newIdempotencyKey();
  if (call.ifMatch !== undefined) headers['If-Match'] = `"${call.ifMatch}"`;
  const deadline = AbortSignal.timeout(ANSWER_WITHIN_MS);
  let response: Response;
  try {
    response = await fetch(addressOf(route, call), {
      method,
      headers,
      credentials: 'same-origin',
      signal: call.signal ? AbortSignal.any([call.signal, deadline]) : deadline,
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.upload === undefined ? {} : { body: call.upload }),
    });
  } catch (cause) {
    if (call.signal?.aborted) throw cause;
    throw new ApiProblem(0, 'UNREACHABLE', null);
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.status === 401 && problem.code === 'NOT_SIGNED_IN') onSignedOut();
  throw problem;
}

/** `crypto.randomUUID` exists on secure origins only, and a control room may well be served over plain HTTP on its own network. */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * Calls one operation of the API and gives its answer (undefined for 204).
 * @throws {ApiProblem} for everything but success.
 */
export async function call<K extends ApiRoute>(route: K, options: Call<K> = {}): Promise<RouteAnswer<K>> {
  const response = await send(route, options as Call<ApiRoute>);
  return (response.status === 204 ? undefined : await response.json()) as RouteAnswer<K>;
}

/** As {@link call}, for operations that answer with bytes. */
export async function callForBytes(route: ApiRoute, options: Call<ApiRoute> = {}): Promise<Uint8Array> {
  const response = await send(route, options);
  return new Uint8Array(await response.arrayBuffer());
}
