import { type GeoJSONSource, Map as MapLibreMap, Marker, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { useEffect, useRef } from 'react';
import { MAP_BOUNDS, MAP_MAX_ZOOM, MAP_MIN_ZOOM } from '../../config/basemap/style.ts';
import type { Location } from '../../domain/asset.ts';
import { usePlatform } from '../client/platform.tsx';
import { offlineBasemap, siteBasemap } from '../map/basemap.ts';
import { HOME_VIEW } from '../map/city-map.ts';
import '../styles/map.css';

setWorkerUrl(workerUrl);

/** Close enough to tell one side of a street from the other. */
const CLOSE_ZOOM = 15;
const NEAR = 'near-places';
const CIRCLE_CORNERS = 48;

/** A circle of `radiusMetres` on the ground, as corners. */
function circle({ longitude, latitude }: Location, radiusMetres: number): GeoJSON.Position[] {
  const north = radiusMetres / 111_320;
  const east = north / Math.cos((latitude * Math.PI) / 180);
  return Array.from({ length: CIRCLE_CORNERS + 1 }, (_, i) => {
    const angle = (2 * Math.PI * i) / CIRCLE_CORNERS;
    return [longitude + east * Math.cos(angle), latitude + north * Math.sin(angle)];
  });
}
const sources = (
  at: Location | null,
  accuracyMetres: number | null,
  near: readonly { readonly id: string; readonly location: Location }[],
): GeoJSON.FeatureCollection => ({
  type: 'FeatureCollection',
  features: [
    ...(at && accuracyMetres
      ? [
          {
            type: 'Feature' as const,
            properties: { kind: 'accuracy' },
            geometry: { type: 'Polygon' as const, coordinates: [circle(at, accuracyMetres)] },
          },
        ]
      : []),
    ...near.map(({ id, location }) => ({
      type: 'Feature' as const,
      properties: { kind: 'place', id },
      geometry: { type: 'Point' as const, coordinates: [location.longitude, location.latitude] },
    })),
  ],
});

/** Where the device hangs: a pin that can be dragged, how sure the phone is, and what is known nearby. */
export function PlaceMap({
  label,
  at,
  accuracyMetres,
  near,
  onMove,
}: {
  label: string;
  at: Location | null;
  accuracyMetres: number | null;
  near: readonly { readonly id: string; readonly location: Location }[];
  onMove?: (to: Location) => void;
}) {
  const { settings } = usePlatform();
  const container = useRef<HTMLDivElement>(null);
  const held = useRef<{ map: MapLibreMap; pin: Marker | null } | null>(null);
  const now = useRef({ at, accuracyMetres, near, onMove });
  now.current = { at, accuracyMetres, near, onMove };

  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes is told to it below
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const theme = document.documentElement.dataset['mantineColorScheme'] === 'dark' ? 'dark' : 'light';
    const centre = now.current.at ?? now.current.near[0]?.location ?? HOME_VIEW;
    const map = new MapLibreMap({
      container: element,
      center: [centre.longitude, centre.latitude],
      zoom: now.current.at || now.current.near.length > 0 ? CLOSE_ZOOM : HOME_VIEW.zoom,
      minZoom: MAP_MIN_ZOOM,
      maxZoom: MAP_MAX_ZOOM,
      maxBounds: MAP_BOUNDS,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
    });
    map.touchZoomRotate.disableRotation();
    map.addControl(new ScaleControl({ maxWidth: 96 }), 'bottom-left');
    map.getCanvas().setAttribute('aria-label', label);
    // Names of symbols that only the city's map draws.
    map.setMissingStyleImageResolver((name) => {
      if (!map.hasImage(name)) map.addImage(name, { width: 1, height: 1, data: new Uint8Array(4) });
    });
    map.on('style.load', () => {
      if (map.getSource(NEAR)) return;
      const { at: place, accuracyMetres: accuracy, near: places } = now.current;
      const accent = getComputedStyle(document.documentElement).getPropertyValue('--hd-accent').trim();
      map.addSource(NEAR, { type: 'geojson', data: sources(place, accuracy, places) });
      map.addLayer({
        id: 'accuracy',
        type: 'fill',
        source: NEAR,
        filter: ['==', ['get', 'kind'], 'accuracy'],
        paint: { 'fill-color': accent, 'fill-opacity': 0.16, 'fill-outline-color': accent },
      });
      map.addLayer({
        id: 'near',
        type: 'circle',
        source: NEAR,
        filter: ['==', ['get', 'kind'], 'place'],
        paint: {
          'circle-radius': 6,
          'circle-color': accent,
          'circle-stroke-width': 2,
          'circle-stroke-color': '#ffffff',
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
    map.on('click', (event) => now.current.onMove?.({ longitude: event.lngLat.lng, latitude: event.lngLat.lat }));
    held.current = { map, pin: null };
    movePin();
    return () => {
      held.current = null;
      map.remove();
    };
  }, []);

  function movePin(): void {
    const shown = held.current;
    const { at: place, onMove: move } = now.current;
    if (!shown || !place) return;
    if (!shown.pin) {
      shown.pin = new Marker({ draggable: move !== undefined })
        .setLngLat([place.longitude, place.latitude])
        .addTo(shown.map);
      shown.pin.on('dragend', () => {
        const to = shown.pin?.getLngLat();
        if (to) now.current.onMove?.({ longitude: to.lng, latitude: to.lat });
      });
      shown.map.jumpTo({ center: [place.longitude, place.latitude], zoom: Math.max(shown.map.getZoom(), CLOSE_ZOOM) });
    } else shown.pin.setLngLat([place.longitude, place.latitude]);
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: the pin follows these
  useEffect(() => {
    movePin();
    void held.current?.map.getSource<GeoJSONSource>(NEAR)?.setData(sources(at, accuracyMetres, near));
  }, [at, accuracyMetres, near]);

  return <div ref={container} className="place-map" />;
}
