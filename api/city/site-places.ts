import type { Actor } from '../../domain/access.ts';
import type { Site } from '../../domain/asset.ts';
import type { SiteId } from '../../domain/identifiers.ts';
import { SupplyForest } from '../../domain/incident-network.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { SiteNetworkRows } from '../../domain/site-network.ts';
import type { CityIndex } from './city-index.ts';

const READER: Actor = { kind: 'system', name: 'site places' };
const PAGE = 1_000;

interface Places {
  readonly revision: number;
  readonly sites: ReadonlyMap<SiteId, Site>;
  readonly links: SiteNetworkRows['links'];
  readonly forest: SupplyForest;
}

/** How sites hang together, with their names; read when it is asked for, and again when the city has changed. */
export class SitePlaces {
  readonly #registry: Pick<Registry, 'as' | 'suppressions'>;
  readonly #index: CityIndex;
  #known: Promise<Places> | null = null;
  #revision = -1;

  constructor(registry: Pick<Registry, 'as' | 'suppressions'>, index: CityIndex) {
    this.#registry = registry;
    this.#index = index;
  }

  get(): Promise<Places> {
    const { revision } = this.#index;
    if (this.#known === null || this.#revision !== revision) {
      this.#revision = revision;
      const loading = this.#load(revision);
      this.#known = loading;
      loading.catch(() => {
        if (this.#known === loading) this.#known = null;
      });
    }
    return this.#known;
  }

  async #load(revision: number): Promise<Places> {
    const { sites: list } = this.#registry.as(READER);
    const sites = new Map<SiteId, Site>();
    for (let after: string | null = ''; after !== null; ) {
      const page: Awaited<ReturnType<typeof list.list>> = await list.list(
        {},
        after === '' ? { limit: PAGE } : { limit: PAGE, after },
      );
      for (const site of page.items) sites.set(site.id, site);
      after = page.next;
    }
    const measured = new Set([...this.#index.points.values()].map(({ point }) => point.siteId));
    const rows = await this.#registry.suppressions.network();
    return { revision, sites, links: rows.links, forest: new SupplyForest(rows, measured) };
  }
}
