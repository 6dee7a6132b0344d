import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';
import type { Location } from '../../domain/asset.ts';
import { type Measured, NOTHING_MEASURED } from '../state/measuring.ts';
import { SYMBOL_COLOURS } from '../symbols/canvas.ts';
import { type MapExtension, type MapPlace, removeFrom } from './map-extension.ts';

const SOURCE = 'hd-measure';
const DRAWN = ['hd-measure-area', 'hd-measure-edge', 'hd-measure-line', 'hd-measure-places'] as const;
/** So near to the first place, in pixels, a press closes the line. */
const CLOSES_WITHIN = 12;

/** Draws what is being measured, and takes every press on the map for it. */
export function createMeasureOverlay(listeners: { onPlace(place: Location): void; onClose(): void }) {
  let measured: Measured = NOTHING_MEASURED;
  /** Where the pointer is: the line leads there already. */
  let pointer: Location | null = null;
  let map: MapLibreMap | null = null;

  function draw(): void {
    const { places, isClosed } = measured;
    const position = ({ longitude, latitude }: Location): GeoJSON.Position => [longitude, latitude];
    const way = places.map(position);
    const [first] = way;
    const line = isClosed && first ? [...way, first] : pointer ? [...way, position(pointer)] : way;
    const features: GeoJSON.Feature[] = way.map((coordinates) => ({
      type: 'Feature',
      properties: {},
      geometry: { type: 'Point', coordinates },
    }));
    if (isClosed)
      features.push({ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [line] } });
    if (line.length > 1)
      features.push({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: line } });
    void map?.getSource<GeoJSONSource>(SOURCE)?.setData({ type: 'FeatureCollection', features });
  }

  const extension: MapExtension = {
    takesAll: true,
    add(next, theme) {
      map = next;
      const { accent, edge } = SYMBOL_COLOURS[theme];
      const [area, casing, line, places] = DRAWN;
      next.addSource(SOURCE, { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
      const only = (type: string) => ['==', ['geometry-type'], type] as ['==', ['geometry-type'], string];
      // Above everything: it is being drawn.
      next.addLayer({
        ...{ id: area, source: SOURCE, type: 'fill', filter: only('Polygon') },
        paint: { 'fill-color': accent, 'fill-opacity': 0.18 },
      });
      next.addLayer({
        ...{ id: casing, source: SOURCE, type: 'line', filter: only('LineString') },
        paint: { 'line-color': edge, 'line-width': 5 },
      });
      next.addLayer({
        ...{ id: line, source: SOURCE, type: 'line', filter: only('LineString') },
        paint: { 'line-color': accent, 'line-width': 2.5 },
      });
      next.addLayer({
        ...{ id: places, source: SOURCE, type: 'circle', filter: only('Point') },
        paint: {
          'circle-radius': 4.5,
          'circle-color': edge,
          'circle-stroke-color': accent,
          'circle-stroke-width': 2.5,
        },
      });
      draw();
    },
    remove(from) {
      removeFrom(from, DRAWN, [SOURCE]);
      map = null;
    },
    pressed(at) {
      const [first] = measured.places;
      if (!measured.isClosed && measured.places.length >= 3 && first && pixelsTo(first, at) <= CLOSES_WITHIN)
        listeners.onClose();
      else listeners.onPlace({ longitude: at.longitude, latitude: at.latitude });
      return true;
    },
    pointed(at) {
      pointer = at && measured.places.length > 0 && !measured.isClosed ? at : null;
      draw();
      return false;
    },
  };
  function pixelsTo({ longitude, latitude }: Location, { x, y }: MapPlace): number {
    const there = map?.project([longitude, latitude]);
    return there ? Math.hypot(there.x - x, there.y - y) : Number.POSITIVE_INFINITY;
  }
  return {
    extension,
    show(next: Measured): void {
      measured = next;
      pointer = null;
      draw();
    },
  };
}
