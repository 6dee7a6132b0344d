import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jpegSize } from './jpeg.ts';

/** As small as a JPEG can be and still say its size: SOI, APP0, SOF0 of 640 × 480, EOI. */
const aJpeg = (width = 640, height = 480): Uint8Array =>
  Uint8Array.from([
    ...[0xff, 0xd8, 0xff, 0xe0, 0x00, 0x04, 0x4a, 0x46],
    ...[0xff, 0xc0, 0x00, 0x0b, 0x08, height >> 8, height & 255, width >> 8, width & 255, 0x01, 0x11, 0x00, 0x00],
    ...[0xff, 0xd9],
  ]);

describe('a picture', () => {
  it('is known by its bytes, with its size', () => {
    expect(jpegSize(aJpeg())).toEqual({ widthPixels: 640, heightPixels: 480 });
  });

  it.each([
    ['empty', new Uint8Array()],
    ['a PNG', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
    ['cut short', aJpeg().subarray(0, -2)],
    ['of no width', aJpeg(0, 480)],
    ['a page that begins like a picture', new TextEncoder().encode('\u00ff\u00d8<script>')],
  ])('is none when it is %s', (_what, bytes) => {
    expect(jpegSize(bytes)).toBeNull();
  });

  it('is looked at without fear: any bytes, any damage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        jpegSize(bytes);
        jpegSize(Uint8Array.from([0xff, 0xd8, ...bytes, 0xff, 0xd9]));
      }),
    );
  });
});
