import { around } from 'geokdbush';
import KDBush from 'kdbush';
import type { Location } from '../../../domain/asset.ts';

/** Something at a place. */
export interface Placed<Id> {
  readonly id: Id;
  readonly location: Location;
}
const METRES_OF_KILOMETRE = 1_000;

/**
 * For any of the given things the nearest others, nearest first: at most `most`, no further than `withinMetres` over a spherical Earth, none of the same id.
 * Looked up in a tree, since a city's ten thousand meters have a hundred million distances among them.
 */
export function createNearest<Id, P extends Placed<Id>>(placed: readonly P[], withinMetres: number, most: number) {
  // The tree of no places is an error to its library.
  const tree = new KDBush(Math.max(1, placed.length));
  for (const { location } of placed) tree.add(location.longitude, location.latitude);
  if (placed.length === 0) tree.add(0, 0);
  tree.finish();
  return ({ id, location: { longitude, latitude } }: Placed<Id>): readonly P[] =>
    placed.length === 0
      ? []
      : around(tree, longitude, latitude, most, withinMetres / METRES_OF_KILOMETRE, (i) => placed[i]!.id !== id).map(
          (i) => placed[i]!,
        );
}
