import { latitudeOf, longitudeOf, type PointLayout } from './point-layout.ts';

/** Room of a label under its symbol, in pixels: two lines of some sixteen letters. */
const LABEL_WIDTH = 104;
const LABEL_TOP = 15;
const LABEL_HEIGHT = 27;
/** Side of the squares in which room is kept: symbol and label of one point never share one. */
const SQUARE = 6;
const SYMBOL_SIZE = 16;
/** Columns of squares told apart in a key. */
const COLUMNS = 2 ** 24;
/** Labels on the screen at once. */
export const LABELS_MAX = 150;

/** Text of a label: a name and, under it, the newest value. */
export interface PointLabel {
  readonly name: string;
  readonly reading: string;
}

/**
 * Which of the points get a label: in their order (the worst first), each whose label would lie neither on another's nor on a symbol. `points` by index,
 * `worldPixels` the width of the world on the screen.
 */
export function placeLabels(layout: PointLayout, points: readonly number[], worldPixels: number): number[] {
  const squareOf = (index: number): readonly [number, number] => [
    ((layout.x[index] as number) * worldPixels + (layout.offsetX[index] as number)) / SQUARE,
    ((layout.y[index] as number) * worldPixels + (layout.offsetY[index] as number)) / SQUARE,
  ];
  const taken = new Map<number, number>();
  const over = (
    [left, top, right, bottom]: readonly [number, number, number, number],
    each: (key: number) => boolean,
  ): boolean => {
    for (let row = Math.floor(top); row <= Math.floor(bottom); row++)
      for (let column = Math.floor(left); column <= Math.floor(right); column++)
        if (!each(row * COLUMNS + column)) return false;
    return true;
  };
  const half = SYMBOL_SIZE / 2 / SQUARE;
  for (const index of points) {
    const [x, y] = squareOf(index);
    over([x - half, y - half, x + half, y + half], (key) => {
      taken.set(key, taken.has(key) ? -1 : index);
      return true;
    });
  }
  const labelled: number[] = [];
  for (const index of points) {
    if (labelled.length >= LABELS_MAX) break;
    // Points around a shared location are named by whoever points at them.
    if (layout.offsetX[index] !== 0 || layout.offsetY[index] !== 0) continue;
    const [x, y] = squareOf(index);
    const room = [
      x - LABEL_WIDTH / 2 / SQUARE,
      y + LABEL_TOP / SQUARE,
      x + LABEL_WIDTH / 2 / SQUARE,
      y + (LABEL_TOP + LABEL_HEIGHT) / SQUARE,
    ] as const;
    if (!over(room, (key) => !taken.has(key) || taken.get(key) === index)) continue;
    over(room, (key) => {
      taken.set(key, -1);
      return true;
    });
    labelled.push(index);
  }
  return labelled;
}

/** Labels as the map's text layer takes them. */
export function labelFeatures(
  layout: PointLayout,
  labels: ReadonlyMap<number, PointLabel>,
): GeoJSON.FeatureCollection<GeoJSON.Point, PointLabel> {
  return {
    type: 'FeatureCollection',
    features: [...labels].map(([index, { name, reading }]) => ({
      type: 'Feature',
      geometry: {
        type: 'Point',
        coordinates: [longitudeOf(layout.x[index] as number), latitudeOf(layout.y[index] as number)],
      },
      properties: { name, reading },
    })),
  };
}
