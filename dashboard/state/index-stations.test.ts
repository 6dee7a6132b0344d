import { describe, expect, it } from 'vitest';
import type { IndexInfo } from '../../api/contract/indices.ts';
import type { MapPoint } from '../../api/contract/map.ts';
import { QUALITY } from '../../domain/quality.ts';
import { indexStations } from './index-stations.ts';

const NOW = 10 * 3_600_000;
const index = {
  hourly: 'vn_aqi_hourly',
  categories: [
    { key: 'good', min: 0, max: 50 },
    { key: 'moderate', min: 51, max: 100 },
  ],
} as unknown as IndexInfo;
const point = (id: string, ...quantities: string[]): MapPoint =>
  ({ id, series: quantities.map((quantity, i) => ({ id: i + 1, quantity, staleAfterMs: 2 * 3_600_000 })) }) as never;
const stationsWith = (reading: object | undefined) =>
  indexStations(
    index,
    [point('with', 'pm2_5', 'vn_aqi_hourly'), point('without', 'pm2_5')],
    new Map(reading ? [[2, reading]] : []) as never,
    NOW,
  ).map(({ point: { id }, value, category }) => [id, value, category?.key ?? null]);

describe('the stations of an index', () => {
  it('are the points that have it, with value and category', () => {
    expect(stationsWith({ eventTime: NOW - 1_800_000, value: 50, quality: QUALITY.GOOD })).toEqual([
      ['with', 50, 'good'],
    ]);
    expect(stationsWith({ eventTime: NOW, value: 51, quality: QUALITY.GOOD })).toEqual([['with', 51, 'moderate']]);
    expect(stationsWith({ eventTime: NOW, value: 480, quality: QUALITY.GOOD })).toEqual([['with', 480, 'moderate']]);
  });

  it('have none before the first, when the last is old, and when it was withdrawn', () => {
    const none = [['with', null, null]];
    expect(stationsWith(undefined)).toEqual(none);
    expect(stationsWith({ eventTime: NOW - 3 * 3_600_000, value: 50, quality: QUALITY.GOOD })).toEqual(none);
    expect(stationsWith({ eventTime: NOW, value: 50, quality: QUALITY.INVALID_WITHDRAWN })).toEqual(none);
  });
});
