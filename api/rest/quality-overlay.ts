import { meanDirection } from '../../domain/direction.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { QualitySpan } from '../../domain/ports/registry.ts';
import type { TimeSeriesStore, WindowColumns, WindowQuery } from '../../domain/ports/time-series-store.ts';
import { QUALITY, UNUSABLE_FROM } from '../../domain/quality.ts';
import { effectiveQuality } from '../../domain/quality-verdicts.ts';
import type { ReadingColumns } from '../../domain/reading.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import type { WindowSeries } from '../contract/readings.ts';
import { ApiError } from '../errors.ts';

/** Raw readings read again for one answer's windows that people's verdicts touch; more is refused with QUERY_TOO_LARGE. */
const REREAD_MAX = 500_000;

/** Aggregates of the usable ones of some readings of one series, in windows of `step` from `align`; ascending, without empty windows. */
export function aggregate(
  readings: ReadingColumns,
  quality: Uint8Array,
  { step, align, directions = [] }: Pick<WindowQuery, 'step' | 'align' | 'directions'>,
): Windows {
  const out = emptyWindows();
  let current = Number.NaN;
  const isDirection = readings.length > 0 && directions.includes(readings.series[0] as SeriesId);
  let ofWindow: number[] = [];
  for (let i = 0; i < readings.length; i++) {
    if ((quality[i] as number) >= UNUSABLE_FROM) continue;
    const start = align + Math.floor(((readings.eventTime[i] as number) - align) / step) * step;
    const value = readings.value[i] as number;
    const isGood = Number(quality[i] === QUALITY.GOOD);
    if (start !== current) {
      current = start;
      ofWindow = [value];
      push(out, start, 1, isGood, value, value, value, value, value);
      continue;
    }
    const at = out.start.length - 1;
    const count = (out.count[at] as number) + 1;
    const sum = (out.sum[at] as number) + value;
    out.count[at] = count;
    out.good[at] = (out.good[at] as number) + isGood;
    out.sum[at] = sum;
    if (isDirection) ofWindow.push(value);
    out.mean[at] = isDirection ? meanDirection(ofWindow) : sum / count;
    out.min[at] = Math.min(out.min[at] as number, value);
    out.max[at] = Math.max(out.max[at] as number, value);
    out.last[at] = value;
  }
  return out;
}

export type Windows = Omit<WindowSeries, 'series' | 'quantity' | 'kept'>;
export const emptyWindows = (): Windows => ({
  start: [],
  count: [],
  good: [],
  mean: [],
  min: [],
  max: [],
  sum: [],
  last: [],
});
function push(
  out: Windows,
  start: number,
  count: number,
  good: number | null,
  mean: number,
  min: number,
  max: number,
  sum: number,
  last: number,
): void {
  out.start.push(epochMs(start));
  out.count.push(count);
  out.good.push(good);
  out.mean.push(mean);
  out.min.push(min);
  out.max.push(max);
  out.sum.push(sum);
  out.last.push(last);
}

/** The store's windows split by series, in the order the store gave them. */
export function splitBySeries(columns: WindowColumns): Map<SeriesId, Windows> {
  const split = new Map<SeriesId, Windows>();
  for (let i = 0; i < columns.length; i++) {
    const id = columns.series[i] as SeriesId;
    let out = split.get(id);
    if (!out) {
      out = emptyWindows();
      split.set(id, out);
    }
    push(
      out,
      columns.start[i] as number,
      columns.count[i] as number,
      Number.isNaN(columns.good[i]) ? null : (columns.good[i] as number),
      columns.mean[i] as number,
      columns.min[i] as number,
      columns.max[i] as number,
      columns.sum[i] as number,
      columns.last[i] as number,
    );
  }
  return split;
}

/**
 * Windows of one series with people's verdicts counted: those a span touches are made again from raw readings, the rest stay as
 * the store has them. The store itself knows only the quality recorded, but for readings that are gone (before `goneBefore`): what was said of those
 * was counted when they went.
 * @throws {ApiError} QUERY_TOO_LARGE when too many raw readings would be needed.
 */
export async function withVerdicts(
  store: TimeSeriesStore,
  series: SeriesId,
  windows: Windows,
  spans: readonly QualitySpan[],
  query: Pick<WindowQuery, 'from' | 'to' | 'step' | 'align' | 'directions'>,
  goneBefore: EpochMs | null,
): Promise<Windows> {
  let result = windows;
  const { step, align } = query;
  const first = goneBefore === null ? query.from : align + Math.ceil((goneBefore - align) / step) * step;
  const there = { ...query, from: epochMs(Math.max(query.from, first)) };
  for (const [from, to] of touchedRanges(spans, there)) {
    const readings = await store.range({ series, from, to, limit: REREAD_MAX + 1 });
    if (readings.length > REREAD_MAX)
      throw new ApiError('QUERY_TOO_LARGE', { asked: readings.length, limit: REREAD_MAX });
    const made = aggregate(readings, effectiveQuality(readings, spans), query);
    result = replaced(result, made, from, to, query);
  }
  return result;
}

/** Ranges of whole windows, within [from, to), that counting spans touch; ascending, not overlapping. */
function touchedRanges(
  spans: readonly QualitySpan[],
  { from, to, step, align }: Pick<WindowQuery, 'from' | 'to' | 'step' | 'align'>,
): readonly (readonly [EpochMs, EpochMs])[] {
  const ranges = spans
    .filter((span) => span.withdrawnAt === null && span.from < to && span.to > from)
    .map((span): [number, number] => [
      Math.max(from, align + Math.floor((span.from - align) / step) * step),
      Math.min(to, align + Math.ceil((span.to - align) / step) * step),
    ])
    .sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [start, end] of ranges) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged as unknown as readonly (readonly [EpochMs, EpochMs])[];
}

/** `windows` with those that begin in [from, to) (rounded down to whole windows) exchanged for `made`. */
function replaced(
  windows: Windows,
  made: Windows,
  from: number,
  to: number,
  { step, align }: Pick<WindowQuery, 'step' | 'align'>,
): Windows {
  const first = align + Math.floor((from - align) / step) * step;
  const out = emptyWindows();
  const copy = (source: Windows, keep: (start: number) => boolean): void => {
    source.start.forEach((start, i) => {
      if (!keep(start)) return;
      const at = <T>(column: readonly T[]): T => column[i] as T;
      push(
        out,
        start,
        at(source.count),
        at(source.good),
        at(source.mean),
        at(source.min),
        at(source.max),
        at(source.sum),
        at(source.last),
      );
    });
  };
  copy(windows, (start) => start < first);
  copy(made, () => true);
  copy(windows, (start) => start >= to);
  return out;
}
