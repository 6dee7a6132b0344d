import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { categoryOf } from '../../domain/indices/index-category.ts';
import { roundHalfUp } from '../../domain/indices/rounding.ts';
import {
  aggregateWqi,
  oxygenSaturation,
  qualityOn,
  type WaterSample,
  WQI_PARAMETERS,
  type WqiGroup,
  type WqiParameter,
  waterQualityIndexOf,
} from '../../domain/indices/water-quality-index.ts';
import { QUANTITY_CATALOGUE, quantityKey } from '../quantities.ts';
import { VN_WQI, VN_WQI_CATEGORIES, VN_WQI_QUANTITIES } from './vn-wqi.ts';

const canal: WaterSample = {
  values: { pH: 7.2, BOD5: 20, COD: 40, NH4_N: 0.45, coliform: 9_000 },
  dissolvedOxygen: 4,
  waterTemperature: 30,
};
const without = (...parameters: (keyof WaterSample['values'])[]): WaterSample => ({
  ...canal,
  values: Object.fromEntries(
    Object.entries(canal.values).filter(
      ([parameter]) => !parameters.includes(parameter as keyof WaterSample['values']),
    ),
  ),
});

describe('VN_WQI', () => {
  it('combines the groups and names the worst parameter', () => {
    const index = waterQualityIndexOf(canal, VN_WQI);
    expect(index).toMatchObject({
      ok: true,
      value: {
        determining: 'coliform',
        category: 'bad',
        capture: 0.6,
        parameters: { BOD5: 37.5, pH: 100, NH4_N: 62.5 },
      },
    });
    // mean(DO 53.78, BOD5 37.5, COD 37.5, NH4 62.5) = 47.82; ∛(47.82² · 35) = 43.09
    expect(index.ok && index.value.value).toBe(43);
  });

  it('wants three groups, and three parameters of group IV', () => {
    expect(waterQualityIndexOf(without('coliform'), VN_WQI)).toMatchObject({
      ok: false,
      error: { code: 'TOO_FEW_GROUPS' },
    });
    expect(waterQualityIndexOf(without('BOD5', 'COD'), VN_WQI)).toMatchObject({
      ok: false,
      error: { code: 'TOO_FEW_IN_GROUP_IV', parameters: { coliform: 35 } },
    });
    expect(waterQualityIndexOf(without('coliform'), { ...VN_WQI, minimumGroups: 2 })).toMatchObject({ ok: true });
  });

  it('says so when oxygen came without the temperature that it is judged by', () => {
    const { waterTemperature: _, ...rest } = without('COD');
    expect(waterQualityIndexOf(rest, VN_WQI)).toMatchObject({
      ok: false,
      error: { code: 'TOO_FEW_IN_GROUP_IV', oxygenWithoutTemperature: true },
    });
  });

  it('of an empty sample is none, whatever is asked for', () => {
    expect(waterQualityIndexOf({ values: {} }, { ...VN_WQI, minimumGroups: 0, minimumInGroupIV: 0 })).toMatchObject({
      ok: false,
    });
  });

  it('falls as a pollutant rises, and stays within 10 … 100 for each parameter', () => {
    const pollutants = Object.values(WQI_PARAMETERS)
      .flat()
      .filter((parameter) => parameter !== 'pH' && parameter !== 'DO');
    const value = fc.double({ min: 0, max: 20_000, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...pollutants), value, value, (parameter, a, b) => {
        const better = qualityOn(VN_WQI.curves[parameter], Math.min(a, b));
        const worse = qualityOn(VN_WQI.curves[parameter], Math.max(a, b));
        expect(worse).toBeLessThanOrEqual(better);
        expect(worse).toBeGreaterThanOrEqual(10);
        expect(better).toBeLessThanOrEqual(100);
      }),
    );
  });

  it('stays within 0 … 100 and is never better than its organic matter or microbes alone', () => {
    const qualities = (minLength: number) =>
      fc.array(fc.double({ min: 10, max: 100, noNaN: true }), { minLength, maxLength: 8 });
    fc.assert(
      fc.property(qualities(0), qualities(0), qualities(0), qualities(1), qualities(1), (I, II, III, IV, V) => {
        const raw = aggregateWqi({ I, II, III, IV, V })!;
        const mean = (of: number[]) => of.reduce((a, b) => a + b, 0) / of.length;
        expect(raw).toBeGreaterThan(0);
        expect(raw).toBeLessThanOrEqual(Math.max(mean(IV), mean(V)) + 1e-9);
      }),
    );
  });

  it('is fed by quantities of the catalogue in the units of the table', () => {
    for (const key of Object.values(VN_WQI_QUANTITIES)) expect(QUANTITY_CATALOGUE.has(quantityKey(key))).toBe(true);
    expect(QUANTITY_CATALOGUE.get(quantityKey('dissolved_oxygen'))!.unit).toBe('mg/L');
    expect(QUANTITY_CATALOGUE.get(quantityKey('ammonium'))!.unit).toBe('mg/L');
    expect(QUANTITY_CATALOGUE.get(quantityKey('water_temperature'))!.unit).toBe('Cel');
  });
});

const VECTORS = '../shared/reference/vectors/vn-wqi.json';
describe.skipIf(!existsSync(VECTORS))(`the VN_WQI vectors (skipped without ${VECTORS})`, () => {
  const vectors = (existsSync(VECTORS) ? JSON.parse(readFileSync(VECTORS, 'utf8')) : {}) as {
    categories: { min: number; max: number; key: string; vi: string; rgb: [number, number, number] }[];
    parameter: { parameter: string; value: number; wqi: number }[];
    dissolved_oxygen: { do_mg_l: number; temp_c: number; do_sat_mg_l: number; do_pct: number; wqi: number }[];
    aggregate: {
      id: string;
      wqi_raw: number;
      wqi: number;
      category: string;
      I: number | null;
      II: number[];
      III: number[];
      IV: number[];
      V: number[];
    }[];
  };
  const SPELT: Record<string, WqiParameter> = { Coliform: 'coliform', PO4_P: 'PO4_P' };

  it('have the categories that we have', () => {
    const hex = (rgb: readonly number[]) =>
      `#${rgb.map((c) => c.toString(16).padStart(2, '0')).join('')}`.toUpperCase();
    expect(
      [...VN_WQI_CATEGORIES]
        .reverse()
        .map(({ key, min, max, name: { vi }, colour }) => ({ key, min, max, vi, colour })),
    ).toEqual(vectors.categories.map(({ key, min, max, vi, rgb }) => ({ key, min, max, vi, colour: hex(rgb) })));
  });

  it.each(vectors.parameter ?? [])('$parameter at $value is $wqi', ({ parameter, value, wqi }) => {
    expect(qualityOn(VN_WQI.curves[SPELT[parameter] ?? (parameter as WqiParameter)], value)).toBeCloseTo(wqi, 6);
  });

  it.each(vectors.dissolved_oxygen ?? [])('$do_mg_l mg/L of oxygen at $temp_c °C is $wqi', (vector) => {
    expect(oxygenSaturation(vector.temp_c)).toBeCloseTo(vector.do_sat_mg_l, 6);
    const percent = (100 * vector.do_mg_l) / oxygenSaturation(vector.temp_c);
    expect(percent).toBeCloseTo(vector.do_pct, 6);
    expect(qualityOn(VN_WQI.curves.DO, percent)).toBeCloseTo(vector.wqi, 6);
  });

  it.each(vectors.aggregate ?? [])('aggregate $id', ({ I, wqi_raw, wqi, category, ...rest }) => {
    const groups: Record<WqiGroup, readonly number[]> = { I: I === null ? [] : [I], ...rest };
    const raw = aggregateWqi(groups)!;
    expect(raw).toBeCloseTo(wqi_raw, 6);
    expect(roundHalfUp(raw)).toBe(wqi);
    expect(categoryOf(VN_WQI_CATEGORIES, wqi).key).toBe(category);
  });
});
