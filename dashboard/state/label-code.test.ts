import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLabel, readTyped } from './label-code.ts';

describe('a label', () => {
  it.each([
    ['https://haidang.example/claim/air-07#7G4K-0ZQX-M2VN', { deviceId: 'air-07', code: '7G4K-0ZQX-M2VN' }],
    ['http://10.0.0.5:8080/claim/air-07#7g4k0zqxm2vn', { deviceId: 'air-07', code: '7g4k0zqxm2vn' }],
    ['https://old-address.example/claim/air-07', { deviceId: 'air-07', code: null }],
    ['  /claim/air-07#7G4K-0ZQX-M2VN ', { deviceId: 'air-07', code: '7G4K-0ZQX-M2VN' }],
    ['air-07', { deviceId: 'air-07', code: null }],
    ['AIR-07', { deviceId: 'air-07', code: null }],
    ['https://example.com/menu', null],
    ['https://haidang.example/claim/a%20b#X', null],
    ['WIFI:T:WPA;S:cafe;P:secret;;', null],
    ['/claim/%E0%A4%A', null],
  ])('%s', (text, expected) => {
    expect(readLabel(text)).toEqual(expected);
  });

  it('is read whatever else a camera sees', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = readLabel(text);
        if (read) expect(read.deviceId).toMatch(/^[a-z0-9]/);
      }),
    );
  });

  it('can be typed, also by pasting its link', () => {
    expect(readTyped(' Air-07 ', '7g4k 0zqx m2vn')).toEqual({ deviceId: 'air-07', code: '7g4k 0zqx m2vn' });
    expect(readTyped('https://x.example/claim/air-07#7G4K-0ZQX-M2VN', '')).toEqual({
      deviceId: 'air-07',
      code: '7G4K-0ZQX-M2VN',
    });
    expect(readTyped('a', 'x')).toBeNull();
  });
});
