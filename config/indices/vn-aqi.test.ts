import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averageOfDay, averageOfHour } from '../../domain/indices/air-averages.ts';
import { airIndexOf } from '../../domain/indices/air-index.ts';
import { airIndexOfDay, airIndexOfHour } from '../../domain/indices/air-index-series.ts';
import { concentrationAt, subIndexOf } from '../../domain/indices/breakpoints.ts';
import type { HourlyMean, HourlyMeans } from '../../domain/indices/hourly-mean.ts';
import { categoryOf } from '../../domain/indices/index-category.ts';
import { type HourEnd, hoursBefore, hoursOfDate, type LocalDate } from '../../domain/indices/local-hours.ts';
import { roundHalfUp } from '../../domain/indices/rounding.ts';
import { ok } from '../../domain/result.ts';
import { VN_AQI, VN_AQI_CATEGORIES, VN_AQI_TABLE, type VnAqiColumn } from './vn-aqi.ts';

const DATE = '2026-11-20' as LocalDate;
const hours = hoursOfDate(DATE, VN_AQI.offset);
/** The hour so labelled, 1 … 24. */
const hourLabelled = (label: number): HourEnd => hours[label - 1]!;

const full = (mean: number): HourlyMean => ({ mean, capture: 1 });
/** Means that end with `last`, newest first; `null` for an hour without. */
const upTo = (last: HourEnd, newestFirst: readonly (number | null)[]): HourlyMeans =>
  new Map(newestFirst.flatMap((mean, i) => (mean === null ? [] : [[hoursBefore(last, i), full(mean)] as const])));
const allDay = (mean: number): HourlyMeans => new Map(hours.map((hour) => [hour, full(mean)]));

const column = (key: VnAqiColumn) => VN_AQI_TABLE.columns.find((each) => each.key === key)!;
const averaged = (concentrations: Partial<Record<VnAqiColumn, number>>) =>
  Object.fromEntries(
    Object.entries(concentrations).map(([key, concentration]) => [key, ok({ concentration, capture: 1 })]),
  );

describe('VN_AQI', () => {
  it('of an hour is that of the worked example of the decision, with the nitrogen dioxide its formula gives (59, printed 60)', () => {
    const hour = hourLabelled(20);
    const index = airIndexOfHour(
      {
        pm2_5: upTo(hour, [20.6, 19.6, 22.4, 20.3, 16.5, 19.0, 16.5, 19.5, 23.5, 20.5, 24.7, 26.9]),
        o3: upTo(hour, [136.1]),
        no2: upTo(hour, [118.7]),
      },
      hour,
      VN_AQI,
    );
    expect(index).toMatchObject({
      ok: true,
      value: { value: 59, determining: 'no2', pollutant: 'no2', category: 'moderate', beyondTable: false },
    });
    if (!index.ok) return;
    expect(index.value.columns).toMatchObject({
      pm2_5: { value: 41, capture: 1 },
      o3_1h: { value: 43 },
      pm10: { defined: false, gap: 'NOT_MEASURED' },
    });
    expect(index.value.columns).not.toHaveProperty('o3_8h');
  });

  it('of a day is that of the worked example of the decision', () => {
    const index = airIndexOf(VN_AQI_TABLE, averaged({ o3_8h: 89.3, o3_1h: 114.6, no2: 130.8, pm2_5: 55.7 }));
    expect(index).toMatchObject({ ok: true, value: { value: 110, determining: 'pm2_5', category: 'poor' } });
    if (!index.ok) return;
    expect(index.value.columns).toMatchObject({ o3_8h: { value: 45 }, o3_1h: { value: 36 }, no2: { value: 65 } });
  });

  it('takes the mean of the day for particles and the greatest hour for gases', () => {
    const no2 = new Map(allDay(20)).set(hourLabelled(8), full(150));
    const index = airIndexOfDay({ pm10: allDay(100), no2 }, DATE, VN_AQI);
    expect(index).toMatchObject({
      ok: true,
      value: { value: 75, columns: { pm10: { value: 75 }, no2: { value: 75 } } },
    });
    // Equal sub-indices: the earlier column determines.
    expect(index).toMatchObject({ value: { determining: 'pm10' } });
  });

  it('is not published without PM2.5 and PM10', () => {
    const hour = hourLabelled(12);
    expect(airIndexOfHour({ o3: upTo(hour, [250]) }, hour, VN_AQI)).toMatchObject({
      ok: false,
      error: { code: 'REQUIRED_POLLUTANT_MISSING', columns: { o3_1h: { value: 125 } } },
    });
    // Measured, but only one of the three latest hours: no NowCast, hence no index.
    expect(airIndexOfHour({ pm2_5: upTo(hour, [50, null, null, 45, 40]) }, hour, VN_AQI)).toMatchObject({
      ok: false,
      error: { columns: { pm2_5: { defined: false, gap: 'RECENT_HOURS_MISSING' } } },
    });
  });

  it('leaves out hours of too few readings, and days of too few hours', () => {
    const thin = new Map(allDay(60)).set(hourLabelled(24), { mean: 900, capture: 0.5 });
    expect(airIndexOfDay({ pm2_5: thin }, DATE, VN_AQI)).toMatchObject({
      ok: true,
      value: { raw: 116.66666666666667, capture: 23 / 24 },
    });
    const sparse = new Map(hours.map((hour) => [hour, { mean: 60, capture: 0.5 }]));
    expect(airIndexOfDay({ pm2_5: sparse, pm10: new Map() }, DATE, VN_AQI)).toMatchObject({
      ok: false,
      error: { columns: { pm2_5: { gap: 'TOO_FEW_READINGS' }, pm10: { gap: 'NO_DATA' } } },
    });
    const noon = new Map(hours.slice(0, 17).map((hour) => [hour, full(60)]));
    expect(airIndexOfDay({ pm2_5: noon }, DATE, VN_AQI)).toMatchObject({
      ok: false,
      error: { columns: { pm2_5: { gap: 'TOO_FEW_HOURS' } } },
    });
    const evening = new Map(hours.slice(0, 18).map((hour) => [hour, full(60)]));
    expect(airIndexOfDay({ pm2_5: evening }, DATE, VN_AQI)).toMatchObject({ ok: true, value: { capture: 0.75 } });
  });

  it('says 500 from the top of the table on, and that it is at least that', () => {
    expect(airIndexOf(VN_AQI_TABLE, averaged({ pm2_5: 500 }))).toMatchObject({
      value: { value: 500, beyondTable: false },
    });
    expect(airIndexOf(VN_AQI_TABLE, averaged({ pm2_5: 620 }))).toMatchObject({
      value: { value: 500, beyondTable: true, category: 'hazardous' },
    });
  });

  it('judges ozone by its greatest hour alone when the 8-hour mean is above 400', () => {
    const index = airIndexOf(VN_AQI_TABLE, averaged({ pm2_5: 40, o3_1h: 610, o3_8h: 420 }));
    expect(index).toMatchObject({
      value: { value: 253, determining: 'o3_1h', columns: { o3_8h: { defined: false, gap: 'ABOVE_COLUMN' } } },
    });
  });

  it('takes the zero drift of an analyser for clean air', () => {
    expect(airIndexOf(VN_AQI_TABLE, averaged({ pm2_5: -1.2 }))).toMatchObject({
      value: { value: 0, category: 'good' },
    });
  });

  it('rounds as exact arithmetic does, at any concentration of two decimals', () => {
    fc.assert(
      fc.property(fc.constantFrom(...VN_AQI_TABLE.columns), fc.nat(70_000_000), (of, n) => {
        const top = BigInt(of.bands.at(-1)!.concentration[1]) * 100n;
        const hundredths = BigInt(n) % (top + 1n);
        const sub = subIndexOf(of, Number(hundredths) / 100);
        expect(sub.defined && roundHalfUp(sub.raw)).toBe(exactIndex(of.bands, hundredths));
      }),
      { numRuns: 2_000 },
    );
  });

  it('rounds a half up that binary floats put just below it', () => {
    const sub = subIndexOf(column('pm10'), 352.45);
    expect(sub.defined && sub.raw).toBeLessThan(203.5);
    expect(airIndexOf(VN_AQI_TABLE, averaged({ pm10: 352.45 }))).toMatchObject({ value: { value: 204 } });
  });

  it('rises with the concentration and stays within 0 … 500', () => {
    const concentration = fc.double({ min: 0, max: 200_000, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...VN_AQI_TABLE.columns), concentration, concentration, (of, a, b) => {
        const [low, high] = [subIndexOf(of, Math.min(a, b)), subIndexOf(of, Math.max(a, b))];
        if (!low.defined || !high.defined) {
          // Only the 8-hour ozone column ends below the top of the index.
          expect([of.key, high.defined]).toEqual(['o3_8h', false]);
          return;
        }
        expect(low.raw).toBeLessThanOrEqual(high.raw);
        expect(low.raw).toBeGreaterThanOrEqual(0);
        expect(high.raw).toBeLessThanOrEqual(500);
      }),
    );
  });

  it('finds the concentration of an index, and the index of that concentration again', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...VN_AQI_TABLE.columns),
        fc.double({ min: 0, max: 300, noNaN: true }),
        (of, index) => {
          const sub = subIndexOf(of, concentrationAt(of, index)!);
          expect(sub.defined && sub.raw).toBeCloseTo(index, 9);
        },
      ),
    );
    expect(concentrationAt(column('o3_8h'), 301)).toBeNull();
    expect(concentrationAt(column('pm2_5'), 100.5)).toBeCloseTo(50.3, 12);
  });

  it('has categories for every whole index from 0 to 500, each with its texts', () => {
    VN_AQI_CATEGORIES.forEach((category, i) => {
      expect(category.min).toBe(i === 0 ? 0 : VN_AQI_CATEGORIES[i - 1]!.max + 1);
      for (const text of [category.name, category.effect, category.advice.general, category.advice.sensitive]) {
        expect(text.vi).toBe(text.vi.normalize('NFC'));
        expect(text.vi).not.toBe('');
        expect(text.en).not.toBe('');
      }
    });
    expect(VN_AQI_CATEGORIES.at(-1)!.max).toBe(500);
    expect([50, 51, 500].map((value) => categoryOf(VN_AQI_CATEGORIES, value).key)).toEqual([
      'good',
      'moderate',
      'hazardous',
    ]);
  });
});

/** Half up, in whole numbers throughout; concentration in hundredths of the unit. */
function exactIndex(bands: (typeof VN_AQI_TABLE.columns)[number]['bands'], hundredths: bigint): number {
  const band = bands.find(({ concentration: [, to] }) => hundredths <= BigInt(to) * 100n)!;
  const [c1, c2] = band.concentration.map(BigInt) as [bigint, bigint];
  const [i1, i2] = band.index.map(BigInt) as [bigint, bigint];
  const divisor = (c2 - c1) * 100n;
  const dividend = (i2 - i1) * (hundredths - c1 * 100n) + i1 * divisor;
  return Number((2n * dividend + divisor) / (2n * divisor));
}

const VECTORS = '../shared/reference/vectors/vn-aqi.json';
describe.skipIf(!existsSync(VECTORS))(`the VN_AQI vectors (skipped without ${VECTORS})`, () => {
  interface Composite {
    readonly id: string;
    readonly inputs_ug_m3: Record<string, number>;
    readonly sub_indices: Record<string, number | null>;
    readonly aqi: number | null;
    readonly dominant: string | null;
    readonly category: string | null;
  }
  const vectors = (existsSync(VECTORS) ? JSON.parse(readFileSync(VECTORS, 'utf8')) : {}) as {
    index_levels: number[];
    breakpoints_ug_m3: Record<string, number[]>;
    categories: { key: string; min: number; max: number; vi: string; hex: string }[];
    sub_index: {
      pollutant: string;
      conc_ug_m3: number;
      aqi_raw: number | null;
      aqi: number | null;
      category: string | null;
    }[];
    hourly: Composite[];
    daily: Composite[];
    o3_8h_windows: { o3_1h: number[]; mean_8h_by_end_hour_01_to_24: number[]; max_8h: number };
  };
  /** The vectors write `pm25`, the catalogue `pm2_5`. */
  const keyOf = (name: string) => (name === 'pm25' ? 'pm2_5' : name) as VnAqiColumn;

  it('have the table and the categories that we have', () => {
    for (const [name, breakpoints] of Object.entries(vectors.breakpoints_ug_m3)) {
      const { bands } = column(keyOf(name));
      expect([0, ...bands.map(({ concentration: [, to] }) => to)]).toEqual(breakpoints);
      expect([0, ...bands.map(({ index: [, to] }) => to)]).toEqual(vectors.index_levels.slice(0, breakpoints.length));
    }
    expect(
      VN_AQI_CATEGORIES.map(({ key, min, max, name: { vi }, colour: hex }) => ({ key, min, max, vi, hex })),
    ).toEqual(vectors.categories.map(({ key, min, max, vi, hex }) => ({ key, min, max, vi, hex })));
  });

  it.each(vectors.sub_index ?? [])(
    '$pollutant at $conc_ug_m3 µg/m³ is $aqi',
    ({ pollutant, conc_ug_m3, aqi_raw, aqi, category }) => {
      const sub = subIndexOf(column(keyOf(pollutant)), conc_ug_m3);
      if (aqi === null) return expect(sub.defined).toBe(false);
      expect(sub.defined && sub.raw).toBeCloseTo(aqi_raw!, 5);
      expect(sub.defined && roundHalfUp(sub.raw)).toBe(aqi);
      expect(categoryOf(VN_AQI_CATEGORIES, aqi).key).toBe(category);
    },
  );

  it.each([...(vectors.hourly ?? []), ...(vectors.daily ?? [])])(
    '$id',
    ({ inputs_ug_m3, sub_indices, aqi, dominant, category }) => {
      const inputs = Object.fromEntries(Object.entries(inputs_ug_m3).map(([name, value]) => [keyOf(name), value]));
      const outcome = airIndexOf(VN_AQI_TABLE, averaged(inputs));
      const { columns } = outcome.ok ? outcome.value : outcome.error;
      for (const [name, expected] of Object.entries(sub_indices)) {
        const sub = columns[keyOf(name)]!;
        expect(sub.defined ? sub.value : null).toBe(expected);
      }
      if (aqi === null) return expect(outcome.ok).toBe(false);
      expect(outcome).toMatchObject({ ok: true, value: { value: aqi, determining: keyOf(dominant!), category } });
    },
  );

  it('have the running 8-hour means of ozone that we have', () => {
    const { o3_1h, mean_8h_by_end_hour_01_to_24, max_8h } = vectors.o3_8h_windows;
    const means = upTo(hourLabelled(24), [...o3_1h].reverse());
    const running = hours.map((hour) => averageOfHour(means, hour, 'mean_8h', VN_AQI.capture));
    expect(running.map((mean) => mean.ok && mean.value.concentration)).toEqual(
      mean_8h_by_end_hour_01_to_24.map((expected) => expect.closeTo(expected, 9)),
    );
    expect(averageOfDay(means, DATE, 'maximum_8h', VN_AQI.capture, VN_AQI.offset)).toEqual(
      ok({ concentration: expect.closeTo(max_8h, 9), capture: 1 }),
    );
  });
});
