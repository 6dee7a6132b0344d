import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HourlyMeans } from '../../domain/indices/hourly-mean.ts';
import { hoursOfDate, type LocalDate, nextDate } from '../../domain/indices/local-hours.ts';
import { noiseDateOf, noiseDayOf } from '../../domain/indices/noise-day.ts';
import { energyMean, energySum, weightedLevel } from '../../domain/indices/sound-levels.ts';
import { LDEN } from './noise.ts';

const DATE = '2026-11-20' as LocalDate;
const hours = [...hoursOfDate(DATE, LDEN.offset), ...hoursOfDate(nextDate(DATE), LDEN.offset)];
/** Levels by the hour since the midnight that begins the date: 0 is 00:00 to 01:00. */
const levels = (at: (hour: number) => number | null): HourlyMeans =>
  new Map(hours.flatMap((hour, i) => (at(i) === null ? [] : [[hour, { mean: at(i)!, capture: 1 }] as const])));
/** Day 65, evening 62, night 55 dB(A). */
const typical = (hour: number) => (hour < 7 ? 99 : hour < 19 ? 65 : hour < 23 ? 62 : hour < 31 ? 55 : 99);

const lden = (day: number, evening: number, night: number) =>
  weightedLevel([
    { level: day, hours: 12, penalty: 0 },
    { level: evening, hours: 4, penalty: 5 },
    { level: night, hours: 8, penalty: 10 },
  ]);

describe('Lden', () => {
  it('takes the day from 07:00, the evening from 19:00 and the night from 23:00 into the next date', () => {
    const noise = noiseDayOf(levels(typical), DATE, LDEN);
    expect(noise.periods).toMatchObject({
      day: { ok: true, value: { level: expect.closeTo(65, 9), capture: 1 } },
      evening: { ok: true, value: { level: expect.closeTo(62, 9) } },
      night: { ok: true, value: { level: expect.closeTo(55, 9) } },
    });
    expect(noise.lden).toMatchObject({
      ok: true,
      value: { level: expect.closeTo(65.404, 4), determining: 'day', capture: 1 },
    });
  });

  it('is not had without one of the periods, and says which', () => {
    const noise = noiseDayOf(
      levels((hour) => (hour < 23 ? typical(hour) : null)),
      DATE,
      LDEN,
    );
    expect(noise.periods).toMatchObject({ day: { ok: true }, night: { ok: false, error: 'NO_DATA' } });
    expect(noise.lden).toEqual({ ok: false, error: { code: 'PERIOD_MISSING', periods: ['night'] } });
    // Five of eight hours are too few, six are enough.
    const upTo = (last: number) =>
      noiseDayOf(
        levels((hour) => (hour < last ? typical(hour) : null)),
        DATE,
        LDEN,
      ).lden;
    expect(upTo(28)).toMatchObject({ ok: false });
    expect(upTo(29)).toMatchObject({ ok: true, value: { capture: 0.75 } });
  });

  it('of a date is touched by its hours from 07:00 to 07:00 of the next, and by no other', () => {
    const whole = noiseDayOf(levels(typical), DATE, LDEN);
    hours.forEach((hour, i) => {
      const changed = noiseDayOf(
        levels((at) => (at === i ? 120 : typical(at))),
        DATE,
        LDEN,
      );
      const touches = noiseDateOf(hour, LDEN) === DATE;
      expect(touches, `hour ${i}`).toBe(i >= 7 && i < 31);
      if (touches) expect(changed).not.toEqual(whole);
      else expect(changed).toEqual(whole);
    });
  });

  it('is the level of a weighted day: 60 by day, 55 in the evening and 50 at night make 60', () => {
    expect(lden(60, 55, 50)).toBeCloseTo(60, 9);
    expect(lden(60, 60, 60)).toBeCloseTo(66.3952, 4);
  });

  it('adds energies: a minute of 85 dB in an hour of 55 counts', () => {
    expect(energyMean([60, 70])).toBeCloseTo(67.4036, 4);
    expect(energySum([60, 60])).toBeCloseTo(63.0103, 4);
    expect([energyMean([]), energySum([])]).toEqual([null, null]);
  });

  it('lies between the lowest and the highest level, above the mean of the decibels, and rises with each', () => {
    const decibels = fc.double({ min: 0, max: 140, noNaN: true });
    fc.assert(
      fc.property(fc.array(decibels, { minLength: 1, maxLength: 24 }), fc.nat(), decibels, (of, at, other) => {
        const mean = energyMean(of)!;
        const arithmetic = of.reduce((a, b) => a + b, 0) / of.length;
        expect(mean).toBeGreaterThanOrEqual(arithmetic - 1e-9);
        expect(mean).toBeLessThanOrEqual(Math.max(...of) + 1e-9);
        const louder = of.with(at % of.length, Math.max(of[at % of.length]!, other));
        expect(energyMean(louder)!).toBeGreaterThanOrEqual(mean - 1e-9);
      }),
    );
  });
});

const VECTORS = '../shared/reference/vectors/noise.json';
describe.skipIf(!existsSync(VECTORS))(`the noise vectors (skipped without ${VECTORS})`, () => {
  const { vectors } = (existsSync(VECTORS) ? JSON.parse(readFileSync(VECTORS, 'utf8')) : { vectors: [] }) as {
    vectors: {
      id: string;
      op: string;
      day: number;
      evening: number;
      night: number;
      levels: number[];
      expected: number;
    }[];
  };
  it.each(vectors)('$id', ({ op, day, evening, night, levels: of, expected }) => {
    const results: Record<string, () => number | null> = {
      lden: () => lden(day, evening, night),
      ldn: () =>
        weightedLevel([
          { level: day, hours: 15, penalty: 0 },
          { level: night, hours: 9, penalty: 10 },
        ]),
      leq: () => energyMean(of),
      sum: () => energySum(of),
    };
    expect(results[op]!()).toBeCloseTo(expected, 4);
  });
});
