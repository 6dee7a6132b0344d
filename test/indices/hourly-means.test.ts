import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourOf } from '../../domain/indices/local-hours.ts';
import { QUALITY } from '../../domain/quality.ts';
import { epochMs, minutes } from '../../domain/time.ts';
import { VIETNAM_TIME } from '../../domain/time-zone.ts';
import { type HourlyMeanMethod, hourlyMeansOf, type MeanedReading } from './hourly-means.ts';

const T0 = Date.parse('2026-11-20T00:00:00+07:00');
const method: HourlyMeanMethod = {
  interval: minutes(10),
  average: 'arithmetic',
  offset: VIETNAM_TIME,
  useSuspect: true,
};
const reading = (minute: number, value: number, quality: number = QUALITY.GOOD): MeanedReading => ({
  eventTime: epochMs(T0 + minute * 60_000),
  value,
  quality,
});
const instant = (minute: number) => epochMs(T0 + minute * 60_000);
const means = (readings: readonly MeanedReading[], how = method) => Object.fromEntries(hourlyMeansOf(readings, how));
const firstHour = hourOf(instant(60), VIETNAM_TIME);

describe('hourly means', () => {
  it('count a reading of the full hour to the hour that it ends', () => {
    const six = [10, 20, 30, 40, 50, 60].map((minute) => reading(minute, minute));
    expect(means([reading(0, 900), ...six])).toMatchObject({ [firstHour]: { mean: 35, capture: 1 } });
  });

  it('tell how much of the hour was there', () => {
    expect(means([reading(10, 4), reading(20, 8)])).toEqual({ [firstHour]: { mean: 6, capture: 2 / 6 } });
    // A device that reports more often than it should has no more than the whole hour.
    const often = Array.from({ length: 30 }, (_, i) => reading(2 * i + 1, 5));
    expect(means(often)).toEqual({ [firstHour]: { mean: 5, capture: 1 } });
  });

  it('leave out what is invalid or calibrating, and what is suspect when that is wanted', () => {
    const given = [
      reading(10, 4),
      reading(20, 8, QUALITY.SUSPECT_STUCK),
      reading(30, 999, QUALITY.CALIBRATING),
      reading(40, 999, QUALITY.INVALID_DECLARED),
      reading(50, Number.NaN),
    ];
    expect(means(given)).toEqual({ [firstHour]: { mean: 6, capture: 2 / 6 } });
    expect(means(given, { ...method, useSuspect: false })).toEqual({ [firstHour]: { mean: 4, capture: 1 / 6 } });
    expect(means([reading(10, 4, QUALITY.CALIBRATING)])).toEqual({});
  });

  it('average sound as energy', () => {
    const found = means([reading(10, 60), reading(20, 70)], { ...method, average: 'energy' });
    expect(found[firstHour]!.mean).toBeCloseTo(67.4036, 4);
  });

  it('are the same in whatever order readings came and however often, the last word on an instant being the last said', () => {
    const distinct = fc.uniqueArray(
      fc.record({ minute: fc.nat(600), value: fc.double({ min: 0, max: 500, noNaN: true }) }),
      {
        selector: ({ minute }) => minute,
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(distinct, fc.infiniteStream(fc.nat()), (given, random) => {
        const readings = given.map(({ minute, value }) => reading(minute, value));
        const shuffled = [...readings];
        for (let i = shuffled.length - 1; i > 0; i--) {
          const j = (random.next().value as number) % (i + 1);
          [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
        }
        const superseded = readings.map(({ eventTime }) => ({ eventTime, value: 7, quality: QUALITY.GOOD }));
        expect(hourlyMeansOf([...superseded, ...shuffled], method)).toEqual(hourlyMeansOf(readings, method));
      }),
    );
  });

  it('change in no hour but those touched', () => {
    const readings = fc.array(fc.record({ minute: fc.nat(600), value: fc.nat(500) }), { maxLength: 60 });
    fc.assert(
      fc.property(readings, readings, (first, late) => {
        const before = first.map(({ minute, value }) => reading(minute, value));
        const all = [...before, ...late.map(({ minute, value }) => reading(minute, value))];
        const touched = new Set(late.map(({ minute }) => hourOf(instant(minute), VIETNAM_TIME)));
        const kept = [...hourlyMeansOf(before, method)].filter(([hour]) => !touched.has(hour));
        const now = [...hourlyMeansOf(all, method)].filter(([hour]) => !touched.has(hour));
        expect(now).toEqual(kept);
      }),
    );
  });
});
