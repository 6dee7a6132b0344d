import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOWCAST_HOURS, nowCast } from './nowcast.ts';

const mean = fc.double({ min: 0, max: 1_000, noNaN: true });
const maybe = fc.option(mean, { nil: null });
const hours = fc.array(maybe, { minLength: 0, maxLength: 15 });

describe('the NowCast', () => {
  it.each([
    {
      it: 'of the worked example of the decision is 20.3',
      means: [20.6, 19.6, 22.4, 20.3, 16.5, 19.0, 16.5, 19.5, 23.5, 20.5, 24.7, 26.9],
      concentration: 20.265765,
      weight: 0.613383,
    },
    {
      it: 'halves the weight by the hour when the air changes fast',
      means: [13, 16, 10, 21, 74, 64, 53, 82, 90, 75, 80, 50],
      concentration: 17.413919,
      weight: 0.5,
    },
    {
      it: 'loses nothing of its value when the current hour is missing',
      means: [null, 80, 60, 30, 25, 22, 20, 20, 20, 20, 20, 20],
      concentration: 61.645335,
      weight: 0.5,
    },
    { it: 'of clean air is 0', means: Array.from({ length: 12 }, () => 0), concentration: 0, weight: 1 },
    { it: 'of two hours is theirs', means: [30, 30], concentration: 30, weight: 1 },
  ])('$it', ({ means, concentration, weight }) => {
    const cast = nowCast(means)!;
    expect(cast.concentration).toBeCloseTo(concentration, 6);
    expect(cast.weight).toBeCloseTo(weight, 6);
  });

  it('exists exactly when two of the three latest hours do', () => {
    fc.assert(
      fc.property(hours, (means) => {
        const recent = means.slice(0, 3).filter((each) => each !== null).length;
        expect(nowCast(means) !== null).toBe(recent >= 2);
      }),
    );
  });

  it('lies between the least and the greatest of the twelve hours, and hears nothing of older ones', () => {
    fc.assert(
      fc.property(hours, hours, (means, older) => {
        const cast = nowCast(means);
        if (cast === null) return;
        const present = means.slice(0, NOWCAST_HOURS).filter((each) => each !== null);
        expect(cast.concentration).toBeGreaterThanOrEqual(Math.min(...present) - 1e-9);
        expect(cast.concentration).toBeLessThanOrEqual(Math.max(...present) + 1e-9);
        expect(cast.hoursPresent).toBe(present.length);
        const padded = [...means, ...Array.from({ length: 15 }, () => null)].slice(0, NOWCAST_HOURS);
        expect(nowCast([...padded, ...older])).toEqual(cast);
      }),
    );
  });

  it('grows in proportion to the concentrations', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: 1, max: 900, noNaN: true }), { nil: null }), { maxLength: 12 }),
        (means) => {
          const cast = nowCast(means);
          const twice = nowCast(means.map((each) => (each === null ? null : each * 2)));
          expect(twice?.concentration).toEqual(cast === null ? undefined : cast.concentration * 2);
        },
      ),
    );
  });
});

const VECTORS = '../shared/reference/vectors/vn-aqi.json';
describe.skipIf(!existsSync(VECTORS))(`the NowCast vectors of VN_AQI (skipped without ${VECTORS})`, () => {
  const { nowcast } = (existsSync(VECTORS) ? JSON.parse(readFileSync(VECTORS, 'utf8')) : { nowcast: [] }) as {
    nowcast: { id: string; c: (number | null)[]; w: number | null; nowcast_normalised: number | null }[];
  };
  it.each(nowcast)('$id', ({ c, w, nowcast_normalised }) => {
    const cast = nowCast(c);
    if (nowcast_normalised === null) return expect(cast).toBeNull();
    expect(cast!.weight).toBeCloseTo(w!, 6);
    expect(cast!.concentration).toBeCloseTo(nowcast_normalised, 6);
  });
});
