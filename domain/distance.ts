import type { Location } from './asset.ts';

/** Mean radius of the Earth, metres (IUGG R1). */
const EARTH_RADIUS_METRES = 6_371_009;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres between two places over a spherical Earth (haversine): within 0.5 % of the ellipsoid's. */
export function distanceMetres(a: Location, b: Location): number {
  const halfLatitude = Math.sin(radians(b.latitude - a.latitude) / 2);
  const halfLongitude = Math.sin(radians(b.longitude - a.longitude) / 2);
  const chord = halfLatitude ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * halfLongitude ** 2;
  return 2 * EARTH_RADIUS_METRES * Math.asin(Math.min(1, Math.sqrt(chord)));
}
