/** What the browser keeps. `__Host-` makes it accept the cookie only over TLS, for this host alone, for all paths. */
const cookieName = (secure: boolean): string => (secure ? '__Host-hd_session' : 'hd_session');

/** `Set-Cookie` that keeps the session's secret for `maxAgeSeconds`; 0 takes it away. */
export function sessionCookie(secret: string, maxAgeSeconds: number, secure: boolean): string {
  const parts = [`${cookieName(secure)}=${secret}`, 'Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${maxAgeSeconds}`];
  if (secure) parts.push('Secure');
  return parts.join('; ');
}

const displayCookieName = (secure: boolean): string => (secure ? '__Host-hd_display' : 'hd_display');
/** As long as browsers keep any cookie. */
const DISPLAY_MAX_AGE_SECONDS = 400 * 86_400;

/** `Set-Cookie` that keeps a wall screen's secret. */
export function displayCookie(secret: string, secure: boolean): string {
  const parts = [`${displayCookieName(secure)}=${secret}`, 'Path=/', 'HttpOnly', 'SameSite=Strict'];
  parts.push(`Max-Age=${DISPLAY_MAX_AGE_SECONDS}`);
  if (secure) parts.push('Secure');
  return parts.join('; ');
}

/** The session's secret in a `Cookie` header, under the name that fits the connection. */
export const sessionSecretIn = (header: string | undefined, secure: boolean): string | undefined =>
  valueIn(header, cookieName(secure));

/** The same of a wall screen's secret. */
export const displaySecretIn = (header: string | undefined, secure: boolean): string | undefined =>
  valueIn(header, displayCookieName(secure));

function valueIn(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}
