import { queryOptions } from '@tanstack/react-query';
import { englishKindOf } from '../../domain/place-kinds.ts';
import type { AddressView } from '../state/map-address.ts';
import { foldText } from '../state/text-search.ts';

/** A street or place of the bundled ground of the map. */
export interface NamedPlace {
  readonly name: string;
  /** Folded, for searching: the name, and what kind of place it is in both languages. */
  readonly text: string;
  readonly kind: 'street' | 'place';
  readonly view: AddressView;
}

interface Feature {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly geometry:
    | { readonly type: 'Point'; readonly coordinates: readonly [number, number] }
    | { readonly type: 'LineString'; readonly coordinates: readonly (readonly [number, number])[] };
}
const PLACE_ZOOM = 13;
const STREET_ZOOM = 14;

/** A street is sought as one in either language, whether its name says so or not. */
const STREET_WORDS = ['đường', 'street'];

function searchedText(name: string, kind: NamedPlace['kind']): string {
  const english = englishKindOf(name);
  const said = english.length === 0 && kind === 'street' ? STREET_WORDS : english;
  return foldText([name, ...said].join(' '));
}

/** Names of the ground's own files, each once: a street in several pieces is shown at the middle of its longest. */
export function namedPlaces(roads: readonly Feature[], places: readonly Feature[]): readonly NamedPlace[] {
  const found = new Map<string, { readonly place: NamedPlace; readonly vertices: number }>();
  for (const { properties, geometry } of [...places, ...roads]) {
    const name = properties['n'] ?? properties['name'];
    if (typeof name !== 'string' || name === '') continue;
    const isPoint = geometry.type === 'Point';
    const at = isPoint ? geometry.coordinates : geometry.coordinates[geometry.coordinates.length >> 1];
    if (!at) continue;
    const kind = isPoint ? 'place' : 'street';
    const vertices = isPoint ? 1 : geometry.coordinates.length;
    if ((found.get(`${kind} ${name}`)?.vertices ?? 0) >= vertices) continue;
    const view = { longitude: at[0], latitude: at[1], zoom: isPoint ? PLACE_ZOOM : STREET_ZOOM };
    found.set(`${kind} ${name}`, { place: { name, text: searchedText(name, kind), kind, view }, vertices });
  }
  return [...found.values()].map(({ place }) => place);
}

const featuresOf = async (file: string, signal: AbortSignal): Promise<readonly Feature[]> => {
  const response = await fetch(`/basemap/${file}.geojson`, { signal });
  // Without its names the ground has nothing to find; the rest of a search goes on.
  if (!response.ok) return [];
  return ((await response.json()) as { readonly features: readonly Feature[] }).features;
};

export const placesQuery = queryOptions({
  queryKey: ['named-places'],
  queryFn: async ({ signal }) => {
    const [roads, places] = await Promise.all([featuresOf('roads', signal), featuresOf('places', signal)]);
    return namedPlaces(roads, places);
  },
  staleTime: Number.POSITIVE_INFINITY,
});
