import type { WarningWire } from '../../api/contract/warnings.ts';
import type { Location } from '../../domain/asset.ts';
import type { LANGUAGES, Localized } from '../../domain/localized.ts';
import type { EpochMs } from '../../domain/time.ts';
import { epochMs } from '../../domain/time.ts';

export type Content = NonNullable<WarningWire['proposal']>['content'];
export type Area = Content['area'];

const NOTHING: Localized = { vi: '', en: '' };
/** What a draft by hand begins as: six hours from now. */
export const emptyContent = (now: EpochMs): Content => ({
  event: { ...NOTHING },
  headline: { ...NOTHING },
  description: { ...NOTHING },
  instruction: { ...NOTHING },
  categories: [],
  responseTypes: [],
  urgency: 'Expected',
  severity: 'Moderate',
  certainty: 'Likely',
  onset: null,
  expires: epochMs(Math.ceil((now + 6 * 3_600_000) / 60_000) * 60_000),
  area: { description: { ...NOTHING }, outlines: [], circles: [], wards: [] },
  contact: '',
  parameters: [],
});

const DECIMALS = 5;
const rounded = (degrees: number): number => Number(degrees.toFixed(DECIMALS));
/** A place as precise as it is published. */
export const roundedPlace = ({ latitude, longitude }: Location): Location => ({
  latitude: rounded(latitude),
  longitude: rounded(longitude),
});

/** Corners as people type them: a line each, latitude first. */
export const cornersText = (corners: readonly Location[]): string =>
  corners.map(({ latitude, longitude }) => `${latitude}, ${longitude}`).join('\n');

/** Reads {@link cornersText}; `null` when a line is no place. A first corner repeated at the end is taken as one. */
export function cornersOf(text: string): readonly Location[] | null {
  const corners: Location[] = [];
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const parts = line
      .trim()
      .split(/[\s,;]+/)
      .map(Number);
    const [latitude, longitude] = parts;
    if (parts.length !== 2 || latitude === undefined || longitude === undefined) return null;
    if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return null;
    corners.push({ latitude, longitude });
  }
  const [first] = corners;
  const last = corners.at(-1);
  const isClosed = corners.length > 3 && first?.latitude === last?.latitude && first?.longitude === last?.longitude;
  return isClosed ? corners.slice(0, -1) : corners;
}

/** Distance of `at` from the stretch a–b, in degrees. */
function offLine(at: Location, a: Location, b: Location): number {
  const [dx, dy] = [b.longitude - a.longitude, b.latitude - a.latitude];
  const length = dx * dx + dy * dy;
  const along =
    length === 0
      ? 0
      : Math.max(0, Math.min(1, ((at.longitude - a.longitude) * dx + (at.latitude - a.latitude) * dy) / length));
  return Math.hypot(at.longitude - a.longitude - along * dx, at.latitude - a.latitude - along * dy);
}

function thinned(line: readonly Location[], tolerance: number): readonly Location[] {
  if (line.length < 3) return line;
  const [first, last] = [line[0] as Location, line.at(-1) as Location];
  let farthest = 0;
  let distance = 0;
  for (let i = 1; i < line.length - 1; i++) {
    const off = offLine(line[i] as Location, first, last);
    if (off > distance) [farthest, distance] = [i, off];
  }
  if (distance <= tolerance) return [first, last];
  return [...thinned(line.slice(0, farthest + 1), tolerance).slice(0, -1), ...thinned(line.slice(farthest), tolerance)];
}

/** An outline with at most `most` corners (Douglas–Peucker, coarser until it fits): a ward's own has thousands. */
export function simplifiedOutline(ring: readonly Location[], most: number): readonly Location[] {
  let corners = ring;
  for (let tolerance = 0.0001; corners.length > most; tolerance *= 1.6) corners = thinned(ring, tolerance);
  return corners.map(roundedPlace);
}

/** The outer rings of the ward of this code, by the site's outlines (GeoJSON, property `code`). */
export function wardOutlines(outlines: GeoJSON.FeatureCollection, code: string): readonly (readonly Location[])[] {
  const feature = outlines.features.find(({ properties }) => String(properties?.['code']) === code);
  const geometry = feature?.geometry;
  const polygons =
    geometry?.type === 'Polygon'
      ? [geometry.coordinates]
      : geometry?.type === 'MultiPolygon'
        ? geometry.coordinates
        : [];
  return polygons.flatMap(([outer]) =>
    outer === undefined
      ? []
      : [outer.slice(0, -1).map(([longitude = 0, latitude = 0]): Location => ({ longitude, latitude }))],
  );
}

/** Parts of a warning that can differ between two messages. */
export const CONTENT_PARTS = [
  'event',
  'headline',
  'description',
  'instruction',
  'categories',
  'responseTypes',
  'urgency',
  'severity',
  'certainty',
  'onset',
  'expires',
  'area',
  'contact',
] as const satisfies readonly (keyof Content)[];
export type ContentPart = (typeof CONTENT_PARTS)[number];

/** What of the content is another in `after` than in `before`. */
export const changedParts = (before: Content, after: Content): readonly ContentPart[] =>
  CONTENT_PARTS.filter((part) => JSON.stringify(before[part]) !== JSON.stringify(after[part]));

/** How a list shows warnings: what asks for somebody first. */
export function groupedWarnings(warnings: readonly WarningWire[]) {
  const of = (wanted: (warning: WarningWire) => boolean) => warnings.filter(wanted);
  const isWaiting = ({ proposal }: WarningWire) => proposal?.stage === 'submitted';
  return {
    waiting: of(isWaiting),
    drafts: of((warning) => !isWaiting(warning) && (warning.phase === 'draft' || warning.phase === 'rejected')),
    inForce: of(({ phase }) => phase === 'in_force'),
    past: of(({ phase }) => ['cancelled', 'expired', 'discarded'].includes(phase)),
  };
}

/** What to call it in `language`: what it says now, or would say. */
export function headlineOf({ proposal, issued }: WarningWire, language: (typeof LANGUAGES)[number]): string {
  const content = proposal?.content ?? issued.findLast(({ kind }) => kind !== 'cancel')?.content;
  return content?.headline[language].trim() || content?.event[language].trim() || '';
}
