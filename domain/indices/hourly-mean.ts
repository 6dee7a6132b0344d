import type { HourEnd } from './local-hours.ts';

/** What is known of one hour of one series. */
export interface HourlyMean {
  /** In the quantity's unit. */
  readonly mean: number;
  /** Share of the readings expected in the hour that were there and usable, in (0, 1]. */
  readonly capture: number;
}
/** One series by hours; an hour without usable readings is absent. */
export type HourlyMeans = ReadonlyMap<HourEnd, HourlyMean>;

/** `null` for nothing. */
export function arithmeticMean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
