import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { QuantityWire } from '../../api/contract/assets.ts';
import type { MapPoint } from '../../api/contract/map.ts';
import type { PointId, SeriesId } from '../../domain/identifiers.ts';
import { type ChartData, chartOfReadings, chartOfWindows, NO_CHART_DATA, thinnedAt } from '../state/chart-data.ts';
import { chartSource, stepLeft, windowColumn } from '../state/chart-span.ts';
import { call } from './http.ts';

/** What a chart shows; epoch ms, from inclusive, to exclusive. */
export interface ChartSpan {
  readonly from: number;
  readonly to: number;
}

const MOST_RAW_READINGS = 20_000;
/** A chart that follows the clock asks again after this. */
export const CHART_REFETCH_MS = 20_000;

/** Readings of the span, drawn as its length asks; asked for with a little of both sides, so that lines reach the edges. */
export const chartQuery = (
  series: MapPoint['series'][number],
  quantity: QuantityWire | undefined,
  span: ChartSpan,
  follows: boolean,
) => {
  const source = chartSource(span.to - span.from);
  const margin = source.kind === 'windows' ? source.stepMs : (span.to - span.from) / 50;
  const range = { from: Math.floor(span.from - margin), to: Math.ceil(span.to + margin) };
  return queryOptions({
    queryKey: ['chart', series.id, source, range],
    queryFn: async ({ signal }): Promise<ChartData> => {
      const windowsOf = async (step: string, stepMs: number): Promise<ChartData> => {
        const answer = await call('GET /readings/windows', { query: { series: series.id, ...range, step }, signal });
        const windows = answer.items[0];
        if (!windows) return NO_CHART_DATA;
        const thinned = thinnedAt(windows.kept, span.from);
        const coarser = thinned && stepLeft(thinned, stepMs);
        if (coarser) return windowsOf(coarser.text, coarser.ms);
        const column = windowColumn(quantity?.aggregation ?? 'instantaneous');
        return { ...chartOfWindows(windows, answer.stepMs, column), ...(thinned ? { thinned } : {}) };
      };
      if (source.kind === 'windows') return windowsOf(source.step, source.stepMs);
      const answer = await call('GET /readings', {
        query: { series: series.id, ...range, limit: MOST_RAW_READINGS },
        signal,
      });
      const coarser = stepLeft(thinnedAt(answer.kept, span.from), 0);
      return coarser ? windowsOf(coarser.text, coarser.ms) : chartOfReadings(answer, series.staleAfterMs);
    },
    placeholderData: keepPreviousData,
    staleTime: follows ? CHART_REFETCH_MS : 600_000,
    gcTime: 60_000,
  });
};

/** Newest occurrences at a point, open and ended. */
export const pointAlarmsQuery = (pointId: PointId) =>
  queryOptions({
    queryKey: ['alarms', 'of-point', pointId],
    queryFn: async ({ signal }): Promise<readonly AlarmWire[]> =>
      (await call('GET /alarms', { query: { point: pointId, limit: 200 }, signal })).items,
    staleTime: 60_000,
  });

/** Occurrences on the series that touch the span: the open ones live, the ended ones as the server has them. */
export function alarmsWithin(
  series: SeriesId,
  span: ChartSpan,
  listed: readonly AlarmWire[],
  open: Iterable<AlarmWire>,
): readonly AlarmWire[] {
  const all = new Map(listed.map((alarm) => [alarm.id, alarm]));
  for (const alarm of open) all.set(alarm.id, alarm);
  return [...all.values()].filter(
    (alarm) =>
      alarm.series === series &&
      alarm.startedAt < span.to &&
      (alarm.clearedAt ?? alarm.endedAt ?? span.to) >= span.from,
  );
}
