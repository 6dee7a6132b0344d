import type { KeptSince, ReadingsAnswer, WindowSeries } from '../../api/contract/readings.ts';
import { type QualityKind, qualityKind } from '../../domain/quality.ts';

/** Columns a chart draws; all equally long. Times are seconds, as the chart library counts. `null` breaks the line. */
export interface ChartData {
  readonly time: readonly number[];
  readonly value: readonly (number | null)[];
  /** Lowest and highest within each window; all `null` for raw readings. */
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** Invalid readings: shown where they fell, never joined to the line. */
  readonly invalid: readonly (number | null)[];
  /** Stretches whose readings were not good; ms, from inclusive, to inclusive. */
  readonly doubtful: readonly { readonly from: number; readonly to: number; readonly kind: QualityKind }[];
  /** Before when less than readings is left, where that lies within the span; ms. */
  readonly thinned?: Thinned;
}

/** What is left before an instant: values by the hour, by the day, or nothing. */
export interface Thinned {
  readonly left: 'hourly' | 'daily' | 'nothing';
  readonly before: number;
}

/** What is left at `from`, by what the server says is gone; absent when readings are. */
export function thinnedAt({ raw, hourly, daily }: KeptSince, from: number): Thinned | undefined {
  if (daily !== null && daily > from) return { left: 'nothing', before: daily };
  if (hourly !== null && hourly > from) return { left: 'daily', before: hourly };
  return raw !== null && raw > from ? { left: 'hourly', before: raw } : undefined;
}

export const NO_CHART_DATA: ChartData = { time: [], value: [], low: [], high: [], invalid: [], doubtful: [] };

/** The usual distance between instants in ascending order: their median, of two the shorter; 0 for fewer than two. */
function usualDistance(instants: readonly number[]): number {
  const distances = instants.slice(1).map((at, i) => at - (instants[i] as number));
  distances.sort((a, b) => a - b);
  return distances[(distances.length - 1) >> 1] ?? 0;
}

/** One lost message does not break a line. */
const MESSAGES_MISSED = 2.5;

/**
 * A silence breaks the line, since nobody knows what happened in it: one longer than `silentAfterMs`, and than the usual distance of these
 * readings, which may have been recorded at a slower pace.
 */
export function chartOfReadings(
  answer: Pick<ReadingsAnswer, 'eventTime' | 'value' | 'quality'>,
  silentAfterMs: number,
): ChartData {
  const gapMs = Math.max(silentAfterMs, MESSAGES_MISSED * usualDistance(answer.eventTime));
  const time: number[] = [];
  const value: (number | null)[] = [];
  const invalid: (number | null)[] = [];
  const doubtful: { from: number; to: number; kind: QualityKind }[] = [];
  let before: number | undefined;
  answer.eventTime.forEach((at, i) => {
    if (before !== undefined && at - before > gapMs) {
      time.push((before + at) / 2000);
      value.push(null);
      invalid.push(null);
    }
    const kind = qualityKind(answer.quality[i] as number);
    const isInvalid = kind === 'invalid';
    time.push(at / 1000);
    value.push(isInvalid ? null : (answer.value[i] as number));
    invalid.push(isInvalid ? (answer.value[i] as number) : null);
    if (kind !== 'good') {
      const last = doubtful.at(-1);
      if (last && last.kind === kind && last.to === before) last.to = at;
      else doubtful.push({ from: at, to: at, kind });
    }
    before = at;
  });
  const none = time.map(() => null);
  return { time, value, low: none, high: none, invalid, doubtful };
}

/** Windows are drawn at their middle; an empty one breaks the line, unless the readings were recorded at a slower pace than the windows'. */
export function chartOfWindows(
  windows: Pick<WindowSeries, 'start' | 'mean' | 'sum' | 'last' | 'min' | 'max'>,
  stepMs: number,
  column: 'mean' | 'sum' | 'last',
): ChartData {
  const time: number[] = [];
  const value: (number | null)[] = [];
  const low: (number | null)[] = [];
  const high: (number | null)[] = [];
  const gapMs = 1.5 * Math.max(stepMs, usualDistance(windows.start));
  let before: number | undefined;
  windows.start.forEach((start, i) => {
    if (before !== undefined && start - before > gapMs) {
      time.push((before + stepMs) / 1000);
      value.push(null);
      low.push(null);
      high.push(null);
    }
    time.push((start + stepMs / 2) / 1000);
    value.push(windows[column][i] as number);
    // The extremes of single readings say nothing beside a sum.
    low.push(column === 'sum' ? null : (windows.min[i] as number));
    high.push(column === 'sum' ? null : (windows.max[i] as number));
    before = start;
  });
  return { time, value, low, high, invalid: time.map(() => null), doubtful: [] };
}

/** `data` with the newest live reading at its end, when that is newer than what was fetched. */
export function withNewest(
  data: ChartData,
  newest: { readonly eventTime: number; readonly value: number; readonly quality: number } | undefined,
  from: number,
  to: number,
): ChartData {
  const last = data.time.at(-1);
  if (!newest || newest.eventTime < from || newest.eventTime > to) return data;
  if (last !== undefined && newest.eventTime / 1000 <= last) return data;
  const isInvalid = qualityKind(newest.quality) === 'invalid';
  return {
    ...data,
    time: [...data.time, newest.eventTime / 1000],
    value: [...data.value, isInvalid ? null : newest.value],
    low: [...data.low, null],
    high: [...data.high, null],
    invalid: [...data.invalid, isInvalid ? newest.value : null],
  };
}

/** What of it lies up to `at`, ms: a chart of the past does not know what came after. */
export function untilMoment(data: ChartData, at: number): ChartData {
  const kept = data.time.findLastIndex((time) => time * 1_000 <= at) + 1;
  if (kept === data.time.length) return data;
  return {
    time: data.time.slice(0, kept),
    value: data.value.slice(0, kept),
    low: data.low.slice(0, kept),
    high: data.high.slice(0, kept),
    invalid: data.invalid.slice(0, kept),
    doubtful: data.doubtful.flatMap((span) => (span.from > at ? [] : [{ ...span, to: Math.min(span.to, at) }])),
  };
}

/** Lowest, highest and last usable value, for words beside the picture; `null` when there is none. */
export function chartSummary(
  data: ChartData,
): { readonly lowest: number; readonly highest: number; readonly last: number } | null {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  let last: number | null = null;
  data.value.forEach((value, i) => {
    if (value === null) return;
    lowest = Math.min(lowest, data.low[i] ?? value);
    highest = Math.max(highest, data.high[i] ?? value);
    last = value;
  });
  return last === null ? null : { lowest, highest, last };
}
