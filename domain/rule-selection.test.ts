import { expect, it } from 'vitest';
import type { SeriesDirectoryEntry } from './asset.ts';
import type { AgencyId, DeviceModelId, PointId, SeriesId, SiteId, WardCode } from './identifiers.ts';
import type { QuantityKey } from './quantity.ts';
import type { PointSelection } from './rule.ts';
import { watches } from './rule-selection.ts';

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

it.each<{ it: string; given: ReturnType<typeof rule>; expected: boolean }>([
  { it: 'all of its agency and quantity by an empty selection', given: rule({}), expected: true },
  { it: 'nothing of another agency', given: rule({}, 'water'), expected: false },
  { it: 'nothing of another quantity', given: rule({}, 'power', 'frequency'), expected: false },
  { it: 'one of several points', given: rule({ points: ['p0', 'p1'] as PointId[] }), expected: true },
  { it: 'one of several sites', given: rule({ sites: ['s1', 's2'] as SiteId[] }), expected: true },
  { it: 'what has all of the tags', given: rule({ tags: ['coast', 'school'] }), expected: true },
  { it: 'not what has some of the tags', given: rule({ tags: ['coast', 'hospital'] }), expected: false },
  {
    it: 'only what matches every part',
    given: rule({ points: ['p1'] as PointId[], sites: ['s2'] as SiteId[] }),
    expected: false,
  },
])('a rule watches $it', ({ given, expected }) => expect(watches(given, series)).toBe(expected));
