/** FAVAD: leakage at another pressure, `L₁ = L₀·(P₁/P₀)^N₁`; N₁ 0.5 for holes in metal, 1 for a mixture, 1.5 for background leaks and plastic. P₀ > 0. */
export const leakageAtPressure = (leakage: number, from: number, to: number, exponent: number): number =>
  leakage * (to / from) ** exponent;

/** What people and firms use at night, m³/h: `population · active share · litres a use / 1000 + others`. */
export interface NightUse {
  readonly population: number;
  /** Usually 0.06. */
  readonly activeShare: number;
  /** Usually 10: a cistern. */
  readonly litresPerUse: number;
  readonly otherM3PerHour: number;
}
export const legitimateNightUse = ({ population, activeShare, litresPerUse, otherM3PerHour }: NightUse): number =>
  (population * activeShare * litresPerUse) / 1000 + otherM3PerHour;

/**
 * Hours that a day's leakage is of the night's: `Σ (Pₜ/P_night)^N₁` over the hours of a day. 24 at constant pressure. `null` without night hours or
 * night pressure.
 */
export function hourDayFactor(
  hourlyPressure: readonly number[],
  nightHours: readonly number[],
  exponent: number,
): number | null {
  const night = nightHours.map((hour) => hourlyPressure[hour]).filter((pressure) => pressure !== undefined);
  const nightPressure = night.reduce((sum, pressure) => sum + pressure, 0) / night.length;
  if (!(nightPressure > 0)) return null;
  return hourlyPressure.reduce((sum, pressure) => sum + (pressure / nightPressure) ** exponent, 0);
}

/** Least mean of `window` (≥ 1) readings in a row and where it begins; `null` with fewer. Of equal ones the first. */
export function leastRunningMean(
  values: readonly number[],
  window: number,
): { readonly mean: number; readonly start: number } | null {
  let least: { readonly mean: number; readonly start: number } | null = null;
  for (let start = 0; start + window <= values.length; start++) {
    const mean = values.slice(start, start + window).reduce((sum, value) => sum + value, 0) / window;
    if (least === null || mean < least.mean) least = { mean, start };
  }
  return least;
}
