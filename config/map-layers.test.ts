import { describe, expect, it } from 'vitest';
import { classOf, LINE_CLASSES } from '../domain/map-lines.ts';
import { haiPhong } from './city/hai-phong.ts';
import { LINE_SCALES, scaleFor } from './map-layers.ts';
import { quantityKey } from './quantities.ts';

const classAt = (tags: readonly string[], layer: keyof typeof LINE_CLASSES, quantity: string, value: number) => {
  const found = scaleFor({ tags }, layer, quantityKey(quantity as Parameters<typeof quantityKey>[0]));
  return found && classOf(found.scale, value, found.whole);
};

describe('the scales of the map’s lines', () => {
  it.each([
    // HCM 6: A above 80 % of the free speed, F at 30 % and below; 50 km/h is usual for an arterial.
    [['arterial'], 'vehicle_speed', 40.1, 'A'],
    [['arterial'], 'vehicle_speed', 40, 'B'],
    [['arterial'], 'vehicle_speed', 15, 'F'],
    [['arterial', 'free_speed:80'], 'vehicle_speed', 40.1, 'C'],
    // Density 45 cars a mile and lane is 18.2 % of occupancy at 6.5 m.
    [['expressway'], 'occupancy', 18.1, 'E'],
    [['expressway'], 'occupancy', 18.2, 'F'],
    [['expressway'], 'vehicle_speed', 10, null],
    [['urban'], 'occupancy', 90, null],
  ] as const)('a road of %j with a %s of %d is at level %s', (tags, quantity, value, level) => {
    expect(classAt(tags, 'roads', quantity, value)).toBe(level);
  });

  it.each([
    ['power', 'voltage', 208.9, 'undervoltage'],
    ['power', 'voltage', 209, 'energised'],
    ['power', 'voltage', 231, 'energised'],
    ['power', 'voltage', 231.1, 'overvoltage'],
    ['power', 'line_voltage', 900, 'outage'],
    ['power', 'power_present', 0, 'outage'],
    ['water', 'water_pressure', 0.05, 'no_water'],
    ['water', 'water_pressure', 0.9, 'low_pressure'],
    ['water', 'water_pressure', 2.4, 'supplied'],
    ['floods', 'flood_depth', 0.049, 'dry'],
    ['floods', 'flood_depth', 0.15, 'motorcycles'],
    ['floods', 'flood_depth', 0.5, 'closed'],
  ] as const)('%s: a %s of %d is %s', (layer, quantity, value, lineClass) => {
    expect(classAt([], layer, quantity, value)).toBe(lineClass);
  });

  it('rise from one limit to the next, and name every class of their layer together', () => {
    for (const { key, steps } of LINE_SCALES) {
      const limits = steps.map(({ from }) => from);
      expect(limits, key).toEqual([...limits].sort((a, b) => a - b));
    }
    for (const [layer, classes] of Object.entries(LINE_CLASSES)) {
      const named = LINE_SCALES.filter((scale) => scale.layer === layer).flatMap(({ steps }) => steps);
      expect(new Set(named.map(({ lineClass }) => lineClass)), layer).toEqual(new Set(classes));
    }
  });
});

describe('courses in the demo city', () => {
  it('have two places or more, and pass near the site they are of', () => {
    const courses = haiPhong.sites.flatMap(({ id, path, location }) => (path ? [{ id, path, location }] : []));
    expect(courses.length).toBeGreaterThan(50);
    for (const { id, path, location } of courses) {
      expect(path.length, id).toBeGreaterThan(1);
      const nearest = Math.min(
        ...path.map((place) => Math.hypot(place.longitude - location.longitude, place.latitude - location.latitude)),
      );
      // A survey has a corner where a street bends: half the length of the longest piece is far enough.
      expect(nearest, id).toBeLessThan(0.06);
    }
  });
});
