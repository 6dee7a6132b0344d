import { truncateTo } from './rounding.ts';

/** A straight piece of an index: concentrations from … to (closed) give index values from … to. */
export interface IndexBand {
  readonly concentration: readonly [from: number, to: number];
  readonly index: readonly [from: number, to: number];
}

/** One column of a table of breakpoints. Concentrations in the table's own unit. */
export interface BreakpointColumn {
  /** Ascending, without overlap, at least one. Either each begins where the last ends, or `truncateDecimals` closes the gaps between. */
  readonly bands: readonly IndexBand[];
  /** Digits kept of a concentration before it is looked up; `null`: all. */
  readonly truncateDecimals: number | null;
  /** Above the last band: its top index, or no index (another column must say). */
  readonly above: 'top' | 'none';
}

export type ColumnGap = 'BELOW_COLUMN' | 'ABOVE_COLUMN';
export type SubIndex =
  | {
      readonly defined: true;
      /** Not rounded. */
      readonly raw: number;
      /** The concentration lies above the table: `raw` is the most it can say, not a measure. */
      readonly beyondTable: boolean;
    }
  | { readonly defined: false; readonly gap: ColumnGap };

/** Bands that touch, from index levels and the concentration at each; the shorter list ends the column. */
export function touchingBands(levels: readonly number[], breakpoints: readonly number[]): readonly IndexBand[] {
  const bands: IndexBand[] = [];
  for (let i = 1; i < Math.min(levels.length, breakpoints.length); i++) {
    bands.push({
      concentration: [breakpoints[i - 1]!, breakpoints[i]!],
      index: [levels[i - 1]!, levels[i]!],
    });
  }
  return bands;
}

/**
 * Index of a concentration by straight lines between breakpoints: `(I₂ − I₁)/(BP₂ − BP₁)·(C − BP₁) + I₁` (Decision 1459/QĐ-TCMT, formulas 1 and 2;
 * EPA-454/B-24-002, equation 1). A negative concentration, the zero drift of an analyser in clean air, counts as 0.
 */
export function subIndexOf(column: BreakpointColumn, concentration: number): SubIndex {
  const clean = Math.max(0, concentration);
  const c = column.truncateDecimals === null ? clean : truncateTo(clean, column.truncateDecimals);
  const first = column.bands[0]!;
  const last = column.bands.at(-1)!;
  if (c < first.concentration[0]) return { defined: false, gap: 'BELOW_COLUMN' };
  if (c > last.concentration[1]) {
    return column.above === 'top'
      ? { defined: true, raw: last.index[1], beyondTable: true }
      : { defined: false, gap: 'ABOVE_COLUMN' };
  }
  // The first band that reaches as far: where bands touch, both give the same at the point they share.
  const band = column.bands.find(({ concentration: [, to] }) => c <= to) ?? last;
  return { defined: true, raw: interpolate(band, c), beyondTable: false };
}

/**
 * The concentration at which an index value (not rounded, within the column) is reached: the inverse of {@link subIndexOf}. Where bands
 * don't touch, an index between two of them is reached at the beginning of the upper. `null` when the column doesn't reach it.
 */
export function concentrationAt(column: BreakpointColumn, index: number): number | null {
  if (index < column.bands[0]!.index[0]) return null;
  const band = column.bands.find(({ index: [, to] }) => index <= to);
  if (band === undefined) return null;
  const [c1, c2] = band.concentration;
  const [i1, i2] = band.index;
  return index <= i1 ? c1 : c1 + ((c2 - c1) / (i2 - i1)) * (index - i1);
}

function interpolate({ concentration: [c1, c2], index: [i1, i2] }: IndexBand, c: number): number {
  // A truncated concentration can't lie in a gap, save by a float's last bit.
  if (c <= c1) return i1;
  if (c >= c2) return i2;
  return ((i2 - i1) / (c2 - c1)) * (c - c1) + i1;
}
