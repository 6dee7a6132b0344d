import type { CityPlaces } from '../../domain/city-places.ts';

/** Places that a shared location offers; more points than that lie on one another. */
const SLOTS = 8;
/** Pixels from a shared location to the places around it, at the symbols' full size. */
const SLOT_DISTANCE = 26;
/** Cells of the lookup grid along the world's side: some two kilometres each. */
const CELLS = 2 ** 14;

/** In the square of the web's Mercator map: 0 west and north, 1 east and south. */
export interface MercatorBox {
  readonly west: number;
  readonly north: number;
  readonly east: number;
  readonly south: number;
}

export const mercatorX = (longitude: number): number => (180 + longitude) / 360;
export const mercatorY = (latitude: number): number => {
  const sine = Math.sin((latitude * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
};
export const longitudeOf = (x: number): number => x * 360 - 180;
export const latitudeOf = (y: number): number => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;

/** Where every point lies on the map, in columns by the point's index among the places, and a grid to find those in a box. */
export interface PointLayout {
  readonly places: CityPlaces;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Pixels beside its location, at the symbols' full size: points of one site stand around it. */
  readonly offsetX: Float32Array;
  readonly offsetY: Float32Array;
  /** Calls for every point in the box, and perhaps for some just outside. */
  within(box: MercatorBox, visit: (index: number) => void): void;
}

/** The same for places within a metre of one another: degrees in hundred-thousandths, side by side in one number. */
const placeKey = (longitude: number, latitude: number): number =>
  Math.round((longitude + 180) * 1e5) * 2 ** 25 + Math.round((latitude + 90) * 1e5);

export function layOut(places: CityPlaces): PointLayout {
  const { length } = places;
  const x = Float64Array.from(places.longitude, mercatorX);
  const y = Float64Array.from(places.latitude, mercatorY);
  const offsetX = new Float32Array(length);
  const offsetY = new Float32Array(length);
  const atLocation = new Map<number, number>();
  const cells = new Map<number, number[]>();
  const cellOf = (at: number): number => Math.min(CELLS - 1, Math.max(0, Math.floor(at * CELLS)));
  for (let i = 0; i < length; i++) {
    const location = placeKey(places.longitude[i] as number, places.latitude[i] as number);
    const taken = (atLocation.get(location) ?? 0) % SLOTS;
    atLocation.set(location, taken + 1);
    if (taken > 0) {
      const angle = -Math.PI / 2 + ((taken - 1) * 2 * Math.PI) / (SLOTS - 1);
      offsetX[i] = Math.round(SLOT_DISTANCE * Math.cos(angle));
      offsetY[i] = Math.round(SLOT_DISTANCE * Math.sin(angle));
    }
    const cell = cellOf(y[i] as number) * CELLS + cellOf(x[i] as number);
    const inCell = cells.get(cell);
    if (inCell) inCell.push(i);
    else cells.set(cell, [i]);
  }
  return {
    places,
    x,
    y,
    offsetX,
    offsetY,
    within({ west, north, east, south }, visit) {
      const [fromX, toX, fromY, toY] = [cellOf(west), cellOf(east), cellOf(north), cellOf(south)];
      // A box of more cells than are filled: those are looked through instead.
      if ((toX - fromX + 1) * (toY - fromY + 1) > cells.size) {
        for (let i = 0; i < length; i++) {
          const [atX, atY] = [x[i] as number, y[i] as number];
          if (atX >= west && atX <= east && atY >= north && atY <= south) visit(i);
        }
        return;
      }
      for (let row = fromY; row <= toY; row++)
        for (let column = fromX; column <= toX; column++)
          for (const i of cells.get(row * CELLS + column) ?? []) visit(i);
    },
  };
}
