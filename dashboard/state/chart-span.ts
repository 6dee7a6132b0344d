import type { AggregationKind } from '../../domain/quantity.ts';
import type { Thinned } from './chart-data.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Spans offered at one press, shortest first. */
export const CHART_PRESETS = [
  { key: 'h1', spanMs: HOUR },
  { key: 'h6', spanMs: 6 * HOUR },
  { key: 'h24', spanMs: DAY },
  { key: 'd7', spanMs: 7 * DAY },
  { key: 'd30', spanMs: 30 * DAY },
  { key: 'y1', spanMs: 365 * DAY },
] as const;
export type ChartPreset = (typeof CHART_PRESETS)[number]['key'];

/** Shortest span a zoom goes to. */
export const SHORTEST_SPAN_MS = 5 * MINUTE;
/** Up to this span every reading is drawn, with its own quality. */
const RAW_UP_TO_MS = 6 * HOUR;
/** More windows than the chart has pixels would be drawn on one another. */
const MOST_WINDOWS = 400;

/** Windows the server is asked for: lengths that people think in. */
const STEPS = [
  { text: 'PT1M', ms: MINUTE },
  { text: 'PT5M', ms: 5 * MINUTE },
  { text: 'PT10M', ms: 10 * MINUTE },
  { text: 'PT30M', ms: 30 * MINUTE },
  { text: 'PT1H', ms: HOUR },
  { text: 'PT3H', ms: 3 * HOUR },
  { text: 'PT6H', ms: 6 * HOUR },
  { text: 'P1D', ms: DAY },
] as const;

export type ChartSource =
  | { readonly kind: 'raw' }
  | { readonly kind: 'windows'; readonly step: string; readonly stepMs: number };

/** What to ask for, for a span of `spanMs`: raw readings when short, else windows so wide that some 400 fill it. */
export function chartSource(spanMs: number): ChartSource {
  if (spanMs <= RAW_UP_TO_MS) return { kind: 'raw' };
  const step = STEPS.find(({ ms }) => spanMs / ms <= MOST_WINDOWS) ?? { text: 'P1D', ms: DAY };
  return { kind: 'windows', step: step.text, stepMs: step.ms };
}

/** The step to ask for instead where less is left than `stepMs` (0: readings) needs; absent when it can be had, or nothing can. */
export function stepLeft(
  thinned: Thinned | undefined,
  stepMs: number,
): { readonly text: string; readonly ms: number } | undefined {
  const least = thinned?.left === 'hourly' ? HOUR : thinned?.left === 'daily' ? DAY : 0;
  return stepMs < least ? { text: least === HOUR ? 'PT1H' : 'P1D', ms: least } : undefined;
}

/** The column of a window that stands for the quantity: amounts add up, states and registers count by their last value, the rest by the mean (of directions that of vectors). */
export function windowColumn(aggregation: AggregationKind): 'mean' | 'sum' | 'last' {
  switch (aggregation) {
    case 'interval_total':
      return 'sum';
    case 'state':
    case 'cumulative':
      return 'last';
    default:
      return 'mean';
  }
}

/** `[from, to)` zoomed about its middle by `factor` (< 1: closer), never shorter than five minutes, never past `now`. */
export function zoomedSpan(
  from: number,
  to: number,
  factor: number,
  now: number,
): { readonly from: number; readonly to: number } {
  const span = Math.min(366 * DAY, Math.max(SHORTEST_SPAN_MS, (to - from) * factor));
  const middle = (from + to) / 2;
  const end = Math.min(now, middle + span / 2);
  return { from: Math.round(end - span), to: Math.round(end) };
}
