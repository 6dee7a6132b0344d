/** A line of window means for a wall screen: what is missing breaks it. */
export interface ChartShape {
  /** SVG path of the line in a box of 1000 × 500, and of the band between least and greatest. */
  readonly line: string;
  readonly band: string;
  readonly low: number;
  readonly high: number;
}

export interface ChartColumns {
  readonly start: readonly number[];
  readonly mean: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
}
export const CHART_BOX = { width: 1_000, height: 500 } as const;

/** Windows in [from, to), `step` ms long, as a shape; `null` when there is none. */
export function chartShape(
  { start, mean, min, max }: ChartColumns,
  span: { readonly from: number; readonly to: number; readonly step: number },
): ChartShape | null {
  if (start.length === 0) return null;
  const lowest = min.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const highest = max.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  // A flat line lies in the middle.
  const room = highest > lowest ? 0 : Math.max(1, Math.abs(highest) * 0.1);
  const [low, high] = [lowest - room, highest + room];
  const x = (at: number): string =>
    (((at + span.step / 2 - span.from) / (span.to - span.from)) * CHART_BOX.width).toFixed(1);
  const y = (value: number): string => ((1 - (value - low) / (high - low)) * CHART_BOX.height).toFixed(1);
  const parts: number[][] = [];
  for (let i = 0; i < start.length; i++) {
    const last = parts.at(-1);
    const before = start[i - 1];
    if (last && before !== undefined && (start[i] as number) - before <= span.step * 1.5) last.push(i);
    else parts.push([i]);
  }
  const point = (i: number, values: readonly number[]): string => `${x(start[i] as number)} ${y(values[i] as number)}`;
  const along = (part: readonly number[], values: readonly number[]) => part.map((i) => point(i, values)).join(' L');
  return {
    line: parts.map((part) => `M${along(part, mean)}`).join(' '),
    band: parts.map((part) => `M${along(part, max)} L${along([...part].reverse(), min)} Z`).join(' '),
    low,
    high,
  };
}
