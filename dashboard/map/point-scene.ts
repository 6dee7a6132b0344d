import { POINT_STATES, type PointState, stateRank } from '../../domain/point-state.ts';
import { CLUSTER_SIZES, clusterRoom, clusterWordsDrop } from '../symbols/canvas.ts';
import { ALONE, type Gathering, gather, membersOf, type Tally, tally } from './gathering.ts';
import type { MercatorBox, PointLayout } from './point-layout.ts';
import { type Ink, type SpriteAtlas, sprite } from './sprite-atlas.ts';
import { SpriteBatch } from './sprite-layer.ts';

/** Up to and including this zoom near points are gathered; closer, every point stands alone. */
const CLUSTERS_END_ZOOM = 12;
/** The same in a city of more points than this, where a screen of single symbols would show none of them. */
const CLUSTERS_END_ZOOM_DENSE = 14;
const DENSE_FROM_POINTS = 5_000;
/** From so many points on a cluster has the next size, and a size more where its words don't fit. */
const CLUSTER_STEPS = [20, 100] as const;
const STATES = POINT_STATES.length;
const FIRST_WITHOUT_ALARM = stateRank('unknown');
/** How far beyond the view symbols are prepared, as a share of it: what a drag brings in is there already. */
const MARGIN = 0.5;

/** What is at a place of the map. */
export type SceneHit =
  | { readonly kind: 'point'; readonly index: number }
  | {
      readonly kind: 'cluster';
      readonly cluster: number;
      readonly x: number;
      readonly y: number;
      readonly count: number;
      /** Points inside by rank of their state. */
      readonly byState: readonly number[];
    };

/** What the scene is to show. `rankOf` by index; a rank that is no state hides the point. */
export interface SceneContent {
  readonly layout: PointLayout;
  readonly ranks: Uint8Array;
  /** By index: 1 for what the filters leave; `null`: all. */
  readonly filter: Uint8Array | null;
  readonly selected: number | null;
  /** Something else is shown in place of the points; the selected one keeps its ring. */
  readonly isCovered: boolean;
}

/** All symbols of the points, prepared around the view: which stand alone, which are gathered, and in what order they lie on one another. */
export function createPointScene() {
  let content: SceneContent | null = null;
  let batch: SpriteBatch | null = null;
  let origin = { x: 0.5, y: 0.5 };
  let gatherings = new Map<number, Gathering>();
  let tallied: { readonly gathering: Gathering; readonly tally: Tally } | null = null;
  /** Counts the batches that were others than the one before. */
  let revision = 0;
  let isStale = true;
  let prepared: { readonly box: MercatorBox; readonly zoom: number; readonly atlas: SpriteAtlas } | null = null;
  /** Symbols in the batch that can be pointed at: index of a point, or -1 - cluster. */
  let hits: number[] = [];

  const isDense = ({ layout }: SceneContent) => layout.places.length > DENSE_FROM_POINTS;
  const rankOf = ({ layout, ranks }: SceneContent, index: number): number =>
    ranks[layout.places.number[index] as number] ?? STATES;
  const isShown = (of: SceneContent, index: number): boolean =>
    (of.filter === null || of.filter[index] === 1) && rankOf(of, index) < STATES;

  /** `null`: no clusters at this zoom. */
  function gatheringAt(of: SceneContent, zoom: number): Gathering | null {
    const step = Math.floor(zoom);
    if (step > (isDense(of) ? CLUSTERS_END_ZOOM_DENSE : CLUSTERS_END_ZOOM)) return null;
    let gathering = gatherings.get(step);
    if (!gathering) {
      gathering = gather(of.layout, (index) => isShown(of, index), step);
      gatherings.set(step, gathering);
    }
    return gathering;
  }

  /** Whether the same points are shown as before; states of shown points may differ. */
  const showsSame = (a: SceneContent, b: SceneContent): boolean => {
    if (a.layout !== b.layout || a.filter !== b.filter) return false;
    if (a.ranks === b.ranks) return true;
    // Of every number, not of the places: a loop over bytes, gone through with every change of a state.
    const length = Math.max(a.ranks.length, b.ranks.length);
    for (let number = 0; number < length; number++)
      if ((a.ranks[number] ?? STATES) < STATES !== (b.ranks[number] ?? STATES) < STATES) return false;
    return true;
  };

  const widthOf = (atlas: SpriteAtlas, words: string): number =>
    [...words].reduce((sum, character) => sum + atlas.advance(character), 0);

  function text(of: SpriteBatch, atlas: SpriteAtlas, words: string, x: number, y: number, low: number, ink: Ink): void {
    let left = -widthOf(atlas, words) / 2;
    for (const character of words) {
      const advance = atlas.advance(character);
      of.add(sprite.character(character, ink), x, y, left + advance / 2, low, false);
      left += advance;
    }
  }

  function build(of: SceneContent, into: SpriteBatch, box: MercatorBox, zoom: number, atlas: SpriteAtlas): void {
    const { layout, selected } = of;
    into.clear(atlas);
    hits = [];
    const gathering = gatheringAt(of, zoom);
    if (gathering === null) tallied = null;
    else if (isStale || tallied?.gathering !== gathering)
      tallied = { gathering, tally: tally(gathering, (index) => rankOf(of, index)) };
    if (!of.isCovered) {
      // The worst lie on top: by rank, worst last.
      const byRank: number[][] = Array.from({ length: STATES }, () => []);
      layout.within(box, (index) => {
        if (gathering ? gathering.clusterOf[index] === ALONE : isShown(of, index))
          byRank[rankOf(of, index)]?.push(index);
      });
      for (let rank = STATES - 1; rank >= 0; rank--)
        for (const index of byRank[rank] as number[]) {
          symbol(into, of, index, rank);
          hits.push(index);
        }
      if (tallied) clusters(into, tallied, box, atlas);
    }
    // The selected point stands over everything, also while its own symbol is hidden in a cluster.
    if (selected !== null) {
      const [x, y] = [layout.x[selected] as number, layout.y[selected] as number];
      into.add(sprite.ring, x, y, layout.offsetX[selected] as number, layout.offsetY[selected] as number, false);
      const rank = rankOf(of, selected);
      if (!of.isCovered && rank < STATES) symbol(into, of, selected, rank);
    }
  }

  function symbol(into: SpriteBatch, { layout }: SceneContent, index: number, rank: number): void {
    const name = sprite.point(rank, layout.places.domain[index] as number);
    const [x, y] = [layout.x[index] as number, layout.y[index] as number];
    into.add(name, x, y, layout.offsetX[index] as number, layout.offsetY[index] as number, true);
  }

  function clusters(
    into: SpriteBatch,
    { gathering, tally: { worst, alarmed } }: NonNullable<typeof tallied>,
    box: MercatorBox,
    atlas: SpriteAtlas,
  ): void {
    const order = Array.from({ length: gathering.clusters }, (_, cluster) => cluster)
      .filter((cluster) => {
        const [x, y] = [gathering.x[cluster] as number, gathering.y[cluster] as number];
        return x >= box.west && x <= box.east && y >= box.north && y <= box.south;
      })
      .sort((a, b) => (worst[b] as number) - (worst[a] as number));
    for (const cluster of order) {
      const [x, y] = [gathering.x[cluster] as number, gathering.y[cluster] as number];
      const rank = worst[cluster] as number;
      const count = gathering.count[cluster] as number;
      const isInAlarm = rank < FIRST_WITHOUT_ALARM;
      // "3/28": three in alarm of twenty-eight.
      const words = isInAlarm ? `${alarmed[cluster]}/${count}` : String(count);
      const state = POINT_STATES[rank] as PointState;
      const step = CLUSTER_STEPS.filter((from) => count >= from).length;
      const width = widthOf(atlas, words);
      const fitting = CLUSTER_SIZES.findIndex((size, i) => i >= step && clusterRoom(state, size) >= width);
      const size = fitting < 0 ? CLUSTER_SIZES.length - 1 : fitting;
      into.add(sprite.cluster(rank, size), x, y, 0, 0, false);
      hits.push(-1 - cluster);
      const low = clusterWordsDrop(state, CLUSTER_SIZES[size] as number);
      text(into, atlas, words, x, y, low, isInAlarm ? 'onState' : 'text');
    }
  }

  const covers = (outer: MercatorBox, inner: MercatorBox): boolean =>
    outer.west <= inner.west && outer.north <= inner.north && outer.east >= inner.east && outer.south >= inner.south;

  return {
    /** What is to be shown from now on; cheap when only states differ. */
    show(next: SceneContent): void {
      if (content === null || !showsSame(content, next)) gatherings = new Map();
      if (content === null || content.layout !== next.layout) {
        const middle = next.layout.places.length >> 1;
        batch = null;
        revision++;
        hits = [];
        origin = { x: next.layout.x[middle] ?? 0.5, y: next.layout.y[middle] ?? 0.5 };
      }
      content = next;
      // What was drawn last can be pointed at until it is drawn anew.
      isStale = true;
    },
    /** Makes the batch fit the view and what is to be shown; a number that is another when the batch is another. */
    prepare(view: MercatorBox, zoom: number, atlas: SpriteAtlas): number {
      batch ??= new SpriteBatch(origin.x, origin.y, atlas);
      if (!content) return revision;
      const isFit =
        !isStale &&
        prepared !== null &&
        prepared.atlas === atlas &&
        Math.floor(prepared.zoom) === Math.floor(zoom) &&
        covers(prepared.box, view);
      if (isFit) return revision;
      const [width, height] = [(view.east - view.west) * MARGIN, (view.south - view.north) * MARGIN];
      const box = {
        west: view.west - width,
        north: view.north - height,
        east: view.east + width,
        south: view.south + height,
      };
      build(content, batch, box, zoom, atlas);
      prepared = { box, zoom, atlas };
      isStale = false;
      if (batch.isOther) revision++;
      return revision;
    },
    /** As last prepared. */
    batch: (): SpriteBatch | null => batch,

    /** The worst of what lies within `reach` pixels of a place of the map, of those the nearest; `growth` as the layer draws. */
    at(x: number, y: number, reach: number, worldPixels: number, growth: number): SceneHit | undefined {
      if (!content || content.isCovered) return undefined;
      const { layout } = content;
      let best: { readonly hit: number; readonly rank: number; readonly distance: number } | undefined;
      for (const hit of hits) {
        const isPoint = hit >= 0;
        const cluster = -1 - hit;
        const placeX = (isPoint ? layout.x[hit] : tallied?.gathering.x[cluster]) as number;
        const placeY = (isPoint ? layout.y[hit] : tallied?.gathering.y[cluster]) as number;
        const right = (placeX - x) * worldPixels + (isPoint ? (layout.offsetX[hit] as number) * growth : 0);
        const down = (placeY - y) * worldPixels + (isPoint ? (layout.offsetY[hit] as number) * growth : 0);
        const size = isPoint ? POINT_REACH : (CLUSTER_SIZES[0] as number) / 2;
        const distance = Math.max(Math.abs(right), Math.abs(down));
        if (distance > reach + size) continue;
        const rank = isPoint ? rankOf(content, hit) : (tallied?.tally.worst[cluster] as number);
        if (!best || rank < best.rank || (rank === best.rank && distance < best.distance))
          best = { hit, rank, distance };
      }
      if (!best) return undefined;
      if (best.hit >= 0) return { kind: 'point', index: best.hit };
      const cluster = -1 - best.hit;
      const { gathering, tally: tallies } = tallied as NonNullable<typeof tallied>;
      return {
        kind: 'cluster',
        cluster,
        x: gathering.x[cluster] as number,
        y: gathering.y[cluster] as number,
        count: gathering.count[cluster] as number,
        byState: [...tallies.counts.subarray(cluster * STATES, (cluster + 1) * STATES)],
      };
    },

    /** The smallest zoom at which the points of a cluster are no longer all in one. */
    opensAt(cluster: number, zoom: number): number {
      const from = Math.floor(zoom);
      if (!content || !tallied) return from + 2;
      const members = membersOf(tallied.gathering, cluster);
      for (let step = from + 1; ; step++) {
        const gathering = gatheringAt(content, step);
        if (gathering === null) return step;
        const first = gathering.clusterOf[members[0] as number] as number;
        if (first < 0 || members.some((index) => gathering.clusterOf[index] !== first)) return step;
      }
    },

    /** Points that stand alone in the box, worst first, for labels; at most `most`. */
    alone(box: MercatorBox, zoom: number, most: number): number[] {
      if (!content || content.isCovered) return [];
      const of = content;
      const gathering = gatheringAt(of, zoom);
      const found: number[] = [];
      of.layout.within(box, (index) => {
        if (gathering ? gathering.clusterOf[index] === ALONE : isShown(of, index)) found.push(index);
      });
      return found.sort((a, b) => rankOf(of, a) - rankOf(of, b) || a - b).slice(0, most);
    },
  };
}

/** Half of a symbol: a press on it means it. */
const POINT_REACH = 9;
