import type {
  ExpressionSpecification,
  GeoJSONSourceSpecification,
  LayerSpecification,
  SourceSpecification,
} from 'maplibre-gl';
import { POINT_STATES, stateRank } from '../../domain/point-state.ts';
import { CLUSTER_SIZES, SYMBOL_COLOURS } from '../symbols/canvas.ts';
import { SLOTS } from './point-features.ts';

export type MapTheme = 'dark' | 'light';

export const SOURCE = {
  points: 'hd-points',
  pulse: 'hd-pulse',
  selected: 'hd-selected',
  index: 'hd-index',
  warnings: 'hd-warnings',
} as const;
export const LAYER = {
  clusters: 'hd-clusters',
  points: 'hd-points',
  pulse: 'hd-pulse',
  selected: 'hd-selected',
  selectedRing: 'hd-selected-ring',
  index: 'hd-index',
  warnings: 'hd-warnings',
  warningLines: 'hd-warning-lines',
} as const;

/** Up to and including this zoom near points are gathered; closer, every point stands alone. */
const CLUSTERS_END_ZOOM = 12;
/** From this zoom on stations of an index have their name and category under their badge. */
const INDEX_LABELS_FROM_ZOOM = 11.2;
/** From this zoom on names and values are written under the symbols. */
export const LABELS_FROM_ZOOM = 12.5;
const CLUSTER_RADIUS_PIXELS = 46;

const WORST_WITHOUT_ALARM = stateRank('unknown');
const EMPTY = { type: 'FeatureCollection' as const, features: [] };

export const overlaySources = (): Readonly<Record<string, SourceSpecification>> => ({
  [SOURCE.points]: {
    type: 'geojson',
    data: EMPTY,
    cluster: true,
    clusterRadius: CLUSTER_RADIUS_PIXELS,
    clusterMaxZoom: CLUSTERS_END_ZOOM,
    clusterProperties: {
      worst: ['min', ['get', 'rank']],
      alarmed: ['+', ['case', ['<', ['get', 'rank'], WORST_WITHOUT_ALARM], 1, 0]],
    },
  } satisfies GeoJSONSourceSpecification,
  [SOURCE.pulse]: { type: 'geojson', data: EMPTY },
  [SOURCE.selected]: { type: 'geojson', data: EMPTY },
  [SOURCE.index]: { type: 'geojson', data: EMPTY },
  [SOURCE.warnings]: { type: 'geojson', data: EMPTY },
});

const stateName = (rank: ExpressionSpecification): ExpressionSpecification =>
  [
    'match',
    rank,
    ...POINT_STATES.slice(0, -1).flatMap((state, i) => [i, state]),
    'normal',
  ] as unknown as ExpressionSpecification;

/** Pixels around the shared location, before the zoom's icon size: the first stays in its place. */
const slotOffsets = (distance: number): ExpressionSpecification =>
  [
    'match',
    ['get', 'slot'],
    ...Array.from({ length: SLOTS - 1 }, (_, i) => {
      const angle = -Math.PI / 2 + (i * 2 * Math.PI) / (SLOTS - 1);
      return [
        i + 1,
        ['literal', [Math.round(distance * Math.cos(angle)), Math.round(distance * Math.sin(angle))]],
      ] as const;
    }).flat(),
    ['literal', [0, 0]],
  ] as unknown as ExpressionSpecification;

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
  const sizeStep: ExpressionSpecification = ['step', ['get', 'point_count'], 0, 20, 1, 100, 2];
  const inAlarm: ExpressionSpecification = ['<', ['get', 'worst'], WORST_WITHOUT_ALARM];
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
      id: LAYER.points,
      type: 'symbol',
      source: SOURCE.points,
      filter: ['!', ['has', 'point_count']],
      layout: {
        'icon-image': ['concat', `${theme}/point/`, ['get', 'state'], '/', ['get', 'domain']],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 8.5, 0.8, 12, 0.92, 14, 1],
        'icon-offset': slotOffsets(26),
        'icon-allow-overlap': true,
        'symbol-sort-key': ['-', POINT_STATES.length, ['get', 'rank']],
        'text-field': [
          'step',
          ['zoom'],
          '',
          LABELS_FROM_ZOOM,
          [
            'case',
            ['>', ['get', 'slot'], 0],
            '',
            ['==', ['get', 'reading'], ''],
            ['get', 'name'],
            ['concat', ['get', 'name'], '\n', ['get', 'reading']],
          ],
        ],
        'text-font': textFont,
        'text-size': 11.5,
        'text-anchor': 'top',
        'text-offset': [0, 1.25],
        'text-max-width': 11,
        'text-optional': true,
        'text-padding': 4,
      },
      paint: {
        'text-color': colours.text,
        'text-halo-color': colours.edge,
        'text-halo-width': 1.4,
      },
    },
    {
      id: LAYER.clusters,
      type: 'symbol',
      source: SOURCE.points,
      filter: ['has', 'point_count'],
      layout: {
        'icon-image': [
          'concat',
          `${theme}/cluster/`,
          stateName(['get', 'worst']),
          '/',
          ['to-string', ['at', sizeStep, ['literal', [...CLUSTER_SIZES]]]],
        ],
        'icon-allow-overlap': true,
        'symbol-sort-key': ['-', POINT_STATES.length, ['get', 'worst']],
        // "3/28": three in alarm of twenty-eight.
        'text-field': [
          'case',
          inAlarm,
          [
            'format',
            ['to-string', ['get', 'alarmed']],
            {},
            ['concat', '/', ['to-string', ['get', 'point_count']]],
            { 'font-scale': 0.78 },
          ],
          ['to-string', ['get', 'point_count']],
        ],
        'text-font': textFont,
        'text-size': ['step', ['get', 'point_count'], 12, 100, 13],
        // The room inside a triangle is low.
        'text-offset': ['match', ['get', 'worst'], stateRank('major'), ['literal', [0, 0.35]], ['literal', [0, 0]]],
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': ['case', inAlarm, colours.onState, colours.text] },
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
    // The selected point stands over everything, also while its own symbol is hidden in a cluster.
    ...([LAYER.selectedRing, LAYER.selected] as const).map(
      (id): LayerSpecification => ({
        id,
        type: 'symbol',
        source: SOURCE.selected,
        // A badge stays to be seen inside the ring.
        ...(id === LAYER.selected ? { filter: ['has', 'state'] } : {}),
        layout: {
          'icon-image':
            id === LAYER.selectedRing
              ? `${theme}/ring`
              : ['concat', `${theme}/point/`, ['get', 'state'], '/', ['get', 'domain']],
          'icon-offset': slotOffsets(26),
          'icon-allow-overlap': true,
          'icon-ignore-placement': true,
        },
      }),
    ),
  ];
}
