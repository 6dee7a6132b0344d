import type { Location } from '../../domain/asset.ts';
import type { CapSeverity, Circle } from '../../domain/warning/cap.ts';
import { textElement, type XmlElement } from '../../domain/warning/xml.ts';

/** `[longitude, latitude]`, as GeoJSON has it. */
type Position = readonly [number, number];

/** What lies under the warnings: lines and names, WGS 84. */
export interface PublicBasemap {
  readonly land: readonly (readonly Position[])[];
  readonly rivers: readonly (readonly Position[])[];
  readonly roads: readonly (readonly Position[])[];
  /** Smaller rank, greater place. */
  readonly places: readonly { readonly name: string; readonly rank: number; readonly at: Position }[];
  readonly attribution: string;
}

/** An area with the number it has in the list. */
export interface MappedWarning {
  readonly number: number;
  readonly severity: CapSeverity;
  readonly outlines: readonly (readonly Location[])[];
  readonly circles: readonly Circle[];
}

const WIDTH = 800;
const HEIGHT = 560;
/** The city between Hải Dương and Cát Bà: shown when there is nothing to zoom to. */
const HOME: Bounds = { west: 106.15, south: 20.55, east: 107.15, north: 21.12 };
/** Around the warnings, as a share of their extent; and never closer than a few streets. */
const MARGIN = 0.35;
const SMALLEST_DEGREES = 0.12;
/** Points nearer to each other than this on the picture are one. */
const RESOLUTION = 0.7;
const SMALLEST_RING = 2;
const NAMES_MOST = 18;
/** Rough size of a letter as a phone shows it, for keeping names off each other. */
const NAME_WIDTH = 12;
const NAME_HEIGHT = 26;
const KM_PER_DEGREE = 111.32;

interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** Mercator's height of a latitude, in degrees of longitude. */
const mercator = (latitude: number): number =>
  (Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)) * 180) / Math.PI;

/** What the picture shows: all areas with a margin, else the city. */
function boundsOf(warnings: readonly MappedWarning[]): Bounds {
  const corners = warnings.flatMap(({ outlines, circles }) => [
    ...outlines.flat(),
    ...circles.flatMap(({ centre: { latitude, longitude }, radiusKm }) => {
      const north = radiusKm / KM_PER_DEGREE;
      const east = north / Math.max(0.01, Math.cos((latitude * Math.PI) / 180));
      return [
        { latitude: latitude - north, longitude: longitude - east },
        { latitude: latitude + north, longitude: longitude + east },
      ];
    }),
  ]);
  if (corners.length === 0) return HOME;
  const [lats, lons] = [corners.map(({ latitude }) => latitude), corners.map(({ longitude }) => longitude)];
  // Folded, not spread: an outline may have hundreds of corners.
  const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
  const [west, east, south, north] = [least(lons), most(lons), least(lats), most(lats)];
  const half = (extent: number) => Math.max(SMALLEST_DEGREES, extent * (1 + 2 * MARGIN)) / 2;
  const [x, y] = [(west + east) / 2, (south + north) / 2];
  return {
    west: x - half(east - west),
    east: x + half(east - west),
    south: Math.max(-85, y - half(north - south)),
    north: Math.min(85, y + half(north - south)),
  };
}

type Project = (at: Position) => readonly [x: number, y: number];
interface View {
  readonly project: Project;
  readonly pixelsPerDegree: number;
}

function viewOf(bounds: Bounds): View {
  const [bottom, top] = [mercator(bounds.south), mercator(bounds.north)];
  const pixelsPerDegree = Math.min(WIDTH / (bounds.east - bounds.west), HEIGHT / (top - bottom));
  const [x0, y0] = [(bounds.west + bounds.east) / 2, (bottom + top) / 2];
  return {
    pixelsPerDegree,
    project: ([longitude, latitude]) => [
      WIDTH / 2 + (longitude - x0) * pixelsPerDegree,
      HEIGHT / 2 - (mercator(latitude) - y0) * pixelsPerDegree,
    ],
  };
}

const isNear = ([x, y]: readonly [number, number]): boolean =>
  x > -WIDTH && x < 2 * WIDTH && y > -HEIGHT && y < 2 * HEIGHT;
const number = (value: number): string => String(Math.round(value * 10) / 10);

/** A line as path data, without what would not be seen; empty when none of it lies near the picture. */
function pathOf(line: readonly Position[], project: Project, isRing: boolean): string {
  const kept: (readonly [number, number])[] = [];
  for (const position of line) {
    const at = project(position);
    const before = kept.at(-1);
    if (before && Math.abs(at[0] - before[0]) < RESOLUTION && Math.abs(at[1] - before[1]) < RESOLUTION) continue;
    kept.push(at);
  }
  if (kept.length < 2 || !kept.some(isNear)) return '';
  if (isRing) {
    const xs = kept.map(([x]) => x);
    const extent = xs.reduce((a, b) => Math.max(a, b)) - xs.reduce((a, b) => Math.min(a, b));
    if (kept.length < 3 || extent < SMALLEST_RING) return '';
  }
  // Far-off corners matter to the shape of land, not to its precision: held within what SVG draws well.
  const within = (value: number) => number(Math.max(-20_000, Math.min(20_000, value)));
  return `M${kept.map(([x, y]) => `${within(x)} ${within(y)}`).join('L')}${isRing ? 'Z' : ''}`;
}

const path = (
  name: string,
  lines: readonly (readonly Position[])[],
  project: Project,
  isRing: boolean,
): XmlElement[] => {
  const d = lines.map((line) => pathOf(line, project, isRing)).join('');
  return d === '' ? [] : [{ name: 'path', attributes: { class: name, d }, content: [] }];
};

/** Names of the greatest places that don't stand on each other. */
function names(places: PublicBasemap['places'], project: Project): XmlElement[] {
  const taken: (readonly [number, number, number])[] = [];
  const shown: XmlElement[] = [];
  for (const place of [...places].sort((a, b) => a.rank - b.rank)) {
    const [x, y] = project(place.at);
    const half = (place.name.length * NAME_WIDTH) / 2;
    if (x < half || x > WIDTH - half || y < NAME_HEIGHT || y > HEIGHT - NAME_HEIGHT) continue;
    if (taken.some(([tx, ty, th]) => Math.abs(x - tx) < half + th && Math.abs(y - ty) < NAME_HEIGHT)) continue;
    taken.push([x, y, half]);
    shown.push(textElement('text', place.name, { class: 'place', x: number(x), y: number(y) }));
    if (shown.length >= NAMES_MOST) break;
  }
  return shown;
}

function areaElements(
  { outlines, circles, severity, number: listed }: MappedWarning,
  { project, pixelsPerDegree }: View,
) {
  const at = ({ longitude, latitude }: Location) => project([longitude, latitude]);
  const rings = outlines.map((corners) => corners.map(at));
  const rounds = circles.map(({ centre, radiusKm }) => {
    const [x, y] = at(centre);
    const r =
      ((radiusKm / KM_PER_DEGREE) * pixelsPerDegree) / Math.max(0.01, Math.cos((centre.latitude * Math.PI) / 180));
    return { x, y, r };
  });
  const shapes: XmlElement[] = [
    ...rings.map((ring) => ({
      name: 'path',
      attributes: { d: `M${ring.map(([x, y]) => `${number(x)} ${number(y)}`).join('L')}Z` },
      content: [],
    })),
    ...rounds.map(({ x, y, r }) => ({
      name: 'circle',
      attributes: { cx: number(x), cy: number(y), r: number(r) },
      content: [],
    })),
  ];
  const middle = (ring: readonly (readonly [number, number])[]): readonly [number, number] => [
    ring.reduce((sum, [x]) => sum + x, 0) / ring.length,
    ring.reduce((sum, [, y]) => sum + y, 0) / ring.length,
  ];
  const marks = [...rings.filter((ring) => ring.length > 0).map(middle), ...rounds.map(({ x, y }) => [x, y] as const)];
  return {
    shapes: { name: 'g', attributes: { class: `area severity-${severity.toLowerCase()}` }, content: shapes },
    marks: marks.map(
      ([x, y]): XmlElement => ({
        name: 'a',
        attributes: { href: `#w${listed}`, class: `mark severity-${severity.toLowerCase()}` },
        content: [
          { name: 'circle', attributes: { cx: number(x), cy: number(y), r: '14' }, content: [] },
          textElement('text', String(listed), { x: number(x), y: number(y) }),
        ],
      }),
    ),
  };
}

/** The areas on a quiet map, as one picture: drawn by the server, so that it is there without script, on paper and on a slow line. */
export function publicMap(
  basemap: PublicBasemap | null,
  warnings: readonly MappedWarning[],
  label: string,
): XmlElement {
  const view = viewOf(boundsOf(warnings));
  const areas = warnings.map((warning) => areaElements(warning, view));
  const ground = basemap
    ? [
        ...path('land', basemap.land, view.project, true),
        ...path('river', basemap.rivers, view.project, false),
        ...path('road', basemap.roads, view.project, false),
        ...names(basemap.places, view.project),
      ]
    : [];
  return {
    name: 'svg',
    attributes: { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label, class: 'map' },
    content: [
      { name: 'rect', attributes: { class: 'sea', width: String(WIDTH), height: String(HEIGHT) }, content: [] },
      ...ground,
      ...areas.map(({ shapes }) => shapes),
      ...areas.flatMap(({ marks }) => marks),
    ],
  };
}
