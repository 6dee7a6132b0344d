/** Hours that a NowCast looks at, the current one included. */
export const NOWCAST_HOURS = 12;
/** Of the latest hours this many … */
const RECENT_HOURS = 3;
/** … must have a value at least this often. */
const RECENT_HOURS_NEEDED = 2;
const LEAST_WEIGHT = 0.5;

export interface NowCast {
  /** Not rounded, in the unit of the means. */
  readonly concentration: number;
  /** Weight factor, in [0.5, 1]: near 1 when the air is steady, so that old hours count too. */
  readonly weight: number;
  /** Hours of the twelve that had a mean. */
  readonly hoursPresent: number;
}

/**
 * NowCast of particulate matter from hourly means, newest first; `null` where an hour has none. The twelve latest count. `null` with
 * fewer than 2 of the 3 latest.
 *
 * `w = max(Cmin/Cmax, ½)`, `Σ wⁱ⁻¹·cᵢ / Σ wⁱ⁻¹` over the hours that are present: Decision 1459/QĐ-TCMT, section 2.2.1a, and the same of
 * US EPA. The decision writes w = ½ apart, as `Σ (½)ⁱ·cᵢ`. With all twelve hours that is the same but for a factor 1 − 2⁻¹²; with the current
 * hour missing it would lose half of the value, so the normalised form is used throughout. In perfectly clean air (Cmax = 0) the NowCast is 0.
 */
export function nowCast(means: readonly (number | null)[]): NowCast | null {
  const hours = means.slice(0, NOWCAST_HOURS).map((mean) => (mean === null ? null : Math.max(0, mean)));
  const present = hours.filter((mean) => mean !== null);
  const recent = hours.slice(0, RECENT_HOURS).filter((mean) => mean !== null);
  if (recent.length < RECENT_HOURS_NEEDED) return null;
  const greatest = Math.max(...present);
  const weight = greatest === 0 ? 1 : Math.max(Math.min(...present) / greatest, LEAST_WEIGHT);
  let sum = 0;
  let weights = 0;
  hours.forEach((mean, i) => {
    if (mean === null) return;
    sum += weight ** i * mean;
    weights += weight ** i;
  });
  return { concentration: sum / weights, weight, hoursPresent: present.length };
}
