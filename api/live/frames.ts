import { allocateLatestBlock } from '../../domain/latest-block.ts';
import type { Domain } from '../../domain/quantity.ts';
import { allocateStateBlock, NO_STATE } from '../../domain/state-block.ts';
import type { LatestTable } from '../city/latest-table.ts';
import type { PointStates } from '../city/point-states.ts';
import type { Scope, SeriesPlaces } from '../city/scopes.ts';
import type { BoundingBox } from '../contract/live.ts';

/** What a client wants of what it may see. Equal keys want the same. */
export interface Selection {
  readonly key: string;
  readonly viewport: BoundingBox | null;
  readonly domains: readonly Domain[] | null;
}
export const selectionOf = (viewport: BoundingBox | null, domains: readonly Domain[] | null): Selection => ({
  key: `${viewport?.join(',') ?? '*'}|${domains === null ? '*' : [...new Set(domains)].sort().join(',')}`,
  viewport,
  domains: domains === null ? null : [...new Set(domains)].sort(),
});

/**
 * Blocks of newest readings and of states for one frame. Clients with equal rights and equal wishes that have seen equally much share one block:
 * it is made once and its bytes are sent to all of them.
 */
export class FrameBlocks {
  readonly #table: LatestTable;
  readonly #places: SeriesPlaces;
  readonly #states: PointStates;
  readonly #made = new Map<string, Uint8Array>();
  #scratch = new Int32Array(1_024);
  /** Blocks made and blocks given again, since start. */
  made = 0;
  shared = 0;

  constructor(table: LatestTable, places: SeriesPlaces, states: PointStates) {
    this.#table = table;
    this.#places = places;
    this.#states = states;
  }

  /**
   * The newest readings of the series that changed after frame `since` (0 and less: all that have a reading).
   */
  changedSince(since: number, scope: Scope, selection: Selection): Uint8Array {
    return this.#once(`${since}|${scope.key}|${selection.key}`, () => this.#make(since, scope, selection));
  }

  /** The newest readings of `wanted` series that changed after frame `since`. Not shared: screens want different things. */
  wantedSince(since: number, scope: Scope, wanted: readonly number[]): Uint8Array {
    const { changedIn } = this.#table;
    this.made++;
    return this.#fill(wanted.filter((id) => scope.visible[id] === 1 && (changedIn[id] ?? 0) > since));
  }

  /** The states that changed after frame `since`, of the points that may be seen; `null`: none. */
  statesSince(since: number, scope: Scope, withAlarms: boolean): Uint8Array | null {
    const states = this.#states;
    const block = this.#once(`states|${since}|${scope.key}|${withAlarms}`, () => {
      const isBehind = since !== this.#table.frame - 1;
      const candidates = isBehind ? states.changedIn.keys() : states.changed;
      const chosen: number[] = [];
      for (const number of candidates)
        if (scope.points[number] === 1 && (states.changedIn[number] ?? 0) > since) chosen.push(number);
      const columns = allocateStateBlock(chosen.length);
      const ranks = withAlarms ? states.ranks : states.ranksWithoutAlarms;
      columns.number.set(chosen);
      for (const [i, number] of chosen.entries()) columns.rank[i] = ranks[number] as number;
      return columns.bytes;
    });
    return block.length === 0 ? null : block;
  }

  /** The ranks of all states by point number, {@link NO_STATE} for points that may not be seen. */
  allStates(scope: Scope, withAlarms: boolean): Uint8Array {
    const ranks = withAlarms ? this.#states.ranks : this.#states.ranksWithoutAlarms;
    return ranks.map((rank, number) => (scope.points[number] === 1 ? rank : NO_STATE));
  }

  #once(key: string, make: () => Uint8Array): Uint8Array {
    const known = this.#made.get(key);
    if (known) {
      this.shared++;
      return known;
    }
    const block = make();
    this.#made.set(key, block);
    this.made++;
    return block;
  }

  /** The newest readings of everything selected, now. Not shared: the table goes on changing within the frame. */
  whole(scope: Scope, selection: Selection): Uint8Array {
    this.made++;
    return this.#make(0, scope, selection);
  }

  /** To be called after every frame: blocks are good for one. */
  clear(): void {
    this.#made.clear();
  }

  #make(since: number, scope: Scope, { viewport, domains }: Selection): Uint8Array {
    const table = this.#table;
    const { visible } = scope;
    const isEverywhere = viewport === null && domains === null;
    const wanted = this.#places.filter(viewport, domains);
    // Who has seen the frame before this one needs only what changed in this one; who is further behind is looked up series by series.
    const onlyThisFrame = since === table.frame - 1;
    const candidates = onlyThisFrame ? table.changed : scope.series;
    const length = onlyThisFrame ? table.changedCount : scope.series.length;
    if (this.#scratch.length < length) this.#scratch = new Int32Array(2 ** Math.ceil(Math.log2(length)));
    const chosen = this.#scratch;
    let count = 0;
    for (let i = 0; i < length; i++) {
      const id = candidates[i] as number;
      if (visible[id] !== 1 || !((table.changedIn[id] ?? 0) > since)) continue;
      if (isEverywhere || wanted(id)) chosen[count++] = id;
    }
    return this.#fill(chosen.subarray(0, count));
  }

  #fill(chosen: ArrayLike<number>): Uint8Array {
    const table = this.#table;
    const block = allocateLatestBlock(chosen.length);
    for (let i = 0; i < chosen.length; i++) {
      const id = chosen[i] as number;
      block.eventTime[i] = table.eventTime[id] as number;
      block.value[i] = table.value[id] as number;
      block.series[i] = id;
      block.quality[i] = table.quality[id] as number;
    }
    return block.bytes;
  }
}
