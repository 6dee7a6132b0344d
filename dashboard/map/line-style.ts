import type { LineClass, LineLayer } from '../../domain/map-lines.ts';
import { SYMBOL_COLOURS } from '../symbols/canvas.ts';
import type { MapTheme } from './overlay-layers.ts';

/** How a class is drawn: the worse, the wider, so that width says what colour says. */
export interface LineLook {
  readonly colour: string;
  /** Pixels at a zoom of 13. */
  readonly width: number;
}

/** Quiet tones of what is as it should be: they tell classes apart, and leave colour to what is not. */
const QUIET = {
  dark: ['#4d6473', '#63798a', '#8095a5'],
  light: ['#9db0bd', '#7d92a1', '#5f7484'],
} as const;

/** Of each class of each layer; severities' own colours where something is wrong. */
export function lineLooks(
  theme: MapTheme,
): Readonly<Record<LineLayer, Readonly<Partial<Record<LineClass, LineLook>>>>> {
  const { critical, major, minor, notice } = SYMBOL_COLOURS[theme].state;
  const [first, second, third] = QUIET[theme];
  return {
    roads: {
      A: { colour: first, width: 3 },
      B: { colour: second, width: 3 },
      C: { colour: third, width: 3.5 },
      D: { colour: minor, width: 4.5 },
      E: { colour: major, width: 5.5 },
      F: { colour: critical, width: 6.5 },
    },
    power: {
      energised: { colour: second, width: 1.75 },
      overvoltage: { colour: notice, width: 3 },
      undervoltage: { colour: minor, width: 3 },
      outage: { colour: critical, width: 4.5 },
    },
    water: {
      supplied: { colour: third, width: 2.25 },
      low_pressure: { colour: minor, width: 3.5 },
      no_water: { colour: critical, width: 4.5 },
    },
    floods: {
      dry: { colour: first, width: 3 },
      wet: { colour: notice, width: 4 },
      motorcycles: { colour: minor, width: 5 },
      cars: { colour: major, width: 6 },
      closed: { colour: critical, width: 7 },
    },
  };
}
/** Of a line of which nothing is known: dashed. */
export const unknownLook = (theme: MapTheme): LineLook => ({
  colour: SYMBOL_COLOURS[theme].state.unknown,
  width: 2,
});
