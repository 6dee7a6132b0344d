/** Litres that a mole of ideal gas fills at 25 °C and 1 atm, to which the platform's gas concentrations refer. */
export const MOLAR_VOLUME_LITRES = 24.45;

/** Grams in a mole. */
export const MOLAR_MASS = { o3: 48.0, no2: 46.01, so2: 64.07, co: 28.01 } as const;
export type MeasuredGas = keyof typeof MOLAR_MASS;

/** Parts per billion in 1 µg/m³ of a gas at 25 °C and 1 atm. */
export const ppbPerMicrogram = (gas: MeasuredGas): number => MOLAR_VOLUME_LITRES / MOLAR_MASS[gas];
/** Parts per million in 1 µg/m³ of a gas at 25 °C and 1 atm. */
export const ppmPerMicrogram = (gas: MeasuredGas): number => ppbPerMicrogram(gas) / 1000;
