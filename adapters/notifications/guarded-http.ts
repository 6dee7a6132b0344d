import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { DurationMs } from '../../domain/time.ts';
import { TargetForbidden, type TargetGuard } from './target-guard.ts';

export interface HttpBounds {
  /** From the first word to the last. */
  readonly timeout: DurationMs;
  /** Of the answer that are read; the rest is cut off. */
  readonly answerBytes: number;
}
export type HttpResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly body: string;
    }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'forbidden'; readonly why: string };

export type PostOutside = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
) => Promise<HttpResult>;

/**
 * POST to addresses that people have typed in. A connection for each request, so that the guard is asked each time; redirects are an answer like any other, never
 * followed; nobody may keep us longer, or tell us more, than the bounds say.
 */
export function createPostOutside(guard: TargetGuard, { timeout, answerBytes }: HttpBounds): PostOutside {
  return async (address, headers, body) => {
    const url = URL.parse(address);
    if (url === null) return { kind: 'forbidden', why: 'this is no address' };
    try {
      guard.assertUrl(url);
      return await post(url);
    } catch (error) {
      if (error instanceof TargetForbidden) return { kind: 'forbidden', why: error.message };
      return { kind: 'failed', why: reasonOf(error) };
    }

    function post(target: URL): Promise<HttpResult> {
      const isTls = target.protocol === 'https:';
      const signal = AbortSignal.timeout(timeout);
      return new Promise((resolve, reject) => {
        const request = (isTls ? httpsRequest : httpRequest)(
          target,
          {
            method: 'POST',
            agent: false,
            lookup: guard.lookup(isTls),
            signal,
            headers: { 'User-Agent': 'HaiDang', ...headers, 'Content-Length': body.byteLength },
          },
          (response) => {
            readStart(response, answerBytes).then((text) => {
              resolve({
                kind: 'answered',
                status: response.statusCode ?? 0,
                retryAfter: response.headers['retry-after'],
                body: text,
              });
            }, reject);
          },
        );
        request.on('error', (error) => reject(signal.aborted ? new Error(`no answer within ${timeout} ms`) : error));
        request.end(body);
      });
    }
  };
}

async function readStart(response: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop ends the connection.
    if (bytes >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8');
}

/** The innermost reason that says something: an AggregateError of tried addresses says nothing itself. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error instanceof Error && error.name === 'AbortError') return 'no answer in time';
  return error instanceof Error ? error.message : String(error);
}

/** `Retry-After` in milliseconds: seconds, or a date (RFC 9110 §10.2.3). */
export function retryAfterMs(header: string | undefined, now: number): DurationMs | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return (Number(header) * 1000) as DurationMs;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : (Math.max(0, date - now) as DurationMs);
}
