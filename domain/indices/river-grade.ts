/** Thresholds of alarm grades 1, 2 and 3 (báo động), m above the gauge's datum, rising; `null` where unknown. */
export type RiverThresholds = readonly [number | null, number | null, number | null];

export interface RiverGrade {
  /** The highest grade that is certainly reached; 0: none. */
  readonly atLeast: number;
  /** The highest grade that may be reached. More than `atLeast` only where a threshold between is unknown. */
  readonly atMost: number;
  /** Metres over the threshold of `atLeast`, to the centimetre; `null` at grade 0. */
  readonly above: number | null;
  /** Metres under the nearest known threshold that is not reached; `null` when there is none. */
  readonly below: number | null;
}

const toCentimetre = (metres: number): number => Math.round(metres * 100) / 100;

/** Grade of a water level: a grade is reached at its threshold (Decision 05/2020/QĐ-TTg); bulletins give excess and shortfall to the centimetre. */
export function riverGradeOf(level: number, thresholds: RiverThresholds): RiverGrade {
  let atLeast = 0;
  let atMost: number = thresholds.length;
  let above: number | null = null;
  let below: number | null = null;
  thresholds.forEach((threshold, i) => {
    if (threshold === null) return;
    if (level >= threshold) {
      atLeast = i + 1;
      above = toCentimetre(level - threshold);
    } else if (below === null) {
      atMost = i;
      below = toCentimetre(threshold - level);
    }
  });
  return { atLeast, atMost, above, below };
}
