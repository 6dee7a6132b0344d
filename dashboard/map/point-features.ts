import type { Feature, Point as GeoJsonPoint } from 'geojson';
import type { GeoJSONSourceDiff } from 'maplibre-gl';
import type { PointId } from '../../domain/identifiers.ts';
import { type PointState, stateRank } from '../../domain/point-state.ts';
import type { Domain } from '../../domain/quantity.ts';

/** A measurement point as the map shows it. */
export interface MapPoint {
  readonly id: PointId;
  readonly longitude: number;
  readonly latitude: number;
  readonly domain: Domain;
  readonly state: PointState;
  readonly name: string;
  /** Main value with its unit, shown under the name when close; `''` when there is none. */
  readonly reading: string;
}

export interface PointProperties {
  readonly point: string;
  readonly domain: Domain;
  readonly state: PointState;
  readonly rank: number;
  readonly name: string;
  readonly reading: string;
  /** 0 … 7: which place around the shared location, for points of one site. */
  readonly slot: number;
}
export type PointFeature = Feature<GeoJsonPoint, PointProperties> & { readonly id: number };

/** Places a shared location offers; more points than that lie on one another. */
export const SLOTS = 8;

/**
 * Keeps what the map's source holds and tells what must change for it to hold something else: a few features an update instead of
 * the whole city. Numbers stand for ids, because tiles keep no textual feature ids.
 */
export function createFeatureDifference() {
  const numbers = new Map<PointId, number>();
  let held = new Map<number, PointFeature>();

  const numberOf = (id: PointId): number => {
    let number = numbers.get(id);
    if (number === undefined) {
      number = numbers.size + 1;
      numbers.set(id, number);
    }
    return number;
  };

  function featuresOf(points: readonly MapPoint[]): Map<number, PointFeature> {
    const atLocation = new Map<string, number>();
    const features = new Map<number, PointFeature>();
    for (const point of points) {
      const place = `${point.longitude.toFixed(5)},${point.latitude.toFixed(5)}`;
      const taken = atLocation.get(place) ?? 0;
      atLocation.set(place, taken + 1);
      const id = numberOf(point.id);
      features.set(id, {
        type: 'Feature',
        id,
        geometry: { type: 'Point', coordinates: [point.longitude, point.latitude] },
        properties: {
          point: point.id,
          domain: point.domain,
          state: point.state,
          rank: stateRank(point.state),
          name: point.name,
          reading: point.reading,
          slot: taken % SLOTS,
        },
      });
    }
    return features;
  }

  return {
    /** The feature of a point as it was last given, or `undefined`. */
    feature(id: PointId): PointFeature | undefined {
      return held.get(numbers.get(id) ?? 0);
    },
    /** Forgets what the source holds: it was made anew and is empty. */
    reset(): void {
      held = new Map();
    },
    /** The change from what is held to `points`, which is held from now on; `null` when nothing changed. */
    update(points: readonly MapPoint[]): GeoJSONSourceDiff | null {
      const wanted = featuresOf(points);
      const remove: number[] = [];
      const add: PointFeature[] = [];
      const update: NonNullable<GeoJSONSourceDiff['update']> = [];
      for (const id of held.keys()) if (!wanted.has(id)) remove.push(id);
      for (const [id, feature] of wanted) {
        const before = held.get(id);
        if (!before) {
          add.push(feature);
          continue;
        }
        const changed = (Object.keys(feature.properties) as (keyof PointProperties)[]).filter(
          (key) => before.properties[key] !== feature.properties[key],
        );
        const moved =
          before.geometry.coordinates[0] !== feature.geometry.coordinates[0] ||
          before.geometry.coordinates[1] !== feature.geometry.coordinates[1];
        if (changed.length === 0 && !moved) continue;
        update.push({
          id,
          ...(moved ? { newGeometry: feature.geometry } : {}),
          addOrUpdateProperties: changed.map((key) => ({ key, value: feature.properties[key] })),
        });
      }
      held = wanted;
      if (remove.length === 0 && add.length === 0 && update.length === 0) return null;
      return { remove, add, update };
    },
  };
}
