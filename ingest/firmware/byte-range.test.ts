import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteRangeIn } from './byte-range.ts';

describe('the part of an image that is asked for', () => {
  it.each([
    [undefined, 'whole'],
    ['bytes=0-', { start: 0, end: 999 }],
    ['bytes=400-', { start: 400, end: 999 }],
    ['bytes=400-499', { start: 400, end: 499 }],
    ['bytes=400-5000', { start: 400, end: 999 }],
    ['bytes=-100', { start: 900, end: 999 }],
    ['bytes=-5000', { start: 0, end: 999 }],
    ['bytes=1000-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', 'whole'],
    ['bytes=0-1,4-5', 'whole'],
    ['pages=1-2', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=a-b', 'whole'],
  ])('%s of 1000 bytes', (header, range) => expect(byteRangeIn(header, 1_000)).toEqual(range));

  it('lies within the image, whatever the header', () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.option(fc.nat()), fc.option(fc.nat())).map(([a, b]) => `bytes=${a ?? ''}-${b ?? ''}`),
    );
    fc.assert(
      fc.property(header, fc.nat(2_000), (text, size) => {
        const range = byteRangeIn(text, size);
        if (typeof range === 'string') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThanOrEqual(range.start);
        expect(range.end).toBeLessThan(size);
      }),
    );
  });
});
