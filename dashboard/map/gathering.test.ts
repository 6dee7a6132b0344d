import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateRank } from '../../domain/point-state.ts';
import { ALONE, gather, membersOf, NOT_SHOWN, tally } from './gathering.ts';
import { layOut } from './point-layout.ts';

const placesAt = (...at: readonly (readonly [longitude: number, latitude: number])[]) => ({
  epoch: 'e',
  assets: '',
  agencies: [],
  length: at.length,
  number: Int32Array.from(at, (_, i) => i),
  longitude: Float64Array.from(at, ([longitude]) => longitude),
  latitude: Float64Array.from(at, ([, latitude]) => latitude),
  domain: new Uint8Array(at.length),
  agency: new Uint16Array(at.length),
});
const all = () => true;

describe('near points', () => {
  const layout = layOut(placesAt([106.7, 20.8], [106.7005, 20.8], [106.7, 20.8005], [106.9, 20.8]));

  it('are gathered when far away, and stand alone when close', () => {
    expect([...gather(layout, all, 10).clusterOf]).toEqual([0, 0, 0, ALONE]);
    expect([...gather(layout, all, 18).clusterOf]).toEqual([ALONE, ALONE, ALONE, ALONE]);
  });

  it('that are not shown belong to no cluster', () => {
    expect([...gather(layout, (i) => i !== 1, 10).clusterOf]).toEqual([0, NOT_SHOWN, 0, ALONE]);
  });

  it('give their cluster the worst of their states, and are counted by state', () => {
    const gathering = gather(layout, all, 10);
    const ranks = [stateRank('normal'), stateRank('minor'), stateRank('unknown'), stateRank('critical')];
    const { worst, alarmed, counts } = tally(gathering, (i) => ranks[i] as number);
    expect([...worst]).toEqual([stateRank('minor')]);
    expect([...alarmed]).toEqual([1]);
    expect(counts[stateRank('normal')]).toBe(1);
    expect(counts[stateRank('unknown')]).toBe(1);
    expect(counts.reduce((sum, count) => sum + count)).toBe(3);
    expect(membersOf(gathering, 0)).toEqual([0, 1, 2]);
  });

  it('are each in one cluster or alone, and no cluster has fewer than two', () => {
    const place = fc.tuple(
      fc.double({ min: 106, max: 107, noNaN: true }),
      fc.double({ min: 20, max: 21, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(place, { maxLength: 60 }), fc.integer({ min: 8, max: 14 }), (at, zoom) => {
        const { clusterOf, clusters, count } = gather(layOut(placesAt(...at)), all, zoom);
        const members = new Map<number, number>();
        for (const cluster of clusterOf) members.set(cluster, (members.get(cluster) ?? 0) + 1);
        members.delete(ALONE);
        expect(members.has(NOT_SHOWN)).toBe(false);
        expect(members.size).toBe(clusters);
        for (const [cluster, size] of members) {
          expect(size).toBeGreaterThan(1);
          expect(count[cluster]).toBe(size);
        }
      }),
    );
  });
});

describe('points in a box', () => {
  it('are found, all of them, whether the box is small or the whole world', () => {
    const place = fc.tuple(
      fc.double({ min: 106, max: 107, noNaN: true }),
      fc.double({ min: 20, max: 21, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(place, { maxLength: 60 }), place, fc.constantFrom(1e-5, 1e-4, 0.4), (at, middle, size) => {
        const layout = layOut(placesAt(...at, middle));
        const [x, y] = [layout.x.at(-1) as number, layout.y.at(-1) as number];
        const box = { west: x - size, east: x + size, north: y - size, south: y + size };
        const found = new Set<number>();
        layout.within(box, (i) => found.add(i));
        for (let i = 0; i < layout.x.length; i++) {
          const isIn =
            (layout.x[i] as number) >= box.west &&
            (layout.x[i] as number) <= box.east &&
            (layout.y[i] as number) >= box.north &&
            (layout.y[i] as number) <= box.south;
          if (isIn) expect(found.has(i)).toBe(true);
        }
      }),
    );
  });

  it('of one location stand beside each other', () => {
    const { offsetX, offsetY } = layOut(placesAt([106.7, 20.8], [106.7, 20.8], [106.7, 20.8]));
    expect([...offsetX].slice(0, 1)).toEqual([0]);
    expect(new Set([0, 1, 2].map((i) => `${offsetX[i]},${offsetY[i]}`)).size).toBe(3);
  });
});
