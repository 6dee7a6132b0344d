import type { Location } from '../asset.ts';

/** Least number of corners of an area. */
export const OUTLINE_CORNERS_MIN = 3;

/** > 0 when the way a → b → c turns left. */
const turn = (a: Location, b: Location, c: Location): number =>
  (b.longitude - a.longitude) * (c.latitude - a.latitude) - (b.latitude - a.latitude) * (c.longitude - a.longitude);

const within = (a: Location, b: Location, c: Location): boolean =>
  Math.min(a.longitude, b.longitude) <= c.longitude &&
  c.longitude <= Math.max(a.longitude, b.longitude) &&
  Math.min(a.latitude, b.latitude) <= c.latitude &&
  c.latitude <= Math.max(a.latitude, b.latitude);

/** Whether the stretches a–b and c–d have a place in common. */
function meet(a: Location, b: Location, c: Location, d: Location): boolean {
  const [abc, abd, cda, cdb] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (Math.sign(abc) * Math.sign(abd) < 0 && Math.sign(cda) * Math.sign(cdb) < 0) return true;
  return (
    (abc === 0 && within(a, b, c)) ||
    (abd === 0 && within(a, b, d)) ||
    (cda === 0 && within(c, d, a)) ||
    (cdb === 0 && within(c, d, b))
  );
}

/** Whether sides of an outline touch or cross that are no neighbours, so that it doesn't say what is inside. On a flat map of degrees. */
export function crossesItself(corners: readonly Location[]): boolean {
  const count = corners.length;
  const at = (index: number): Location => corners[index % count] as Location;
  for (let i = 0; i < count; i++) {
    for (let j = i + 2; j < count; j++) {
      // The last side and the first are neighbours too.
      if (i === 0 && j === count - 1) continue;
      if (meet(at(i), at(i + 1), at(j), at(j + 1))) return true;
    }
  }
  return false;
}

/** The ring CAP wants: the first corner again at the end. */
export const closedRing = (corners: readonly Location[]): readonly Location[] => {
  const [first] = corners;
  return first === undefined ? [] : [...corners, first];
};
