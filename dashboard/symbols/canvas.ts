import type { PointState } from '../../domain/point-state.ts';
import { BADGE_PATHS, GLYPH_PATHS, type GlyphName, STATE_SHAPES } from './paths.ts';

/** Colours of one theme, as the map needs them (canvas knows no CSS variables). The same values as in `styles/tokens.css`. */
export interface SymbolColours {
  readonly state: Readonly<Record<PointState, string>>;
  /** Of glyphs and counts on a filled shape. */
  readonly onState: string;
  /** Of the disc behind rings and quiet glyphs, and of the edge around filled shapes: sets the symbol off from any map fill. */
  readonly disc: string;
  readonly edge: string;
  readonly text: string;
  readonly accent: string;
}

export const SYMBOL_COLOURS: Readonly<Record<'dark' | 'light', SymbolColours>> = {
  dark: {
    state: {
      critical: '#f2555a',
      major: '#f28c28',
      minor: '#e2b203',
      notice: '#6ea8fe',
      unknown: '#8b98a5',
      shelved: '#8b98a5',
      maintenance: '#8b98a5',
      out_of_service: '#8b98a5',
      cut_off: '#8b98a5',
      normal: '#9fb0bd',
    },
    onState: '#0f1418',
    disc: 'rgba(15, 20, 24, 0.82)',
    edge: '#0f1418',
    text: '#e6edf3',
    accent: '#4fb3d9',
  },
  light: {
    state: {
      critical: '#c62a2f',
      major: '#b45309',
      minor: '#8a6d00',
      notice: '#1d6fd1',
      unknown: '#5f6b76',
      shelved: '#5f6b76',
      maintenance: '#5f6b76',
      out_of_service: '#5f6b76',
      cut_off: '#5f6b76',
      normal: '#51626f',
    },
    onState: '#ffffff',
    disc: 'rgba(255, 255, 255, 0.88)',
    edge: '#ffffff',
    text: '#14202a',
    accent: '#1f7a9c',
  },
};

/** Device-independent pixels. */
const POINT_SIZE: Readonly<Record<'alarm' | 'ring' | 'normal', number>> = { alarm: 28, ring: 24, normal: 20 };
const MARGIN = 3;

export interface DrawnSymbol {
  readonly data: ImageData;
  readonly pixelRatio: number;
}

/** A square canvas of `size` pixels with a margin; its unit is `scale` pixels: by default a 24th of it, the grid the paths are drawn on. */
export function canvasFor(size: number, pixelRatio: number, scale = size / 24): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil((size + 2 * MARGIN) * pixelRatio);
  canvas.height = canvas.width;
  // Read back at once: a canvas of the graphics card would be waited for, symbol by symbol.
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser gives no 2D canvas.');
  context.scale(pixelRatio, pixelRatio);
  context.translate(MARGIN, MARGIN);
  context.scale(scale, scale);
  context.lineJoin = 'round';
  return context;
}

function drawShape(context: CanvasRenderingContext2D, state: PointState, colours: SymbolColours): void {
  const shape = STATE_SHAPES[state];
  const path = new Path2D(shape.path);
  const colour = colours.state[state];
  if (shape.style === 'filled') {
    context.strokeStyle = colours.edge;
    context.lineWidth = 3.2;
    context.stroke(path);
    context.fillStyle = colour;
    context.fill(path);
    return;
  }
  context.fillStyle = colours.disc;
  context.fill(path);
  context.strokeStyle = colour;
  context.lineWidth = state === 'normal' ? 1 : 2;
  context.globalAlpha = state === 'normal' ? 0.45 : 1;
  context.setLineDash(shape.style === 'dashed' ? [4.8, 3.2] : []);
  context.stroke(path);
  context.setLineDash([]);
  context.globalAlpha = 1;
}

export function finish(context: CanvasRenderingContext2D, pixelRatio: number): DrawnSymbol {
  const { width, height } = context.canvas;
  return { data: context.getImageData(0, 0, width, height), pixelRatio };
}

/** The symbol of a point: its state's shape and colour around its domain's glyph. */
export function drawPointSymbol(
  state: PointState,
  glyph: GlyphName,
  colours: SymbolColours,
  pixelRatio: number,
): DrawnSymbol {
  const shape = STATE_SHAPES[state];
  const size = shape.style === 'filled' ? POINT_SIZE.alarm : state === 'normal' ? POINT_SIZE.normal : POINT_SIZE.ring;
  const context = canvasFor(size, pixelRatio);
  drawShape(context, state, colours);
  const inside = shape.glyph;
  context.save();
  context.translate(inside.x - inside.size / 2, inside.y - inside.size / 2);
  context.scale(inside.size / 24, inside.size / 24);
  context.fillStyle = shape.style === 'filled' ? colours.onState : colours.state[state];
  context.fill(new Path2D(GLYPH_PATHS[glyph]), 'evenodd');
  context.restore();
  if (shape.badge) {
    context.save();
    context.translate(13, 13);
    context.scale(0.5, 0.5);
    context.fillStyle = colours.edge;
    context.beginPath();
    context.arc(12, 12, 12.5, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = colours.state[state];
    context.fill(new Path2D(BADGE_PATHS[shape.badge]), 'evenodd');
    context.restore();
  }
  return finish(context, pixelRatio);
}

/** Sizes of cluster symbols in device-independent pixels: the first three by how many points they stand for, the others where their words need more room. */
export const CLUSTER_SIZES = [30, 38, 46, 54, 64] as const;

/** Pointed shapes hold a number only when they are larger. */
const grown = (state: PointState, size: number): number =>
  state === 'major' || state === 'minor' ? size * 1.22 : size;

/** How far below the middle of a cluster's symbol its words stand, in pixels: the room inside a triangle is low. */
export const clusterWordsDrop = (state: PointState, size: number): number =>
  state === 'major' ? grown(state, size) * 0.15 : 0;

/** Width for words of 12 px inside a cluster's symbol, in pixels. */
export function clusterRoom(state: PointState, size: number): number {
  if (state === 'major') return grown(state, size) * 0.64;
  if (state === 'minor') return grown(state, size) - 12;
  return size * 0.92;
}

/** The symbol of a cluster: the shape and colour of the worst state inside; its count is written over it by the map. */
export function drawClusterSymbol(
  state: PointState,
  size: number,
  colours: SymbolColours,
  pixelRatio: number,
): DrawnSymbol {
  const context = canvasFor(grown(state, size), pixelRatio);
  drawShape(context, state, colours);
  return finish(context, pixelRatio);
}

/** The ring around the selected point. */
export function drawSelectionRing(colours: SymbolColours, pixelRatio: number): DrawnSymbol {
  const context = canvasFor(44, pixelRatio);
  const ring = new Path2D('M12 1.2a10.8 10.8 0 1 1 0 21.6a10.8 10.8 0 1 1 0-21.6z');
  context.fillStyle = colours.accent;
  context.globalAlpha = 0.22;
  context.fill(ring);
  context.globalAlpha = 1;
  context.strokeStyle = colours.accent;
  context.lineWidth = 1.4;
  context.stroke(ring);
  return finish(context, pixelRatio);
}
