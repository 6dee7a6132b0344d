import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distanceMetres } from '../../../domain/distance.ts';
import { createNearest, type Placed } from './nearest.ts';

const place = fc.record({
  longitude: fc.double({ min: 106.4, max: 107.2, noNaN: true }),
  latitude: fc.double({ min: 20.5, max: 21.1, noNaN: true }),
});

describe('the nearest others', () => {
  it('are those that measuring every distance finds, nearest first', () => {
    fc.assert(
      fc.property(fc.array(place, { maxLength: 60 }), fc.integer({ min: 1, max: 24 }), (places, most) => {
        const placed = places.map((location, i) => ({ id: i >> 1, location }));
        const nearest = createNearest<number, Placed<number>>(placed, 15_000, most);
        for (const one of placed) {
          const distanceTo = (other: Placed<number>) => distanceMetres(one.location, other.location);
          const all = placed
            .filter((other) => other.id !== one.id)
            .map(distanceTo)
            .filter((metres) => metres <= 15_000)
            .sort((a, b) => a - b);
          const found = nearest(one);
          expect(found.every((other) => other.id !== one.id)).toBe(true);
          expect(found).toHaveLength(Math.min(most, all.length));
          for (const [i, other] of found.entries()) expect(distanceTo(other)).toBeCloseTo(all[i]!, 1);
        }
      }),
    );
  });

  it('are none where nothing is', () => {
    expect(
      createNearest<number, Placed<number>>([], 1_000, 3)({ id: 1, location: { longitude: 0, latitude: 0 } }),
    ).toEqual([]);
  });
});
