import type { Location } from '../../domain/asset.ts';
import type { CapSeverity, Circle } from '../../domain/warning/cap.ts';

/** An area as a warning has it. */
export interface WarnedArea {
  readonly outlines: readonly (readonly Location[])[];
  readonly circles: readonly Circle[];
  readonly severity: CapSeverity;
}

const CIRCLE_CORNERS = 64;
const KM_PER_DEGREE = 111.32;

function circleRing({ centre, radiusKm }: Circle): GeoJSON.Position[] {
  const north = radiusKm / KM_PER_DEGREE;
  const east = north / Math.cos((centre.latitude * Math.PI) / 180);
  return Array.from({ length: CIRCLE_CORNERS + 1 }, (_, i) => {
    const angle = (2 * Math.PI * i) / CIRCLE_CORNERS;
    return [centre.longitude + east * Math.cos(angle), centre.latitude + north * Math.sin(angle)];
  });
}

/** Areas as the map draws them; an outline of two corners is still a line. */
export function areaFeatures(areas: readonly WarnedArea[]): GeoJSON.FeatureCollection {
  const features = areas.flatMap(({ outlines, circles, severity }): GeoJSON.Feature[] => {
    const drawn = (geometry: GeoJSON.Geometry): GeoJSON.Feature => ({
      type: 'Feature',
      properties: { severity },
      geometry,
    });
    return [
      ...outlines.flatMap((corners) => {
        const ring = corners.map(({ longitude, latitude }): GeoJSON.Position => [longitude, latitude]);
        const [first] = ring;
        if (first === undefined || ring.length < 2) return [];
        return ring.length === 2
          ? [drawn({ type: 'LineString', coordinates: ring })]
          : [drawn({ type: 'Polygon', coordinates: [[...ring, first]] })];
      }),
      ...circles.map((circle) => drawn({ type: 'Polygon', coordinates: [circleRing(circle)] })),
    ];
  });
  return { type: 'FeatureCollection', features };
}
