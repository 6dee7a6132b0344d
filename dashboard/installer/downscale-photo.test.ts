import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHOTO_LONGEST_SIDE, photoSize } from './downscale-photo.ts';

const side = fc.integer({ min: 1, max: 20_000 });

describe('a picture that is sent', () => {
  it('is no longer than it needs to be, never enlarged, and keeps its shape', () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        const sent = photoSize(width, height);
        expect(Math.max(sent.width, sent.height)).toBeLessThanOrEqual(PHOTO_LONGEST_SIDE);
        expect(sent.width).toBeLessThanOrEqual(width);
        expect(sent.height).toBeLessThanOrEqual(height);
        expect(Math.abs(sent.width * height - sent.height * width)).toBeLessThanOrEqual(Math.max(width, height));
      }),
    );
  });
});
