import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request, Response } from 'express';
import type { Problem } from '../contract/problem.ts';
import type { FileAnswer, RawAnswer } from './handler.ts';

const gzipAsync = promisify(gzip);
/** Below this, compressing costs more than it saves. */
const COMPRESS_FROM_BYTES = 4_096;
/** Near the best ratio for JSON at a third of the time of the default. */
const GZIP_LEVEL = 4;

/** An answer as it will be sent: kept for idempotent repeats as it is. */
export interface PreparedAnswer {
  readonly status: number;
  readonly json: string | null;
  readonly raw: RawAnswer | FileAnswer | null;
  readonly etag: string | null;
  readonly cookies: readonly string[];
}

/**
 * `ETag` of what is answered: its version, which an edit is based on, and a digest of the text, since an answer may hold what changes without a new
 * version (the state of a device, the members of an incident) and a copy kept by a client must not pass for it.
 */
export const versionTag = (version: number, text: string): string =>
  `"${version}.${createHash('sha256').update(text).digest('base64url').slice(0, 11)}"`;

/** The version in `If-Match`, as it was in the `ETag` or by itself; undefined when there is none or it is not one of ours. */
export function versionIn(header: string | undefined): number | undefined {
  const text = /^(?:W\/)?"(\d{1,15})(?:\.[\w-]{11})?"$/.exec(header?.trim() ?? '')?.[1];
  return text === undefined ? undefined : Number(text);
}

/** Sends a prepared answer, compressed when it is large and the client can read it. */
export async function sendAnswer(request: Request, response: Response, answer: PreparedAnswer): Promise<void> {
  if (answer.cookies.length > 0) response.setHeader('Set-Cookie', [...answer.cookies]);
  if (answer.etag !== null) response.setHeader('ETag', answer.etag);
  response.status(answer.status);
  if (answer.raw !== null) {
    // Never shown by a browser as anything but a download.
    response.setHeader('Content-Type', answer.raw.mediaType ?? 'application/octet-stream');
    response.setHeader('Content-Disposition', `attachment; filename="${answer.raw.fileName}"`);
    if ('path' in answer.raw) {
      await sendFile(response, answer.raw.path);
      return;
    }
    const { bytes, isCompressible } = answer.raw;
    if (isCompressible)
      await sendCompressed(request, response, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    else response.send(Buffer.from(bytes));
    return;
  }
  if (answer.json === null) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  await sendText(request, response, answer.json);
}

/** Streams a file, or the range asked for; a client that goes away is no error. */
const sendFile = (response: Response, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    response.sendFile(path, { cacheControl: false, lastModified: false, dotfiles: 'allow' }, (error?: Error) => {
      const { code } = (error ?? {}) as NodeJS.ErrnoException;
      if (error && code !== 'ECONNABORTED' && code !== 'EPIPE' && code !== 'ECONNRESET') reject(error);
      else resolve();
    });
  });

/** Sends text with its type already set; Express adds a content ETag where there is none and answers 304 by itself. */
export const sendText = (request: Request, response: Response, text: string): Promise<void> =>
  sendCompressed(request, response, Buffer.from(text));

async function sendCompressed(request: Request, response: Response, bytes: Buffer): Promise<void> {
  if (bytes.length >= COMPRESS_FROM_BYTES) {
    response.vary('Accept-Encoding');
    if (request.acceptsEncodings('gzip') === 'gzip') {
      response.setHeader('Content-Encoding', 'gzip');
      response.send(await gzipAsync(bytes, { level: GZIP_LEVEL }));
      return;
    }
  }
  response.send(bytes);
}

export function sendProblem(response: Response, problem: Problem): void {
  response.status(problem.status);
  const wait = problem.params['retryAfterSeconds'];
  if (wait !== undefined) response.setHeader('Retry-After', String(wait));
  const allowed = problem.params['allowed'];
  if (problem.code === 'METHOD_NOT_ALLOWED' && allowed !== undefined) response.setHeader('Allow', String(allowed));
  if (problem.code === 'NOT_SIGNED_IN') response.setHeader('WWW-Authenticate', 'Bearer realm="hai-dang"');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Type', 'application/problem+json; charset=utf-8');
  response.send(Buffer.from(JSON.stringify(problem)));
}
