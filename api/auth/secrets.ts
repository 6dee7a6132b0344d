import { createHash, timingSafeEqual } from 'node:crypto';

/** Random bytes from the platform's source of randomness. */
export type RandomBytes = (length: number) => Uint8Array;

/** 256 random bits, base64url: a device's token, a session's cookie, a key. Not to be guessed, so SHA-256 is enough to keep it. */
export const newSecret = (randomBytes: RandomBytes): string => Buffer.from(randomBytes(32)).toString('base64url');

/** Lower-case hex SHA-256: what is kept of a secret. */
export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Compares without telling by its time how much was right. */
export function sameSecret(a: string, b: string): boolean {
  const [left, right] = [createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest()];
  return timingSafeEqual(left, right);
}
