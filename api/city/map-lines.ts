import { LINE_SCALES, scaleFor } from '../../config/map-layers.ts';
import type { Access } from '../../domain/access.ts';
import type { Site } from '../../domain/asset.ts';
import type { SiteId } from '../../domain/identifiers.ts';
import { type CityLine, lineLayerOf, linesOf } from '../../domain/map-lines.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { maySee } from '../../domain/visibility.ts';
import type { LineScaleWire, MapLines as MapLinesWire, MapLineWire } from '../contract/map-lines.ts';
import type { CityIndex, IndexedPoint } from './city-index.ts';
import { SitePlaces } from './site-places.ts';

/** Lines that one answer tells; of more, those at the ends of the networks are left out and counted. */
const LINES_MAX = 5_000;
const ENDS: ReadonlySet<Site['kind']> = new Set(['electricity_meter', 'customer_meter']);
/** A tenth of a metre: digits beyond say nothing. */
const DIGITS = 1e6;
const rounded = (degrees: number): number => Math.round(degrees * DIGITS) / DIGITS;

interface ReadyLine {
  readonly site: Site;
  readonly from: Site | null;
  /** By where its points are: whoever may not see a point isn't told its series. */
  readonly measured: readonly { readonly entry: IndexedPoint; readonly measure: MapLineWire['measures'][number] }[];
  readonly wire: Omit<MapLineWire, 'measures' | 'point' | 'from'>;
}
interface Ready {
  readonly revision: number;
  readonly lines: readonly ReadyLine[];
  readonly streets: readonly Site[];
}

const sees = (access: Access, { agencyId, domain, id, tags }: Site): boolean =>
  maySee(access, { agencyId, domain, siteId: id, tags });

/** The lines of the map with what they are measured by; made when they are asked for, and again when the city has changed. */
export class MapLines {
  readonly #places: SitePlaces;
  readonly #index: CityIndex;
  #ready: Ready | null = null;

  constructor(registry: Pick<Registry, 'as' | 'suppressions'>, index: CityIndex) {
    this.#places = new SitePlaces(registry, index);
    this.#index = index;
  }

  async seenBy(access: Access): Promise<MapLinesWire> {
    const { lines, streets } = await this.#get();
    const seen = lines.flatMap(({ site, from, measured, wire }): MapLineWire[] => {
      // Where a line begins is told of what feeds it, too.
      if (!sees(access, site) || (from !== null && !sees(access, from))) return [];
      const shown = measured.filter(({ entry }) => maySee(access, entry.point));
      return [
        {
          ...wire,
          from: from?.id ?? null,
          point: shown[0]?.entry.number ?? null,
          measures: shown.map(({ measure }) => measure),
        },
      ];
    });
    const isEnd = ({ kind }: MapLineWire): boolean => ENDS.has(kind);
    const told = seen.length > LINES_MAX ? [...seen.filter((line) => !isEnd(line)), ...seen.filter(isEnd)] : seen;
    return {
      scales: LINE_SCALES.map((scale) => this.#scaleWire(scale)),
      lines: told.slice(0, LINES_MAX),
      leftOut: Math.max(0, told.length - LINES_MAX),
      withoutCourse: streets.filter((site) => sees(access, site)).length,
    };
  }

  async #get(): Promise<Ready> {
    const { revision, sites, links } = await this.#places.get();
    if (this.#ready?.revision === revision) return this.#ready;
    const bySite = Map.groupBy(this.#index.points.values(), ({ point }) => point.siteId);
    const lines = linesOf(sites, links).map((line) => this.#line(line, sites, bySite));
    const drawn = new Set(lines.map(({ site }) => site.id));
    const streets = [...sites.values()].filter(({ id, kind }) => lineLayerOf(kind) === 'roads' && !drawn.has(id));
    this.#ready = { revision, lines, streets };
    return this.#ready;
  }

  #line(
    { layer, site, from, path, isCourse }: CityLine,
    sites: ReadonlyMap<SiteId, Site>,
    bySite: ReadonlyMap<SiteId, readonly IndexedPoint[]>,
  ): ReadyLine {
    // A main that measures nothing itself is as what feeds it is.
    const points = bySite.get(site.id) ?? (from === null ? undefined : bySite.get(from)) ?? [];
    const measured = points.flatMap((entry) =>
      entry.point.series.flatMap(({ id, quantity }) => {
        const found = scaleFor(site, layer, quantity);
        if (found === null) return [];
        const { scale, whole } = found;
        const staleAfterMs = this.#index.staleAfterMs(quantity, entry);
        return [{ entry, measure: { series: id, quantity, scale: scale.key, whole, staleAfterMs } }];
      }),
    );
    const { id, kind, name, agencyId } = site;
    return {
      site,
      from: (from === null ? undefined : sites.get(from)) ?? null,
      measured,
      wire: {
        ...{ id, layer, kind, name, agencyId, isCourse },
        path: path.map(({ longitude, latitude }) => [rounded(longitude), rounded(latitude)] as const),
      },
    };
  }

  #scaleWire({
    key,
    layer,
    of,
    steps,
    quantities: [first],
    source,
    evidence,
  }: (typeof LINE_SCALES)[number]): LineScaleWire {
    const unit =
      of === 'percent' ? '%' : ((first === undefined ? undefined : this.#index.quantity(first)?.unitSymbol) ?? '');
    return {
      ...{ key, layer, of, unit, source, evidence },
      steps: steps.map(({ lineClass, from, includesFrom }) => ({
        lineClass,
        from: Number.isFinite(from) ? from : null,
        includesFrom,
      })),
    };
  }
}
