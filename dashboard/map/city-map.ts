import {
  type GeoJSONSource,
  type MapGeoJSONFeature,
  Map as MapLibreMap,
  ScaleControl,
  type Point as ScreenPoint,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { drawTownDot, MAP_BOUNDS, MAP_MAX_ZOOM, MAP_MIN_ZOOM, TOWN_DOT_IMAGE } from '../../config/basemap/style.ts';
import type { PointId } from '../../domain/identifiers.ts';
import type { DrawnSymbol } from '../symbols/canvas.ts';
import { areaFeatures, type WarnedArea } from './area-features.ts';
import type { MapBasemap } from './basemap.ts';
import { type IndexPoint, indexFeatures } from './index-features.ts';
import { LAYER, overlayLayers, overlaySources, SOURCE } from './overlay-layers.ts';
import { createFeatureDifference, type MapPoint, type PointFeature } from './point-features.ts';
import { createPulse, type PulsePlace } from './pulse.ts';
import { symbolFor } from './symbol-images.ts';

setWorkerUrl(workerUrl);

/** At most four changes a second reach the map, the pace of live frames. */
const SMALLEST_UPDATE_INTERVAL_MS = 250;
/** How far from a symbol a click still means it, in pixels. */
const REACH_PIXELS = { mouse: 8, touch: 20 } as const;
/** The city as a whole. */
export const HOME_VIEW: MapView = { longitude: 106.69, latitude: 20.835, zoom: 10.7 };

export interface MapView {
  readonly longitude: number;
  readonly latitude: number;
  readonly zoom: number;
}
/** West, south, east, north in degrees. */
export type MapBounds = readonly [west: number, south: number, east: number, north: number];

export interface CityMapListeners {
  onSelect(id: PointId | null): void;
  onView(view: MapView, bounds: MapBounds): void;
  onHover(hovered: { readonly id: PointId; readonly x: number; readonly y: number } | null): void;
  /** The basemap's style could not be loaded; the points are not shown until another is given. */
  onBasemapError(): void;
  /** The points are on the map for the first time. */
  onReady(): void;
}

/** The live map: basemap below, points, clusters, selection and pulses above, all drawn by the graphics card. */
export function createCityMap(
  container: HTMLElement,
  initial: { readonly basemap: MapBasemap; readonly view: MapView; readonly label: string },
  listeners: CityMapListeners,
) {
  let basemap = initial.basemap;
  let points: readonly MapPoint[] = [];
  /** Stations of an index, shown in place of all points; `null`: the points are shown. */
  let indexPoints: readonly IndexPoint[] | null = null;
  let selected: PointId | null = null;
  let hovered: PointId | null = null;
  let updateTimer: ReturnType<typeof setTimeout> | undefined;
  let updating = false;
  let stale = false;
  let overlayReady = false;
  let shownOnce = false;
  const difference = createFeatureDifference();

  const map = new MapLibreMap({
    container,
    center: [initial.view.longitude, initial.view.latitude],
    zoom: initial.view.zoom,
    minZoom: MAP_MIN_ZOOM,
    maxZoom: MAP_MAX_ZOOM,
    maxBounds: MAP_BOUNDS,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    maxPitch: 0,
    fadeDuration: 120,
    // Tabs drag the map with a finger; the page itself never scrolls.
    cooperativeGestures: false,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.getCanvas().setAttribute('aria-label', initial.label);
  map.addControl(new ScaleControl({ maxWidth: 96 }), 'bottom-left');
  const pulse = createPulse(map);

  map.setMissingStyleImageResolver((name) => {
    if (map.hasImage(name)) return;
    const pixelRatio = Math.max(2, Math.ceil(window.devicePixelRatio));
    const symbol = name === TOWN_DOT_IMAGE ? townDot(pixelRatio) : symbolFor(name, pixelRatio);
    // A basemap without a sprite still names icons; an empty one keeps their labels.
    if (symbol) map.addImage(name, symbol.data, { pixelRatio: symbol.pixelRatio });
    else map.addImage(name, { width: 1, height: 1, data: new Uint8Array(4) });
  });
  function townDot(pixelRatio: number): DrawnSymbol {
    const canvas = new OffscreenCanvas(14 * pixelRatio, 14 * pixelRatio);
    const context = canvas.getContext('2d') as unknown as CanvasRenderingContext2D;
    context.scale(pixelRatio, pixelRatio);
    drawTownDot(context, basemap.theme);
    return { data: context.getImageData(0, 0, canvas.width, canvas.height), pixelRatio };
  }

  // Busy until ground, labels and points have all been drawn once.
  const showBasemap = () => {
    container.setAttribute('aria-busy', 'true');
    map.once('idle', () => container.setAttribute('aria-busy', 'false'));
    map.setStyle(basemap.style, { diff: false, transformStyle: (_before, style) => basemap.complete(style) });
  };
  showBasemap();

  map.on('style.load', () => {
    for (const [id, source] of Object.entries(overlaySources())) if (!map.getSource(id)) map.addSource(id, source);
    for (const layer of overlayLayers(basemap.theme)) if (!map.getLayer(layer.id)) map.addLayer(layer);
    overlayReady = true;
    difference.reset();
    shownSelection = undefined;
    shownIndex = null;
    showWarnings();
    void sendPoints();
  });
  let styleFailed = false;
  map.on('error', ({ error }) => {
    // Only a style that never came leaves an empty screen; a missing tile is a smaller thing and retried by the library.
    if (!overlayReady && !styleFailed) {
      styleFailed = true;
      listeners.onBasemapError();
    }
    console.warn('map', error);
  });

  async function sendPoints(): Promise<void> {
    if (updating || !overlayReady) {
      stale = true;
      return;
    }
    const source = map.getSource<GeoJSONSource>(SOURCE.points);
    if (!source) return;
    const change = difference.update(points);
    showIndex();
    showSelection();
    if (!change) return;
    updating = true;
    stale = false;
    try {
      await source.updateData(change);
      if (!shownOnce) {
        shownOnce = true;
        map.once('render', () => listeners.onReady());
      }
    } catch {
      // The source was removed with its style; the next style asks for everything again.
      difference.reset();
    }
    updating = false;
    if (stale) scheduleUpdate();
  }

  function scheduleUpdate(): void {
    updateTimer ??= setTimeout(() => {
      updateTimer = undefined;
      void sendPoints();
    }, SMALLEST_UPDATE_INTERVAL_MS);
  }

  let warnings: readonly WarnedArea[] = [];
  function showWarnings(): void {
    void map.getSource<GeoJSONSource>(SOURCE.warnings)?.setData(areaFeatures(warnings));
  }

  let shownIndex: readonly IndexPoint[] | null = null;
  function showIndex(): void {
    if (indexPoints === shownIndex) return;
    shownIndex = indexPoints;
    for (const layer of [LAYER.points, LAYER.clusters])
      map.setLayoutProperty(layer, 'visibility', indexPoints === null ? 'visible' : 'none');
    void map.getSource<GeoJSONSource>(SOURCE.index)?.setData(indexFeatures(indexPoints ?? []));
  }

  let shownSelection: PointFeature | ReturnType<typeof indexFeatures>['features'][number] | undefined;
  function showSelection(): void {
    const station = indexPoints?.find(({ id }) => id === selected);
    if (station && shownSelection?.properties.point === selected && !('state' in shownSelection.properties)) return;
    const feature =
      selected === null ? undefined : station ? indexFeatures([station]).features[0] : difference.feature(selected);
    if (feature === shownSelection) return;
    shownSelection = feature;
    void map
      .getSource<GeoJSONSource>(SOURCE.selected)
      ?.setData({ type: 'FeatureCollection', features: feature ? [feature] : [] });
  }

  function nearest(at: ScreenPoint, reach: number): MapGeoJSONFeature | undefined {
    if (!overlayReady) return undefined;
    const found = map.queryRenderedFeatures(
      [
        [at.x - reach, at.y - reach],
        [at.x + reach, at.y + reach],
      ],
      { layers: [LAYER.points, LAYER.clusters, LAYER.index] },
    );
    // The worst state wins where symbols lie on one another, as it does in drawing.
    const rankOf = (feature: MapGeoJSONFeature) =>
      Number(feature.properties['rank'] ?? feature.properties['worst'] ?? POINTLESS);
    return found.sort((a, b) => rankOf(a) - rankOf(b))[0];
  }

  map.on('click', (event) => {
    const touch =
      (event.originalEvent as PointerEvent).pointerType === 'touch' || matchMedia('(pointer: coarse)').matches;
    const feature = nearest(event.point, touch ? REACH_PIXELS.touch : REACH_PIXELS.mouse);
    if (!feature) {
      listeners.onSelect(null);
      return;
    }
    const clusterId = feature.properties['cluster_id'] as number | undefined;
    if (clusterId === undefined) {
      listeners.onSelect(feature.properties['point'] as PointId);
      return;
    }
    const centre = (feature.geometry as GeoJSON.Point).coordinates as [number, number];
    void map
      .getSource<GeoJSONSource>(SOURCE.points)
      ?.getClusterExpansionZoom(clusterId)
      .then((zoom) => map.easeTo({ center: centre, zoom: Math.min(zoom + 0.2, 16), duration: 400 }))
      .catch(() => map.easeTo({ center: centre, zoom: map.getZoom() + 2, duration: 400 }));
  });

  map.on('mousemove', (event) => {
    const feature = nearest(event.point, 2);
    map.getCanvas().style.cursor = feature ? 'pointer' : '';
    const id = (feature?.properties['point'] as PointId | undefined) ?? null;
    if (id === null && hovered === null) return;
    hovered = id;
    listeners.onHover(id === null ? null : { id, x: event.point.x, y: event.point.y });
  });
  map.on('mouseout', () => {
    hovered = null;
    listeners.onHover(null);
  });

  function tellView(): void {
    const { lng, lat } = map.getCenter();
    const bounds = map.getBounds();
    listeners.onView({ longitude: lng, latitude: lat, zoom: map.getZoom() }, [
      bounds.getWest(),
      bounds.getSouth(),
      bounds.getEast(),
      bounds.getNorth(),
    ]);
  }
  map.on('moveend', tellView);
  map.once('load', tellView);

  return {
    setPoints(next: readonly MapPoint[]): void {
      points = next;
      scheduleUpdate();
    },
    /** Shows stations of an index in place of all points; `null`: the points again. */
    setIndex(next: readonly IndexPoint[] | null): void {
      indexPoints = next;
      scheduleUpdate();
    },
    /** Areas of the official warnings in force. */
    setWarnings(next: readonly WarnedArea[]): void {
      warnings = next;
      if (overlayReady) showWarnings();
    },
    select(id: PointId | null): void {
      if (id === selected) return;
      selected = id;
      showSelection();
    },
    pulse(places: readonly PulsePlace[]): void {
      pulse.start(places);
    },
    setBasemap(next: MapBasemap): void {
      if (next === basemap) return;
      basemap = next;
      overlayReady = false;
      styleFailed = false;
      showBasemap();
    },
    setLabel(label: string): void {
      map.getCanvas().setAttribute('aria-label', label);
    },
    flyTo(view: Partial<MapView>): void {
      map.flyTo({
        ...(view.longitude !== undefined && view.latitude !== undefined
          ? { center: [view.longitude, view.latitude] as [number, number] }
          : {}),
        ...(view.zoom !== undefined ? { zoom: view.zoom } : {}),
        duration: 700,
      });
    },
    zoomBy(steps: number): void {
      map.easeTo({ zoom: map.getZoom() + steps, duration: 200 });
    },
    zoom: (): number => map.getZoom(),
    /** Keeps the centre of the view clear of what covers the map's edges, in pixels. */
    setCover({ top, bottom }: { readonly top: number; readonly bottom: number }): void {
      map.easeTo({ padding: { top, left: 0, right: 0, bottom }, duration: 0 });
    },
    focus(): void {
      map.getCanvas().focus();
    },
    destroy(): void {
      clearTimeout(updateTimer);
      pulse.stop();
      map.remove();
    },
  };
}
export type CityMap = ReturnType<typeof createCityMap>;

/** Rank of a feature that has none. */
const POINTLESS = 99;
