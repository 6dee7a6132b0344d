import type { FeatureCollection, Point } from 'geojson';
import type { PointId } from '../../domain/identifiers.ts';

/** A station of an index as the map shows it. */
export interface IndexPoint {
  readonly id: PointId;
  readonly longitude: number;
  readonly latitude: number;
  /** Text of the badge. */
  readonly value: string;
  /** `#rrggbb`, or `none` without a value. */
  readonly colour: string;
  /** Higher lies on top. */
  readonly rank: number;
  /** Name and category in words, shown under the badge when close. */
  readonly label: string;
}

/** A few dozen features: sent whole whenever one changes, which is once an hour. */
export const indexFeatures = (
  points: readonly IndexPoint[],
): FeatureCollection<Point, Pick<IndexPoint, 'value' | 'colour' | 'rank' | 'label'> & { readonly point: string }> => ({
  type: 'FeatureCollection',
  features: points.map(({ id, longitude, latitude, value, colour, rank, label }) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [longitude, latitude] },
    properties: { point: id, value, colour, rank, label },
  })),
});
