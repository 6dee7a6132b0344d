import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VIETNAM_TIME } from '../time-zone.ts';
import type { AirColumn, AirPollutant, DayAverage, HourAverage } from './air-index.ts';
import {
  type AirIndexMethod,
  affectedBy,
  airIndexSeriesOf,
  type ChangedHour,
  hoursNeededFor,
  type StationMeans,
} from './air-index-series.ts';
import { touchingBands } from './breakpoints.ts';
import type { HourlyMean } from './hourly-mean.ts';
import { dateOf, type HourEnd, hoursBefore, hoursOfDate, type LocalDate, nextDate } from './local-hours.ts';

type Key = 'pm2_5' | 'o3_1h' | 'o3_8h' | 'so2_24h';
const column = (
  key: Key,
  pollutant: AirPollutant,
  ofHour: HourAverage | null,
  ofDay: DayAverage | null,
): AirColumn<Key> => ({
  key,
  pollutant,
  bands: touchingBands([0, 100, 200, 500], [0, 50, 150, 1000]),
  truncateDecimals: null,
  above: 'top',
  perMicrogram: 1,
  ofHour,
  ofDay,
});
/** One of every kind of average. */
const method: AirIndexMethod<Key> = {
  table: {
    columns: [
      column('pm2_5', 'pm2_5', 'nowcast', 'mean_24h'),
      column('o3_1h', 'o3', 'mean_1h', 'maximum_1h'),
      column('o3_8h', 'o3', 'mean_8h', 'maximum_8h'),
      column('so2_24h', 'so2', 'mean_24h', null),
    ],
    categories: [{ key: 'all', min: 0, max: 500 }],
    requiresOneOf: [],
  },
  capture: { hour: 0.5, eightHours: 0.5, day: 0.25 },
  offset: VIETNAM_TIME,
};

const FIRST_DATE = '2026-11-18' as LocalDate;
const DATES = [FIRST_DATE, nextDate(FIRST_DATE), nextDate(nextDate(FIRST_DATE)), '2026-11-21' as LocalDate];
const HOURS = DATES.flatMap((date) => hoursOfDate(date, VIETNAM_TIME));
const LAST = HOURS.at(-1)!;

interface Write {
  readonly pollutant: 'pm2_5' | 'o3' | 'so2';
  readonly hour: HourEnd;
  readonly mean: HourlyMean;
}
const write: fc.Arbitrary<Write> = fc.record({
  pollutant: fc.constantFrom('pm2_5', 'o3', 'so2'),
  hour: fc.constantFrom(...HOURS),
  mean: fc.record({ mean: fc.double({ min: 0, max: 900, noNaN: true }), capture: fc.constantFrom(0.2, 0.5, 1) }),
});
const apply = (writes: readonly Write[]): StationMeans => {
  const means = {
    pm2_5: new Map<HourEnd, HourlyMean>(),
    o3: new Map<HourEnd, HourlyMean>(),
    so2: new Map<HourEnd, HourlyMean>(),
  };
  for (const { pollutant, hour, mean } of writes) means[pollutant].set(hour, mean);
  return means;
};

describe('the series of an index', () => {
  it('worked out again only where late hours touch it, is the series worked out anew', () => {
    const batches = fc.array(fc.array(write, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(batches, (arriving) => {
        const hours = new Map(
          airIndexSeriesOf({ pm2_5: new Map(), o3: new Map(), so2: new Map() }, { hours: HOURS, dates: [] }, method)
            .hours,
        );
        const dates = new Map(
          airIndexSeriesOf({ pm2_5: new Map(), o3: new Map(), so2: new Map() }, { hours: [], dates: DATES }, method)
            .dates,
        );
        const kept: Write[] = [];
        for (const batch of arriving) {
          kept.push(...batch);
          const affected = affectedBy(batch, LAST, method);
          const again = airIndexSeriesOf(apply(kept), affected, method);
          for (const [hour, index] of again.hours) hours.set(hour, index);
          for (const [date, index] of again.dates) dates.set(date, index);
        }
        const anew = airIndexSeriesOf(apply(kept), { hours: HOURS, dates: DATES }, method);
        expect(hours).toEqual(anew.hours);
        expect(dates).toEqual(anew.dates);
      }),
      { numRuns: 40 },
    );
  });

  it('needs no hours beyond those it asks for', () => {
    fc.assert(
      fc.property(
        fc.array(write, { minLength: 1, maxLength: 60 }),
        fc.array(write, { minLength: 1, maxLength: 3 }),
        (all, changed) => {
          const affected = affectedBy(changed, LAST, method);
          const needed = hoursNeededFor(affected, method)!;
          const loaded = all.filter(({ hour }) => hour >= needed.from && hour <= needed.to);
          expect(airIndexSeriesOf(apply(loaded), affected, method)).toEqual(
            airIndexSeriesOf(apply(all), affected, method),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  const noon = HOURS[24 + 11]!;
  const evening = HOURS[24 + 19]!;
  const reach = (changed: ChangedHour, until = LAST) => {
    const { hours, dates } = affectedBy([changed], until, method);
    return { hours: hours.length, first: hours[0], dates };
  };

  it('is touched by an hour of particles for twelve hours and its day', () => {
    expect(reach({ pollutant: 'pm2_5', hour: noon })).toEqual({ hours: 12, first: noon, dates: ['2026-11-19'] });
  });

  it('is touched by an evening of ozone into the next day', () => {
    expect(reach({ pollutant: 'o3', hour: noon })).toEqual({ hours: 8, first: noon, dates: ['2026-11-19'] });
    expect(reach({ pollutant: 'o3', hour: evening })).toMatchObject({ dates: ['2026-11-19', '2026-11-20'] });
  });

  it('has the first running mean of a day, which ends at 01:00, begin with the hour 18:00 of the day before', () => {
    const dates = [17, 18].map((label) => reach({ pollutant: 'o3', hour: HOURS[24 + label - 1]! }).dates);
    expect(dates).toEqual([['2026-11-19'], ['2026-11-19', '2026-11-20']]);
    const needed = hoursNeededFor({ hours: [], dates: ['2026-11-20' as LocalDate] }, method)!;
    expect([needed.from, needed.to]).toEqual([HOURS[24 + 17], HOURS[71]]);
  });

  it('is not touched by what it is not made of, nor after the latest hour', () => {
    expect(reach({ pollutant: 'no2', hour: noon })).toEqual({ hours: 0, first: undefined, dates: [] });
    expect(reach({ pollutant: 'so2', hour: noon })).toMatchObject({ hours: 24, dates: [] });
    expect(reach({ pollutant: 'pm2_5', hour: noon }, hoursBefore(noon, -2))).toMatchObject({ hours: 3 });
    expect(reach({ pollutant: 'o3', hour: evening }, evening)).toMatchObject({ hours: 1, dates: ['2026-11-19'] });
    expect(hoursNeededFor({ hours: [], dates: [] }, method)).toBeNull();
    expect(dateOf(evening, VIETNAM_TIME)).toBe('2026-11-19');
  });
});
