import { describe, expect, it } from 'vitest';
import type { Location, Site, SiteKind } from './asset.ts';
import type { SiteId } from './identifiers.ts';
import { classOf, linesOf } from './map-lines.ts';

const at = (longitude: number, latitude: number): Location => ({ longitude, latitude });
const aSite = (id: string, kind: SiteKind, location: Location, path?: readonly Location[]): Site =>
  ({ id, kind, location, ...(path ? { path } : {}), tags: [] }) as unknown as Site;
const cityOf = (...sites: readonly Site[]) => new Map(sites.map((site) => [site.id, site]));
const feeds = (from: string, to: string) => ({ from: from as SiteId, to: to as SiteId, kind: 'feeds' as const });

describe('the lines of a city', () => {
  it('follow a course where one is on record, and lead straight from the nearest place of what feeds them where none is', () => {
    const course = [at(106.6, 20.8), at(106.7, 20.8)];
    const city = cityOf(
      aSite('substation', 'substation', at(106.6, 20.8)),
      aSite('feeder', 'feeder', at(106.6, 20.8), course),
      aSite('transformer', 'transformer', at(106.65, 20.81)),
    );
    const [feeder, transformer] = linesOf(city, [feeds('substation', 'feeder'), feeds('feeder', 'transformer')]);
    expect(feeder).toMatchObject({ layer: 'power', from: 'substation', path: course, isCourse: true });
    expect(transformer).toMatchObject({ from: 'feeder', isCourse: false });
    expect(transformer?.path[0]?.longitude).toBeCloseTo(106.65, 6);
    expect(transformer?.path[0]?.latitude).toBeCloseTo(20.8, 6);
  });

  it('leave out a street without a course, and keep a place that floods as a place', () => {
    const city = cityOf(
      aSite('street', 'road_segment', at(106.6, 20.8)),
      aSite('low', 'flood_spot', at(106.7, 20.8)),
      aSite('alone', 'transformer', at(106.7, 20.9)),
    );
    expect(linesOf(city, []).map(({ site, path }) => [site.id, path.length])).toEqual([['low', 1]]);
  });

  it('are the same whichever of two ways in comes first', () => {
    const city = cityOf(
      aSite('a', 'substation', at(106.6, 20.8)),
      aSite('b', 'substation', at(106.61, 20.8)),
      aSite('feeder', 'feeder', at(106.7, 20.8)),
    );
    const both = [feeds('b', 'feeder'), feeds('a', 'feeder')];
    expect(linesOf(city, both)).toEqual(linesOf(city, both.toReversed()));
    expect(linesOf(city, both)[0]?.from).toBe('a');
  });
});

describe('a scale', () => {
  const scale = {
    of: 'percent' as const,
    steps: [
      { lineClass: 'F' as const, from: Number.NEGATIVE_INFINITY, includesFrom: true },
      { lineClass: 'E' as const, from: 30, includesFrom: false },
      { lineClass: 'D' as const, from: 40, includesFrom: true },
    ],
  };
  it.each([
    [0, 'F'],
    [15, 'F'],
    [15.01, 'E'],
    [19.99, 'E'],
    [20, 'D'],
    [500, 'D'],
  ])('of a whole of 50 makes %d to %s', (value, lineClass) => {
    expect(classOf(scale, value, 50)).toBe(lineClass);
  });

  it('says nothing without a whole, or of what is no number', () => {
    expect(classOf(scale, 20, null)).toBeNull();
    expect(classOf(scale, 20, 0)).toBeNull();
    expect(classOf(scale, Number.NaN, 50)).toBeNull();
  });
});
