/*
 * Binary floats miss the decimals that tables and laws are written in (55.7 is stored as 55.7000000000000028…): a result that is exactly
 * on an edge in decimals must not fall to the wrong side of it. No concentration is measured to within a millionth of its last printed digit.
 */
const ROUNDING_SLACK = 1e-9;
const TRUNCATION_SLACK = 1e-6;

/** Nearest integer, halves upwards: 42.5 → 43. */
export const roundHalfUp = (value: number): number => Math.floor(value + 0.5 + ROUNDING_SLACK);

/** `value` (≥ 0) cut off after `decimals` digits: 35.49 to one digit is 35.4. */
export const truncateTo = (value: number, decimals: number): number => {
  const scale = 10 ** decimals;
  return Math.floor(value * scale + TRUNCATION_SLACK) / scale;
};
