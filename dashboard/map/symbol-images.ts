import { type DrawnSymbol, SYMBOL_COLOURS } from '../symbols/canvas.ts';
import { drawIndexBadge } from '../symbols/index-badge.ts';

/** Draws the image that the layer of an index names, `{theme}/index/{colour}/{value}`; `undefined` for any other name (a basemap's own). */
export function symbolFor(name: string, pixelRatio: number): DrawnSymbol | undefined {
  const [theme, kind, colour, value] = name.split('/');
  if ((theme !== 'dark' && theme !== 'light') || kind !== 'index' || value === undefined) return undefined;
  return drawIndexBadge(
    value,
    /^#[0-9a-f]{6}$/i.test(colour ?? '') ? (colour as string) : null,
    SYMBOL_COLOURS[theme],
    pixelRatio,
  );
}
