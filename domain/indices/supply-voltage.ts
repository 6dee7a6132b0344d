/** Deviation allowed, per cent of nominal; both ends are allowed. */
export interface VoltageBand {
  readonly below: number;
  readonly above: number;
}

/** 231 V is exactly + 5 % of 220 V, but not in binary. */
const SLACK = 1e-9;

/** Per cent of nominal (> 0), negative below it. */
export const voltageDeviation = (value: number, nominal: number): number => (100 * (value - nominal)) / nominal;

export const isWithinBand = (value: number, nominal: number, band: VoltageBand): boolean => {
  const deviation = voltageDeviation(value, nominal);
  return deviation >= -band.below - SLACK && deviation <= band.above + SLACK;
};

/** What a supply must keep over a week: nearly always within one band, always within a wider. */
export interface WeeklyVoltageRule {
  readonly usual: VoltageBand;
  /** Least share of the means within `usual`, in [0, 1]. */
  readonly usualShare: number;
  readonly always: VoltageBand;
}

export interface WeeklyVoltage {
  readonly withinUsual: number;
  readonly withinAlways: number;
  readonly complies: boolean;
}

/** Judges the 10-minute means of a week; `null` for none. */
export function weeklyVoltageOf(
  means: readonly number[],
  nominal: number,
  rule: WeeklyVoltageRule,
): WeeklyVoltage | null {
  if (means.length === 0) return null;
  const share = (band: VoltageBand): number =>
    means.filter((mean) => isWithinBand(mean, nominal, band)).length / means.length;
  const [withinUsual, withinAlways] = [share(rule.usual), share(rule.always)];
  return { withinUsual, withinAlways, complies: withinUsual >= rule.usualShare - SLACK && withinAlways === 1 };
}

/** Greatest deviation of three line voltages from their mean, per cent of the mean (> 0). */
export function voltageUnbalance(lines: readonly [number, number, number]): number {
  const mean = (lines[0] + lines[1] + lines[2]) / 3;
  return (100 * Math.max(...lines.map((line) => Math.abs(line - mean)))) / mean;
}
