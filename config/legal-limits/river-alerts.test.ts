import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { depthClassOf, floodHazardOf } from '../../domain/indices/flood-hazard.ts';
import { type RiverThresholds, riverGradeOf } from '../../domain/indices/river-grade.ts';
import { BEYOND_HAZARDS, FLOOD_HAZARDS } from '../indices/flood-hazard.ts';
import { FLOOD_DEPTHS } from './flood-depth.ts';
import { limitValue } from './legal-limit.ts';
import { RIVER_STATIONS } from './river-alerts.ts';

const thresholdsOf = (slug: string): RiverThresholds => {
  const { levels } = RIVER_STATIONS.find((each) => each.slug === slug)!;
  return levels.map((limit) => (limit === null ? null : limitValue(limit))) as readonly (
    | number
    | null
  )[] as RiverThresholds;
};
const hazard = (depth: number, velocity: number) => floodHazardOf(depth, velocity, FLOOD_HAZARDS, BEYOND_HAZARDS.key);

describe('the grade of a river', () => {
  it('is reached at its threshold, and told as bulletins tell it', () => {
    const trungTrang = thresholdsOf('trung-trang');
    expect(riverGradeOf(2.29, trungTrang)).toEqual({ atLeast: 1, atMost: 1, above: 0.29, below: 0.01 });
    expect(riverGradeOf(2.3, trungTrang)).toEqual({ atLeast: 2, atMost: 2, above: 0, below: 0.3 });
    expect(riverGradeOf(1.99, trungTrang)).toEqual({ atLeast: 0, atMost: 0, above: null, below: 0.01 });
    expect(riverGradeOf(5, trungTrang)).toMatchObject({ atLeast: 3, atMost: 3, below: null });
  });

  it('says what it can where thresholds are unknown', () => {
    const catKhe = thresholdsOf('cat-khe');
    expect(riverGradeOf(4.46, catKhe)).toEqual({ atLeast: 0, atMost: 1, above: null, below: 0.04 });
    expect(riverGradeOf(4.5, catKhe)).toEqual({ atLeast: 2, atMost: 3, above: 0, below: null });
    expect(riverGradeOf(4.5, [null, null, null])).toEqual({ atLeast: 0, atMost: 3, above: null, below: null });
  });

  it('never falls as the water rises, and knowing a threshold more never contradicts it', () => {
    const level = fc.double({ min: -5, max: 12, noNaN: true });
    const known = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(level, level, known, (a, b, [first, second, third]) => {
        const all: RiverThresholds = [2, 4, 6];
        const some: RiverThresholds = [first ? 2 : null, second ? 4 : null, third ? 6 : null];
        const low = riverGradeOf(Math.min(a, b), some);
        const high = riverGradeOf(Math.max(a, b), some);
        expect(high.atLeast).toBeGreaterThanOrEqual(low.atLeast);
        expect(high.atMost).toBeGreaterThanOrEqual(low.atMost);
        const { atLeast } = riverGradeOf(a, all);
        const guess = riverGradeOf(a, some);
        expect(atLeast).toBeGreaterThanOrEqual(guess.atLeast);
        expect(atLeast).toBeLessThanOrEqual(guess.atMost);
      }),
    );
  });
});

describe('the hazard of water in a street', () => {
  it('is told by depth, velocity and their product together', () => {
    expect([hazard(0.3, 1), hazard(0.3, 1.1), hazard(0.8, 0.5), hazard(0.2, 2.5), hazard(4.5, 0.1)]).toEqual([
      'H1',
      'H2',
      'H3',
      'H5',
      'H6',
    ]);
  });

  it('never lessens as the water rises or quickens', () => {
    const rank = (key: string) => [...FLOOD_HAZARDS, BEYOND_HAZARDS].findIndex((each) => each.key === key);
    const metres = fc.double({ min: 0, max: 5, noNaN: true });
    fc.assert(
      fc.property(metres, metres, metres, metres, (depth, deeper, velocity, faster) => {
        const worse = hazard(Math.max(depth, deeper), Math.max(velocity, faster));
        expect(rank(worse)).toBeGreaterThanOrEqual(rank(hazard(depth, velocity)));
      }),
    );
  });
});

const VECTORS = '../shared/reference/vectors/flood.json';
describe.skipIf(!existsSync(VECTORS))(`the flood vectors (skipped without ${VECTORS})`, () => {
  const vectors = (existsSync(VECTORS) ? JSON.parse(readFileSync(VECTORS, 'utf8')) : {}) as {
    alert: {
      station: string;
      level_m: number;
      alert: number;
      above_current_m: number | null;
      below_next_m: number | null;
    }[];
    hazard: { depth_m: number; velocity_ms: number; class: string }[];
    urban_depth: { depth_cm: number; class: number }[];
  };
  const SLUGS: Record<string, string> = {
    'Chanh Chu (Luoc)': 'chanh-chu',
    'Trung Trang (Van Uc)': 'trung-trang',
    'Pha Lai (Thai Binh)': 'pha-lai',
  };

  it.each(vectors.alert ?? [])(
    '$station at $level_m m is at grade $alert',
    ({ station, level_m, alert, above_current_m, below_next_m }) => {
      expect(riverGradeOf(level_m, thresholdsOf(SLUGS[station]!))).toEqual({
        atLeast: alert,
        atMost: alert,
        above: above_current_m,
        below: below_next_m,
      });
    },
  );
  it.each(vectors.hazard ?? [])('$depth_m m at $velocity_ms m/s is $class', (vector) => {
    expect(hazard(vector.depth_m, vector.velocity_ms)).toBe(vector.class);
  });
  it.each(vectors.urban_depth ?? [])('$depth_cm cm on a street is class $class', (vector) => {
    expect(depthClassOf(vector.depth_cm / 100, FLOOD_DEPTHS.map(limitValue))).toBe(vector.class);
  });
});
