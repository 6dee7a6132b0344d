import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Location } from '../../domain/asset.ts';
import {
  areaOf,
  closed,
  formatArea,
  formatLength,
  lengthOf,
  mayClose,
  NOTHING_MEASURED,
  withoutLast,
  withPlace,
} from './measuring.ts';

const at = (longitude: number, latitude: number): Location => ({ longitude, latitude });
const along = (...places: readonly Location[]) => places.reduce(withPlace, NOTHING_MEASURED);
/** A hundredth of a degree each way in the middle of Hải Phòng: 1,039 m by 1,112 m. */
const SQUARE = [at(106.68, 20.85), at(106.69, 20.85), at(106.69, 20.86), at(106.68, 20.86)];

describe('what is measured', () => {
  it('is as long as its pieces together', () => {
    expect(lengthOf(along(at(106.68, 20.85)))).toBe(0);
    expect(lengthOf(along(...SQUARE.slice(0, 3)))).toBeCloseTo(1_039.2 + 1_111.9, 0);
  });

  it('has an area once it is closed, and then its way round', () => {
    expect(areaOf(along(...SQUARE))).toBeNull();
    const whole = closed(along(...SQUARE));
    expect(areaOf(whole)).toBeCloseTo(1_039.2 * 1_111.9, -3);
    expect(lengthOf(whole)).toBeCloseTo(2 * (1_039.2 + 1_111.9), 0);
  });

  it('is closed by three places or more', () => {
    expect(mayClose(along(...SQUARE.slice(0, 2)))).toBe(false);
    expect(closed(along(...SQUARE.slice(0, 2))).isClosed).toBe(false);
  });

  it('goes back step by step, and begins anew after it was closed', () => {
    const whole = closed(along(...SQUARE));
    expect(withoutLast(whole)).toEqual(along(...SQUARE));
    expect(withoutLast(withoutLast(whole)).places).toHaveLength(3);
    expect(withoutLast(NOTHING_MEASURED)).toEqual(NOTHING_MEASURED);
    expect(withPlace(whole, at(106.7, 20.8)).places).toEqual([at(106.7, 20.8)]);
  });

  it('has the same area from whichever corner, either way round', () => {
    const place = fc.record({
      longitude: fc.double({ min: 106, max: 107.5, noNaN: true }),
      latitude: fc.double({ min: 20, max: 21.5, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(place, { minLength: 3, maxLength: 12 }), fc.nat(11), (places, turn) => {
        const area = areaOf({ places, isClosed: true }) as number;
        const turned = [...places.slice(turn % places.length), ...places.slice(0, turn % places.length)];
        expect(areaOf({ places: turned, isClosed: true })).toBeCloseTo(area, 0);
        expect(areaOf({ places: turned.toReversed(), isClosed: true })).toBeCloseTo(area, 0);
      }),
    );
  });

  it.each([
    [0, '0 m', '0 m'],
    [999.4, '999 m', '999 m'],
    [999.6, '1,00 km', '1.00 km'],
    [3_424, '3,42 km', '3.42 km'],
    [12_510, '12,5 km', '12.5 km'],
    [1_234_000, '1.234,0 km', '1,234.0 km'],
  ])('%d m is written %s and %s', (metres, vi, en) => {
    expect([formatLength(metres, 'vi'), formatLength(metres, 'en')]).toEqual([vi, en]);
  });

  it.each([
    [850.4, '850 m²', '850 m²'],
    [12_500, '1,25 ha', '1.25 ha'],
    [125_000, '12,5 ha', '12.5 ha'],
    [3_420_000, '3,42 km²', '3.42 km²'],
    [34_200_000, '34,2 km²', '34.2 km²'],
  ])('%d m² is written %s and %s', (squareMetres, vi, en) => {
    expect([formatArea(squareMetres, 'vi'), formatArea(squareMetres, 'en')]).toEqual([vi, en]);
  });
});
