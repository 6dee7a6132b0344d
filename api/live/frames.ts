import { allocateLatestBlock } from '../../domain/latest-block.ts';
import type { Domain } from '../../domain/quantity.ts';
import type { LatestTable } from '../city/latest-table.ts';
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
 * Blocks of newest readings for one frame. Clients with equal rights and equal wishes that have seen equally much share one block:
 * it is made once and its bytes are sent to all of them.
 */
export class FrameBlocks {
  readonly #table: LatestTable;
  readonly #places: SeriesPlaces;
  readonly #made = new Map<string, Uint8Array>();
  #scratch = new Int32Array(1_024);
  /** Blocks made and blocks given again, since start. */
  made = 0;
  shared = 0;

  constructor(table: LatestTable, places: SeriesPlaces) {
    this.#table = table;
    this.#places = places;
  }

  /**
   * The newest readings of the series that changed after frame `since` (0 and less: all that have a reading).
   */
  changedSince(since: number, scope: Scope, selection: Selection): Uint8Array {
    const key = `${since}|${scope.key}|${selection.key}`;
    const known = this.#made.get(key);
    if (known) {
      this.shared++;
      return known;
    }
    const block = this.#make(since, scope, selection);
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
    const block = allocateLatestBlock(count);
    for (let i = 0; i < count; i++) {
      const id = chosen[i] as number;
      block.eventTime[i] = table.eventTime[id] as number;
      block.value[i] = table.value[id] as number;
      block.series[i] = id;
      block.quality[i] = table.quality[id] as number;
    }
    return block.bytes;
  }
}
