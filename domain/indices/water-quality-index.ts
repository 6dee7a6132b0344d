import { err, ok, type Result } from '../result.ts';
import { arithmeticMean } from './hourly-mean.ts';
import { categoryOf, type IndexCategory } from './index-category.ts';
import { roundHalfUp } from './rounding.ts';

/*
 * VN_WQI, Decision 1460/QĐ-TCMT of 12 November 2019: one number for the quality of surface water, 100 the best. The table of the
 * decision is an argument (`config/indices/vn-wqi.ts`), since parts of it rest on other programs' reading of it.
 */

/** pH; pesticides; metals; organic matter and nutrients; microbes. */
export const WQI_GROUPS = ['I', 'II', 'III', 'IV', 'V'] as const;
export type WqiGroup = (typeof WQI_GROUPS)[number];

export const WQI_PARAMETERS = {
  I: ['pH'],
  II: ['aldrin', 'BHC', 'dieldrin', 'DDTs', 'heptachlor'],
  III: ['As', 'Cd', 'Pb', 'Cr6', 'Cu', 'Zn', 'Hg'],
  IV: ['DO', 'BOD5', 'COD', 'TOC', 'NH4_N', 'NO3_N', 'NO2_N', 'PO4_P'],
  V: ['coliform', 'E_coli'],
} as const satisfies Record<WqiGroup, readonly string[]>;
export type WqiParameter = (typeof WQI_PARAMETERS)[WqiGroup][number];

/** Sub-index by straight lines between points; below the first and above the last, constants (which may be a step). */
export interface QualityCurve {
  readonly below: number;
  /** [value, sub-index], values ascending, at least one. */
  readonly points: readonly (readonly [value: number, quality: number])[];
  readonly above: number;
}

export interface WqiTable {
  /** Values in the unit of the table: mg/L, pesticides µg/L, microbes MPN/100 mL, DO per cent of saturation, pH. */
  readonly curves: Readonly<Record<WqiParameter, QualityCurve>>;
  readonly categories: readonly IndexCategory[];
  /** Groups that must have a parameter. */
  readonly minimumGroups: number;
  /** Parameters that group IV must have; it may never be absent. */
  readonly minimumInGroupIV: number;
}

/** One sample. Values in the table's units, but oxygen as it is measured. */
export interface WaterSample {
  readonly values: Readonly<Partial<Record<Exclude<WqiParameter, 'DO'>, number>>>;
  /** mg/L. */
  readonly dissolvedOxygen?: number;
  /** °C; without it dissolved oxygen can't be judged. */
  readonly waterTemperature?: number;
}

export interface WaterQualityIndex {
  /** Rounded half up. */
  readonly value: number;
  readonly raw: number;
  readonly category: string;
  /** The parameter with the least sub-index. */
  readonly determining: WqiParameter;
  /** Sub-indices, 0 … 100. */
  readonly parameters: Readonly<Partial<Record<WqiParameter, number>>>;
  /** Share of the five groups that the sample had. */
  readonly capture: number;
}
export interface WaterQualityGap {
  readonly code: 'TOO_FEW_GROUPS' | 'TOO_FEW_IN_GROUP_IV';
  readonly parameters: Readonly<Partial<Record<WqiParameter, number>>>;
  /** Dissolved oxygen was there, but no water temperature. */
  readonly oxygenWithoutTemperature: boolean;
}

/** Dissolved oxygen of saturated fresh water at `celsius`, mg/L. */
export const oxygenSaturation = (celsius: number): number =>
  14.652 - 0.41022 * celsius + 0.007991 * celsius ** 2 - 0.000077774 * celsius ** 3;

export function qualityOn({ below, points, above }: QualityCurve, value: number): number {
  if (value < points[0]![0]) return below;
  if (value > points.at(-1)![0]) return above;
  const next = points.findIndex(([at]) => value <= at);
  const [x2, q2] = points[next]!;
  if (next === 0) return q2;
  const [x1, q1] = points[next - 1]!;
  return q1 + ((q2 - q1) / (x2 - x1)) * (value - x1);
}

/**
 * `(I/100) · (geomean II/100) · (geomean III/100) · ∛(mean(IV)² · mean(V))`. An absent group I, II or III is left out; without group V the last
 * factor is mean(IV). `null` without group IV.
 */
export function aggregateWqi(groups: Readonly<Record<WqiGroup, readonly number[]>>): number | null {
  const organic = arithmeticMean(groups.IV);
  if (organic === null) return null;
  const microbes = arithmeticMean(groups.V);
  const core = microbes === null ? organic : Math.cbrt(organic ** 2 * microbes);
  const factor = (group: readonly number[]): number => (geometricMean(group) ?? 100) / 100;
  return factor(groups.I) * factor(groups.II) * factor(groups.III) * core;
}

/** VN_WQI of a sample. */
export function waterQualityIndexOf(sample: WaterSample, table: WqiTable): Result<WaterQualityIndex, WaterQualityGap> {
  const { dissolvedOxygen, waterTemperature } = sample;
  const oxygen =
    dissolvedOxygen === undefined || waterTemperature === undefined
      ? undefined
      : (100 * dissolvedOxygen) / oxygenSaturation(waterTemperature);
  const parameters: Partial<Record<WqiParameter, number>> = {};
  const groups: Record<WqiGroup, number[]> = { I: [], II: [], III: [], IV: [], V: [] };
  let determining: WqiParameter | null = null;
  for (const group of WQI_GROUPS) {
    for (const parameter of WQI_PARAMETERS[group]) {
      const value = parameter === 'DO' ? oxygen : sample.values[parameter];
      if (value === undefined) continue;
      const quality = qualityOn(table.curves[parameter], value);
      parameters[parameter] = quality;
      groups[group].push(quality);
      if (determining === null || quality < parameters[determining]!) determining = parameter;
    }
  }
  const present = WQI_GROUPS.filter((group) => groups[group].length > 0).length;
  const gap = (code: WaterQualityGap['code']): Result<never, WaterQualityGap> =>
    err({
      code,
      parameters,
      oxygenWithoutTemperature: dissolvedOxygen !== undefined && waterTemperature === undefined,
    });
  if (groups.IV.length < table.minimumInGroupIV) return gap('TOO_FEW_IN_GROUP_IV');
  const raw = aggregateWqi(groups);
  if (raw === null || determining === null) return gap('TOO_FEW_IN_GROUP_IV');
  if (present < table.minimumGroups) return gap('TOO_FEW_GROUPS');
  const value = roundHalfUp(raw);
  return ok({
    value,
    raw,
    category: categoryOf(table.categories, value).key,
    determining,
    parameters,
    capture: present / WQI_GROUPS.length,
  });
}

function geometricMean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((product, value) => product * value, 1) ** (1 / values.length);
}
