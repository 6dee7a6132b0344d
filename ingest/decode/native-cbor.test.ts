import { encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cborIn } from './cbor.ts';
import { aDevice, decoderFor, seen } from './decode-parts.ts';
import type { Decoded } from './measurement.ts';

const T = 1_764_000_000_000;
const device = aDevice('air-1', ['pm2_5'], { format: 'native-cbor' });
const decode = (bytes: Uint8Array): Decoded => decoderFor(device)(bytes) as Decoded;

describe('native telemetry in CBOR', () => {
  it('has the shapes of the JSON: one message, an array of them, and the bare values', () => {
    expect(seen(decode(encode({ ts: T, values: { pm2_5: 12.3 }, seq: 4 })))).toEqual([['pm2_5', 12.3, T, null]]);
    expect(seen(decode(encode([{ ts: T, values: { pm2_5: 1 } }, { values: { pm2_5: 2 } }])))).toEqual([
      ['pm2_5', 1, T, null],
      ['pm2_5', 2, null, null],
    ]);
    expect(seen(decode(encode({ pm2_5: 5 })))).toEqual([['pm2_5', 5, null, null]]);
  });

  it('says the same as the JSON, whatever the value', () => {
    const json = decoderFor({ ...device, format: 'native-json' });
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(decode(encode(JSON.parse(text), { mapSorter: () => 0 }))).toEqual(json(text));
      }),
    );
  });

  it.each([
    // RFC 8949 appendix A.
    { it: 'a half-precision float', hex: 'a165706d325f35f93e00', value: 1.5 },
    { it: 'a map of indefinite length', hex: 'bf65706d325f3505ff', value: 5 },
    { it: 'a decimal fraction', hex: 'a165706d325f35c48221196ab3', value: 273.15 },
    { it: 'a negative bignum', hex: 'a165706d325f35c349010000000000000000', value: -(2 ** 64) - 1 },
    { it: 'the mark of self-described CBOR', hex: 'd9d9f7a165706d325f3507', value: 7 },
  ])('knows $it', ({ hex, value }) => expect(decode(Buffer.from(hex, 'hex')).measurements).toMatchObject([{ value }]));

  it('refuses NaN and infinity as values, by name', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(decode(encode({ pm2_5: value })).problems).toMatchObject([
        { quantity: 'pm2_5', code: 'VALUE_NOT_NUMERIC' },
      ]);
  });

  it.each([
    { it: 'nothing', hex: '' },
    { it: 'an item cut off', hex: 'a165706d' },
    { it: 'more than one item', hex: '0101' },
    { it: 'a key that comes twice', hex: 'a265706d325f350165706d325f3502' },
    { it: 'an unknown tag', hex: 'd87b01' },
    { it: 'an array that announces four thousand million items', hex: '9affffffff' },
  ])('quarantines $it', ({ hex }) =>
    expect(decode(Buffer.from(hex, 'hex')).problems).toMatchObject([{ code: 'MALFORMED' }]),
  );

  it('does not fall over a thousand levels of nesting', () =>
    expect(decode(Buffer.concat([Buffer.alloc(100_000, 0x81), Buffer.of(0)])).problems).toMatchObject([
      { code: 'MALFORMED' },
    ]));

  it('reads a date as the number or text in its tag', () => {
    expect(cborIn(Buffer.from('c11a69250000', 'hex'))).toBe(1_764_032_512);
    expect(cborIn(Buffer.from('c074323032362d30332d30315430323a30303a30305a', 'hex'))).toBe('2026-03-01T02:00:00Z');
  });
});
