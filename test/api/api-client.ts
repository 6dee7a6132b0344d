import { expect } from 'vitest';
import { problem } from '../../api/contract/problem.ts';
import type { Route } from '../../api/contract/route.ts';
import { type ApiRoute, ROUTES, type RouteAnswer, type RouteBodyInput } from '../../api/contract/routes.ts';

export interface CallInput<K extends ApiRoute> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: RouteBodyInput<K>;
  /** Sent as it is, whatever the types say. */
  readonly rawBody?: unknown;
  /** A file, where the route takes one. */
  readonly upload?: { readonly bytes: Uint8Array | string; readonly type: string };
  readonly version?: number;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface Called<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
  readonly code: string | undefined;
  readonly text: string;
  readonly bytes: Buffer;
}

/** A client of the API that holds every answer against the contract: known routes, schemas without surplus, problems as problems. */
export class ApiClient {
  readonly url: string;
  cookie: string | null = null;
  csrfToken: string | null = null;
  bearer: string | null = null;

  constructor(url: string) {
    this.url = url;
  }

  static async signIn(url: string, loginName: string, password: string): Promise<ApiClient> {
    const client = new ApiClient(url);
    const { status, body } = await client.call('POST /session', { body: { loginName, password } });
    expect(status).toBe(200);
    if (body.kind !== 'person') throw new Error('not signed in');
    return client;
  }

  async call<K extends ApiRoute>(key: K, input: CallInput<K> = {}): Promise<Called<RouteAnswer<K>>> {
    const route: Route = ROUTES[key];
    const [method, template] = key.split(' ') as [string, string];
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(input.params?.[name] ?? 'nothing'),
    );
    const query = new URLSearchParams(Object.entries(input.query ?? {}).map(([name, value]) => [name, String(value)]));
    const body = input.rawBody ?? input.body;
    const response = await fetch(`${this.url}/api/v1${path}${query.size > 0 ? `?${query}` : ''}`, {
      method,
      headers: {
        'accept-language': 'en',
        ...(this.cookie ? { cookie: this.cookie } : {}),
        ...(this.bearer ? { authorization: `Bearer ${this.bearer}` } : {}),
        ...(this.csrfToken && method !== 'GET' ? { 'x-csrf-token': this.csrfToken } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(input.upload === undefined ? {} : { 'content-type': input.upload.type }),
        ...(input.version === undefined ? {} : { 'if-match': `"${input.version}"` }),
        ...input.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(input.upload === undefined ? {} : { body: input.upload.bytes as string }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString('utf8');
    this.#keepCookie(response);
    const type = response.headers.get('content-type') ?? '';
    if (response.status >= 400) {
      expect(type).toContain('application/problem+json');
      const parsed = JSON.parse(text) as { code: string };
      expect(problem.parse(parsed)).toEqual(parsed);
      return {
        status: response.status,
        headers: response.headers,
        body: parsed as never,
        code: parsed.code,
        text,
        bytes,
      };
    }
    if (response.status !== 304) expect(response.status).toBe(route.status);
    let answer: unknown;
    if (response.status !== 304 && route.answer) {
      expect(type).toContain('application/json');
      answer = JSON.parse(text);
      // Schemas drop what they don't know: equality shows that nothing undocumented was sent.
      expect(route.answer.parse(answer)).toEqual(answer);
    }
    const token = (answer as { csrfToken?: string } | undefined)?.csrfToken;
    if (key.endsWith('/session') && token) this.csrfToken = token;
    return { status: response.status, headers: response.headers, body: answer as never, code: undefined, text, bytes };
  }

  #keepCookie(response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair] = cookie.split(';');
      this.cookie = pair === undefined || pair.endsWith('=') ? null : pair;
    }
  }
}
