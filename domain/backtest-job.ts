import type { BacktestReport } from './backtest-report.ts';
import type { Condition } from './rule.ts';
import type { EpochMs } from './time.ts';

export interface BacktestProgress {
  readonly seriesDone: number;
  readonly readings: number;
}

/** The alarms there would be with another limit, were it the only level. */
export interface SweptLimit {
  readonly limit: number;
  readonly alarms: number;
  readonly inAlarmMs: number;
}

export interface BacktestOutcome {
  readonly report: BacktestReport;
  readonly sweep: readonly SweptLimit[];
}

export type BacktestState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly outcome: BacktestOutcome; readonly tookMs: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed' };

/** A backtest that somebody ordered, as it stands. */
export interface BacktestJob {
  readonly id: string;
  readonly orderedAt: EpochMs;
  readonly condition: Condition;
  /** Series judged one by one, and scopes judged together. */
  readonly scopes: number;
  readonly state: BacktestState;
  readonly progress: BacktestProgress;
}
