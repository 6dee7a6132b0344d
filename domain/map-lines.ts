import type { Location, Site, SiteKind, SiteLink } from './asset.ts';
import type { SiteId } from './identifiers.ts';

/** What the map draws as lines, each a layer of its own. */
export const LINE_LAYERS = ['roads', 'power', 'water', 'floods'] as const;
export type LineLayer = (typeof LINE_LAYERS)[number];
/** What can be laid over the map, in the order of the switcher: lines, and the air between its stations. */
export const MAP_LAYERS = [...LINE_LAYERS, 'air'] as const;
export type MapLayer = (typeof MAP_LAYERS)[number];
export const isLineLayer = (layer: MapLayer): layer is LineLayer => layer !== 'air';

/** What a line can be said to be, best first: the last that one of its measurements says is the line's. */
export const LINE_CLASSES = {
  /** Levels of service. */
  roads: ['A', 'B', 'C', 'D', 'E', 'F'],
  power: ['energised', 'overvoltage', 'undervoltage', 'outage'],
  water: ['supplied', 'low_pressure', 'no_water'],
  floods: ['dry', 'wet', 'motorcycles', 'cars', 'closed'],
} as const satisfies Record<LineLayer, readonly string[]>;
export type LineClass = (typeof LINE_CLASSES)[LineLayer][number];
/** What a network line is when nothing comes through it; `undefined` for streets. */
export const LOST_CLASS: Readonly<Partial<Record<LineLayer, LineClass>>> = { power: 'outage', water: 'no_water' };

/** From `from` on a value is of this class, `includesFrom`: at it, too. */
export interface ScaleStep {
  readonly lineClass: LineClass;
  readonly from: number;
  readonly includesFrom: boolean;
}
/** How values become classes. */
export interface LineScale {
  readonly key: string;
  readonly layer: LineLayer;
  /** `percent`: of what is whole there (free speed, nominal voltage); `value`: in the quantity's own unit. */
  readonly of: 'percent' | 'value';
  /** Ascending; the first begins at −∞. */
  readonly steps: readonly ScaleStep[];
}

/** The class of a value; `whole`: what 100 % is, for a scale of percent. A whole of 0 says nothing, nor does a value that is no number. */
export function classOf(scale: Pick<LineScale, 'of' | 'steps'>, value: number, whole: number | null): LineClass | null {
  const on = scale.of === 'value' ? value : whole !== null && whole > 0 ? (value / whole) * 100 : Number.NaN;
  if (Number.isNaN(on)) return null;
  let found: LineClass | null = null;
  for (const { lineClass, from, includesFrom } of scale.steps)
    if (on > from || (includesFrom && on === from) || from === Number.NEGATIVE_INFINITY) found = lineClass;
  return found;
}

/** A line of the map: one site of a network with the way that leads to it, or a site that is long itself. */
export interface CityLine {
  readonly layer: LineLayer;
  /** What it is named after, measured by and known by. */
  readonly site: Site;
  /** The site that feeds it. */
  readonly from: SiteId | null;
  /** From where it is fed to its end; one place alone where no course is on record and nothing leads there. */
  readonly path: readonly Location[];
  /** False: straight from site to site, since no course is on record. */
  readonly isCourse: boolean;
}

const LAYER_OF: { readonly [K in SiteKind]?: LineLayer } = {
  road_segment: 'roads',
  flood_spot: 'floods',
  feeder: 'power',
  transformer: 'power',
  electricity_meter: 'power',
  water_main: 'water',
  district_metered_area: 'water',
  pressure_point: 'water',
  customer_meter: 'water',
};

/** The layer on which sites of a kind are lines, if on any. */
export const lineLayerOf = (kind: SiteKind): LineLayer | undefined => LAYER_OF[kind];

/**
 * The lines of a city. Streets are lines where their course is on record, places that flood are drawn as a place without one; what is fed by another site
 * has its own course, or a straight line from the nearest place of what feeds it. In the order of the sites.
 */
export function linesOf(
  sites: ReadonlyMap<SiteId, Site>,
  links: readonly Pick<SiteLink, 'from' | 'to' | 'kind'>[],
): readonly CityLine[] {
  const feeders = new Map<SiteId, SiteId>();
  for (const { from, to, kind } of links) {
    const known = feeders.get(to);
    // With several ways in the smallest id counts, so that the same rows always give the same lines.
    if (kind === 'feeds' && sites.has(from) && (known === undefined || from < known)) feeders.set(to, from);
  }
  return [...sites.values()].flatMap((site): CityLine[] => {
    const layer = lineLayerOf(site.kind);
    if (layer === undefined) return [];
    const course = site.path ?? null;
    if (layer === 'roads' || layer === 'floods') {
      if (course !== null) return [{ layer, site, from: null, path: course, isCourse: true }];
      return layer === 'floods' ? [{ layer, site, from: null, path: [site.location], isCourse: false }] : [];
    }
    const from = feeders.get(site.id) ?? null;
    if (course !== null) return [{ layer, site, from, path: course, isCourse: true }];
    const above = from === null ? undefined : sites.get(from);
    if (above === undefined) return [];
    const path = [nearestOn(above.path ?? [above.location], site.location), site.location];
    return [{ layer, site, from, path, isCourse: false }];
  });
}

/** The place of a course that is nearest to `to`, over ground that is flat enough within a city; `course` has at least one place. */
function nearestOn(course: readonly Location[], to: Location): Location {
  const narrowing = Math.cos((to.latitude * Math.PI) / 180);
  const square = (at: Location): number =>
    ((at.longitude - to.longitude) * narrowing) ** 2 + (at.latitude - to.latitude) ** 2;
  let best = course[0] as Location;
  for (let i = 0; i + 1 < course.length; i++) {
    const [a, b] = [course[i] as Location, course[i + 1] as Location];
    const [x, y] = [(b.longitude - a.longitude) * narrowing, b.latitude - a.latitude];
    const along = (to.longitude - a.longitude) * narrowing * x + (to.latitude - a.latitude) * y;
    const share = Math.min(1, Math.max(0, along / (x * x + y * y || 1)));
    const at = {
      longitude: a.longitude + share * (b.longitude - a.longitude),
      latitude: a.latitude + share * (b.latitude - a.latitude),
    };
    if (square(at) < square(best)) best = at;
  }
  return best;
}
