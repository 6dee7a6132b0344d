import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateLatestBlock, readLatestBlock } from '../latest-block.ts';
import { packReplay, unpackReplay } from './replay-block.ts';

const blockOf = (values: readonly number[]): Uint8Array => {
  const block = allocateLatestBlock(values.length);
  block.value.set(values);
  block.series.set(values.map((_, i) => i + 1));
  return block.bytes;
};

describe('an answer of words and readings', () => {
  it('comes apart as it was put together, whatever the words and however many the readings', () => {
    const frames = fc.array(fc.array(fc.integer(), { maxLength: 7 }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.string(), frames, (words, values) => {
        const packed = packReplay({ words, counts: values.map(({ length }) => length) }, values.map(blockOf));
        const { head, next } = unpackReplay(packed.buffer as ArrayBuffer);
        expect(head).toEqual({ words, counts: values.map(({ length }) => length) });
        for (const frame of values) {
          const { value, series } = readLatestBlock(next(frame.length * 21));
          expect([[...value], [...series]]).toEqual([frame, frame.map((_, i) => i + 1)]);
        }
      }),
    );
  });

  it('is refused when it was cut short', () => {
    const packed = packReplay({}, [blockOf([1, 2, 3])]);
    const cut = packed.slice(0, packed.length - 9).buffer as ArrayBuffer;
    expect(() => unpackReplay(cut).next(63)).toThrow(RangeError);
    expect(() => unpackReplay(packed.slice(0, 5).buffer as ArrayBuffer)).toThrow(RangeError);
  });
});
