import { describe, expect, it } from 'vitest';
import type { SeriesDirectoryEntry } from './asset.ts';
import type { AgencyId, DeviceModelId, PointId, SeriesId, SiteId, WardCode } from './identifiers.ts';
import type { QuantityKey } from './quantity.ts';
import type { PointSelection, Position } from './rule.ts';
import { isInside, watches } from './rule-selection.ts';

const series: SeriesDirectoryEntry = {
  series: 1 as SeriesId,
  quantity: 'voltage' as QuantityKey,
  pointId: 'p1' as PointId,
  siteId: 's1' as SiteId,
  agencyId: 'power' as AgencyId,
  domain: 'power',
  tags: ['school', 'coast'],
  location: { longitude: 106.5, latitude: 20.5 },
  wardCode: '11311' as WardCode,
  models: ['meter-a'] as DeviceModelId[],
};
const rule = (selection: PointSelection, agency = 'power', quantity = 'voltage') => ({
  agencyId: agency as AgencyId,
  quantity: quantity as QuantityKey,
  selection,
});

/** A square with its corner so far beyond the point, north-east of (106.4, 20.4). */
const square = (beyond: number): Position[] => {
  const [east, north] = [106.5 + beyond, 20.5 + beyond];
  return [
    [106.4 - 0.1, 20.4 - 0.1],
    [east, 20.4 - 0.1],
    [east, north],
    [106.4 - 0.1, north],
  ];
};

it.each<{ it: string; given: ReturnType<typeof rule>; expected: boolean }>([
  { it: 'all of its agency and quantity by an empty selection', given: rule({}), expected: true },
  { it: 'nothing of another agency', given: rule({}, 'water'), expected: false },
  { it: 'nothing of another quantity', given: rule({}, 'power', 'frequency'), expected: false },
  { it: 'one of several points', given: rule({ points: ['p0', 'p1'] as PointId[] }), expected: true },
  { it: 'one of several sites', given: rule({ sites: ['s1', 's2'] as SiteId[] }), expected: true },
  { it: 'what has all of the tags', given: rule({ tags: ['coast', 'school'] }), expected: true },
  { it: 'not what has some of the tags', given: rule({ tags: ['coast', 'hospital'] }), expected: false },
  {
    it: 'what one of several models measures',
    given: rule({ models: ['x', 'meter-a'] as DeviceModelId[] }),
    expected: true,
  },
  { it: 'not what another model measures', given: rule({ models: ['x'] as DeviceModelId[] }), expected: false },
  { it: 'what lies in one of several wards', given: rule({ wards: ['1', '11311'] as WardCode[] }), expected: true },
  { it: 'not what lies in another ward', given: rule({ wards: ['1'] as WardCode[] }), expected: false },
  { it: 'what lies in an outline', given: rule({ polygon: square(0.1) }), expected: true },
  { it: 'not what lies outside of it', given: rule({ polygon: square(-0.1) }), expected: false },
  {
    it: 'only what matches every part',
    given: rule({ points: ['p1'] as PointId[], sites: ['s2'] as SiteId[] }),
    expected: false,
  },
])('a rule watches $it', ({ given, expected }) => expect(watches(given, series)).toBe(expected));

describe('the area of an outline', () => {
  const at = (longitude: number, latitude: number) => ({ longitude, latitude });
  const open: Position[] = [
    [0, 0],
    [4, 0],
    [4, 4],
    [2, 1],
    [0, 4],
  ];

  it('holds its line, its corners and what they enclose, joined or not', () => {
    for (const outline of [open, [...open, open[0]!]]) {
      expect(
        [at(0, 0), at(2, 0), at(4, 2), at(2, 1), at(1, 0.5), at(0.5, 2)].map((place) => isInside(outline, place)),
      ).toEqual([true, true, true, true, true, true]);
      expect(
        [at(2, 2), at(-0.001, 0), at(4.001, 2), at(2, -0.001), at(2, 4), at(5, 0)].map((place) =>
          isInside(outline, place),
        ),
      ).toEqual([false, false, false, false, false, false]);
    }
  });

  it('leaves out what a line that crosses itself encloses twice', () => {
    const star: Position[] = [
      [0, 3],
      [2, -2],
      [-3, 1],
      [3, 1],
      [-2, -2],
    ];
    expect(isInside(star, at(0, 0))).toBe(false);
    expect(isInside(star, at(0, 2))).toBe(true);
  });
});
