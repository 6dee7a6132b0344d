/** How far a class of water in a street reaches; a place is in the first class whose three limits all hold. */
export interface HazardLimits {
  readonly key: string;
  /** m²/s */
  readonly depthTimesVelocity: number;
  /** m */
  readonly depth: number;
  /** m/s */
  readonly velocity: number;
}

/** Products of decimals miss their limit by a float's last bits. */
const SLACK = 1e-9;

/** Key of the class; `beyond` past the last. Classes from the safest to the worst. */
export function floodHazardOf(
  depthMetres: number,
  metresPerSecond: number,
  classes: readonly HazardLimits[],
  beyond: string,
): string {
  const product = depthMetres * metresPerSecond;
  const found = classes.find(
    ({ depthTimesVelocity, depth, velocity }) =>
      product <= depthTimesVelocity + SLACK && depthMetres <= depth && metresPerSecond <= velocity,
  );
  return found?.key ?? beyond;
}

/** How many of the rising bounds a depth has reached, each counting from its own value on: the class of a flooded street. */
export const depthClassOf = (depth: number, bounds: readonly number[]): number =>
  bounds.filter((bound) => depth >= bound).length;
