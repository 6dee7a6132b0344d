import type { Brand } from './brand.ts';
import type { Language, Localized } from './localized.ts';
import type { DurationMs } from './time.ts';

/** Key of a quantity in the catalogue, e.g. `pm2_5`, `water_level`, `vehicle_flow`. */
export type QuantityKey = Brand<string, 'QuantityKey'>;

export const DOMAINS = ['traffic', 'water', 'power', 'environment'] as const;
/** The field of city life a quantity, site or point belongs to; `device` health quantities use the domain of their device. */
export type Domain = (typeof DOMAINS)[number];

/**
 * How readings of a quantity combine over a window.
 * - `instantaneous`: sampled state; the mean is meaningful (temperature, level).
 * - `interval_total`: amount in the interval that ends at the reading; sums (rain, vehicle count).
 * - `interval_mean`: mean over the interval that ends at the reading; means (flow rate, mean speed).
 * - `cumulative`: ever-rising register; differences are meaningful, resets are detected (energy, volume).
 * - `state`: small integer codes or 0/1; the last value counts (pump running, door open).
 * - `direction`: degrees on a circle; means are vector means (wind direction).
 */
export const AGGREGATION_KINDS = [
  'instantaneous',
  'interval_total',
  'interval_mean',
  'cumulative',
  'state',
  'direction',
] as const;
export type AggregationKind = (typeof AGGREGATION_KINDS)[number];

/** Closed interval [min, max] in the quantity's unit. */
export interface ClosedRange {
  readonly min: number;
  readonly max: number;
}

export interface Quantity {
  readonly key: QuantityKey;
  readonly domain: Domain;
  /** UCUM code, case-sensitive. */
  readonly unit: string;
  /** How the unit is written for people, e.g. `µg/m³`, `°C`. */
  readonly unitSymbol: string;
  /** Where languages write it differently, as vehicles an hour: what each writes. */
  readonly localUnitSymbol?: Localized;
  readonly name: Localized;
  /** What the world can physically do; a value outside is invalid `OUT_OF_RANGE`. */
  readonly physicalRange: ClosedRange;
  /** What is believable here; a value outside is suspect `IMPLAUSIBLE`. Lies inside `physicalRange`. */
  readonly plausibleRange: ClosedRange;
  readonly aggregation: AggregationKind;
  /** Digits after the decimal point that mean something to people. */
  readonly decimals: number;
  /** After this long without a reading its map symbol says "no data". The device model's expected interval narrows it. */
  readonly staleAfter: DurationMs;
  /** Worked out by the platform from other quantities of the point; that there are none says nothing about the hardware. */
  readonly computed?: true;
  /** Of a `state` whose codes mean something by themselves: what 0, 1, … are called. Such a state is told by its name, never by the number. */
  readonly stateNames?: readonly Localized[];
}

/** How people who speak the language write its unit; empty without one. */
export const unitSymbolIn = (quantity: Pick<Quantity, 'unitSymbol' | 'localUnitSymbol'>, language: Language): string =>
  quantity.localUnitSymbol?.[language] ?? quantity.unitSymbol;

/** As {@link unitSymbolIn}, in both; empty of what is no quantity. */
export const unitSymbolsOf = (quantity: Pick<Quantity, 'unitSymbol' | 'localUnitSymbol'> | null): Localized =>
  quantity?.localUnitSymbol ?? { vi: quantity?.unitSymbol ?? '', en: quantity?.unitSymbol ?? '' };

/** What a value is called; `undefined` where only the number says it. */
export const stateName = (
  { stateNames }: { readonly stateNames?: Quantity['stateNames'] | undefined },
  value: number,
): Localized | undefined => stateNames?.[value];

export type QuantityCatalogue = ReadonlyMap<QuantityKey, Quantity>;
