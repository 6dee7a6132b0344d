import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OFFLINE_ATTRIBUTION } from './style.ts';

type Position = readonly [number, number];

/** Ranks of places and classes of roads that a picture of the whole city can hold. */
const PLACE_RANK_MAX = 2;
const PLACES_SHOWN = new Set(['town', 'island', 'sea']);
const ROADS_SHOWN = new Set(['motorway', 'trunk', 'primary']);

interface FeatureCollection {
  readonly features: readonly {
    readonly properties: Readonly<Record<string, string | number>>;
    readonly geometry:
      | { readonly type: 'Point'; readonly coordinates: Position }
      | { readonly type: 'LineString'; readonly coordinates: readonly Position[] }
      | { readonly type: 'Polygon'; readonly coordinates: readonly (readonly Position[])[] }
      | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly (readonly Position[])[])[] };
  }[];
}

const read = (name: string): FeatureCollection =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'data', `${name}.geojson`), 'utf8')) as FeatureCollection;
const lines = ({ features }: FeatureCollection): readonly (readonly Position[])[] =>
  features.flatMap(({ geometry }) => (geometry.type === 'LineString' ? [geometry.coordinates] : []));

/** The bundled base map as plain lines and names, for pictures drawn by the server. Reads files: once, at the start. */
export function loadPublicBasemap() {
  const roads = read('roads').features.filter(({ properties }) => ROADS_SHOWN.has(String(properties['cls'])));
  return {
    land: read('land').features.flatMap(({ geometry }): readonly (readonly Position[])[] => {
      if (geometry.type === 'Polygon') return geometry.coordinates;
      return geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : [];
    }),
    rivers: lines(read('rivers')),
    roads: lines({ features: roads }),
    places: read('places').features.flatMap(({ properties, geometry }) => {
      const rank = Number(properties['r']);
      return geometry.type === 'Point' && PLACES_SHOWN.has(String(properties['k'])) && rank <= PLACE_RANK_MAX
        ? [{ name: String(properties['n']), rank, at: geometry.coordinates }]
        : [];
    }),
    attribution: OFFLINE_ATTRIBUTION,
  };
}
