/*
 * Sums and means of sound levels in decibels. Energies add, decibels don't: the mean of 60 and 70 dB is 67.4 dB.
 */
const energy = (level: number): number => 10 ** (level / 10);
const level = (ofEnergy: number): number => 10 * Math.log10(ofEnergy);

/** Equivalent level Leq of equally long levels, dB; `null` for none. */
export function energyMean(levels: readonly number[]): number | null {
  if (levels.length === 0) return null;
  return level(levels.reduce((sum, each) => sum + energy(each), 0) / levels.length);
}

/** Level of sources heard together, dB; `null` for none. */
export function energySum(levels: readonly number[]): number | null {
  if (levels.length === 0) return null;
  return level(levels.reduce((sum, each) => sum + energy(each), 0));
}

/** A part of a day: its level, how long it is and what is added to make it count more, dB. */
export interface WeightedPeriod {
  readonly level: number;
  readonly hours: number;
  readonly penalty: number;
}

/**
 * Level of a day made of periods, each with its penalty: `10·lg( Σ hᵢ·10^((Lᵢ + pᵢ)/10) / Σ hᵢ )`. With 12 h, 4 h + 5 dB and 8 h + 10 dB it is Lden
 * (Directive 2002/49/EC, Annex I); with 15 h and 9 h + 10 dB it is Ldn. At least one period.
 */
export function weightedLevel(periods: readonly WeightedPeriod[]): number {
  let sum = 0;
  let length = 0;
  for (const { level: of, hours, penalty } of periods) {
    sum += hours * energy(of + penalty);
    length += hours;
  }
  return level(sum / length);
}

/** The part of the energy of {@link weightedLevel} that a period brings, up to a common factor. */
export const weightedEnergy = ({ level: of, hours, penalty }: WeightedPeriod): number => hours * energy(of + penalty);
