import { setTimeout as later } from 'node:timers/promises';
import { type Actor, accessOf } from '../../domain/access.ts';
import {
  BYTES_PER_ROW,
  EXPORT_FORMATS,
  type ExportFormat,
  estimatedRows,
  PLAIN_CSV,
} from '../../domain/data-export.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import type { DataExport } from '../../domain/ports/data-exports.ts';
import { unitSymbolIn } from '../../domain/quantity.ts';
import { type DurationMs, days, type EpochMs } from '../../domain/time.ts';
import { localTimeIn } from '../../domain/time-zone.ts';
import type { Caller } from '../auth/caller.ts';
import type { IndexedSeries } from '../city/city-index.ts';
import { type DataExportWire, EXPORT_SERIES_MAX, type ExportSelectionWire } from '../contract/exports.ts';
import { ApiError, inputRefused } from '../errors.ts';
import { ExportJobs } from '../exports/export-jobs.ts';
import type { ExportedSeries } from '../exports/export-rows.ts';
import { timeWords } from '../exports/export-times.ts';
import { openExportWriter } from '../exports/export-writer.ts';
import { exportNotes, runExport } from '../exports/run-export.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';
import { parseStep, windowOrigin } from './window-step.ts';

type ExportRoutes =
  | 'POST /exports/estimate'
  | 'GET /exports'
  | 'POST /exports'
  | 'GET /exports/{exportId}'
  | 'GET /exports/{exportId}/file'
  | 'DELETE /exports/{exportId}';

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  parquet: 'application/vnd.apache.parquet',
};
/** Ten years and a bit. */
const SPAN_MAX_MS = days(3_700);
/** Days of series counted for an estimate; of more series every n-th is counted. */
const COUNTED_MAX = 150_000;
const COUNTED_TOGETHER = 500;
/** Journal entries the store may be behind; then an export waits until it has caught up, but never for ever. */
const STORE_BEHIND = 1_000;
const PATIENCE_MS = 30_000;
const WAIT_MS = 200;

/** Writes people's exports from the store into files of a folder that all servers share. */
export function createExportJobs(ports: HandlerPorts): ExportJobs {
  const { store, registry, settings, clock, newId, log, queries, journal, index, exportsFolder } = ports;
  const { limits, timeZone } = settings;
  const offset = localTimeIn(timeZone);

  /** Readings that come are stored before readings that leave are read, and people's questions come before both. */
  const inTurn = async <T>(query: () => Promise<T>): Promise<T> => {
    for (
      let waited = 0;
      (journal.status().depth['store'] ?? 0) > STORE_BEHIND && waited < PATIENCE_MS;
      waited += WAIT_MS
    )
      await later(WAIT_MS);
    for (;;) {
      try {
        return await queries.run(query);
      } catch (error) {
        if (!(error instanceof ApiError && error.code === 'TOO_MANY_REQUESTS')) throw error;
        await later(WAIT_MS);
      }
    }
  };
  const isDirection = (id: SeriesId): boolean => {
    const entry = index.series[id];
    return entry !== undefined && index.quantity(entry.quantity)?.aggregation === 'direction';
  };
  const describe = (id: SeriesId, language: Language): ExportedSeries | undefined => {
    const entry = index.series[id];
    const quantity = entry && index.quantity(entry.quantity);
    if (!entry || !quantity) return undefined;
    const { point } = entry.point;
    return {
      pointId: point.id,
      pointName: point.name[language],
      agency: index.agencies.find((agency) => agency.id === point.agencyId)?.name[language] ?? point.agencyId,
      ward: point.wardCode ?? '',
      quantity: quantity.key,
      quantityName: quantity.name[language],
      unit: unitSymbolIn(quantity, language),
    };
  };

  return new ExportJobs({
    folder: exportsFolder,
    registry,
    bounds: {
      unfinished: limits.exportsUnfinished,
      unfinishedPerPerson: limits.exportsUnfinishedPerPerson,
      keptPerPerson: limits.exportsKeptPerPerson,
      capacityBytes: limits.exportsBytes,
      keep: limits.exportsKeep,
    },
    clock,
    newId,
    openWriter: ({ order }, path) =>
      openExportWriter({
        path,
        format: order.format,
        kind: order.step === null ? 'readings' : 'windows',
        language: order.language,
        timeZone,
        csv: order.csv,
        notes: exportNotes(order, timeZone, null),
      }),
    async run({ order }, writer, signal, onProgress) {
      const tools = { store, registry, offset, timeZone, isDirection, describe, inTurn, signal, onProgress };
      const progress = await runExport(order, writer, { ...tools, maximumRows: limits.exportRows });
      return { progress, bytes: await writer.end(exportNotes(order, timeZone, progress)) };
    },
    onFailure: (error) => log.error({ event: 'export.failed', err: error }, 'an export failed'),
  });
}

export function exportHandlers(ports: HandlerPorts, jobs: ExportJobs): Handlers<ExportRoutes> {
  const { index, scopes, store, queries, settings } = ports;
  const offset = localTimeIn(settings.timeZone);
  const { limits } = settings;

  const selected = (actor: Actor, selection: ExportSelectionWire): readonly IndexedSeries[] => {
    const wanted = matcher(selection);
    const found: IndexedSeries[] = [];
    for (const id of scopes.of(accessOf(actor)).series) {
      const entry = index.series[id];
      if (entry && wanted(entry)) found.push(entry);
    }
    return found;
  };
  const stepOf = (text: string | null, language: Language): DurationMs | null => {
    if (text === null) return null;
    const step = parseStep(text);
    if (step === undefined) throw inputRefused('step', 'refusal.stepUnknown', language);
    return step;
  };
  const checkedSpan = ({ from, to }: { readonly from: EpochMs; readonly to: EpochMs }, language: Language): void => {
    if (from >= to) throw inputRefused('to', 'refusal.spanReversed', language);
    if (to - from > SPAN_MAX_MS) throw inputRefused('to', 'refusal.tenYears', language);
  };
  /** Readings in a span, from what the store has counted by day. */
  const countReadings = async (series: readonly SeriesId[], from: EpochMs, to: EpochMs): Promise<number> => {
    const step = days(1);
    const spanDays = Math.ceil((to - from) / step);
    const every = Math.max(1, Math.ceil((series.length * spanDays) / COUNTED_MAX));
    const counted = series.filter((_, i) => i % every === 0);
    let readings = 0;
    for (let at = 0; at < counted.length; at += COUNTED_TOGETHER) {
      const some = counted.slice(at, at + COUNTED_TOGETHER);
      const align = windowOrigin(step, offset, from);
      const { length, count } = await queries.run(() => store.windows({ series: some, from, to, step, align }));
      for (let i = 0; i < length; i++) readings += count[i] as number;
    }
    return counted.length === 0 ? 0 : Math.round((readings * series.length) / counted.length);
  };
  const rowsOf = async (
    series: readonly IndexedSeries[],
    { from, to }: { readonly from: EpochMs; readonly to: EpochMs },
    step: DurationMs | null,
  ): Promise<number> => {
    const readings = await countReadings(
      series.map(({ id }) => id),
      from,
      to,
    );
    return estimatedRows(readings, { series: series.length, from, to, step });
  };
  const requireRoom = (series: readonly IndexedSeries[]): void => {
    if (series.length > EXPORT_SERIES_MAX)
      throw new ApiError('QUERY_TOO_LARGE', { asked: series.length, limit: EXPORT_SERIES_MAX });
  };

  return {
    async 'POST /exports/estimate'({ body, actor, language }) {
      checkedSpan(body, language);
      const step = stepOf(body.step, language);
      const series = selected(actor, body.selection);
      requireRoom(series);
      const rows = await rowsOf(series, body, step);
      return {
        series: series.length,
        points: new Set(series.map(({ point }) => point)).size,
        rows,
        bytes: Object.fromEntries(EXPORT_FORMATS.map((format) => [format, rows * BYTES_PER_ROW[format]])) as Record<
          ExportFormat,
          number
        >,
        maximumRows: limits.exportRows,
      };
    },
    async 'GET /exports'({ view }) {
      return { items: (await view.exports.list()).map(wire) };
    },
    async 'POST /exports'({ body, actor, view, caller, language }) {
      checkedSpan(body, language);
      const step = stepOf(body.step, language);
      const series = selected(actor, body.selection);
      if (series.length === 0) throw inputRefused('selection', 'refusal.nothingSelected', language);
      requireRoom(series);
      const rows = await rowsOf(series, body, step);
      if (rows > limits.exportRows) throw new ApiError('QUERY_TOO_LARGE', { asked: rows, limit: limits.exportRows });
      const { from, to, format, withUnusable } = body;
      return wire(
        await jobs.order(view.exports, personOf(caller), {
          series: series.map(({ id }) => id),
          from,
          to,
          step,
          format,
          withUnusable,
          csv: body.csv ?? PLAIN_CSV,
          language: body.language ?? language,
        }),
      );
    },
    async 'GET /exports/{exportId}'({ view, params }) {
      return wire(await view.exports.get(params.exportId));
    },
    async 'GET /exports/{exportId}/file'({ view, params }) {
      const found = await view.exports.get(params.exportId);
      const { format, from, to } = found.order;
      const { local } = timeWords(settings.timeZone);
      const day = (at: number): string => local(at).slice(0, 10);
      return {
        path: jobs.fileOf(found),
        fileName: `hai-dang_${day(from)}_${day(to - 1)}.${format}`,
        mediaType: MEDIA_TYPES[format],
      };
    },
    async 'DELETE /exports/{exportId}'({ view, params }) {
      await jobs.remove(view.exports, params.exportId);
    },
  };
}

/** Whether a series is in the selection. */
function matcher({ points, quantities, agencies, wards, tags, domains }: ExportSelectionWire) {
  const within = <T>(list: readonly T[] | undefined): ((one: T) => boolean) => {
    if (list === undefined) return () => true;
    const set = new Set(list);
    return (one) => set.has(one);
  };
  const [ofPoint, ofQuantity, ofAgency, ofDomain] = [
    within(points),
    within(quantities),
    within(agencies),
    within(domains),
  ];
  const [ofWard, ofTag] = [within(wards), within(tags)];
  return ({ quantity, point: { point } }: IndexedSeries): boolean =>
    ofPoint(point.id) &&
    ofQuantity(quantity) &&
    ofAgency(point.agencyId) &&
    ofDomain(point.domain) &&
    (wards === undefined || (point.wardCode !== null && ofWard(point.wardCode))) &&
    (tags === undefined || point.tags.some(ofTag));
}

/** Only people with a permission get this far. */
function personOf(caller: Caller): DataExport['by'] {
  if (caller.kind !== 'person') throw new ApiError('NOT_SIGNED_IN');
  return caller.userId;
}

function wire({ id, orderedAt, expiresAt, order, state, progress }: DataExport): DataExportWire {
  const done = state.kind === 'done' ? state : null;
  const { seriesDone, rows, leftOut } = done ? { seriesDone: order.series.length, ...done } : progress;
  return {
    id,
    orderedAt,
    expiresAt,
    format: order.format,
    from: order.from,
    to: order.to,
    stepMs: order.step,
    withUnusable: order.withUnusable,
    series: order.series.length,
    state: state.kind,
    failure: state.kind === 'failed' ? state.why : null,
    progress: { seriesDone, rows },
    leftOut,
    bytes: done?.bytes ?? null,
    tookMs: done?.tookMs ?? null,
  };
}
