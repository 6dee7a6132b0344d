import { describe, expect, it } from 'vitest';
import { surfaceAt } from './air-surface.ts';

const HERE = { longitude: 106.7, latitude: 20.85 };
/** So many kilometres east of here. */
const east = (km: number) => ({
  latitude: HERE.latitude,
  longitude: HERE.longitude + km / (111.2 * Math.cos((HERE.latitude * Math.PI) / 180)),
});
const settings = { power: 2, nearKm: 1.5, reachKm: 5 } as const;
const between = (...stations: readonly (readonly [km: number, value: number])[]) =>
  surfaceAt(
    HERE,
    stations.map(([km, value]) => ({ ...east(km), value })),
    settings,
  );

describe('the surface between stations', () => {
  it('is the mean of equally near stations, and nearer to the nearer one', () => {
    expect(between([1, 100], [-1, 50])?.value).toBeCloseTo(75, 6);
    expect(between([1, 100], [-2, 50])?.value).toBeCloseTo(90, 1);
  });

  it('is never above the highest nor below the lowest station', () => {
    const found = between([0, 80], [3, 40], [4, 160]);
    expect(found?.value).toBeGreaterThanOrEqual(40);
    expect(found?.value).toBeLessThanOrEqual(160);
    expect(found?.value).toBeCloseTo(80, 0);
  });

  it('fades with the distance to the nearest station', () => {
    expect(between([1.4, 50], [-3, 50])?.strength).toBe(1);
    expect(between([3.25, 50], [-3.25, 50])?.strength).toBeCloseTo(0.5, 2);
    expect(between([4.9, 50], [-4.95, 50])?.strength).toBeLessThan(0.05);
  });

  it('fades as the second comes to the end of its reach', () => {
    expect(between([1, 50], [-4.125, 50])?.strength).toBeCloseTo(0.5, 2);
    expect(between([1, 50], [-4.99, 50])?.strength).toBeLessThan(0.02);
  });

  it('is nothing where one station alone could tell, or none', () => {
    expect(between([1, 50], [5.5, 70])).toBeNull();
    expect(between([1, 50])).toBeNull();
    expect(between()).toBeNull();
  });
});
