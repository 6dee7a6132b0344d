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
import { jointReadings, rowsBySeries } from '../../domain/stored-readings.ts';
import { days, type EpochMs, epochMs, hours } from '../../domain/time.ts';
import type { UtcOffset } from '../../domain/time-zone.ts';

/** Readings read in one go, about: some 15 ms of the store's. More would cost it little less by the reading, and hold others up for longer. */
const STRETCH_READINGS = 50_000;
const FIRST_STRETCH_MS: number = hours(6);
/** Stored files are a week long: a stretch ends there. */
const FULL_STRETCH_MS: number = days(7);
/** Series read together: as many as a week of theirs makes a stretch. */
const SERIES_TOGETHER = { first: 5, most: 500 };
/** Readings judged, each by the rule and all that are tried beside it, until everything else in the process gets its turn: a millisecond or two. */
const JUDGED_AT_ONCE = 50_000;
/**
 * After each stretch the store is left to others for as long as it took times this: a backtest has time, devices that wait to be acknowledged have not.
 * Somebody looks on while it is new.
 */
const REST_SHARE = { new: 0.6, old: 1.2 };
const NEW_FOR_MS = 3_000;
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
  readonly store: Pick<TimeSeriesStore, 'stretch'>;
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
  let judges = new Map<SeriesId, readonly EpisodeJudge[]>();
  const stretches = stretchesOf(store, compiled.silence ? [] : series, epochMs(from - lead), to);
  for await (const { group, readings, isFirst, share } of oneAhead(stretches)) {
    signal.throwIfAborted();
    if (isFirst)
      judges = new Map(group.map(({ id }) => [id, [compiled, ...trials].map((each) => new EpisodeJudge(each))]));
    await judgeStretch(judges, readings);
    tally.readings += readings.length;
    if (share === 1) {
      for (const { id, pointId } of group) {
        [tally, ...swept].forEach((each, i) => {
          each.take(id, pointId, judges.get(id)![i]!.episodes);
        });
      }
      seriesDone += group.length;
    }
    const begun = share === 1 ? 0 : Math.floor(share * group.length);
    onProgress({ seriesDone: seriesDone + begun, readings: tally.readings });
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
  const started = performance.now();
  return {
    async stretch(ask) {
      const began = performance.now();
      const readings = await store.stretch(ask);
      const now = performance.now();
      const rest = (now - began) * REST_SHARE[now - started < NEW_FOR_MS ? 'new' : 'old'];
      await pause(rest, undefined, { signal }).catch(() => signal.throwIfAborted());
      return readings;
    },
  };
}

interface GroupStretch {
  /** Series read together. */
  readonly group: BacktestOrder['series'];
  readonly readings: ReadingColumns;
  readonly isFirst: boolean;
  /** How much of the group's span has been read with it; 1 with its last stretch. */
  readonly share: number;
}

/** The stored readings of [from, to), one group of series after the other, each in stretches of which it has at least one. */
async function* stretchesOf(
  store: BacktestTools['store'],
  series: BacktestOrder['series'],
  from: EpochMs,
  to: EpochMs,
): AsyncGenerator<GroupStretch> {
  // Neighbours in number are neighbours on disk.
  const waiting = [...series].sort((a, b) => a.id - b.id);
  let together = SERIES_TOGETHER.first;
  let span = FIRST_STRETCH_MS;
  while (waiting.length > 0) {
    const group = waiting.splice(0, together);
    const ids = group.map(({ id }) => id);
    let densest = 0;
    for (let at = from; at < to; ) {
      const isFirst = at === from;
      const readings = await store.stretch({ series: ids, from: at, to: epochMs(Math.min(to, Math.ceil(at + span))) });
      const perMs = readings.length / (readings.to - at);
      densest = Math.max(densest, perMs);
      at = readings.to;
      span = Math.min(FULL_STRETCH_MS, span * 2, Math.max(FIRST_STRETCH_MS / 100, STRETCH_READINGS / perMs));
      yield { group, readings, isFirst, share: (at - from) / (to - from) };
    }
    const aWeekOfOne = (densest * FULL_STRETCH_MS) / group.length;
    together = Math.max(1, Math.min(SERIES_TOGETHER.most, 2 * together, Math.round(STRETCH_READINGS / aWeekOfOne)));
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

async function judgeStretch(
  judgesOf: ReadonlyMap<SeriesId, readonly EpisodeJudge[]>,
  readings: ReadingColumns,
): Promise<void> {
  const { eventTime, value, quality } = readings;
  let left = JUDGED_AT_ONCE;
  for (const rows of rowsBySeries(readings)) {
    const judges = judgesOf.get(rows.series)!;
    for (let { from } = rows; from < rows.to; ) {
      const to = Math.min(rows.to, from + Math.ceil(left / judges.length));
      for (const judge of judges) {
        for (let i = from; i < to; i++) judge.takeReading(eventTime[i]!, value[i]!, quality[i]!);
      }
      left -= (to - from) * judges.length;
      from = to;
      if (left > 0) continue;
      await othersTurn();
      left = JUDGED_AT_ONCE;
    }
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
