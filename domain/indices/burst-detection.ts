/** Makes the median absolute deviation of normal noise its standard deviation. */
const MAD_TO_DEVIATION = 1.4826;

/** Middle value, or the mean of the two; `null` for none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export interface RobustZ {
  readonly median: number;
  /** Median absolute deviation. */
  readonly deviation: number;
  readonly z: number;
}

/**
 * How unusual a value is against the same time of earlier weeks: `(x − median)/(1.4826·MAD)`. The denominator is at least `resolution` (> 0), what
 * the meter can tell apart, so that a series that never moves doesn't make everything unusual. `null` without a baseline.
 */
export function robustZOf(value: number, baseline: readonly number[], resolution: number): RobustZ | null {
  const middle = median(baseline);
  if (middle === null) return null;
  const deviation = median(baseline.map((each) => Math.abs(each - middle)))!;
  return { median: middle, deviation, z: (value - middle) / Math.max(MAD_TO_DEVIATION * deviation, resolution) };
}

/** Next sum of an upper CUSUM: what of the unusualness exceeds `slack` piles up, and drains when it doesn't. A burst when it passes a threshold (often 5). */
export const cusumStep = (sum: number, z: number, slack: number): number => Math.max(0, sum + z - slack);
