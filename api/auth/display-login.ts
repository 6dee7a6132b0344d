import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Display } from '../../domain/display.ts';
import type { DisplayLogins } from '../../domain/ports/displays.ts';
import type { Clock } from '../../domain/time.ts';
import { ApiError } from '../errors.ts';
import type { ApiLimits } from '../ports.ts';
import { pay } from './rate.ts';
import { newSecret, type RandomBytes, sha256Hex } from './secrets.ts';

/** Without the letters that are taken for digits: it may be typed with a remote control. 12 × 5 bits. */
const CODE_LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 12;

/** A new one-time code: `7K2M-9QXD-4HTR`. */
export function newDisplayCode(randomBytes: RandomBytes): string {
  const letters = [...randomBytes(CODE_LENGTH)].map((byte) => CODE_LETTERS[byte % CODE_LETTERS.length]);
  return (letters.join('').match(/.{4}/g) ?? []).join('-');
}

/** What is kept of a code, however it was typed. */
export const codeSha256 = (typed: string): string =>
  sha256Hex(
    typed
      .toUpperCase()
      .replace(/[^0-9A-Z]/g, '')
      .replaceAll('O', '0')
      .replaceAll('I', '1')
      .replaceAll('L', '1'),
  );

/** Exchanges one-time codes for the long-lived secrets of screens. */
export function createDisplayLogin(
  ports: { readonly displays: DisplayLogins; readonly clock: Clock; readonly randomBytes: RandomBytes },
  limits: Pick<ApiLimits, 'displayCodeTries' | 'loginWindow'>,
) {
  const { displays, clock, randomBytes } = ports;
  const tries = new RateLimiterMemory({
    keyPrefix: 'display-code',
    points: limits.displayCodeTries,
    duration: limits.loginWindow / 1000,
  });
  return {
    /** @throws {ApiError} DISPLAY_CODE_REFUSED for a code that is wrong, used or too old; TOO_MANY_REQUESTS. */
    async redeem(code: string, address: string): Promise<{ readonly display: Display; readonly secret: string }> {
      await pay(tries, address);
      const secret = newSecret(randomBytes);
      const display = await displays.redeem(codeSha256(code), sha256Hex(secret), clock());
      if (!display) throw new ApiError('DISPLAY_CODE_REFUSED');
      return { display, secret };
    },
  };
}
