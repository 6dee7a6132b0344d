import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request that changes something (or opens a live connection) comes from our own pages, or from no page at all.
 * A browser always sends `Origin` with those; programs send neither header.
 * @param host the host the request was made to, as the caller sees it
 * @param publicOrigin origin people use, when configured
 */
export function isSameOrigin(
  headers: IncomingHttpHeaders,
  host: string | undefined,
  publicOrigin: string | null,
): boolean {
  const { origin } = headers;
  if (origin !== undefined) {
    if (publicOrigin !== null && origin === publicOrigin) return true;
    // `null` is what sandboxed frames and data: pages send.
    return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
  }
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}
