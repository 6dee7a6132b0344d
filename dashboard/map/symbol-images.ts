import { POINT_STATES, type PointState } from '../../domain/point-state.ts';
import { DOMAINS } from '../../domain/quantity.ts';
import {
  CLUSTER_SIZES,
  type DrawnSymbol,
  drawClusterSymbol,
  drawPointSymbol,
  drawSelectionRing,
  SYMBOL_COLOURS,
} from '../symbols/canvas.ts';
import { drawIndexBadge } from '../symbols/index-badge.ts';

const isOneOf = <T extends string>(values: readonly T[], text: string | undefined): text is T =>
  (values as readonly (string | undefined)[]).includes(text);

/**
 * Draws the image the overlay's layers name: `{theme}/point/{state}/{domain}` `{theme}/cluster/{state}/{size}`, `{theme}/index/{colour}/{value}` or
 * `{theme}/ring`.
 * `undefined` for any other name (a basemap's own).
 */
export function symbolFor(name: string, pixelRatio: number): DrawnSymbol | undefined {
  const [theme, kind, state, what] = name.split('/');
  if ((theme === 'dark' || theme === 'light') && kind === 'ring')
    return drawSelectionRing(SYMBOL_COLOURS[theme], pixelRatio);
  if ((theme === 'dark' || theme === 'light') && kind === 'index' && what !== undefined)
    return drawIndexBadge(
      what,
      /^#[0-9a-f]{6}$/i.test(state ?? '') ? (state as string) : null,
      SYMBOL_COLOURS[theme],
      pixelRatio,
    );
  if ((theme !== 'dark' && theme !== 'light') || !isOneOf<PointState>(POINT_STATES, state)) return undefined;
  const colours = SYMBOL_COLOURS[theme];
  if (kind === 'point' && isOneOf(DOMAINS, what)) return drawPointSymbol(state, what, colours, pixelRatio);
  const size = CLUSTER_SIZES.find((known) => String(known) === what);
  if (kind === 'cluster' && size) return drawClusterSymbol(state, size, colours, pixelRatio);
  return undefined;
}
