import { describe, expect, it } from 'vitest';
import { allocateLatestBlock, latestAt, readLatestBlock } from './latest-block.ts';

describe('a block of newest readings', () => {
  const written = (): Uint8Array => {
    const block = allocateLatestBlock(3);
    block.series.set([7, 8, 2_147_483_647]);
    block.eventTime.set([1_764_000_000_000, 0, -5]);
    block.value.set([12.3, Number.MIN_VALUE, -1e300]);
    block.quality.set([0, 0x11, 0x33]);
    return block.bytes;
  };

  it('gives back what was written', () => {
    const read = readLatestBlock(written());
    expect([0, 1, 2].map((i) => latestAt(read, i))).toEqual([
      [7, 1_764_000_000_000, 12.3, 0],
      [8, 0, Number.MIN_VALUE, 0x11],
      [2_147_483_647, -5, -1e300, 0x33],
    ]);
  });

  it('is read from any offset within a larger buffer', () => {
    const large = new Uint8Array(200);
    for (let offset = 0; offset < 16; offset++) {
      large.set(written(), offset);
      expect(latestAt(readLatestBlock(large.subarray(offset, offset + 63)), 1)[2]).toBe(Number.MIN_VALUE);
    }
  });

  it('is read from a Node Buffer, whose slices are views', () => {
    const large = Buffer.alloc(80);
    large.set(written(), 3);
    expect(latestAt(readLatestBlock(large.subarray(3, 66)), 0)).toEqual([7, 1_764_000_000_000, 12.3, 0]);
  });

  it('refuses a length no block can have', () => expect(() => readLatestBlock(new Uint8Array(22))).toThrow(RangeError));
});
