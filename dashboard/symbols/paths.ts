import type { PointState } from '../../domain/point-state.ts';
import type { Domain } from '../../domain/quantity.ts';

/**
 * Every symbol once, as SVG path data on a 24 × 24 grid: the map draws them on canvas, lists and charts as SVG, so a thing looks the
 * same everywhere. Glyphs are filled with the even-odd rule.
 */
export type GlyphName = Domain | 'device';

export const GLYPH_PATHS: Readonly<Record<GlyphName, string>> = {
  // Signal head with three lamps.
  traffic:
    'M9 1.5h6A2.5 2.5 0 0 1 17.5 4v16a2.5 2.5 0 0 1-2.5 2.5H9A2.5 2.5 0 0 1 6.5 20V4A2.5 2.5 0 0 1 9 1.5z' +
    'M12 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM12 16a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  // Drop.
  water: 'M12 1.5c4.4 5.2 7.2 9 7.2 12.9a7.2 7.2 0 0 1-14.4 0c0-3.9 2.8-7.7 7.2-12.900z',
  // Bolt.
  power: 'M14.2 1 4 13.800h6.300L8.8 23 20 9.600h-7z',
  // Leaf with its stalk.
  environment:
    'M21.5 2.500C11.5 2.5 4 6 4 13.600c0 1.6.3 2.9.9 4.100L2.2 20.400l1.6 1.6 2.6-2.600c1.4.9 3 1.4 4.8 1.4 7.6 0 10.3-8.3 10.3-18.300z' +
    'M17.6 6.8 7.6 16.800l-1-1 10-10z',
  // Chip with its legs.
  device:
    'M8.5 2h1.800v3h3.400V2h1.800v3H17a2 2 0 0 1 2 2v1.500h3v1.800h-3v3.400h3v1.800h-3V17a2 2 0 0 1-2 2h-1.500v3h-1.800v-3h-3.400v3H8.500v-3H7a2 2 0 0 1-2-2v-1.500H2v-1.800h3v-3.400H2V8.500h3V7a2 2 0 0 1 2-2h1.500z' +
    'M9 9v6h6V9z',
};

const octagon = (radius: number): string =>
  `${Array.from({ length: 8 }, (_, i) => {
    const angle = Math.PI / 8 + (i * Math.PI) / 4;
    const x = (12 + radius * Math.cos(angle)).toFixed(2);
    const y = (12 + radius * Math.sin(angle)).toFixed(2);
    return `${i === 0 ? 'M' : 'L'}${x} ${y}`;
  }).join('')}z`;

const circle = (radius: number): string =>
  `M12 ${12 - radius}a${radius} ${radius} 0 1 1 0 ${2 * radius}a${radius} ${radius} 0 1 1 0 ${-2 * radius}z`;

export interface StateShape {
  readonly path: string;
  readonly style: 'filled' | 'ring' | 'dashed';
  /** Where the domain's glyph sits in the shape, and how large (24 is the whole grid). */
  readonly glyph: { readonly x: number; readonly y: number; readonly size: number };
  /** Drawn on the ring at the lower right, on its own small disc. */
  readonly badge: keyof typeof BADGE_PATHS | null;
}

/**
 * State by shape: octagon, triangle, diamond, circle; a dashed ring where nothing is known, with a cross where what it hangs on is down; a ring with
 * clock, spanner or bar where silence is meant.
 */
export const STATE_SHAPES: Readonly<Record<PointState, StateShape>> = {
  critical: { path: octagon(11.6), style: 'filled', glyph: { x: 12, y: 12, size: 12.5 }, badge: null },
  major: { path: 'M12 .8 23.6 21.600H.4z', style: 'filled', glyph: { x: 12, y: 14.6, size: 10 }, badge: null },
  minor: { path: 'M12 .2 23.8 12 12 23.8.2 12z', style: 'filled', glyph: { x: 12, y: 12, size: 11 }, badge: null },
  notice: { path: circle(10.5), style: 'filled', glyph: { x: 12, y: 12, size: 12.5 }, badge: null },
  unknown: { path: circle(10.2), style: 'dashed', glyph: { x: 12, y: 12, size: 11 }, badge: null },
  shelved: { path: circle(10.2), style: 'ring', glyph: { x: 12, y: 12, size: 11 }, badge: 'clock' },
  maintenance: { path: circle(10.2), style: 'ring', glyph: { x: 12, y: 12, size: 11 }, badge: 'spanner' },
  out_of_service: { path: circle(10.2), style: 'ring', glyph: { x: 12, y: 12, size: 11 }, badge: 'bar' },
  cut_off: { path: circle(10.2), style: 'dashed', glyph: { x: 12, y: 12, size: 11 }, badge: 'cross' },
  normal: { path: circle(9), style: 'ring', glyph: { x: 12, y: 12, size: 12 }, badge: null },
};

/** Marks of the rings, on the 24 grid; filled even-odd. */
export const BADGE_PATHS = {
  clock: 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zM10.7 6h2.600v5.400l4 2.4-1.3 2.2-5.3-3.200z',
  spanner:
    'M21.5 6.500a6 6 0 0 1-8 7.100L6.7 20.400a2.4 2.4 0 0 1-3.4-3.400l6.9-6.800a6 6 0 0 1 7.1-8L13.7 5.800l.7 3.5 3.5.7z',
  bar: 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zM6 10.300h12v3.400H6z',
  cross:
    'M5.2 2.600 12 9.400l6.800-6.800 2.600 2.600L14.600 12l6.800 6.800-2.600 2.600L12 14.600l-6.800 6.800-2.600-2.600L9.400 12 2.600 5.200z',
} as const;
