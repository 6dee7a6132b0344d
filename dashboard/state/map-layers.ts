import { MAP_LAYERS, type MapLayer } from '../../domain/map-lines.ts';

/** Layers named in an address, each once, in the switcher's order. */
export const readLayers = (text: string | null | undefined): readonly MapLayer[] => {
  const words = new Set((text ?? '').split(' '));
  return MAP_LAYERS.filter((layer) => words.has(layer));
};
/** `undefined` for none, so that the address stays short. */
export const writeLayers = (layers: readonly MapLayer[]): string | undefined =>
  layers.length === 0 ? undefined : layers.join(' ');

export const toggledLayer = (layers: readonly MapLayer[], layer: MapLayer): readonly MapLayer[] =>
  MAP_LAYERS.filter((each) => (each === layer) !== layers.includes(each));
