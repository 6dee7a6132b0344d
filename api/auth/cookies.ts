/** What the browser keeps. `__Host-` makes it accept the cookie only over TLS, for this host alone, for all paths. */
const cookieName = (secure: boolean): string => (secure ? '__Host-hd_session' : 'hd_session');

/** `Set-Cookie` that keeps the session's secret for `maxAgeSeconds`; 0 takes it away. */
export function sessionCookie(secret: string, maxAgeSeconds: number, secure: boolean): string {
  const parts = [`${cookieName(secure)}=${secret}`, 'Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${maxAgeSeconds}`];
  if (secure) parts.push('Secure');
  return parts.join('; ');
}

/** The session's secret in a `Cookie` header, under the name that fits the connection. */
export function sessionSecretIn(header: string | undefined, secure: boolean): string | undefined {
  if (header === undefined) return undefined;
  const name = cookieName(secure);
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}
