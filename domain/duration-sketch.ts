import type { DurationMs } from './time.ts';

/** Neighbouring buckets differ by this factor; answers are their middles, so they are within 1 % of the truth. */
const RATIO = 1.02;
const LOG_RATIO = Math.log(RATIO);

/** Percentiles of any number of lengths of time in little memory: counts in buckets of equal ratio, about 1,300 of them up to a thousand years. */
export interface DurationSketch {
  readonly count: number;
  /** Negative lengths (clocks that disagree) count as 0. */
  add(length: number): void;
  /** The nearest-rank percentile for `share` in (0, 1], within 1 % (below 1 ms exactly 0); `null` of nothing. */
  percentile(share: number): DurationMs | null;
}

export function createDurationSketch(): DurationSketch {
  const buckets = new Map<number, number>();
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(length) {
      const bucket = length < 1 ? -1 : Math.floor(Math.log(length) / LOG_RATIO);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
      count += 1;
    },
    percentile(share) {
      if (count === 0) return null;
      let left = Math.max(1, Math.ceil(share * count));
      for (const [bucket, held] of [...buckets].sort(([a], [b]) => a - b)) {
        left -= held;
        if (left <= 0) return (bucket < 0 ? 0 : RATIO ** (bucket + 0.5)) as DurationMs;
      }
      return null;
    },
  };
}
