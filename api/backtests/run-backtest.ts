import { setImmediate as othersTurn, setTimeout as pause } from 'node:timers/promises';
import type { BacktestOutcome, BacktestProgress } from '../../domain/backtest-job.ts';
import { BacktestTally } from '../../domain/backtest-report.ts';
import { type CompiledRule, compileRule } from '../../domain/compiled-rule.ts';
import { EpisodeJudge } from '../../domain/episode.ts';
import type { PointId, SeriesId } from '../../domain/identifiers.ts';
import type { TimeSeriesStore } from '../../domain/ports/time-series-store.ts';
import type { ReadingColumns } from '../../domain/reading.ts';
import type { Condition, Rule, Severity } from '../../domain/rule.ts';
import { type JointScope, placeInArea } from '../../domain/rule-scopes.ts';
import { jointReadings } from '../../domain/stored-readings.ts';
import { days, type EpochMs, epochMs } from '../../domain/time.ts';
import type { UtcOffset } from '../../domain/time-zone.ts';

/** Readings of one series read in one go: more than two months of minutes in 3 MB. What a page costs the store is mostly the same however short it is. */
const PAGE_READINGS = 100_000;
/** Readings judged, each by the rule and all that are tried beside it, until everything else in the process gets its turn: a millisecond or two. */
const JUDGED_AT_ONCE = 50_000;
/** After each reading the store is left to others for as long as it took times this: a backtest has time, devices that wait to be acknowledged have not. */
const REST_SHARE = 1;
/** What lasts from before the span is seen if it began in this time before, or as much longer as windows and holds reach. */
const LEAD_MS = days(1);

export interface BacktestOrder {
  readonly rule: Rule;
  /** Those the rule watches one by one. */
  readonly series: readonly { readonly id: SeriesId; readonly pointId: PointId }[];
  /** Those it puts together. */
  readonly joint: readonly JointScope[];
  /** Inclusive. */
  readonly from: EpochMs;
  /** Exclusive. */
  readonly to: EpochMs;
  /** Limits to be tried for the level of `severity`. */
  readonly sweep: { readonly severity: Severity; readonly limits: readonly number[] } | null;
}

export interface BacktestTools {
  readonly store: Pick<TimeSeriesStore, 'range'>;
  /** How far local time is ahead of UTC, ms. */
  readonly offset: UtcOffset;
  readonly listLimit: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BacktestProgress) => void;
}

/**
 * Judges the stored readings of [from, to) by the evaluator that judges live, one scope after the other, beginning more than a day before `from`: windows are
 * filled and holds begun by then, and an alarm that had lasted longer seems to begin there.
 * @throws the signal's reason when it is aborted; {@link StoreUnavailableError} when the store can't be read.
 */
export async function runBacktest(order: BacktestOrder, tools: BacktestTools): Promise<BacktestOutcome> {
  const { rule, from, to, series, joint } = order;
  const { offset, listLimit, signal, onProgress } = tools;
  const store = withRests(tools.store, signal);
  const compiled = compileRule(rule, offset);
  const trials = sweptRules(rule, order.sweep, offset);
  const tally = new BacktestTally({ from, to }, offset, listLimit);
  const swept = trials.map(() => new BacktestTally({ from, to }, offset, 0));
  const lead = leadOf(compiled);
  let seriesDone = 0;
  let judges: readonly EpisodeJudge[] = [];
  const pages = pagesOf(store, compiled.silence ? [] : series, epochMs(from - lead), to);
  for await (const { id, pointId, page, isFirst, isLast } of oneAhead(pages)) {
    signal.throwIfAborted();
    if (isFirst) judges = [compiled, ...trials].map((each) => new EpisodeJudge(each));
    await judgePage(judges, page);
    tally.readings += page.length;
    if (isLast) {
      [tally, ...swept].forEach((each, i) => {
        each.take(id, pointId, judges[i]!.episodes);
      });
      seriesDone++;
    }
    onProgress({ seriesDone, readings: tally.readings });
  }
  for (const scope of joint) {
    const judges = [compiled, ...trials].map((each) => new EpisodeJudge(each));
    const inputs = scope.inputs.map((input) => input.series);
    const read = (readings: number): void => {
      signal.throwIfAborted();
      tally.readings += readings;
      onProgress({ seriesDone, readings: tally.readings });
    };
    for await (const instant of jointReadings(store, compiled, inputs, from - lead, to, read)) {
      for (const judge of judges) judge.take(instant);
    }
    const { series: anchor, pointId } = scope.anchor;
    [tally, ...swept].forEach((each, i) => {
      each.takeAt(
        (episode) => (scope.kind === 'area' ? placeInArea(scope, episode.area ?? null) : { series: anchor, pointId }),
        judges[i]!.episodes,
      );
    });
    seriesDone++;
    onProgress({ seriesDone, readings: tally.readings });
  }
  signal.throwIfAborted();
  return {
    report: tally.report,
    sweep: swept.map(({ report }, i) => {
      return { limit: order.sweep!.limits[i]!, alarms: report.alarms, inAlarmMs: report.inAlarmMs };
    }),
  };
}

function withRests(store: BacktestTools['store'], signal: AbortSignal): BacktestTools['store'] {
  return {
    async range(ask) {
      const began = performance.now();
      const page = await store.range(ask);
      await pause((performance.now() - began) * REST_SHARE, undefined, { signal }).catch(() => signal.throwIfAborted());
      return page;
    },
  };
}

interface SeriesPage {
  readonly id: SeriesId;
  readonly pointId: PointId;
  readonly page: ReadingColumns;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** The stored readings of [from, to), one series after the other, each in pages of which it has at least one. */
async function* pagesOf(
  store: BacktestTools['store'],
  series: BacktestOrder['series'],
  from: EpochMs,
  to: EpochMs,
): AsyncGenerator<SeriesPage> {
  for (const { id, pointId } of series) {
    let at = from;
    for (let isLast = false; !isLast; ) {
      const isFirst = at === from;
      const page = await store.range({ series: id, from: at, to, limit: PAGE_READINGS });
      if (page.length > 0) at = epochMs(page.eventTime[page.length - 1]! + 1);
      isLast = page.length < PAGE_READINGS || at >= to;
      yield { id, pointId, page, isFirst, isLast };
    }
  }
}

/** The same, each begun before the one in front of it has been dealt with: the store reads while the rule is judged. */
async function* oneAhead<T>(pages: AsyncGenerator<T>): AsyncGenerator<T> {
  let coming = pages.next();
  try {
    for (let page = await coming; page.done !== true; page = await coming) {
      coming = pages.next();
      // It fails when it is waited for, which is after its turn has come.
      coming.catch(() => {});
      yield page.value;
    }
  } finally {
    await pages.return(undefined);
  }
}

async function judgePage(judges: readonly EpisodeJudge[], page: ReadingColumns): Promise<void> {
  const { length, eventTime, value, quality } = page;
  const slice = Math.ceil(JUDGED_AT_ONCE / judges.length);
  for (let from = 0; from < length; from += slice) {
    const to = Math.min(length, from + slice);
    for (const judge of judges) {
      for (let i = from; i < to; i++) judge.takeReading(eventTime[i]!, value[i]!, quality[i]!);
    }
    await othersTurn();
  }
}

const leadOf = ({ windowMs, joint, clearHoldMs, levels }: CompiledRule): number =>
  LEAD_MS + Math.max(windowMs, joint?.reachMs ?? 0) + clearHoldMs + Math.max(0, ...levels.map((level) => level.holdMs));

function sweptRules(rule: Rule, sweep: BacktestOrder['sweep'], offset: UtcOffset): readonly CompiledRule[] {
  if (sweep === null || !canSweep(rule.condition)) return [];
  const { condition } = rule;
  const { hold } = condition.levels.find((level) => level.severity === sweep.severity) ?? condition.levels[0]!;
  return sweep.limits.map((limit) =>
    compileRule({ ...rule, condition: { ...condition, levels: [{ severity: sweep.severity, hold, limit }] } }, offset),
  );
}

/** Whether levels of this condition are one limit each, which can be moved. */
export const canSweep = (
  condition: Condition,
): condition is Extract<Condition, { kind: 'above' | 'below' | 'rate_of_change' | 'neighbours' }> =>
  condition.kind === 'above' ||
  condition.kind === 'below' ||
  condition.kind === 'rate_of_change' ||
  condition.kind === 'neighbours';
