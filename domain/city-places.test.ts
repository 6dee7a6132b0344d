import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCityPlaces, writeCityPlaces } from './city-places.ts';
import type { AgencyId } from './identifiers.ts';

const degrees = (most: number) =>
  fc.integer({ min: -most * 1_000_000, max: most * 1_000_000 }).map((steps) => steps / 1e6);
const place = fc.record({
  gap: fc.integer({ min: 1, max: 70_000 }),
  longitude: degrees(180),
  latitude: degrees(90),
  domain: fc.integer({ min: 0, max: 3 }),
  agency: fc.integer({ min: 0, max: 600 }),
});

describe('the places of a city as bytes', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(place), (list) => {
        let number = -1;
        const places = {
          epoch: 'e-1',
          assets: '',
          agencies: [{ id: 'water' as AgencyId, name: { vi: 'Cấp nước', en: 'Water' } }],
          length: list.length,
          number: Int32Array.from(list, ({ gap }) => {
            number += gap;
            return number;
          }),
          longitude: Float64Array.from(list, ({ longitude }) => longitude),
          latitude: Float64Array.from(list, ({ latitude }) => latitude),
          domain: Uint8Array.from(list, ({ domain }) => domain),
          agency: Uint16Array.from(list, ({ agency }) => agency),
        };
        expect(readCityPlaces(writeCityPlaces(places))).toEqual(places);
      }),
    );
  });

  it('that are cut short or of another kind are refused', () => {
    const bytes = writeCityPlaces({
      epoch: 'e',
      assets: '',
      agencies: [],
      length: 1,
      number: Int32Array.of(1),
      longitude: Float64Array.of(106.7),
      latitude: Float64Array.of(20.8),
      domain: Uint8Array.of(0),
      agency: Uint16Array.of(0),
    });
    expect(() => readCityPlaces(bytes.subarray(0, -1))).toThrow(RangeError);
    expect(() => readCityPlaces(new Uint8Array(3))).toThrow(RangeError);
    expect(() => readCityPlaces(bytes.map((byte, i) => (i === bytes.length - 3 ? 200 : byte)))).toThrow(RangeError);
  });
});
