import { describe, expect, it } from 'vitest';
import { foldText, matchRank } from '../state/text-search.ts';
import { namedPlaces } from './places.ts';

const road = (name: string, ...coordinates: readonly (readonly [number, number])[]) => ({
  properties: { name },
  geometry: { type: 'LineString' as const, coordinates },
});

describe('streets and places of the ground', () => {
  it('are found once each, at the middle of their longest piece', () => {
    const pieces = [road('Lạch Tray', [1, 1], [2, 2]), road('Lạch Tray', [3, 3], [4, 4], [5, 5])];
    const town = { properties: { n: 'Đồ Sơn' }, geometry: { type: 'Point' as const, coordinates: [7, 8] as const } };
    expect(namedPlaces(pieces, [town, { ...town, properties: {} }])).toEqual([
      { name: 'Đồ Sơn', text: 'do son', kind: 'place', view: { longitude: 7, latitude: 8, zoom: 13 } },
      {
        name: 'Lạch Tray',
        text: 'lach tray duong street',
        kind: 'street',
        view: { longitude: 4, latitude: 4, zoom: 14 },
      },
    ]);
  });

  it.each([
    ['Cầu Bính', 'binh bridge'],
    ['Cầu Bính', 'cầu bính'],
    ['Đường sắt Hà Nội – Hải Phòng', 'railway'],
    ['Hồ Sen', 'lake'],
    ['Lạch Tray', 'Lach Tray street'],
    ['Lạch Tray', 'đường Lạch Tray'],
    ['Văn Cao', 'street'],
  ])('%s is found by "%s"', (name, query) => {
    const [place] = namedPlaces([road(name, [1, 1], [2, 2])], []);
    expect(matchRank(place?.text ?? '', foldText(query))).not.toBeNull();
  });
});
