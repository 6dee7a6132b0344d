import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { AlarmWire } from '../../../api/contract/alarms.ts';
import type { QuantityWire } from '../../../api/contract/assets.ts';
import type { MapPoint } from '../../../api/contract/map.ts';
import { alarmsWithin, type ChartSpan, chartQuery, pointAlarmsQuery } from '../../client/chart-queries.ts';
import { useLive } from '../../client/platform.tsx';
import { qualitySpansQuery } from '../../client/quality.ts';
import { rulesQuery } from '../../client/queries.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { NO_CHART_DATA } from '../../state/chart-data.ts';
import { axesOf, type CompareLine, lineKey, type Side } from '../../state/compare.ts';
import { limitsOf } from '../../state/point-limits.ts';
import { drawnSpans } from '../../state/quality-spans.ts';
import type { ComparedLine } from './compare-drawing.ts';

/** A line that can be drawn. */
export interface FoundLine {
  readonly key: string;
  readonly line: CompareLine;
  readonly number: number;
  readonly point: MapPoint;
  readonly series: MapPoint['series'][number];
  readonly quantity: QuantityWire;
  readonly side: Side;
}
/** A line that is asked for and can't be drawn: not known (any more), or of a third unit. */
export interface LeftOutLine {
  readonly key: string;
  readonly line: CompareLine;
  readonly point: MapPoint | undefined;
  readonly quantity: QuantityWire | undefined;
  readonly why: 'unknown' | 'unit';
}

/** Lines of an address as the city knows them, numbered in their order. */
export function useFoundLines(lines: readonly CompareLine[]): {
  readonly found: readonly FoundLine[];
  readonly leftOut: readonly LeftOutLine[];
} {
  const { pointById, quantities } = useWholeCity(lines.length > 0);
  return useMemo(() => {
    const known = lines.map((line) => {
      const point = pointById.get(line.pointId);
      const series = point?.series.find(({ quantity }) => quantity === line.quantity);
      return { key: lineKey(line), line, point, series, quantity: quantities.get(line.quantity) };
    });
    const axes = axesOf(known.flatMap(({ series, quantity }) => (series && quantity ? [quantity.unitSymbol] : [])));
    const found: FoundLine[] = [];
    const leftOut: LeftOutLine[] = [];
    for (const { key, line, point, series, quantity } of known) {
      const side = quantity ? (axes.get(quantity.unitSymbol) ?? null) : null;
      if (!point || !series || !quantity) leftOut.push({ key, line, point, quantity, why: 'unknown' });
      else if (side === null) leftOut.push({ key, line, point, quantity, why: 'unit' });
      else found.push({ key, line, number: found.length + 1, point, series, quantity, side });
    }
    return { found, leftOut };
  }, [lines, pointById, quantities]);
}

/** What is drawn of the lines over the span: readings, limits, verdicts and alarms. */
export function useComparison(found: readonly FoundLine[], span: ChartSpan, follows: boolean) {
  const fetched = useQueries({
    queries: found.map(({ series, quantity }) => chartQuery(series, quantity, span, follows)),
  });
  const rules = useQuery(rulesQuery).data?.items;
  const verdicts = useQuery(
    qualitySpansQuery(found.filter(({ series }) => !series.computed).map(({ series }) => series.id)),
  ).data?.items;
  const points = [...new Set(found.map(({ point }) => point.id))];
  const listed = useQueries({ queries: points.map(pointAlarmsQuery) });
  const open = useLive((state) => state.table.alarms);

  const data = fetched.map((query) => query.data ?? NO_CHART_DATA);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the data of every line, however many there are
  const lines = useMemo(
    () =>
      found.map(({ number, side, quantity, point, series }, i): ComparedLine => {
        const own = (verdicts ?? []).filter((each) => each.series === series.id);
        return {
          ...{ number, side, unit: quantity.unitSymbol, decimals: quantity.decimals },
          data: data[i] ?? NO_CHART_DATA,
          limits: limitsOf(point, series.quantity, rules ?? []),
          marked: drawnSpans(own, span.from, span.to),
        };
      }),
    [found, rules, verdicts, span, data.length, ...data],
  );
  const known = listed.map((query) => query.data);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the alarms of every point, however many there are
  const alarms = useMemo(() => {
    const all = known.flatMap((each) => each ?? []);
    const ofLines = found.flatMap(({ series }) => alarmsWithin(series.id, span, all, open.values()));
    return ofLines.sort((a: AlarmWire, b: AlarmWire) => b.startedAt - a.startedAt);
  }, [found, span, open, known.length, ...known]);
  return {
    lines,
    alarms,
    isPending: fetched.some((query) => query.isPending),
    error: fetched.find((query) => query.error)?.error ?? null,
    retry: () => {
      for (const query of fetched) void query.refetch();
    },
  };
}
