const DEGREES = 180 / Math.PI;

/** Direction of a sum of unit vectors, in degrees, 0 ≤ d < 360: the mean of directions whose cosines and sines add up to these. */
export function directionOf(cosines: number, sines: number): number {
  const degrees = (Math.atan2(sines, cosines) * DEGREES + 360) % 360;
  // The rounding noise of north must not read as 360.
  return 360 - degrees < 1e-9 ? 0 : degrees;
}

/** Vector mean of directions in degrees; NaN of none. 350° and 10° have 0° between them, not 180°. */
export function meanDirection(degrees: readonly number[]): number {
  if (degrees.length === 0) return Number.NaN;
  let [cosines, sines] = [0, 0];
  for (const one of degrees) {
    cosines += Math.cos(one / DEGREES);
    sines += Math.sin(one / DEGREES);
  }
  return directionOf(cosines, sines);
}
