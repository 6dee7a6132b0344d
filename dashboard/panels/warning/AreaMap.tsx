import { type GeoJSONSource, LngLatBounds, Map as MapLibreMap, Marker, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { useEffect, useRef } from 'react';
import { MAP_BOUNDS, MAP_MAX_ZOOM, MAP_MIN_ZOOM } from '../../../config/basemap/style.ts';
import type { Location } from '../../../domain/asset.ts';
import { usePlatform } from '../../client/platform.tsx';
import { areaFeatures } from '../../map/area-features.ts';
import { offlineBasemap, siteBasemap } from '../../map/basemap.ts';
import { HOME_VIEW } from '../../map/city-map.ts';
import { type Area, roundedPlace } from '../../state/warning-draft.ts';
import '../../styles/map.css';
import '../../styles/warnings.css';

setWorkerUrl(workerUrl);

const SOURCE = 'warned-area';
const MARKS = 'marked-points';
const NO_MARKS: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };
/** More handles than this hide the area they belong to: then the corners are edited as text. */
const HANDLES_MOST = 80;
const CLOSEST_ZOOM = 14;

/** A handle that can be dragged: a corner of an outline or the middle of a circle. */
interface Handle {
  readonly at: Location;
  readonly moved: (to: Location) => Area;
  readonly removed: () => Area;
}

function handlesOf(area: Area): readonly Handle[] {
  const corners = area.outlines.flatMap((outline, o) =>
    outline.map((at, c) => ({
      at,
      moved: (to: Location): Area => ({
        ...area,
        outlines: area.outlines.map((each, i) =>
          i === o ? each.map((corner, j) => (j === c ? roundedPlace(to) : corner)) : each,
        ),
      }),
      removed: (): Area => ({
        ...area,
        outlines: area.outlines
          .map((each, i) => (i === o ? each.filter((_, j) => j !== c) : each))
          .filter((each) => each.length > 0),
      }),
    })),
  );
  const centres = area.circles.map(({ centre }, c) => ({
    at: centre,
    moved: (to: Location): Area => ({
      ...area,
      circles: area.circles.map((circle, i) => (i === c ? { ...circle, centre: roundedPlace(to) } : circle)),
    }),
    removed: (): Area => ({ ...area, circles: area.circles.filter((_, i) => i !== c) }),
  }));
  return [...corners, ...centres];
}

/** The area on a map: looked at, or drawn, when there is `onChange`. Where a click goes is for who draws to say. */
export function AreaMap({
  label,
  area,
  tone = 'major',
  marks = NO_MARKS,
  isDrawing = false,
  onPlace,
  onChange,
}: {
  label: string;
  area: Area;
  tone?: 'major' | 'accent';
  /** Points shown beside the area: `matched` ones stand out. */
  marks?: GeoJSON.FeatureCollection;
  isDrawing?: boolean;
  onPlace?: (at: Location) => void;
  onChange?: (next: Area) => void;
}) {
  const { settings } = usePlatform();
  const container = useRef<HTMLDivElement>(null);
  const held = useRef<{ readonly map: MapLibreMap; markers: readonly Marker[] } | null>(null);
  const now = useRef({ area, marks, onPlace, onChange });
  now.current = { area, marks, onPlace, onChange };

  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes is told to it below
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const theme = document.documentElement.dataset['mantineColorScheme'] === 'dark' ? 'dark' : 'light';
    const map = new MapLibreMap({
      container: element,
      center: [HOME_VIEW.longitude, HOME_VIEW.latitude],
      zoom: HOME_VIEW.zoom - 0.7,
      minZoom: MAP_MIN_ZOOM,
      maxZoom: MAP_MAX_ZOOM,
      maxBounds: MAP_BOUNDS,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
    });
    map.touchZoomRotate.disableRotation();
    map.doubleClickZoom.disable();
    map.addControl(new ScaleControl({ maxWidth: 96 }), 'bottom-left');
    map.getCanvas().setAttribute('aria-label', label);
    // Names of symbols that only the city's map draws.
    map.setMissingStyleImageResolver((name) => {
      if (!map.hasImage(name)) map.addImage(name, { width: 1, height: 1, data: new Uint8Array(4) });
    });
    map.on('style.load', () => {
      if (map.getSource(SOURCE)) return;
      const colourOf = (name: string) =>
        getComputedStyle(document.documentElement).getPropertyValue(`--hd-${name}`).trim();
      const colour = colourOf(tone);
      map.addSource(SOURCE, { type: 'geojson', data: areaFeatures([{ ...now.current.area, severity: 'Unknown' }]) });
      map.addLayer({
        id: 'warned-area-fill',
        type: 'fill',
        source: SOURCE,
        paint: { 'fill-color': colour, 'fill-opacity': 0.2 },
      });
      map.addLayer({
        id: 'warned-area-line',
        type: 'line',
        source: SOURCE,
        paint: { 'line-color': colour, 'line-width': 2.5 },
      });
      map.addSource(MARKS, { type: 'geojson', data: now.current.marks });
      map.addLayer({
        id: 'marked-points',
        type: 'circle',
        source: MARKS,
        paint: {
          'circle-radius': ['case', ['get', 'matched'], 6, 4],
          'circle-color': ['case', ['get', 'matched'], colour, colourOf('unknown')],
          'circle-stroke-width': 1.5,
          'circle-stroke-color': colourOf('surface'),
        },
      });
    });
    const offline = offlineBasemap(settings.map, theme);
    siteBasemap(settings.map, theme)
      .catch(() => offline)
      .then((basemap) =>
        map.setStyle(basemap.style, { diff: false, transformStyle: (_before, style) => basemap.complete(style) }),
      )
      .catch((error: unknown) => console.warn('map', error));
    map.on('click', (event) =>
      now.current.onPlace?.(roundedPlace({ longitude: event.lngLat.lng, latitude: event.lngLat.lat })),
    );
    element.setAttribute('aria-busy', 'true');
    map.once('idle', () => element.setAttribute('aria-busy', 'false'));
    held.current = { map, markers: [] };
    bringIntoView(map, now.current.area);
    return () => {
      held.current = null;
      map.remove();
    };
  }, []);

  const show = (shown: Area) =>
    void held.current?.map.getSource<GeoJSONSource>(SOURCE)?.setData(areaFeatures([{ ...shown, severity: 'Unknown' }]));
  const wasEmpty = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the map follows the area
  useEffect(() => {
    const shown = held.current;
    if (!shown) return;
    show(area);
    for (const marker of shown.markers) marker.remove();
    const handles = onChange ? handlesOf(area) : [];
    shown.markers = handles.length > HANDLES_MOST ? [] : handles.map((handle) => handleMarker(shown.map, handle));
    const isEmpty = area.outlines.length + area.circles.length === 0;
    if (wasEmpty.current && !isEmpty && !isDrawing) bringIntoView(shown.map, area);
    wasEmpty.current = isEmpty;
  }, [area, onChange !== undefined]);
  useEffect(() => {
    held.current?.map.getSource<GeoJSONSource>(MARKS)?.setData(marks);
  }, [marks]);
  useEffect(() => {
    const canvas = held.current?.map.getCanvas();
    if (canvas) canvas.style.cursor = isDrawing ? 'crosshair' : '';
  }, [isDrawing]);

  function handleMarker(map: MapLibreMap, { at, moved, removed }: Handle): Marker {
    const element = document.createElement('div');
    element.className = 'area-handle';
    element.dataset['tone'] = tone;
    element.addEventListener('dblclick', (event) => {
      event.stopPropagation();
      now.current.onChange?.(removed());
    });
    // A click on a corner is not one on the map under it.
    element.addEventListener('click', (event) => event.stopPropagation());
    const marker = new Marker({ element, draggable: true }).setLngLat([at.longitude, at.latitude]).addTo(map);
    const there = (): Location => ({ longitude: marker.getLngLat().lng, latitude: marker.getLngLat().lat });
    marker.on('drag', () => show(moved(there())));
    marker.on('dragend', () => now.current.onChange?.(moved(there())));
    return marker;
  }

  return <div ref={container} className="area-map" />;
}

/** Brings the whole area into view, without motion. */
function bringIntoView(map: MapLibreMap, area: Area): void {
  const bounds = new LngLatBounds();
  for (const { geometry } of areaFeatures([{ ...area, severity: 'Unknown' }]).features) {
    if (geometry.type !== 'Polygon' && geometry.type !== 'LineString') continue;
    const positions = geometry.type === 'Polygon' ? geometry.coordinates.flat() : geometry.coordinates;
    for (const [longitude = 0, latitude = 0] of positions) bounds.extend([longitude, latitude]);
  }
  if (!bounds.isEmpty()) map.fitBounds(bounds, { padding: 40, maxZoom: CLOSEST_ZOOM, duration: 0 });
}
