import type { Site, SiteLink } from './asset.ts';
import type { SiteId } from './identifiers.ts';

/** How sites hang together: by tree and by link. */
export interface SiteNetworkRows {
  readonly sites: readonly Pick<Site, 'id' | 'parentId'>[];
  readonly links: readonly Pick<SiteLink, 'from' | 'to' | 'kind'>[];
}

/** Finds what lies behind a site. Rings are no trouble: each site is visited once. */
export class SiteNetwork {
  readonly #next = new Map<SiteId, Set<SiteId>>();
  readonly #carried = new Map<SiteId, Set<SiteId>>();

  constructor({ sites, links }: SiteNetworkRows) {
    const add = (to: Map<SiteId, Set<SiteId>>, from: SiteId, site: SiteId): void => {
      const known = to.get(from);
      if (known) known.add(site);
      else to.set(from, new Set([site]));
    };
    for (const { id, parentId } of sites) if (parentId !== null) add(this.#next, parentId, id);
    for (const { from, to, kind } of links) {
      add(this.#next, from, to);
      if (kind === 'backhauls') add(this.#carried, from, to);
    }
  }

  /** The site itself, the sites in it, and all that these feed, contain or carry. */
  withAllBehind(site: SiteId): ReadonlySet<SiteId> {
    return reached(this.#next, [site]);
  }

  /** The sites whose data travels by way of this one, itself left out. */
  carriedBy(site: SiteId): ReadonlySet<SiteId> {
    const found = new Set(reached(this.#carried, [site]));
    found.delete(site);
    return found;
  }
}

function reached(next: ReadonlyMap<SiteId, ReadonlySet<SiteId>>, from: readonly SiteId[]): ReadonlySet<SiteId> {
  const found = new Set(from);
  // A set gives what is added while it is walked through.
  for (const site of found) for (const further of next.get(site) ?? []) found.add(further);
  return found;
}
