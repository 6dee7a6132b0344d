import type { Actor } from '../../domain/access.ts';
import { type ExportOrder, type ExportProgress, NO_PROGRESS } from '../../domain/data-export.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import type { QualitySpan, Registry } from '../../domain/ports/registry.ts';
import type { RangeQuery, TimeSeriesStore, WindowQuery } from '../../domain/ports/time-series-store.ts';
import { UNUSABLE_FROM } from '../../domain/quality.ts';
import { effectiveQuality } from '../../domain/quality-verdicts.ts';
import type { ReadingColumns } from '../../domain/reading.ts';
import { type DurationMs, type EpochMs, epochMs } from '../../domain/time.ts';
import type { UtcOffset } from '../../domain/time-zone.ts';
import { fill } from '../problem-texts.ts';
import { emptyWindows, splitBySeries, withVerdicts } from '../rest/quality-overlay.ts';
import { windowOrigin } from '../rest/window-step.ts';
import type { ExportedSeries, ExportPage } from './export-rows.ts';
import { NOTES } from './export-texts.ts';
import { timeWords } from './export-times.ts';
import type { ExportWriter } from './export-writer.ts';

export interface ExportTools {
  readonly store: TimeSeriesStore;
  readonly registry: Pick<Registry, 'as'>;
  readonly offset: UtcOffset;
  readonly timeZone: string;
  readonly isDirection: (series: SeriesId) => boolean;
  readonly describe: (series: SeriesId, language: Language) => ExportedSeries | undefined;
  /** Takes a turn among all questions to the store, and only while readings are stored as fast as they come. */
  readonly inTurn: <T>(query: () => Promise<T>) => Promise<T>;
  /** Rows beyond this end it. */
  readonly maximumRows: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ExportProgress) => void;
}

/** More rows than allowed: there were more readings than the estimate said. */
export class ExportTooLarge extends Error {
  override readonly name = 'ExportTooLarge';
}

/** Readings or windows of one question to the store; three megabytes. */
const PAGE_ROWS = 50_000;
/** Windows of one question are made of raw readings where they are short, so the question must not span too much of the store. */
const PAGE_WINDOWS = 10_000;
const OVERLAY: Actor = { kind: 'system', name: 'exports' };

/** Reads series by series, page by page, and hands each page on before it asks for the next: memory does not grow with the order. */
export async function runExport(
  order: ExportOrder,
  writer: Pick<ExportWriter, 'begin' | 'write'>,
  tools: ExportTools,
): Promise<ExportProgress> {
  const { store, registry, describe, inTurn, signal, onProgress, maximumRows } = tools;
  const { from, to, step } = order;
  let progress = NO_PROGRESS;
  const write = async (page: ExportPage, leftOut: number): Promise<void> => {
    const rows = progress.rows + page.time.length;
    if (rows > maximumRows) throw new ExportTooLarge(`${rows} rows`);
    if (page.time.length > 0) await writer.write(page);
    progress = { ...progress, rows, leftOut: progress.leftOut + leftOut };
    onProgress(progress);
  };
  for (const series of order.series) {
    const described = describe(series, order.language);
    if (described) {
      await writer.begin(described);
      const goneBefore = (await store.retired([series])).get(series)?.raw ?? null;
      if (goneBefore !== null && goneBefore > from) progress = { ...progress, gone: progress.gone + 1 };
      const verdicts = await registry.as(OVERLAY).qualitySpans.list({ series: [series], from, to });
      if (step === null) {
        for (let at: EpochMs | null = from; at !== null; ) {
          signal.throwIfAborted();
          const query: RangeQuery = { series, from: at, to, limit: PAGE_ROWS };
          const page: ReadingColumns = await inTurn(() => store.range(query));
          const kept = readingPage(page, verdicts, order.withUnusable);
          at = page.length === PAGE_ROWS ? epochMs((page.eventTime[page.length - 1] as number) + 1) : null;
          await write(kept, page.length - kept.time.length);
        }
      } else {
        const directions = tools.isDirection(series) ? [series] : [];
        for (const windows of windowQueries(series, order, step, tools.offset)) {
          const query = { ...windows, directions };
          signal.throwIfAborted();
          await write(await inTurn(() => windowPage(store, series, verdicts, query, goneBefore)), 0);
        }
      }
    }
    progress = { ...progress, seriesDone: progress.seriesDone + 1 };
    onProgress(progress);
  }
  signal.throwIfAborted();
  return progress;
}

/** A page with people's verdicts laid over, without what is unusable unless that is wanted. */
function readingPage(page: ReadingColumns, verdicts: readonly QualitySpan[], withUnusable: boolean): ExportPage {
  const judged = effectiveQuality(page, verdicts);
  const [time, value, quality] = [
    new Float64Array(page.length),
    new Float64Array(page.length),
    new Uint8Array(page.length),
  ];
  let rows = 0;
  for (let i = 0; i < page.length; i++) {
    if (!withUnusable && (judged[i] as number) >= UNUSABLE_FROM) continue;
    time[rows] = page.eventTime[i] as number;
    value[rows] = page.value[i] as number;
    quality[rows++] = judged[i] as number;
  }
  return {
    kind: 'readings',
    time: time.subarray(0, rows),
    value: value.subarray(0, rows),
    quality: quality.subarray(0, rows),
  };
}

/** The span in pieces of whole windows. */
function* windowQueries(
  series: SeriesId,
  { from, to }: ExportOrder,
  step: DurationMs,
  offset: UtcOffset,
): Generator<WindowQuery> {
  const align = windowOrigin(step, offset, from);
  const width = step * PAGE_WINDOWS;
  for (let at: number = from; at < to; ) {
    const end = Math.min(to, align + (Math.floor((at - align) / step) + PAGE_WINDOWS) * step, at + width);
    yield { series: [series], from: epochMs(at), to: epochMs(end), step, align };
    at = end;
  }
}

async function windowPage(
  store: TimeSeriesStore,
  series: SeriesId,
  verdicts: readonly QualitySpan[],
  query: WindowQuery,
  goneBefore: EpochMs | null,
): Promise<ExportPage> {
  const found = splitBySeries(await store.windows(query)).get(series);
  const touching = verdicts.filter((span) => span.from < query.to && span.to > query.from);
  const { start, ...aggregates } = await withVerdicts(
    store,
    series,
    found ?? emptyWindows(),
    touching,
    query,
    goneBefore,
  );
  const column = (values: readonly number[]): Float64Array => Float64Array.from(values);
  return {
    kind: 'windows',
    time: column(start),
    count: column(aggregates.count),
    good: column(aggregates.good.map((good) => good ?? Number.NaN)),
    mean: column(aggregates.mean),
    min: column(aggregates.min),
    max: column(aggregates.max),
    sum: column(aggregates.sum),
    last: column(aggregates.last),
  };
}

/** What the file says of itself; with `done` also what came of it. */
export function exportNotes(
  { from, to, step, withUnusable, language }: ExportOrder,
  timeZone: string,
  done: ExportProgress | null,
): readonly string[] {
  const { local } = timeWords(timeZone);
  const say = (note: keyof typeof NOTES, params: Record<string, string | number> = {}): string =>
    fill(NOTES[note][language], params);
  return [
    say('title'),
    say('span', { from: local(from), to: local(to), zone: timeZone }),
    step === null ? say('raw') : say('step', { step: stepWords(step) }),
    say(step !== null ? 'windowsUsable' : withUnusable ? 'unusableIn' : 'unusableLeftOut'),
    ...(done === null
      ? []
      : [
          say('rows', { count: done.rows }),
          ...(done.leftOut > 0 ? [say('leftOut', { count: done.leftOut })] : []),
          ...(done.gone > 0 ? [say(step === null ? 'goneRaw' : 'goneWindows', { count: done.gone })] : []),
        ]),
  ];
}

/** `10 min`, `1 h`, `1 d`: symbols that both languages share. */
function stepWords(step: DurationMs): string {
  for (const [length, symbol] of [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ] as const)
    if (step % length === 0) return `${step / length} ${symbol}`;
  return `${step / 1_000} s`;
}
