import type { Map as MapLibreMap } from 'maplibre-gl';
import type { MapTheme } from './overlay-layers.ts';

/** A place of the map that the pointer is at: pixels of the map, and degrees. */
export interface MapPlace {
  readonly x: number;
  readonly y: number;
  readonly longitude: number;
  readonly latitude: number;
}

/** Something that is drawn on the live map by code that is fetched when it is wanted. */
export interface MapExtension {
  /** Its sources and layers, on the ground as it is now; called again for every other ground. `below`: the layer that they go under. */
  add(map: MapLibreMap, theme: MapTheme, below: string): void;
  remove(map: MapLibreMap): void;
  /** Every press is for it, also where a point is. */
  readonly takesAll?: boolean;
  /** The map was pressed, where no point is; true: it was meant for this. */
  pressed?(at: MapPlace, reachPixels: number): boolean;
  /** The pointer is at a place where no point is, or (`null`) nowhere; true: something of this is there. */
  pointed?(at: MapPlace | null): boolean;
}

/** Takes layers and sources away, those of them that are there. */
export function removeFrom(map: MapLibreMap, layers: readonly string[], sources: readonly string[]): void {
  // A map that is gone has no style any more.
  if (!map.style) return;
  for (const id of layers) if (map.getLayer(id)) map.removeLayer(id);
  for (const id of sources) if (map.getSource(id)) map.removeSource(id);
}
