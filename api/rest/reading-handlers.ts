import { type Actor, accessOf } from '../../domain/access.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import { effectiveQuality } from '../../domain/quality-verdicts.ts';
import type { ReadingColumns } from '../../domain/reading.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import { localTimeIn } from '../../domain/time-zone.ts';
import { type Scope, seesSeries } from '../city/scopes.ts';
import {
  type KeptSince,
  LATEST_SERIES_MAX,
  type LatestTuple,
  WINDOW_SERIES_MAX,
  WINDOWS_MAX,
} from '../contract/readings.ts';
import { ApiError, inputRefused } from '../errors.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';
import { emptyWindows, splitBySeries, type Windows, withVerdicts } from './quality-overlay.ts';
import { parseStep, windowOrigin } from './window-step.ts';

type ReadingRoutes = 'GET /readings' | 'GET /readings/windows' | 'GET /latest';

/** Verdicts are laid over readings for everyone who may see the readings; who gave them, and why, is for `GET /quality-spans`. */
const EVERYTHING_KEPT: KeptSince = { raw: null, hourly: null, daily: null };
const OVERLAY: Actor = { kind: 'system', name: 'quality overlay' };

export function readingHandlers(ports: HandlerPorts): Handlers<ReadingRoutes> {
  const { registry, store, index, scopes, latest, queries, catalogue, settings, clock } = ports;

  const localOffset = localTimeIn(settings.timeZone);

  /** What isn't granted isn't there. */
  const requireSeen = (scope: Scope, ids: readonly SeriesId[]): void => {
    const hidden = ids.find((id) => !seesSeries(scope, id));
    if (hidden !== undefined) throw new ApiError('NOT_FOUND', { id: hidden });
  };
  const quantityOf = (id: SeriesId) => {
    const entry = index.series[id];
    if (!entry) throw new ApiError('NOT_FOUND', { id });
    return entry.quantity;
  };
  const spansOf = (series: readonly SeriesId[], from: EpochMs, to: EpochMs) =>
    series.length === 0 ? Promise.resolve([]) : registry.as(OVERLAY).qualitySpans.list({ series, from, to });
  const requireBefore = (from: number, to: number, language: 'vi' | 'en'): void => {
    if (from >= to) throw inputRefused('to', 'refusal.spanReversed', language);
  };

  return {
    async 'GET /readings'({ query, actor, language }) {
      requireBefore(query.from, query.to, language);
      requireSeen(scopes.of(accessOf(actor)), [query.series]);
      const { series, from, to, limit } = query;
      const [found, spans, kept] = await Promise.all([
        queries.run(() => store.range({ series, from, to, limit: limit + 1 })),
        spansOf([series], from, to),
        store.retired([series]),
      ]);
      const length = Math.min(found.length, limit);
      const shown: ReadingColumns = { ...found, length };
      const quality = effectiveQuality(shown, spans);
      const recordedQuality: Record<string, number> = {};
      for (let i = 0; i < length; i++) {
        if (quality[i] !== found.quality[i]) recordedQuality[i] = found.quality[i] as number;
      }
      const cut = <T extends number>(column: Float64Array): T[] => Array.from(column.subarray(0, length)) as T[];
      return {
        series,
        quantity: quantityOf(series),
        eventTime: cut<EpochMs>(found.eventTime),
        arrivalTime: cut<EpochMs>(found.arrivalTime),
        value: cut(found.value),
        quality: Array.from(quality),
        recordedQuality,
        next: found.length > limit ? epochMs(found.eventTime[limit] as number) : null,
        kept: kept.get(series) ?? EVERYTHING_KEPT,
      };
    },

    async 'GET /readings/windows'({ query, actor, language }) {
      const { from, to } = query;
      requireBefore(from, to, language);
      const step = parseStep(query.step);
      if (step === undefined) throw inputRefused('step', 'refusal.stepUnknown', language);
      if (query.series === undefined && query.point === undefined && query.quantity === undefined)
        throw inputRefused('series', 'refusal.seriesNeeded', language);
      const scope = scopes.of(accessOf(actor));
      const series = [...new Set(query.series ?? Array.from(scope.series, (id) => id as SeriesId))].filter((id) => {
        const entry = index.series[id];
        return (
          (query.series !== undefined || entry !== undefined) &&
          (query.point === undefined || entry?.point.point.id === query.point) &&
          (query.quantity === undefined || entry?.quantity === query.quantity)
        );
      });
      requireSeen(scope, series);
      if (series.length > WINDOW_SERIES_MAX)
        throw new ApiError('QUERY_TOO_LARGE', { asked: series.length, limit: WINDOW_SERIES_MAX });
      const asked = series.length * Math.ceil((to - from) / step);
      if (asked > WINDOWS_MAX) throw new ApiError('QUERY_TOO_LARGE', { asked, limit: WINDOWS_MAX });

      const align = windowOrigin(step, localOffset, from);
      const directions = series.filter((id) => catalogue.get(quantityOf(id))?.aggregation === 'direction');
      const windowQuery = { series: series.toSorted((a, b) => a - b), directions, from, to, step, align };
      const [columns, spans, kept] = await Promise.all([
        series.length === 0 ? null : queries.run(() => store.windows(windowQuery)),
        spansOf(series, from, to),
        store.retired(series),
      ]);
      const split = columns === null ? new Map<SeriesId, Windows>() : splitBySeries(columns);
      // Where a span holds nothing because it is gone, that is to be said too.
      for (const id of kept.keys()) if (!split.has(id)) split.set(id, emptyWindows());
      for (const [id, own] of Map.groupBy(spans, (span) => span.series)) {
        const windows = split.get(id) ?? emptyWindows();
        const goneBefore = kept.get(id)?.raw ?? null;
        split.set(id, await queries.run(() => withVerdicts(store, id, windows, own, windowQuery, goneBefore)));
      }
      return {
        from,
        to,
        stepMs: step,
        align,
        items: [...split].map(([id, windows]) => ({
          series: id,
          quantity: quantityOf(id),
          ...windows,
          kept: kept.get(id) ?? EVERYTHING_KEPT,
        })),
      };
    },

    async 'GET /latest'({ query, actor }) {
      const scope = scopes.of(accessOf(actor));
      if (query.series) requireSeen(scope, query.series);
      const wanted = (query.series ?? Array.from(scope.series, (id) => id as SeriesId)).filter((id) => {
        const point = index.series[id]?.point.point;
        return (
          point !== undefined &&
          (query.point === undefined || point.id === query.point) &&
          (query.domain === undefined || point.domain === query.domain)
        );
      });
      if (query.point !== undefined && wanted.length === 0) throw new ApiError('NOT_FOUND', { id: query.point });
      if (wanted.length > LATEST_SERIES_MAX)
        throw new ApiError('QUERY_TOO_LARGE', { asked: wanted.length, limit: LATEST_SERIES_MAX });
      const { before } = query;
      if (before === undefined) {
        const readings = wanted.flatMap((id): LatestTuple[] =>
          latest.has(id)
            ? [[id, epochMs(latest.eventTime[id] as number), latest.value[id] as number, latest.quality[id] as number]]
            : [],
        );
        return { at: clock(), readings };
      }
      const found = wanted.length === 0 ? null : await queries.run(() => store.latest(wanted, before));
      const readings: LatestTuple[] = [];
      for (let i = 0; found !== null && i < found.length; i++) {
        readings.push([
          found.series[i] as SeriesId,
          epochMs(found.eventTime[i] as number),
          found.value[i] as number,
          found.quality[i] as number,
        ]);
      }
      return { at: before, readings };
    },
  };
}
