import { describe, expect, it } from 'vitest';
import { nearestTo, outsideBy, wardAt } from './nearby.ts';

const at = (longitude: number, latitude: number) => ({ longitude, latitude });
const LE_CHAN = at(106.68, 20.85);
const square = (west: number, south: number, side: number) => [
  [west, south],
  [west + side, south],
  [west + side, south + side],
  [west, south + side],
  [west, south],
];
const OUTLINES: GeoJSON.FeatureCollection = {
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      properties: { code: '11413' },
      geometry: { type: 'Polygon', coordinates: [square(106.6, 20.8, 0.1), square(106.64, 20.84, 0.02)] },
    },
    {
      type: 'Feature',
      properties: { code: 11443 },
      geometry: { type: 'MultiPolygon', coordinates: [[square(106.8, 20.8, 0.1)], [square(107, 20.7, 0.1)]] },
    },
  ],
};

describe('what is near', () => {
  it('is offered from the nearest on', () => {
    const places = [0.02, 0.001, 0.3].map((away) => ({ name: away, location: at(106.68 + away, 20.85) }));
    expect(nearestTo(places, LE_CHAN, 2).map(({ item }) => item.name)).toEqual([0.001, 0.02]);
  });

  it('is called outside only where the position’s accuracy leaves no doubt', () => {
    const twoHundredMetresAway = at(106.68 + 0.00193, 20.85);
    expect(outsideBy(LE_CHAN, 10, twoHundredMetresAway)).toBeCloseTo(200, -1);
    expect(outsideBy(LE_CHAN, 60, twoHundredMetresAway)).toBeNull();
    expect(outsideBy(LE_CHAN, 10, LE_CHAN)).toBeNull();
  });

  it.each([
    ['in a ward', at(106.61, 20.81), '11413'],
    ['in the hole of a ward', at(106.65, 20.85), null],
    ['in the second part of a ward', at(107.05, 20.75), '11443'],
    ['at sea', at(108, 20), null],
  ])('says the ward: %s', (_where, place, code) => {
    expect(wardAt(OUTLINES, place)).toBe(code);
  });
});
