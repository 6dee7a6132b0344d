import type { BacktestWire } from '../../api/contract/backtests.ts';
import { type Condition, type Severity, severityRank } from '../../domain/rule.ts';
import { type DurationMs, days } from '../../domain/time.ts';

/** Spans offered, ending now. */
export const BACKTEST_SPANS = ['d7', 'd30', 'd90', 'd365'] as const;
export type BacktestSpan = (typeof BACKTEST_SPANS)[number];
export const spanMs = (span: BacktestSpan): DurationMs => days(Number(span.slice(1)));

export interface Sweep {
  readonly severity: Severity;
  /** Ascending; the limit as it is stands in the middle. */
  readonly limits: readonly number[];
}

/** Limits tried to each side of the one that is set. */
const STEPS_A_SIDE = 20;

/**
 * Limits to try around the mildest level's, so that a slider can say at once what each would have done; `null` where there is no one limit to move.
 * Steps are 1, 2 or 5 times a power of ten, near a fiftieth of the limit.
 */
export function sweepOf(condition: Condition): Sweep | null {
  if (condition.kind !== 'above' && condition.kind !== 'below' && condition.kind !== 'rate_of_change') return null;
  const mildest = [...condition.levels].sort((a, b) => severityRank(b.severity) - severityRank(a.severity))[0];
  if (mildest === undefined) return null;
  const { severity, limit } = mildest;
  const step = roundStep((Math.abs(limit) || 1) / 50);
  const limits = Array.from({ length: 2 * STEPS_A_SIDE + 1 }, (_, i) => rounded(limit + (i - STEPS_A_SIDE) * step));
  // A change of nothing, or less, is no limit.
  return { severity, limits: condition.kind === 'rate_of_change' ? limits.filter((each) => each > 0) : limits };
}

const roundStep = (about: number): number => {
  const power = 10 ** Math.floor(Math.log10(about));
  const times = about / power;
  return (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10) * power;
};
/** Without the dust of binary fractions. */
const rounded = (value: number): number => Number(value.toPrecision(10));

/** Share of the work done, 0 … 1: by series, since how many readings there are is not known before. */
export function shareDone({ state, progress }: BacktestWire): number {
  if (state === 'done') return 1;
  return progress.series === 0 ? 0 : progress.seriesDone / progress.series;
}

/** Alarms a week and point watched: the figure by which a rule cries wolf or not. */
export function alarmsPerSeriesWeek({ report, progress }: BacktestWire): number | null {
  if (report === null || progress.series === 0 || report.days.length === 0) return null;
  return (report.alarms * 7) / report.days.length / progress.series;
}
