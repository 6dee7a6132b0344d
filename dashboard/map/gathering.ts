import { POINT_STATES } from '../../domain/point-state.ts';
import type { PointLayout } from './point-layout.ts';

/** Pixels of a map whose world is 512 · 2^zoom wide. */
const WORLD_PIXELS = 512;
const RADIUS_PIXELS = 46;
const STATES = POINT_STATES.length;
/** Rank of a state by which a point is in alarm: smaller than this. */
const FIRST_WITHOUT_ALARM = POINT_STATES.indexOf('unknown');

/** Near points gathered at one zoom: every shown point stands alone or belongs to one cluster. Says where, not in what state. */
export interface Gathering {
  readonly zoom: number;
  /** By point index: its cluster, {@link ALONE}, or {@link NOT_SHOWN}. */
  readonly clusterOf: Int32Array;
  readonly clusters: number;
  /** Middle of its points, in the Mercator square. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly count: Int32Array;
}
export const ALONE = -1;
export const NOT_SHOWN = -2;

/**
 * Gathers the points for which `isShown` (by index) at a whole zoom: in their order, each not yet taken takes all others within the radius that are not
 * taken. The same points are gathered in the same way, whatever their states.
 */
export function gather(layout: PointLayout, isShown: (index: number) => boolean, zoom: number): Gathering {
  const { x, y } = layout;
  const length = layout.places.length;
  const radius = RADIUS_PIXELS / (WORLD_PIXELS * 2 ** zoom);
  const side = Math.ceil(1 / radius);
  const cellAt = (at: number): number => Math.floor(at / radius);
  const cells = new Map<number, number[]>();
  const clusterOf = new Int32Array(length).fill(NOT_SHOWN);
  for (let i = 0; i < length; i++) {
    if (!isShown(i)) continue;
    clusterOf[i] = ALONE;
    const key = cellAt(y[i] as number) * side + cellAt(x[i] as number);
    const cell = cells.get(key);
    if (cell) cell.push(i);
    else cells.set(key, [i]);
  }
  const middleX: number[] = [];
  const middleY: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < length; i++) {
    if (clusterOf[i] !== ALONE) continue;
    const [atX, atY] = [x[i] as number, y[i] as number];
    const near: number[] = [];
    for (let row = cellAt(atY) - 1; row <= cellAt(atY) + 1; row++)
      for (let column = cellAt(atX) - 1; column <= cellAt(atX) + 1; column++) {
        const key = row * side + column;
        const cell = cells.get(key);
        if (!cell) continue;
        let kept = 0;
        for (const j of cell) {
          // Those taken leave the grid, so that a crowd is looked through once and not by each of its members.
          if (clusterOf[j] !== ALONE) continue;
          if (Math.hypot((x[j] as number) - atX, (y[j] as number) - atY) <= radius) near.push(j);
          else cell[kept++] = j;
        }
        cell.length = kept;
      }
    if (near.length < 2) continue;
    const cluster = counts.length;
    let [sumX, sumY] = [0, 0];
    for (const j of near) {
      clusterOf[j] = cluster;
      sumX += x[j] as number;
      sumY += y[j] as number;
    }
    middleX.push(sumX / near.length);
    middleY.push(sumY / near.length);
    counts.push(near.length);
  }
  return {
    zoom,
    clusterOf,
    clusters: counts.length,
    x: Float64Array.from(middleX),
    y: Float64Array.from(middleY),
    count: Int32Array.from(counts),
  };
}

/** What the states of its points make of each cluster. */
export interface Tally {
  /** Of cluster c in state s: entry `c · states + s`. */
  readonly counts: Int32Array;
  /** Rank of the worst state inside. */
  readonly worst: Uint8Array;
  /** Points in alarm. */
  readonly alarmed: Int32Array;
}

export function tally({ clusterOf, clusters }: Gathering, rankOf: (index: number) => number): Tally {
  const counts = new Int32Array(clusters * STATES);
  const worst = new Uint8Array(clusters).fill(STATES - 1);
  const alarmed = new Int32Array(clusters);
  for (let i = 0; i < clusterOf.length; i++) {
    const cluster = clusterOf[i] as number;
    if (cluster < 0) continue;
    const rank = rankOf(i);
    if (rank >= STATES) continue;
    counts[cluster * STATES + rank]!++;
    if (rank < (worst[cluster] as number)) worst[cluster] = rank;
    if (rank < FIRST_WITHOUT_ALARM) alarmed[cluster]!++;
  }
  return { counts, worst, alarmed };
}

/** Points of a cluster, by index. */
export function membersOf({ clusterOf }: Gathering, cluster: number): number[] {
  const members: number[] = [];
  for (let i = 0; i < clusterOf.length; i++) if (clusterOf[i] === cluster) members.push(i);
  return members;
}
