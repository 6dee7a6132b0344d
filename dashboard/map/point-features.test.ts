import { describe, expect, it } from 'vitest';
import type { PointId } from '../../domain/identifiers.ts';
import { createFeatureDifference, type MapPoint } from './point-features.ts';

const aPoint = (id: string, over: Partial<MapPoint> = {}): MapPoint => ({
  id: id as PointId,
  longitude: 106.68,
  latitude: 20.85,
  domain: 'water',
  state: 'normal',
  name: id,
  reading: '',
  ...over,
});

describe('what the map is told of changed points', () => {
  it('adds all the first time and says nothing when nothing changed', () => {
    const difference = createFeatureDifference();
    const points = [aPoint('a'), aPoint('b', { longitude: 106.7 })];
    expect(difference.update(points)?.add).toHaveLength(2);
    expect(difference.update(points)).toBeNull();
  });

  it('sends only the properties that changed', () => {
    const difference = createFeatureDifference();
    difference.update([aPoint('a'), aPoint('b', { longitude: 106.7 })]);
    expect(difference.update([aPoint('a', { state: 'critical' }), aPoint('b', { longitude: 106.7 })])).toEqual({
      remove: [],
      add: [],
      update: [
        {
          id: 1,
          addOrUpdateProperties: [
            { key: 'state', value: 'critical' },
            { key: 'rank', value: 0 },
          ],
        },
      ],
    });
  });

  it('removes what a filter hides and keeps its number for when it comes back', () => {
    const difference = createFeatureDifference();
    difference.update([aPoint('a'), aPoint('b', { longitude: 106.7 })]);
    expect(difference.update([aPoint('b', { longitude: 106.7 })])?.remove).toEqual([1]);
    expect(difference.update([aPoint('a'), aPoint('b', { longitude: 106.7 })])?.add?.map((f) => f.id)).toEqual([1]);
  });

  it('gives points of one place different slots', () => {
    const difference = createFeatureDifference();
    const added = difference.update([aPoint('a'), aPoint('b'), aPoint('c')])?.add ?? [];
    expect(added.map((feature) => feature.properties?.['slot'])).toEqual([0, 1, 2]);
  });

  it('adds everything again after the source was made anew', () => {
    const difference = createFeatureDifference();
    difference.update([aPoint('a')]);
    difference.reset();
    expect(difference.update([aPoint('a')])?.add).toHaveLength(1);
  });
});
