import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { airIndexOf } from '../../domain/indices/air-index.ts';
import { airIndexOfDay, airIndexOfHour } from '../../domain/indices/air-index-series.ts';
import { subIndexOf } from '../../domain/indices/breakpoints.ts';
import { ppbPerMicrogram } from '../../domain/indices/gas-units.ts';
import type { HourlyMeans } from '../../domain/indices/hourly-mean.ts';
import { categoryOf } from '../../domain/indices/index-category.ts';
import { hoursBefore, hoursOfDate, type LocalDate } from '../../domain/indices/local-hours.ts';
import { nowCast } from '../../domain/indices/nowcast.ts';
import { roundHalfUp, truncateTo } from '../../domain/indices/rounding.ts';
import { ok } from '../../domain/result.ts';
import { US_AQI, US_AQI_CATEGORIES, US_AQI_TABLE, type UsAqiColumn } from './us-aqi.ts';

const DATE = '2026-11-20' as LocalDate;
const hours = hoursOfDate(DATE, US_AQI.offset);
const column = (key: UsAqiColumn) => US_AQI_TABLE.columns.find((each) => each.key === key)!;
/** Index of a concentration in the unit of the column. */
const indexAt = (key: UsAqiColumn, concentration: number): number | null => {
  const sub = subIndexOf(column(key), concentration);
  return sub.defined ? roundHalfUp(sub.raw) : null;
};
const newestFirst = (means: readonly (number | null)[]): HourlyMeans =>
  new Map(
    means.flatMap((mean, i) => (mean === null ? [] : [[hoursBefore(hours[11]!, i), { mean, capture: 1 }] as const])),
  );

describe('the US AQI', () => {
  it('truncates a concentration before it looks it up, also where binary floats fall short', () => {
    expect([9.05, 9.0, 8.99, 9.1].map((c) => indexAt('pm2_5', c))).toEqual([50, 50, 49, 51]);
    // 0.29 · 100 is 28.999999999999996 in binary.
    expect(truncateTo(0.29, 2)).toBe(0.29);
    expect(indexAt('o3_8h', 0.0549)).toBe(50);
  });

  it('of an hour is made from the NowCast of particles', () => {
    const means = newestFirst([34.9, 43, 50, null, 64.9, 69.2, 66.2, 53.7, 48.6, 49.2, 35, null]);
    expect(airIndexOfHour({ pm2_5: means }, hours[11]!, US_AQI)).toMatchObject({
      ok: true,
      value: { value: 115, determining: 'pm2_5', category: 'unhealthy_sensitive', capture: 10 / 12 },
    });
  });

  it('converts gases from µg/m³ at 25 °C', () => {
    // 100 ppb of SO2.
    const index = airIndexOfHour({ so2: newestFirst([100 / ppbPerMicrogram('so2')]) }, hours[11]!, US_AQI);
    expect(index).toMatchObject({
      ok: true,
      value: { value: 112, determining: 'so2_1h', category: 'unhealthy_sensitive' },
    });
  });

  it('needs no particles', () => {
    expect(airIndexOf(US_AQI_TABLE, { no2_1h: ok({ concentration: 100, capture: 1 }) })).toMatchObject({ ok: true });
    expect(airIndexOf(US_AQI_TABLE, {})).toMatchObject({ ok: false, error: { code: 'NO_POLLUTANT' } });
  });

  it('judges low ozone by eight hours and extreme ozone by one', () => {
    expect([indexAt('o3_1h', 0.12), indexAt('o3_8h', 0.06)]).toEqual([null, 67]);
    expect([indexAt('o3_1h', 0.5), indexAt('o3_8h', 0.25)]).toEqual([396, null]);
  });

  it('goes above 200 for sulphur dioxide only by the mean of 24 hours', () => {
    const ppb = (value: number) => value / ppbPerMicrogram('so2');
    const day = (peak: number, rest: number): HourlyMeans =>
      new Map(hours.map((hour, i) => [hour, { mean: ppb(i === 9 ? peak : rest), capture: 1 }]));
    expect(airIndexOfDay({ so2: day(900, 20) }, DATE, US_AQI)).toMatchObject({
      value: { value: 200, determining: 'so2_1h', beyondTable: true, columns: { so2_24h: { gap: 'BELOW_COLUMN' } } },
    });
    expect(airIndexOfDay({ so2: day(400.5, 400.5) }, DATE, US_AQI)).toMatchObject({
      value: { value: 232, determining: 'so2_24h' },
    });
  });

  it('rises with the concentration and stays within 0 … 500', () => {
    const concentration = fc.double({ min: 0, max: 2_500, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...US_AQI_TABLE.columns), concentration, concentration, (of, a, b) => {
        const [low, high] = [subIndexOf(of, Math.min(a, b)), subIndexOf(of, Math.max(a, b))];
        for (const sub of [low, high]) {
          if (!sub.defined) continue;
          expect(sub.raw).toBeGreaterThanOrEqual(0);
          expect(sub.raw).toBeLessThanOrEqual(500);
        }
        if (low.defined && high.defined) expect(low.raw).toBeLessThanOrEqual(high.raw);
      }),
    );
  });

  it('has categories for every whole index from 0 to 500', () => {
    US_AQI_CATEGORIES.forEach(({ min }, i) => {
      expect(min).toBe(i === 0 ? 0 : US_AQI_CATEGORIES[i - 1]!.max + 1);
    });
    expect(US_AQI_CATEGORIES.at(-1)!.max).toBe(500);
  });
});

const VECTORS = '../shared/reference/vectors/us-aqi.json';
describe.skipIf(!existsSync(VECTORS))(`the US AQI vectors (skipped without ${VECTORS})`, () => {
  interface Row {
    readonly lo: number;
    readonly hi: number;
    readonly ilo: number;
    readonly ihi: number;
  }
  const vectors = (existsSync(VECTORS) ? JSON.parse(readFileSync(VECTORS, 'utf8')) : {}) as {
    tables: Record<string, { truncate_decimals: number; rows: Row[] }>;
    sub_index: {
      pollutant: string;
      conc: number;
      truncated: number;
      aqi_raw?: number;
      aqi: number | null;
      category: string | null;
    }[];
    nowcast: {
      id: string;
      c: (number | null)[];
      pollutant?: string;
      w: number | null;
      nowcast_raw: number | null;
      nowcast: number | null;
      aqi: number | null;
      category?: string;
    }[];
  };
  /** The vectors have one column of SO2, whose rows above 304 ppb are of 24-hour means. */
  const keysOf = (name: string): readonly UsAqiColumn[] =>
    (
      ({ pm25: ['pm2_5'], co: ['co_8h'], so2: ['so2_1h', 'so2_24h'], no2: ['no2_1h'] }) as Record<string, UsAqiColumn[]>
    )[name] ?? [name as UsAqiColumn];

  it('have the tables that we have', () => {
    for (const [name, { truncate_decimals, rows }] of Object.entries(vectors.tables)) {
      const ours = keysOf(name).map(column);
      expect(ours.map(({ truncateDecimals }) => truncateDecimals)).toEqual(ours.map(() => truncate_decimals));
      expect(
        ours
          .flatMap(({ bands }) => bands)
          .map(({ concentration: [lo, hi], index: [ilo, ihi] }) => ({ lo, hi, ilo, ihi })),
      ).toEqual(rows);
    }
  });

  it.each(vectors.sub_index ?? [])(
    '$pollutant at $conc is $aqi',
    ({ pollutant, conc, truncated, aqi_raw, aqi, category }) => {
      const of = column(keysOf(pollutant)[0]!);
      expect(truncateTo(conc, of.truncateDecimals!)).toBe(truncated);
      const sub = subIndexOf(of, conc);
      if (aqi === null) return expect(sub.defined).toBe(false);
      if (aqi_raw !== undefined) expect(sub.defined && sub.raw).toBeCloseTo(aqi_raw, 5);
      expect(sub.defined && roundHalfUp(sub.raw)).toBe(aqi);
      expect(categoryOf(US_AQI_CATEGORIES, aqi).name.en).toBe(category);
    },
  );

  it.each(vectors.nowcast ?? [])('NowCast $id', ({ c, pollutant, w, nowcast_raw, nowcast, aqi, category }) => {
    const cast = nowCast(c);
    if (nowcast_raw === null) return expect(cast).toBeNull();
    expect(cast!.weight).toBeCloseTo(w!, 5);
    expect(cast!.concentration).toBeCloseTo(nowcast_raw, 5);
    const of = column(keysOf(pollutant!)[0]!);
    expect(truncateTo(cast!.concentration, of.truncateDecimals!)).toBe(nowcast);
    expect(indexAt(of.key, cast!.concentration)).toBe(aqi);
    expect(categoryOf(US_AQI_CATEGORIES, aqi!).name.en).toBe(category);
  });
});
