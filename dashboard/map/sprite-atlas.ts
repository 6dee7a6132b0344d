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

/** All symbols of one theme in one picture, so that a whole city is one draw call. */
export interface SpriteAtlas {
  readonly canvas: HTMLCanvasElement;
  /** Of each sprite: left, top, right, bottom in the picture (0 … 1), width and height in device-independent pixels. */
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

  const placed: { readonly x: number; readonly y: number }[] = [];
  let [x, y, rowHeight] = [0, 0, 0];
  for (const { data } of drawn) {
    // A pixel between them: neighbours don't bleed into one another when drawn smaller.
    if (x + data.width > WIDTH_PIXELS) [x, y, rowHeight] = [0, y + rowHeight + 1, 0];
    placed.push({ x, y });
    x += data.width + 1;
    rowHeight = Math.max(rowHeight, data.height);
  }
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH_PIXELS;
  canvas.height = y + rowHeight;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser gives no 2D canvas.');
  const rectangles = new Float32Array(drawn.length * 6);
  drawn.forEach(({ data }, i) => {
    const at = placed[i] as { x: number; y: number };
    context.putImageData(data, at.x, at.y);
    rectangles.set(
      [
        at.x / canvas.width,
        at.y / canvas.height,
        (at.x + data.width) / canvas.width,
        (at.y + data.height) / canvas.height,
        data.width / pixelRatio,
        data.height / pixelRatio,
      ],
      i * 6,
    );
  });
  return { canvas, rectangles, advance: (character) => advances.get(character) ?? 0 };
}
