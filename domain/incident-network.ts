import type { SiteId } from './identifiers.ts';
import type { SiteNetworkRows } from './site-network.ts';

const NONE: readonly SiteId[] = [];

/**
 * Sites with one site upstream of each: what feeds it, else what contains it, else the site it is part of, else what carries its data. In a
 * network with rings or several ways in, the smallest id of the strongest kind counts, so that the same rows always give the same trees.
 */
export class SupplyForest {
  readonly #upstream = new Map<SiteId, SiteId>();
  readonly #children = new Map<SiteId, SiteId[]>();
  readonly #measured: ReadonlySet<SiteId>;

  /** `measured`: sites that have points, and so can say how they are. */
  constructor({ sites, links }: SiteNetworkRows, measured: ReadonlySet<SiteId>) {
    this.#measured = measured;
    const candidates = new Map<SiteId, { from: SiteId; strength: number }>();
    const offer = (site: SiteId, from: SiteId, strength: number): void => {
      const known = candidates.get(site);
      const isBetter =
        known === undefined || strength < known.strength || (strength === known.strength && from < known.from);
      if (isBetter && from !== site) candidates.set(site, { from, strength });
    };
    for (const { from, to, kind } of links) offer(to, from, { feeds: 0, contains: 1, backhauls: 3 }[kind]);
    for (const { id, parentId } of sites) if (parentId !== null) offer(id, parentId, 2);
    for (const [site, { from }] of [...candidates].sort(([a], [b]) => (a < b ? -1 : 1))) {
      // A ring is opened where it would close.
      if (this.#isAbove(site, from)) continue;
      this.#upstream.set(site, from);
      const siblings = this.#children.get(from);
      if (siblings) siblings.push(site);
      else this.#children.set(from, [site]);
    }
  }

  #isAbove(site: SiteId, below: SiteId): boolean {
    for (let at: SiteId | undefined = below; at !== undefined; at = this.#upstream.get(at))
      if (at === site) return true;
    return false;
  }

  childrenOf(site: SiteId): readonly SiteId[] {
    return this.#children.get(site) ?? NONE;
  }

  isMeasured(site: SiteId): boolean {
    return this.#measured.has(site);
  }

  /** The site first, then those above it. */
  pathUp(site: SiteId): readonly SiteId[] {
    const path: SiteId[] = [];
    for (let at: SiteId | undefined = site; at !== undefined; at = this.#upstream.get(at)) path.push(at);
    return path;
  }

  rootOf(site: SiteId): SiteId {
    let root = site;
    for (let above = this.#upstream.get(root); above !== undefined; above = this.#upstream.get(root)) root = above;
    return root;
  }

  /** All sites below, nearest first; the site itself is not among them. At most `limit`. */
  below(site: SiteId, limit = Number.POSITIVE_INFINITY): readonly SiteId[] {
    const found: SiteId[] = [...this.childrenOf(site)];
    for (let i = 0; i < found.length && found.length < limit; i++) found.push(...this.childrenOf(found[i] as SiteId));
    return found.slice(0, limit);
  }
}
