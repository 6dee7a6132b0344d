import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signatureIn } from './firmware-signature.ts';

describe('a signature that people bring', () => {
  const raw = new Uint8Array(randomBytes(64));
  const text = Buffer.from(raw).toString('base64');
  it('may be the file openssl writes', () => expect(signatureIn(raw)).toBe(text));
  it('may be base64, broken into lines', () =>
    expect(signatureIn(Buffer.from(`${text.slice(0, 64)}\n${text.slice(64)}\n`))).toBe(text));
  it.each(['', 'abc', `${text}x`, text.slice(4)])('is not "%s"', (other) =>
    expect(signatureIn(Buffer.from(other))).toBeNull(),
  );
});
