import type { FilterSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';

/** West, south and east, north of the bundled data; the view never shows its edge. */
export const MAP_BOUNDS: [[number, number], [number, number]] = [
  [105.9, 20.2],
  [107.75, 21.4],
];
export const MAP_MIN_ZOOM = 8.5;
export const MAP_MAX_ZOOM = 17;
export const OFFLINE_ATTRIBUTION = 'Coastline and rivers: GSHHG 2.3.7 (LGPL-3) | Places: GeoNames (CC BY 4.0)';
/** Image a town's dot is drawn from; the map asks for it by name. */
export const TOWN_DOT_IMAGE = 'town-dot';

export type BasemapTheme = 'light' | 'dark';
/** `operations`: muted, so that state stands out; `plain`: an ordinary road map. */
export type BasemapVariant = 'operations' | 'plain';

export interface BasemapOptions {
  readonly theme: BasemapTheme;
  readonly variant: BasemapVariant;
  /** Absolute URL of the folder with `land.geojson` and the rest, without a slash at the end. */
  readonly dataUrl: string;
  /** Absolute URL of the folder with Noto Sans WOFF2 files, as in npm `@fontsource/noto-sans/files`. */
  readonly fontUrl: string;
  /** Ward outlines the site supplies: GeoJSON with `name` and `type`. */
  readonly boundaries?: { readonly url: string; readonly attribution: string };
}

export interface BasemapColours {
  readonly sea: string;
  readonly land: string;
  readonly builtUp: string;
  readonly park: string;
  readonly coast: string;
  readonly ward: string;
  readonly motorway: string;
  readonly trunk: string;
  readonly primary: string;
  readonly secondary: string;
  readonly casing: string;
  readonly rail: string;
  readonly label: string;
  readonly halo: string;
}

/** Fills and lines of each map; symbols of state are checked against every fill of `operations`. */
export const BASEMAP_COLOURS: Readonly<Record<BasemapVariant, Readonly<Record<BasemapTheme, BasemapColours>>>> = {
  operations: {
    light: {
      sea: '#cfe0e6',
      land: '#f4f3ef',
      builtUp: '#e9e6e0',
      park: '#dfe8d8',
      coast: '#b3cad3',
      ward: '#b7b0a4',
      motorway: '#d8d3c9',
      trunk: '#dedad2',
      primary: '#e6e2db',
      secondary: '#ffffff',
      casing: '#b7b0a4',
      rail: '#b7b0a4',
      label: '#2d3238',
      halo: '#f4f3ef',
    },
    dark: {
      sea: '#0d1820',
      land: '#161f26',
      builtUp: '#1c262e',
      park: '#17251f',
      coast: '#26343f',
      ward: '#33404a',
      motorway: '#35404a',
      trunk: '#303a44',
      primary: '#2a343d',
      secondary: '#26303a',
      casing: '#0d1820',
      rail: '#3d4955',
      label: '#c5d0d9',
      halo: '#10181f',
    },
  },
  plain: {
    light: {
      sea: '#aad3e0',
      land: '#f5f2ea',
      builtUp: '#e6e0d8',
      park: '#cfe3c0',
      coast: '#8bb5c6',
      ward: '#b9a7c9',
      motorway: '#e8873a',
      trunk: '#f5b84f',
      primary: '#fbe08a',
      secondary: '#ffffff',
      casing: '#c4b6a4',
      rail: '#a89c8c',
      label: '#2d3238',
      halo: '#ffffff',
    },
    dark: {
      sea: '#0e1b26',
      land: '#1d2730',
      builtUp: '#27323c',
      park: '#1d3129',
      coast: '#2f4a5c',
      ward: '#4a4560',
      motorway: '#b5672b',
      trunk: '#9a7a38',
      primary: '#6f6440',
      secondary: '#3f4a54',
      casing: '#10181f',
      rail: '#55616c',
      label: '#dfe6ec',
      halo: '#10181f',
    },
  },
};

const VIETNAMESE = [
  'U+0102-0103',
  'U+0110-0111',
  'U+0128-0129',
  'U+0168-0169',
  'U+01A0-01A1',
  'U+01AF-01B0',
  'U+0300-0301',
  'U+0303-0304',
  'U+0308-0309',
  'U+0323',
  'U+0329',
  'U+1EA0-1EF9',
  'U+20AB',
];
const LATIN = [
  'U+0000-00FF',
  'U+0131',
  'U+0152-0153',
  'U+02BB-02BC',
  'U+02C6',
  'U+02DA',
  'U+02DC',
  'U+2000-206F',
  'U+20AC',
  'U+2122',
];

/** Font faces of a style, read by the map as WOFF2: every Vietnamese letter from eight small files and no glyph server. */
export function fontFaces(fontUrl: string): NonNullable<StyleSpecification['font-faces']> {
  const face = (weight: string) => [
    { url: `${fontUrl}/noto-sans-vietnamese-${weight}.woff2`, 'unicode-range': VIETNAMESE },
    { url: `${fontUrl}/noto-sans-latin-${weight}.woff2`, 'unicode-range': LATIN },
  ];
  return {
    'Noto Sans Regular': face('400-normal'),
    'Noto Sans Medium': face('500-normal'),
    'Noto Sans Bold': face('700-normal'),
    'Noto Sans Italic': face('400-italic'),
  };
}

/** Bends of shores smaller than this many pixels are drawn straight: most of what is drawn of the ground are its islands. */
const SHORE_TOLERANCE = 0.8;
/** Smaller roads are left out of the view of the whole city. */
const SECONDARY_FROM_ZOOM = 10;
type Cls = 'motorway' | 'trunk' | 'primary' | 'secondary';
/** Line widths in pixels at zoom 9 and 15. */
const ROAD_WIDTHS: Readonly<Record<Cls, readonly [number, number]>> = {
  motorway: [2, 9],
  trunk: [1.6, 8],
  primary: [1.1, 7],
  secondary: [0.6, 5],
};
/** From a width at zoom 9 to one at 15: numbers, or expressions of what is drawn. */
const width = (far: unknown, near: unknown) =>
  ['interpolate', ['exponential', 1.4], ['zoom'], 9, far, 15, near] as never;
const is = (key: string, value: string): FilterSpecification => ['==', ['get', key], value];

/** The offline basemap's style: pure data, made from nothing but its arguments. */
export function basemapStyle({ theme, variant, dataUrl, fontUrl, boundaries }: BasemapOptions): StyleSpecification {
  const c = BASEMAP_COLOURS[variant][theme];
  const source = (name: string) => ({ type: 'geojson' as const, data: `${dataUrl}/${name}.geojson` });
  const text = { 'text-color': c.label, 'text-halo-color': c.halo, 'text-halo-width': 1.4 };
  const quiet = { ...text, 'text-opacity': 0.75 };
  /** A value for each kind of place that has no dot. */
  const perPlace = (poi: unknown, water: unknown, island: unknown) =>
    ['match', ['get', 'k'], 'poi', poi, ['river', 'sea'], water, island] as never;
  const roads: readonly Cls[] = ['secondary', 'primary', 'trunk', 'motorway'];
  /** A value for each class of roads. */
  const perClass = (of: (cls: Cls) => string | number) =>
    ['match', ['get', 'cls'], ...roads.flatMap((cls) => [cls, of(cls)]), of('secondary')] as never;
  /** All classes in one layer, the greater above: every layer is drawn tile by tile, which costs more than what is in it. */
  const road = (id: string, colour: string, extra: number): LayerSpecification => ({
    id,
    type: 'line',
    source: 'roads',
    filter: [
      'all',
      ['in', ['get', 'cls'], ['literal', roads]],
      ['any', ['!=', ['get', 'cls'], 'secondary'], ['>=', ['zoom'], SECONDARY_FROM_ZOOM]],
    ] as unknown as FilterSpecification,
    layout: {
      'line-cap': 'round',
      'line-join': 'round',
      'line-sort-key': perClass((cls) => roads.indexOf(cls)),
    },
    paint: {
      'line-color': colour,
      'line-width': width(
        perClass((cls) => ROAD_WIDTHS[cls][0] + extra),
        perClass((cls) => ROAD_WIDTHS[cls][1] + extra),
      ),
    },
  });
  const label = (
    id: string,
    source: string,
    filter: FilterSpecification,
    font: string,
    size: number,
    more: { minzoom?: number; line?: boolean; paint?: object; icon?: boolean } = {},
  ): LayerSpecification => ({
    id,
    type: 'symbol',
    source,
    filter,
    ...(more.minzoom === undefined ? {} : { minzoom: more.minzoom }),
    layout: {
      'text-field': ['get', source === 'roads' ? 'name' : 'n'],
      'text-font': [font],
      'text-size': size,
      'text-max-width': 8,
      ...(more.line ? { 'symbol-placement': 'line' as const } : {}),
      ...(more.icon
        ? {
            'icon-image': TOWN_DOT_IMAGE,
            'icon-size': 0.5,
            'text-variable-anchor': ['left', 'right', 'top', 'bottom'] as ('left' | 'right' | 'top' | 'bottom')[],
            'text-radial-offset': 0.5,
            'text-justify': 'auto' as const,
          }
        : {}),
    },
    paint: (more.paint ?? text) as never,
  });
  const wards: LayerSpecification[] = boundaries
    ? [
        {
          id: 'ward-line',
          type: 'line',
          source: 'wards',
          paint: { 'line-color': c.ward, 'line-width': 1, 'line-dasharray': [3, 2] },
        },
      ]
    : [];
  const wardNames: LayerSpecification[] = boundaries
    ? [
        {
          id: 'ward-name',
          type: 'symbol',
          source: 'wards',
          minzoom: 9.8,
          layout: {
            'text-field': ['get', 'name'],
            'text-font': ['Noto Sans Regular'],
            'text-size': 10.5,
            'text-max-width': 7,
          },
          paint: quiet,
        },
      ]
    : [];

  return {
    version: 8,
    'font-faces': fontFaces(fontUrl),
    sources: {
      land: { ...source('land'), attribution: OFFLINE_ATTRIBUTION, tolerance: SHORE_TOLERANCE },
      rivers: { ...source('rivers'), tolerance: SHORE_TOLERANCE },
      areas: source('areas'),
      roads: source('roads'),
      places: source('places'),
      ...(boundaries
        ? { wards: { type: 'geojson' as const, data: boundaries.url, attribution: boundaries.attribution } }
        : {}),
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': c.sea } },
      // Under the land, so that only its seaward half shows: where reclaimed land overlaps the old coast no line is left inland.
      { id: 'coast', type: 'line', source: 'land', paint: { 'line-color': c.coast, 'line-width': 1.4 } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': c.land } },
      {
        id: 'areas',
        type: 'fill',
        source: 'areas',
        // Where both are, the city is seen.
        layout: { 'fill-sort-key': ['match', ['get', 'k'], 'urban', 1, 0] },
        // So little lighter than the land that their edges need no smoothing, which is a line of its own around each.
        paint: { 'fill-color': ['match', ['get', 'k'], 'urban', c.builtUp, c.park], 'fill-antialias': false },
      },
      {
        id: 'river',
        type: 'line',
        source: 'rivers',
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': c.sea, 'line-width': width(1.2, 5) },
      },
      ...wards,
      {
        id: 'rail',
        type: 'line',
        source: 'roads',
        filter: is('cls', 'rail'),
        paint: { 'line-color': c.rail, 'line-width': 1, 'line-dasharray': [4, 3] },
      },
      road('road-casing', c.casing, 1.6),
      road(
        'road',
        perClass((cls) => c[cls]),
        0,
      ),
      label('road-name', 'roads', ['has', 'name'], 'Noto Sans Regular', 11, {
        minzoom: 11.5,
        line: true,
        paint: quiet,
      }),
      {
        id: 'road-number',
        type: 'symbol',
        source: 'roads',
        filter: ['has', 'ref'],
        minzoom: 9.5,
        layout: {
          'text-field': ['get', 'ref'],
          'text-font': ['Noto Sans Bold'],
          'text-size': 10.5,
          'symbol-placement': 'line',
          'symbol-spacing': 300,
          'text-rotation-alignment': 'viewport',
        },
        paint: {
          'text-color': '#ffffff',
          'text-halo-width': 3.2,
          'text-halo-color':
            variant === 'operations'
              ? '#5a6b7a'
              : ['match', ['get', 'cls'], 'motorway', '#2f7d4f', 'trunk', '#b5462f', '#5a6b7a'],
        },
      },
      ...wardNames,
      {
        id: 'place',
        type: 'symbol',
        source: 'places',
        filter: [
          'match',
          ['get', 'k'],
          'poi',
          ['all', ['>=', ['zoom'], 10], ['<=', ['get', 'r'], ['step', ['zoom'], 2, 11, 3, 12, 4]]],
          ['river', 'sea'],
          ['>=', ['zoom'], 9],
          'island',
          true,
          false,
        ] as unknown as FilterSpecification,
        layout: {
          'text-field': ['get', 'n'],
          'text-font': perPlace(
            ['literal', ['Noto Sans Regular']],
            ['literal', ['Noto Sans Italic']],
            ['literal', ['Noto Sans Medium']],
          ),
          'text-size': perPlace(11, 11.5, 12),
          'text-max-width': 8,
          // Where there is no room for all, islands come first.
          'symbol-sort-key': perPlace(2, 1, 0),
        },
        paint: { ...text, 'text-opacity': perPlace(0.75, 0.7, 1) },
      },
      label(
        'town',
        'places',
        ['all', is('k', 'town'), ['==', ['get', 'r'], 2]] as FilterSpecification,
        'Noto Sans Regular',
        11.5,
        { minzoom: 9.6, icon: true, paint: quiet },
      ),
      label(
        'large-town',
        'places',
        ['all', is('k', 'town'), ['==', ['get', 'r'], 1]] as FilterSpecification,
        'Noto Sans Medium',
        12.5,
        { icon: true },
      ),
      label(
        'city',
        'places',
        ['all', is('k', 'town'), ['==', ['get', 'r'], 0]] as FilterSpecification,
        'Noto Sans Bold',
        15,
      ),
    ],
  };
}

/** The 14-pixel dot of a town, for `map.setMissingStyleImageResolver`; draws on the canvas context given. */
export function drawTownDot(context: CanvasRenderingContext2D, theme: BasemapTheme): void {
  const c = BASEMAP_COLOURS.operations[theme];
  context.beginPath();
  context.arc(7, 7, 4.5, 0, 2 * Math.PI);
  context.fillStyle = c.halo;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = c.label;
  context.stroke();
}
