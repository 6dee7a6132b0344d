import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Of, bytesFromBase64, bytesFromHex, hexOf, variablesIn } from './hex-bytes.ts';

describe('bytes written as hex', () => {
  it.each(['01 a0 FF', '01a0ff', '0x01, 0xA0, 0xff', '01:a0:ff', '01-A0\n-FF '])('are read from %j', (text) =>
    expect(bytesFromHex(text)).toEqual(Uint8Array.of(1, 160, 255)),
  );
  it.each(['1', '0g', 'xx', 'hello'])('are not read from %j', (text) => expect(bytesFromHex(text)).toBeNull());
  it('come back as they were, whatever they are', () =>
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(bytesFromHex(hexOf(bytes))).toEqual(bytes);
        expect(bytesFromBase64(base64Of(bytes))).toEqual(bytes);
      }),
    ));
});

describe('variables', () => {
  it('are lines of name and value', () =>
    expect(variablesIn('offset = 3\n\nkey=a=b')).toEqual({ offset: '3', key: 'a=b' }));
  it.each(['offset', '=3'])('are not read from %j', (text) => expect(variablesIn(text)).toBeNull());
});
