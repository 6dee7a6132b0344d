import type { Map as MapLibreMap } from 'maplibre-gl';
import { AIR_SURFACE } from '../../config/air-surface.ts';
import type { Location } from '../../domain/asset.ts';
import { type MapExtension, removeFrom } from './map-extension.ts';
import { latitudeOf, mercatorX, mercatorY } from './point-layout.ts';

/** A station with its newest value. */
export interface SurfaceStation extends Location {
  readonly value: number;
}
/** Of one place: the value between the stations, and how firmly it stands, 0 … 1. */
export interface SurfaceValue {
  readonly value: number;
  readonly strength: number;
}

const KM_PER_DEGREE = 111.2;
/** Below this the station's own value counts: a weight must not grow without end. */
const AT_STATION_KM = 0.05;

/**
 * The value between stations by inverse distance weighting; `null` where fewer than two are in reach. It fades from `nearKm` of the nearest
 * station to `reachKm`, and as the second comes to the end of it. Over ground that is flat enough within a city.
 */
export function surfaceAt(
  at: Location,
  stations: readonly SurfaceStation[],
  settings = AIR_SURFACE,
): SurfaceValue | null {
  const narrowing = Math.cos((at.latitude * Math.PI) / 180);
  let [sum, weights, nearest, second] = [0, 0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { longitude, latitude, value } of stations) {
    const km = Math.hypot((longitude - at.longitude) * narrowing, latitude - at.latitude) * KM_PER_DEGREE;
    if (km > settings.reachKm) continue;
    if (km < nearest) [nearest, second] = [km, nearest];
    else second = Math.min(second, km);
    const weight = 1 / Math.max(km, AT_STATION_KM) ** settings.power;
    sum += weight * value;
    weights += weight;
  }
  // One station alone has nothing to lie between.
  if (second > settings.reachKm) return null;
  const fade = (km: number, from: number): number =>
    Math.min(1, Math.max(0, (settings.reachKm - km) / (settings.reachKm - from)));
  const strength = fade(nearest, settings.nearKm) * fade(second, (settings.nearKm + settings.reachKm) / 2);
  return { value: sum / weights, strength };
}

const SOURCE = 'hd-air-surface';
/** Pixels of the picture along its longer side: one is some hundred metres, less than the stations can tell. */
const PICTURE_PIXELS = 600;
/** Of the surface where it is firmest: the ground shows through. */
const OPACITY = 0.45;

/** Draws the surface as one picture under the points. */
export function createAirSurface() {
  let stations: readonly SurfaceStation[] = [];
  let colourOf: (value: number) => string = () => '#000000';
  let map: MapLibreMap | null = null;
  let under = '';

  function draw(): void {
    if (map === null) return;
    removeFrom(map, [SOURCE], [SOURCE]);
    const picture = pictureOf(stations, colourOf);
    if (picture === null) return;
    map.addSource(SOURCE, { type: 'canvas', canvas: picture.canvas, coordinates: picture.corners, animate: false });
    map.addLayer(
      { id: SOURCE, type: 'raster', source: SOURCE, paint: { 'raster-fade-duration': 0, 'raster-opacity': OPACITY } },
      map.getLayer(under) ? under : undefined,
    );
  }
  const extension: MapExtension = {
    add(next, _theme, below) {
      map = next;
      // The ground's names and what is measured are read on it.
      under = next.getStyle().layers.find(({ type }) => type === 'symbol')?.id ?? below;
      draw();
    },
    remove(from) {
      removeFrom(from, [SOURCE], [SOURCE]);
      map = null;
    },
  };
  return {
    extension,
    /** `colour`: of a whole index value, `#rrggbb`. */
    setStations(next: readonly SurfaceStation[], colour: (value: number) => string): void {
      stations = next;
      colourOf = colour;
      draw();
    },
  };
}

type Corners = [[number, number], [number, number], [number, number], [number, number]];

function pictureOf(
  stations: readonly SurfaceStation[],
  colourOf: (value: number) => string,
): { readonly canvas: HTMLCanvasElement; readonly corners: Corners } | null {
  if (stations.length < 2) return null;
  const reach = AIR_SURFACE.reachKm / KM_PER_DEGREE;
  const wide = reach / Math.cos(((stations[0] as SurfaceStation).latitude * Math.PI) / 180);
  const of = (pick: (station: SurfaceStation) => number) => stations.map(pick);
  const west = mercatorX(Math.min(...of(({ longitude }) => longitude)) - wide);
  const east = mercatorX(Math.max(...of(({ longitude }) => longitude)) + wide);
  const north = mercatorY(Math.max(...of(({ latitude }) => latitude)) + reach);
  const south = mercatorY(Math.min(...of(({ latitude }) => latitude)) - reach);
  const pixel = Math.max(east - west, south - north) / PICTURE_PIXELS;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round((east - west) / pixel));
  canvas.height = Math.max(1, Math.round((south - north) / pixel));
  const context = canvas.getContext('2d');
  if (!context) return null;
  const image = context.createImageData(canvas.width, canvas.height);
  for (let y = 0; y < canvas.height; y++) {
    const latitude = latitudeOf(north + (y + 0.5) * pixel);
    for (let x = 0; x < canvas.width; x++) {
      const found = surfaceAt({ longitude: (west + (x + 0.5) * pixel) * 360 - 180, latitude }, stations);
      if (found === null) continue;
      const colour = Number.parseInt(colourOf(Math.round(found.value)).slice(1), 16);
      image.data.set(
        [(colour >> 16) & 0xff, (colour >> 8) & 0xff, colour & 0xff, Math.round(255 * found.strength)],
        4 * (y * canvas.width + x),
      );
    }
  }
  context.putImageData(image, 0, 0);
  const degrees = (x: number, y: number): [number, number] => [x * 360 - 180, latitudeOf(y)];
  return { canvas, corners: [degrees(west, north), degrees(east, north), degrees(east, south), degrees(west, south)] };
}
