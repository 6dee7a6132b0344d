import { inkOn } from '../state/index-colour.ts';
import { canvasFor, type DrawnSymbol, finish, type SymbolColours } from './canvas.ts';

/** Device-independent pixels. */
const WIDTH = 34;
const HEIGHT = 22;

/**
 * A station's badge: its value on the colour of its category, with an edge that sets it off from any map fill; a dashed one with a dash where there is
 * no value. `colour`: `#rrggbb`, `null` for none.
 */
export function drawIndexBadge(
  value: string,
  colour: string | null,
  colours: SymbolColours,
  pixelRatio: number,
): DrawnSymbol {
  const context = canvasFor(WIDTH, pixelRatio, 1);
  const top = (WIDTH - HEIGHT) / 2;
  context.beginPath();
  context.roundRect(0, top, WIDTH, HEIGHT, 6);
  context.fillStyle = colour ?? colours.disc;
  context.fill();
  context.strokeStyle = colour === null ? colours.state.unknown : colours.text;
  context.lineWidth = 1.4;
  context.setLineDash(colour === null ? [4, 3] : []);
  context.stroke();
  context.fillStyle = colour === null ? colours.state.unknown : inkOn(colour);
  context.font = '600 13px "Inter Variable", sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(value, WIDTH / 2, WIDTH / 2 + 0.5);
  return finish(context, pixelRatio);
}
