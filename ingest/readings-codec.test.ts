import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUALITY } from '../domain/quality.ts';
import { type Reading, readingAt, toColumns } from '../domain/reading.ts';
import { decodePayload, encodePayload, PayloadError } from './readings-codec.ts';

const aReading = fc.record({
  series: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  eventTime: fc.integer({ min: 1.4e12, max: 2e12 }),
  arrivalTime: fc.integer({ min: 1.4e12, max: 2e12 }),
  value: fc.double({ noNaN: true, noDefaultInfinity: true }),
  quality: fc.constantFrom(...Object.values(QUALITY)),
}) as fc.Arbitrary<Reading>;

describe('the journal payload', () => {
  it('gives back every reading and mark it was given, at any alignment', () => {
    fc.assert(
      fc.property(
        fc.array(aReading),
        fc.array(fc.record({ key: fc.string(), arrivalTime: fc.integer({ min: 0 }) })),
        fc.nat(9),
        (readings, marks, shift) => {
          const bytes = encodePayload({ readings: toColumns(readings), marks });
          const moved = new Uint8Array(bytes.length + shift);
          moved.set(bytes, shift);
          const decoded = decodePayload(moved.subarray(shift));
          expect(readings.map((_, i) => readingAt(decoded.readings, i))).toEqual(readings);
          expect(decoded.marks).toEqual(marks);
        },
      ),
    );
  });

  it('refuses bytes that are cut, too long or of another version', () => {
    const bytes = encodePayload({ readings: toColumns([]), marks: [{ key: 'k', arrivalTime: 1 }] });
    expect(() => decodePayload(bytes.subarray(0, -1))).toThrow(PayloadError);
    expect(() => decodePayload(new Uint8Array([...bytes, 0]))).toThrow(PayloadError);
    expect(() => decodePayload(new Uint8Array([9, ...bytes.subarray(1)]))).toThrow(/version 9/);
    expect(() => decodePayload(new Uint8Array(3))).toThrow(/short/);
  });
});
