import type {
  ExpressionSpecification,
  GeoJSONSource,
  LayerSpecification,
  Map as MapLibreMap,
  SymbolLayerSpecification,
} from 'maplibre-gl';
import type { MapLineWire } from '../../api/contract/map-lines.ts';
import type { SiteId } from '../../domain/identifiers.ts';
import { LINE_CLASSES, LINE_LAYERS, type LineClass, type LineLayer } from '../../domain/map-lines.ts';
import type { LineState } from '../state/line-states.ts';
import { SYMBOL_COLOURS } from '../symbols/canvas.ts';
import { lineLooks, unknownLook } from './line-style.ts';
import { type MapExtension, type MapPlace, removeFrom } from './map-extension.ts';
import type { MapTheme } from './overlay-layers.ts';

const LINES = 'hd-lines';
const WORDS = 'hd-lines-words';
const DRAWN = {
  casing: 'hd-lines-casing',
  solid: 'hd-lines-solid',
  dashed: 'hd-lines-dashed',
  spots: 'hd-lines-spots',
  words: 'hd-lines-words',
  spotWords: 'hd-lines-spot-words',
} as const;
/** From this zoom on a line says its class or value. */
const WORDS_FROM_ZOOM = 11.5;
/** The longest way a line is wider on the ground than in the view of the whole city. */
const NARROW = 0.55;
const WIDE = 1.6;

export interface LineHover {
  readonly line: MapLineWire;
  readonly x: number;
  readonly y: number;
}

/** Draws lines in one source: their courses go to the graphics card once, what they are follows as the state of their features. */
export function createLineOverlay(listeners: {
  onOpen(line: MapLineWire): void;
  onHover(hovered: LineHover | null): void;
}) {
  let lines: readonly MapLineWire[] = [];
  let lineById: ReadonlyMap<string, MapLineWire> = new Map();
  let states: ReadonlyMap<SiteId, LineState> = new Map();
  let words: ReadonlyMap<SiteId, string> = new Map();
  let shown: readonly LineLayer[] = [];
  let map: MapLibreMap | null = null;
  /** What the map was told of each line, so that it is told only what is another. */
  const told = new Map<SiteId, LineClass | null>();
  let frame = 0;
  let shownWords = '';

  /** All that came within one frame goes to the map at once. */
  function tellSoon(): void {
    if (frame !== 0 || map === null) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      tell();
    });
  }
  function tell(): void {
    if (!map?.getSource(LINES)) return;
    for (const { id } of lines) {
      const lineClass = states.get(id)?.lineClass ?? null;
      if (told.get(id) === lineClass && told.has(id)) continue;
      told.set(id, lineClass);
      map.setFeatureState({ source: LINES, id }, { class: lineClass ?? 'unknown' });
    }
    const features = lines.flatMap((line): GeoJSON.Feature[] => {
      const text = words.get(line.id);
      if (text === undefined || !shown.includes(line.layer)) return [];
      return [{ type: 'Feature', properties: { text }, geometry: geometryOf(line) }];
    });
    const written = JSON.stringify(features);
    if (written === shownWords) return;
    shownWords = written;
    void map.getSource<GeoJSONSource>(WORDS)?.setData({ type: 'FeatureCollection', features });
  }
  function showCourses(): void {
    told.clear();
    void map?.getSource<GeoJSONSource>(LINES)?.setData({
      type: 'FeatureCollection',
      features: lines.map((line) => ({
        type: 'Feature',
        properties: { site: line.id, layer: line.layer, isCourse: line.isCourse },
        geometry: geometryOf(line),
      })),
    });
    tellSoon();
  }
  function filterLayers(): void {
    for (const { id } of layersFor('dark'))
      if (map?.getLayer(id) && id !== DRAWN.words && id !== DRAWN.spotWords) map.setFilter(id, filterOf(id));
    shownWords = '';
    tellSoon();
  }
  const filterOf = (id: string): ExpressionSpecification => [
    'all',
    ['in', ['get', 'layer'], ['literal', [...shown]]],
    [id === DRAWN.spots ? '==' : '!=', ['geometry-type'], 'Point'] as unknown as ExpressionSpecification,
  ];
  function lineAt({ x, y }: MapPlace, reach: number): MapLineWire | null {
    if (!map?.getLayer(DRAWN.solid)) return null;
    const box: [[number, number], [number, number]] = [
      [x - reach, y - reach],
      [x + reach, y + reach],
    ];
    const [found] = map.queryRenderedFeatures(box, { layers: [DRAWN.spots, DRAWN.casing] });
    return found === undefined ? null : (lineById.get(found.properties['site'] as string) ?? null);
  }

  const extension: MapExtension = {
    add(next, theme, below) {
      map = next;
      shownWords = '';
      next.addSource(LINES, { type: 'geojson', data: { type: 'FeatureCollection', features: [] }, promoteId: 'site' });
      next.addSource(WORDS, { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
      for (const layer of layersFor(theme)) next.addLayer(layer, below);
      filterLayers();
      showCourses();
    },
    remove(from) {
      cancelAnimationFrame(frame);
      frame = 0;
      removeFrom(from, Object.values(DRAWN), [LINES, WORDS]);
      map = null;
    },
    pressed(at, reach) {
      const line = lineAt(at, reach);
      if (line?.point == null) return false;
      listeners.onOpen(line);
      return true;
    },
    pointed(at) {
      const line = at && lineAt(at, 3);
      listeners.onHover(line && at ? { line, x: at.x, y: at.y } : null);
      return line !== null;
    },
  };
  return {
    extension,
    setLines(next: readonly MapLineWire[]): void {
      if (next === lines) return;
      lines = next;
      lineById = new Map(next.map((line) => [line.id as string, line]));
      showCourses();
    },
    setShown(next: readonly LineLayer[]): void {
      shown = next;
      filterLayers();
    },
    /** What the lines are, and what is written along them. */
    setStates(next: ReadonlyMap<SiteId, LineState>, nextWords: ReadonlyMap<SiteId, string>): void {
      states = next;
      words = nextWords;
      tellSoon();
    },
  };
}

const geometryOf = ({ path }: MapLineWire): GeoJSON.Geometry => {
  const [first = [0, 0] as const] = path;
  return path.length === 1
    ? { type: 'Point', coordinates: [...first] }
    : { type: 'LineString', coordinates: path.map((place) => [...place]) };
};

const STATE: ExpressionSpecification = ['coalesce', ['feature-state', 'class'], 'unknown'];

function layersFor(theme: MapTheme): readonly LayerSpecification[] {
  const looks = lineLooks(theme);
  const unknown = unknownLook(theme);
  /** By layer and class. */
  const perClass = <T extends string | number>(
    of: (look: { colour: string; width: number }) => T,
  ): ExpressionSpecification =>
    [
      'match',
      ['get', 'layer'],
      ...LINE_LAYERS.flatMap((layer) => [
        layer,
        [
          'match',
          STATE,
          ...LINE_CLASSES[layer].flatMap((lineClass) => [lineClass, of(looks[layer][lineClass] ?? unknown)]),
          of(unknown),
        ],
      ]),
      of(unknown),
    ] as unknown as ExpressionSpecification;
  const width = (more: number): ExpressionSpecification => {
    const grown = (share: number): ExpressionSpecification => ['+', ['*', perClass((look) => look.width), share], more];
    return ['interpolate', ['linear'], ['zoom'], 9, grown(NARROW), 13, grown(1), 17, grown(WIDE)];
  };
  const colour = perClass((look) => look.colour);
  const whenKnown = (known: number, not: number): ExpressionSpecification => [
    'case',
    ['==', STATE, 'unknown'],
    not,
    known,
  ];
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  const { edge, text } = SYMBOL_COLOURS[theme];
  const wording: SymbolLayerSpecification['layout'] = {
    'text-field': ['get', 'text'],
    'text-font': ['Noto Sans Medium'],
    'text-size': 12,
  };
  const ink = { 'text-color': text, 'text-halo-color': edge, 'text-halo-width': 1.6 } as const;
  return [
    {
      id: DRAWN.casing,
      type: 'line',
      source: LINES,
      layout: round,
      paint: { 'line-color': edge, 'line-width': width(2), 'line-opacity': 0.75 },
    },
    {
      id: DRAWN.solid,
      type: 'line',
      source: LINES,
      layout: round,
      paint: { 'line-color': colour, 'line-width': width(0), 'line-opacity': whenKnown(1, 0) },
    },
    {
      id: DRAWN.dashed,
      type: 'line',
      source: LINES,
      paint: {
        'line-color': unknown.colour,
        'line-width': width(0),
        'line-dasharray': [2, 2],
        'line-opacity': whenKnown(0, 1),
      },
    },
    {
      id: DRAWN.spots,
      type: 'circle',
      source: LINES,
      paint: {
        'circle-color': colour,
        'circle-opacity': whenKnown(0.45, 0.1),
        'circle-stroke-color': colour,
        'circle-stroke-width': 2,
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, 9, 13, 17, 17, 30],
      },
    },
    {
      id: DRAWN.words,
      type: 'symbol',
      source: WORDS,
      minzoom: WORDS_FROM_ZOOM,
      layout: {
        ...wording,
        'symbol-placement': 'line-center',
        'text-offset': [0, -0.9],
        'text-max-angle': 60,
      },
      paint: ink,
    },
    {
      id: DRAWN.spotWords,
      type: 'symbol',
      source: WORDS,
      minzoom: WORDS_FROM_ZOOM,
      filter: ['==', ['geometry-type'], 'Point'],
      layout: { ...wording, 'text-anchor': 'bottom', 'text-offset': [0, -1.5] },
      paint: ink,
    },
  ];
}
