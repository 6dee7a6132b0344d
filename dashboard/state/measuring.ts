import type { Location } from '../../domain/asset.ts';
import { distanceMetres } from '../../domain/distance.ts';
import type { Language } from '../../domain/localized.ts';
import { formatNumber } from './formatting.ts';

/** Places along what is measured; closed from three on, it has an area. */
export interface Measured {
  readonly places: readonly Location[];
  readonly isClosed: boolean;
}
export const NOTHING_MEASURED: Measured = { places: [], isClosed: false };
/** Of one measurement: more than anyone sets by hand. */
const PLACES_MAX = 500;
const AREA_PLACES = 3;
/** Mean radius of the Earth, metres, as in `domain/distance.ts`. */
const EARTH_RADIUS_METRES = 6_371_009;

/** With one more place; what is closed is done, and another begins. */
export const withPlace = ({ places, isClosed }: Measured, place: Location): Measured =>
  isClosed
    ? { places: [place], isClosed: false }
    : { places: places.length < PLACES_MAX ? [...places, place] : places, isClosed: false };
/** Without the last step: opened again, or a place less. */
export const withoutLast = ({ places, isClosed }: Measured): Measured =>
  isClosed ? { places, isClosed: false } : { places: places.slice(0, -1), isClosed: false };
export const mayClose = ({ places, isClosed }: Measured): boolean => !isClosed && places.length >= AREA_PLACES;
export const closed = (measured: Measured): Measured =>
  mayClose(measured) ? { ...measured, isClosed: true } : measured;

/** Length of the line, or the way round when closed, metres. */
export function lengthOf({ places, isClosed }: Measured): number {
  const [first] = places;
  const way = isClosed && first ? [...places, first] : places;
  let metres = 0;
  for (let i = 0; i + 1 < way.length; i++) metres += distanceMetres(way[i] as Location, way[i + 1] as Location);
  return metres;
}

/**
 * Area of the closed line in m² on a sphere (Chamberlain and Duquette, Some Algorithms for Polygons on a Sphere, JPL 2007); `null` while it is open. Of a
 * line that crosses itself, loops of opposite turns take from one another.
 */
export function areaOf({ places, isClosed }: Measured): number | null {
  if (!isClosed) return null;
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  let sum = 0;
  for (const [i, a] of places.entries()) {
    const b = places[(i + 1) % places.length] as Location;
    sum += radians(b.longitude - a.longitude) * (2 + Math.sin(radians(a.latitude)) + Math.sin(radians(b.latitude)));
  }
  return Math.abs((sum * EARTH_RADIUS_METRES ** 2) / 2);
}

/** `640 m`, `3,42 km`, `12,5 km`. */
export function formatLength(metres: number, language: Language): string {
  if (metres < 999.5) return `${formatNumber(metres, 0, language)} m`;
  return `${formatNumber(metres / 1_000, metres < 9_995 ? 2 : 1, language)} km`;
}
/** `850 m²`, `12,5 ha`, `3,42 km²`. */
export function formatArea(squareMetres: number, language: Language): string {
  if (squareMetres < 9_999.5) return `${formatNumber(squareMetres, 0, language)} m²`;
  if (squareMetres < 999_500)
    return `${formatNumber(squareMetres / 10_000, squareMetres < 99_950 ? 2 : 1, language)} ha`;
  return `${formatNumber(squareMetres / 1_000_000, squareMetres < 9_995_000 ? 2 : 1, language)} km²`;
}
