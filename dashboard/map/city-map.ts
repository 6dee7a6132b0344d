import {
  type GeoJSONSource,
  Map as MapLibreMap,
  type MapMouseEvent,
  ScaleControl,
  type Point as ScreenPoint,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { drawTownDot, MAP_BOUNDS, MAP_MAX_ZOOM, MAP_MIN_ZOOM, TOWN_DOT_IMAGE } from '../../config/basemap/style.ts';
import type { Location } from '../../domain/asset.ts';
import type { CityPlaces } from '../../domain/city-places.ts';
import type { PointId } from '../../domain/identifiers.ts';
import { type DrawnSymbol, SYMBOL_COLOURS } from '../symbols/canvas.ts';
import { areaFeatures, type WarnedArea } from './area-features.ts';
import type { MapBasemap } from './basemap.ts';
import { type IndexPoint, indexFeatures } from './index-features.ts';
import { LABELS_MAX, labelFeatures, type PointLabel, placeLabels } from './label-placement.ts';
import type { MapExtension, MapPlace } from './map-extension.ts';
import { LABELS_FROM_ZOOM, LAYER, type MapTheme, overlayLayers, overlaySources, SOURCE } from './overlay-layers.ts';
import { latitudeOf, layOut, type MercatorBox, mercatorX, mercatorY, type PointLayout } from './point-layout.ts';
import { createPointScene, type SceneHit } from './point-scene.ts';
import { createPulse, type PulsePlace } from './pulse.ts';
import { CHARACTER_FONT, drawAtlas, type SpriteAtlas } from './sprite-atlas.ts';
import { createSpriteLayer } from './sprite-layer.ts';
import { symbolFor } from './symbol-images.ts';

setWorkerUrl(workerUrl);

/** Labels are chosen anew when the map has come to rest, and when states changed, this long after. */
const LABELS_AFTER_MS = 200;
/** Points that may get a label: more are not looked at, the worst come first. */
const LABEL_CANDIDATES = 3_000;
/** How far from a symbol a click still means it, in pixels. */
const REACH_PIXELS = { mouse: 8, touch: 20 } as const;
/** Round the Earth as the web's map has it (WGS 84, a sphere of its longer radius). */
const EQUATOR_METRES = 2 * Math.PI * 6_378_137;
/** The city as a whole. */
export const HOME_VIEW: MapView = { longitude: 106.69, latitude: 20.835, zoom: 10.7 };

export interface MapView {
  readonly longitude: number;
  readonly latitude: number;
  readonly zoom: number;
}
/** West, south, east, north in degrees. */
export type MapBounds = readonly [west: number, south: number, east: number, north: number];

/** What is pointed at: a point by its number, a station of an index by its id, a cluster by the points in it, counted by the rank of their state. */
export type MapTarget =
  | { readonly kind: 'point'; readonly number: number }
  | { readonly kind: 'station'; readonly id: PointId }
  | { readonly kind: 'cluster'; readonly count: number; readonly byState: readonly number[] };

export interface CityMapListeners {
  /** A point or station was pressed, or (`null`) the ground. */
  onSelect(target: Exclude<MapTarget, { readonly kind: 'cluster' }> | null): void;
  onView(view: MapView, bounds: MapBounds): void;
  onHover(hovered: { readonly target: MapTarget; readonly x: number; readonly y: number } | null): void;
  /** Numbers of the points there is room to label, when they are others than before; their texts are given by `setLabels`. */
  onLabelled(numbers: readonly number[]): void;
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
  /** Stations of an index, shown in place of all points; `null`: the points are shown. */
  let indexPoints: readonly IndexPoint[] | null = null;
  let layout: PointLayout | null = null;
  let ranks: Uint8Array = new Uint8Array(0);
  let filter: Uint8Array | null = null;
  /** Index of the selected point among the places. */
  let selected: number | null = null;
  let isHovering = false;
  let overlayReady = false;
  let shownOnce = false;
  let labelled: readonly number[] = [];
  let labelTexts: ReadonlyMap<number, PointLabel> = new Map();
  /** What the text layer holds, as one text. */
  let shownLabels = '';
  let labelTimer: ReturnType<typeof setTimeout> | undefined;
  const scene = createPointScene();

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

  const pixelRatio = Math.max(2, Math.ceil(window.devicePixelRatio));
  const atlases = new Map<MapTheme, SpriteAtlas>();
  const atlas = (): SpriteAtlas => {
    const drawn = atlases.get(basemap.theme) ?? drawAtlas(SYMBOL_COLOURS[basemap.theme], pixelRatio);
    atlases.set(basemap.theme, drawn);
    return drawn;
  };
  // Figures drawn before the page's own font has come are drawn again with it.
  if (!document.fonts.check(CHARACTER_FONT))
    void document.fonts.load(CHARACTER_FONT).then(() => {
      atlases.clear();
      map.triggerRepaint();
    });
  const prepareScene = (): number => scene.prepare(viewBox(), map.getZoom(), atlas());
  /** As the scene was prepared for the last frame. */
  let drawnScene: number | undefined;
  const symbolLayer = createSpriteLayer({
    id: LAYER.points,
    prepare: () => {
      drawnScene = prepareScene();
      return drawnScene;
    },
    batch: scene.batch,
    atlas,
    growthAt: symbolGrowth,
  });

  /** What was laid over the map by others, in the order it came. */
  const extensions = new Set<MapExtension>();
  const placeAt = ({ point: { x, y }, lngLat: { lng, lat } }: MapMouseEvent): MapPlace => ({
    ...{ x, y },
    longitude: lng,
    latitude: lat,
  });

  map.on('style.load', () => {
    for (const [id, source] of Object.entries(overlaySources())) if (!map.getSource(id)) map.addSource(id, source);
    for (const layer of overlayLayers(basemap.theme)) if (!map.getLayer(layer.id)) map.addLayer(layer);
    if (!map.getLayer(LAYER.points)) map.addLayer(symbolLayer, LAYER.index);
    for (const extension of extensions) extension.add(map, basemap.theme, LAYER.pulse);
    overlayReady = true;
    shownIndex = null;
    showWarnings();
    showIndex();
    showPoints();
    shownLabels = '';
    showLabels();
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

  /** The view in the Mercator square; the map is never turned. */
  function viewBox(): MercatorBox {
    const bounds = map.getBounds();
    return {
      west: mercatorX(bounds.getWest()),
      east: mercatorX(bounds.getEast()),
      north: mercatorY(bounds.getNorth()),
      south: mercatorY(bounds.getSouth()),
    };
  }
  const worldPixels = (): number => 512 * 2 ** map.getZoom();

  function showPoints(): void {
    if (!layout) return;
    scene.show({ layout, ranks, filter, selected, isCovered: indexPoints !== null });
    // At rest the ground is drawn again only for symbols that are others: most changes of a state lie outside the view, or inside a cluster.
    if (!overlayReady || map.isMoving() || prepareScene() !== drawnScene) {
      map.triggerRepaint();
      chooseLabelsSoon();
    }
    if (shownOnce || !overlayReady || ranks.length === 0) return;
    shownOnce = true;
    map.once('render', () => listeners.onReady());
    map.triggerRepaint();
  }

  function chooseLabelsSoon(): void {
    labelTimer ??= setTimeout(() => {
      labelTimer = undefined;
      chooseLabels();
    }, LABELS_AFTER_MS);
  }
  function chooseLabels(): void {
    // A map in motion chooses when it has come to rest.
    if (!layout || map.isMoving()) return;
    const zoom = map.getZoom();
    const next =
      zoom < LABELS_FROM_ZOOM || indexPoints !== null
        ? []
        : placeLabels(layout, scene.alone(viewBox(), zoom, LABEL_CANDIDATES), worldPixels());
    if (next.length === labelled.length && next.every((index, i) => labelled[i] === index)) return;
    labelled = next;
    const { number } = layout.places;
    listeners.onLabelled(next.map((index) => number[index] as number));
    showLabels();
  }
  function showLabels(): void {
    // Text is laid out anew for every word that changes: a map in motion keeps what it has.
    if (!layout || !overlayReady || map.isMoving()) return;
    const { number } = layout.places;
    const texts = new Map<number, PointLabel>();
    for (const index of labelled.slice(0, LABELS_MAX)) {
      const text = labelTexts.get(number[index] as number);
      if (text) texts.set(index, text);
    }
    // Most seconds nothing is worded differently: text is laid out anew only when it is.
    const words = [...texts].map(([index, { name, reading }]) => `${index} ${name} ${reading}`).join('\n');
    if (words === shownLabels) return;
    shownLabels = words;
    void map.getSource<GeoJSONSource>(SOURCE.labels)?.setData(labelFeatures(layout, texts));
  }

  let warnings: readonly WarnedArea[] = [];
  function showWarnings(): void {
    // Layers without anything in them cost every frame something all the same.
    const visibility = warnings.length > 0 ? 'visible' : 'none';
    for (const layer of [LAYER.warnings, LAYER.warningLines])
      if (map.getLayoutProperty(layer, 'visibility') !== visibility)
        map.setLayoutProperty(layer, 'visibility', visibility);
    void map.getSource<GeoJSONSource>(SOURCE.warnings)?.setData(areaFeatures(warnings));
  }

  let shownIndex: readonly IndexPoint[] | null = null;
  function showIndex(): void {
    if (indexPoints === shownIndex || !overlayReady) return;
    shownIndex = indexPoints;
    void map.getSource<GeoJSONSource>(SOURCE.index)?.setData(indexFeatures(indexPoints ?? []));
  }

  /** The station of an index, or else the point or cluster, at a place of the screen. */
  function hitAt(at: ScreenPoint, reach: number): SceneHit | { readonly kind: 'station'; readonly id: PointId } | null {
    if (!overlayReady) return null;
    if (indexPoints !== null) {
      const found = map.queryRenderedFeatures(
        [
          [at.x - reach, at.y - reach],
          [at.x + reach, at.y + reach],
        ],
        { layers: [LAYER.index] },
      );
      // The worst lies on top where badges lie on one another, as it does in drawing.
      const [top] = found.sort((a, b) => Number(b.properties['rank']) - Number(a.properties['rank']));
      return top ? { kind: 'station', id: top.properties['point'] as PointId } : null;
    }
    const { lng, lat } = map.unproject(at);
    return scene.at(mercatorX(lng), mercatorY(lat), reach, worldPixels(), symbolGrowth(map.getZoom())) ?? null;
  }
  const numberAt = (index: number): number => layout?.places.number[index] as number;

  map.on('click', (event) => {
    const touch =
      (event.originalEvent as PointerEvent).pointerType === 'touch' || matchMedia('(pointer: coarse)').matches;
    const reach = touch ? REACH_PIXELS.touch : REACH_PIXELS.mouse;
    const takes = [...extensions].find(({ takesAll }) => takesAll);
    if (takes) {
      takes.pressed?.(placeAt(event), reach);
      return;
    }
    const hit = hitAt(event.point, reach);
    if (hit === null && [...extensions].some((extension) => extension.pressed?.(placeAt(event), reach))) return;
    if (hit?.kind !== 'cluster') {
      listeners.onSelect(hit?.kind === 'point' ? { kind: 'point', number: numberAt(hit.index) } : hit);
      return;
    }
    const zoom = Math.min(scene.opensAt(hit.cluster, map.getZoom()) + 0.2, 16);
    map.easeTo({ center: [hit.x * 360 - 180, latitudeOf(hit.y)], zoom, duration: 400 });
  });

  map.on('movestart', () => {
    if (!isHovering) return;
    isHovering = false;
    listeners.onHover(null);
  });
  map.on('mousemove', (event) => {
    // Under a map in motion nothing is meant.
    if (map.isMoving()) return;
    const takes = [...extensions].find(({ takesAll }) => takesAll);
    const hit = takes ? null : hitAt(event.point, 2);
    let isOfExtension = false;
    for (const extension of extensions)
      if (extension.pointed?.(hit === null && (!takes || extension === takes) ? placeAt(event) : null))
        isOfExtension = true;
    map.getCanvas().style.cursor = takes ? 'crosshair' : hit || isOfExtension ? 'pointer' : '';
    if (!hit && !isHovering) return;
    isHovering = hit !== null;
    const { x, y } = event.point;
    listeners.onHover(
      hit && { target: hit.kind === 'point' ? { kind: 'point', number: numberAt(hit.index) } : hit, x, y },
    );
  });
  map.on('mouseout', () => {
    isHovering = false;
    for (const extension of extensions) extension.pointed?.(null);
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
  map.on('moveend', () => {
    chooseLabelsSoon();
    showLabels();
  });
  map.once('load', tellView);

  return {
    /** Where the points are: all of the city, once. */
    setPlaces(next: CityPlaces): void {
      layout = layOut(next);
      labelled = [];
      filter = null;
      selected = null;
      showPoints();
    },
    /** What their symbols say, by point number: ranks in `POINT_STATES`; a point of another rank isn't drawn. */
    setStates(next: Uint8Array): void {
      ranks = next;
      showPoints();
    },
    /** Which are shown, by their index among the places; `null`: all. */
    setFilter(next: Uint8Array | null): void {
      if (next === filter) return;
      filter = next;
      showPoints();
    },
    /** Texts by point number, for those that `onLabelled` has named. */
    setLabels(next: ReadonlyMap<number, PointLabel>): void {
      labelTexts = next;
      showLabels();
    },
    /** Shows stations of an index in place of all points; `null`: the points again. */
    setIndex(next: readonly IndexPoint[] | null): void {
      indexPoints = next;
      showIndex();
      showPoints();
    },
    /** Areas of the official warnings in force. */
    setWarnings(next: readonly WarnedArea[]): void {
      warnings = next;
      if (overlayReady) showWarnings();
    },
    /** By its index among the places. */
    select(index: number | null): void {
      if (index === selected) return;
      selected = index;
      showPoints();
    },
    /** Lays something over the map, over every ground it will have; returns what takes it away. */
    extend(extension: MapExtension): () => void {
      extensions.add(extension);
      if (overlayReady) extension.add(map, basemap.theme, LAYER.pulse);
      return () => {
        extensions.delete(extension);
        extension.remove(map);
      };
    },
    /** What is seen now: a PNG's address, its width in the page's pixels, and the ground's metres in one of them. */
    picture(): Promise<{ readonly url: string; readonly width: number; readonly metresPerPixel: number }> {
      return new Promise((resolve) => {
        // What was drawn is to be had within the frame alone; a ground still coming is waited for.
        map.once(container.getAttribute('aria-busy') === 'true' ? 'idle' : 'render', () => {
          const { lat } = map.getCenter();
          resolve({
            url: map.getCanvas().toDataURL('image/png'),
            width: map.getContainer().clientWidth,
            metresPerPixel: (EQUATOR_METRES * Math.cos((lat * Math.PI) / 180)) / worldPixels(),
          });
        });
        map.triggerRepaint();
      });
    },
    centre(): Location {
      const { lng, lat } = map.getCenter();
      return { longitude: lng, latitude: lat };
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
      clearTimeout(labelTimer);
      pulse.stop();
      map.remove();
    },
  };
}
export type CityMap = ReturnType<typeof createCityMap>;

/** Size of a point's symbol against its full size: smaller in the view of the whole city. */
function symbolGrowth(zoom: number): number {
  const stops = [
    [8.5, 0.8],
    [12, 0.92],
    [14, 1],
  ] as const;
  let [beforeZoom, beforeSize]: readonly [number, number] = stops[0];
  for (const [stop, size] of stops) {
    if (zoom <= stop)
      return stop === beforeZoom
        ? size
        : beforeSize + ((zoom - beforeZoom) / (stop - beforeZoom)) * (size - beforeSize);
    [beforeZoom, beforeSize] = [stop, size];
  }
  return beforeSize;
}
