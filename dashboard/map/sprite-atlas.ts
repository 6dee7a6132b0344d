import { POINT_STATES, stateRank } from '../../domain/point-state.ts';
import { DOMAINS } from '../../domain/quantity.ts';
import {
  CLUSTER_SIZES,
  canvasFor,
  type DrawnSymbol,
  drawClusterSymbol,
  drawPointSymbol,
  drawSelectionRing,
  finish,
  type SymbolColours,
} from '../symbols/canvas.ts';

/** Digits and the stroke of "3/28", in both inks. */
const CHARACTERS = '0123456789/';
const INKS = ['onState', 'text'] as const;
export type Ink = (typeof INKS)[number];
const CHARACTER_SIZE = 14;
export const CHARACTER_FONT = '600 12px "Inter Variable", "Noto Sans", sans-serif';
const WIDTH_PIXELS = 1024;

const FIRST_CLUSTER = POINT_STATES.length * DOMAINS.length;
const RING = FIRST_CLUSTER + POINT_STATES.length * CLUSTER_SIZES.length;
const FIRST_CHARACTER = RING + 1;

/** Numbers of the sprites. */
export const sprite = {
  point: (rank: number, domain: number): number => rank * DOMAINS.length + domain,
  /** `size`: index in `CLUSTER_SIZES`. */
  cluster: (rank: number, size: number): number => FIRST_CLUSTER + rank * CLUSTER_SIZES.length + size,
  ring: RING,
  /** -1 for a character there is no sprite of. */
  character: (character: string, ink: Ink): number => {
    const at = CHARACTERS.indexOf(character);
    return at < 0 ? -1 : FIRST_CHARACTER + INKS.indexOf(ink) * CHARACTERS.length + at;
  },
};

/** Numbers of a sprite in {@link SpriteAtlas.rectangles}. */
export const RECTANGLE_NUMBERS = 8;

/** All symbols of one theme in one picture, so that a whole city is one draw call. */
export interface SpriteAtlas {
  readonly canvas: HTMLCanvasElement;
  /** Of each sprite: left, top, right, bottom in the picture (0 … 1), and the same from the middle of the symbol in device-independent pixels. */
  readonly rectangles: Float32Array;
  /** Width of each character in device-independent pixels, as text advances. */
  readonly advance: (character: string) => number;
}

export function drawAtlas(colours: SymbolColours, pixelRatio: number): SpriteAtlas {
  const drawn: DrawnSymbol[] = [];
  for (const state of POINT_STATES)
    for (const domain of DOMAINS)
      drawn[sprite.point(stateRank(state), DOMAINS.indexOf(domain))] = drawPointSymbol(
        state,
        domain,
        colours,
        pixelRatio,
      );
  for (const state of POINT_STATES)
    for (const [i, size] of CLUSTER_SIZES.entries())
      drawn[sprite.cluster(stateRank(state), i)] = drawClusterSymbol(state, size, colours, pixelRatio);
  drawn[sprite.ring] = drawSelectionRing(colours, pixelRatio);
  const advances = new Map<string, number>();
  for (const ink of INKS)
    for (const character of CHARACTERS) {
      const context = canvasFor(CHARACTER_SIZE, pixelRatio, 1);
      context.font = CHARACTER_FONT;
      context.fillStyle = colours[ink];
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillText(character, CHARACTER_SIZE / 2, CHARACTER_SIZE / 2 + 0.5);
      advances.set(character, context.measureText(character).width);
      drawn[sprite.character(character, ink)] = finish(context, pixelRatio);
    }

  const inked = drawn.map(({ data }) => inkOf(data));
  const placed: { readonly x: number; readonly y: number }[] = [];
  let [x, y, rowHeight] = [0, 0, 0];
  for (const { width, height } of inked) {
    // A pixel between them: neighbours don't bleed into one another when drawn smaller.
    if (x + width > WIDTH_PIXELS) [x, y, rowHeight] = [0, y + rowHeight + 1, 0];
    placed.push({ x, y });
    x += width + 1;
    rowHeight = Math.max(rowHeight, height);
  }
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH_PIXELS;
  canvas.height = y + rowHeight;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser gives no 2D canvas.');
  const rectangles = new Float32Array(drawn.length * RECTANGLE_NUMBERS);
  drawn.forEach(({ data }, i) => {
    const at = placed[i] as { x: number; y: number };
    const { left, top, width, height } = inked[i] as Rectangle;
    context.putImageData(data, at.x - left, at.y - top, left, top, width, height);
    rectangles.set(
      [
        at.x / canvas.width,
        at.y / canvas.height,
        (at.x + width) / canvas.width,
        (at.y + height) / canvas.height,
        (left - data.width / 2) / pixelRatio,
        (top - data.height / 2) / pixelRatio,
        (left + width - data.width / 2) / pixelRatio,
        (top + height - data.height / 2) / pixelRatio,
      ],
      i * RECTANGLE_NUMBERS,
    );
  });
  return { canvas, rectangles, advance: (character) => advances.get(character) ?? 0 };
}

interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The part of a picture on which something is drawn, with a pixel around it for smooth edges: what is empty need not be drawn. */
function inkOf({ data, width, height }: ImageData): Rectangle {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (data[(y * width + x) * 4 + 3] === 0) continue;
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x + 1);
      bottom = Math.max(bottom, y + 1);
    }
  left = Math.max(0, left - 1);
  top = Math.max(0, top - 1);
  return {
    left,
    top,
    width: Math.max(0, Math.min(width, right + 1) - left),
    height: Math.max(0, Math.min(height, bottom + 1) - top),
  };
}
