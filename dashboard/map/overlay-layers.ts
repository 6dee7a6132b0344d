import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl';
import { SYMBOL_COLOURS } from '../symbols/canvas.ts';

export type MapTheme = 'dark' | 'light';

export const SOURCE = {
  labels: 'hd-labels',
  pulse: 'hd-pulse',
  index: 'hd-index',
  warnings: 'hd-warnings',
} as const;
export const LAYER = {
  pulse: 'hd-pulse',
  labels: 'hd-labels',
  /** Symbols of points and clusters, drawn by `sprite-layer.ts`: above the labels, below an index. */
  points: 'hd-points',
  index: 'hd-index',
  warnings: 'hd-warnings',
  warningLines: 'hd-warning-lines',
} as const;

/** From this zoom on stations of an index have their name and category under their badge. */
const INDEX_LABELS_FROM_ZOOM = 11.2;
/** From this zoom on names and values are written under the symbols. */
export const LABELS_FROM_ZOOM = 12.5;

const EMPTY = { type: 'FeatureCollection' as const, features: [] };

export const overlaySources = (): Readonly<Record<string, SourceSpecification>> => ({
  [SOURCE.labels]: { type: 'geojson', data: EMPTY },
  [SOURCE.pulse]: { type: 'geojson', data: EMPTY },
  [SOURCE.index]: { type: 'geojson', data: EMPTY },
  [SOURCE.warnings]: { type: 'geojson', data: EMPTY },
});

/** Areas of official warnings, under everything that is measured. */
function warningLayers(theme: MapTheme): readonly LayerSpecification[] {
  const { critical, major, minor, notice, unknown } = SYMBOL_COLOURS[theme].state;
  const colour = [
    'match',
    ['get', 'severity'],
    ...['Extreme', critical, 'Severe', major, 'Moderate', minor, 'Minor', notice],
    unknown,
  ] as unknown as ExpressionSpecification;
  return [
    {
      id: LAYER.warnings,
      type: 'fill',
      source: SOURCE.warnings,
      paint: { 'fill-color': colour, 'fill-opacity': 0.16 },
    },
    {
      id: LAYER.warningLines,
      type: 'line',
      source: SOURCE.warnings,
      paint: { 'line-color': colour, 'line-width': 2, 'line-dasharray': [3, 2] },
    },
  ];
}

/** The layers over any basemap, lowest first. Image names carry the theme; `symbolFor` in `symbol-images.ts` draws what they name. */
export function overlayLayers(theme: MapTheme): readonly LayerSpecification[] {
  const colours = SYMBOL_COLOURS[theme];
  const textFont = ['Noto Sans Medium'];
  return [
    ...warningLayers(theme),
    {
      id: LAYER.pulse,
      type: 'circle',
      source: SOURCE.pulse,
      paint: {
        'circle-radius': 0,
        'circle-opacity': 0,
        'circle-stroke-color': ['get', 'colour'],
        'circle-stroke-width': 3,
        'circle-stroke-opacity': 0,
      },
    },
    {
      id: LAYER.labels,
      type: 'symbol',
      source: SOURCE.labels,
      minzoom: LABELS_FROM_ZOOM,
      layout: {
        'text-field': [
          'case',
          ['==', ['get', 'reading'], ''],
          ['get', 'name'],
          ['concat', ['get', 'name'], '\n', ['get', 'reading']],
        ],
        'text-font': textFont,
        'text-size': 11.5,
        'text-anchor': 'top',
        'text-offset': [0, 1.25],
        'text-max-width': 11,
        'text-padding': 4,
      },
      paint: {
        'text-color': colours.text,
        'text-halo-color': colours.edge,
        'text-halo-width': 1.4,
      },
    },
    {
      id: LAYER.index,
      type: 'symbol',
      source: SOURCE.index,
      layout: {
        'icon-image': ['concat', `${theme}/index/`, ['get', 'colour'], '/', ['get', 'value']],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 8.5, 0.85, 12, 1, 14, 1.1],
        'icon-allow-overlap': true,
        // The worst air lies on top.
        'symbol-sort-key': ['get', 'rank'],
        'text-field': ['step', ['zoom'], '', INDEX_LABELS_FROM_ZOOM, ['get', 'label']],
        'text-font': textFont,
        'text-size': 11.5,
        'text-anchor': 'top',
        'text-offset': [0, 1.1],
        'text-max-width': 12,
        'text-optional': true,
      },
      paint: { 'text-color': colours.text, 'text-halo-color': colours.edge, 'text-halo-width': 1.4 },
    },
  ];
}
