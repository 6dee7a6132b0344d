import type { Location } from '../../domain/asset.ts';
import { distanceMetres } from '../../domain/distance.ts';

export interface Near<T> {
  readonly item: T;
  readonly distanceMetres: number;
}

/** The `count` nearest places, nearest first. */
export const nearestTo = <T extends { readonly location: Location }>(
  places: readonly T[],
  at: Location,
  count: number,
): readonly Near<T>[] =>
  places
    .map((item) => ({ item, distanceMetres: distanceMetres(at, item.location) }))
    .sort((a, b) => a.distanceMetres - b.distanceMetres)
    .slice(0, count);

/** Further from its site than this, plus what the position may be wrong by, somebody stands at the wrong pole. */
export const EXPECTED_WITHIN_METRES = 150;

/** How far the position is outside of where the site is expected, metres; `null` when it is inside, or may be. */
export function outsideBy(at: Location, accuracyMetres: number, site: Location): number | null {
  const away = distanceMetres(at, site);
  return away - accuracyMetres > EXPECTED_WITHIN_METRES ? away : null;
}

type Ring = readonly (readonly number[])[];
/** Even–odd rule; a place on the very line may count as either. */
function isInRing(ring: Ring, { longitude, latitude }: Location): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi = 0, yi = 0] = ring[i] ?? [];
    const [xj = 0, yj = 0] = ring[j] ?? [];
    if (yi > latitude !== yj > latitude && longitude < ((xj - xi) * (latitude - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
const isInPolygon = (rings: readonly Ring[], at: Location): boolean =>
  rings.length > 0 && rings.filter((ring) => isInRing(ring, at)).length % 2 === 1;

/** Code of the ward that the place lies in, by the site's outlines (GeoJSON, property `code`); `null` when none has it. */
export function wardAt(outlines: GeoJSON.FeatureCollection, at: Location): string | null {
  const ward = outlines.features.find(({ geometry }) =>
    geometry?.type === 'Polygon'
      ? isInPolygon(geometry.coordinates, at)
      : geometry?.type === 'MultiPolygon' && geometry.coordinates.some((polygon) => isInPolygon(polygon, at)),
  );
  const code: unknown = ward?.properties?.['code'];
  return typeof code === 'string' || typeof code === 'number' ? String(code) : null;
}
