import { WINDOW_READINGS_MAX } from './reading-window.ts';
import { type Condition, type Rule, type Severity, severityRank } from './rule.ts';

/** Stable: the API answers with them. */
export const RULE_PROBLEM_CODES = [
  'NO_LEVEL',
  'SEVERITY_REPEATED',
  'NOT_FINITE',
  'HYSTERESIS_NEGATIVE',
  'HYSTERESIS_TOO_WIDE',
  'HOLD_NEGATIVE',
  'SILENCE_HOLD_ZERO',
  'CLEAR_HOLD_NEGATIVE',
  'BAND_EMPTY',
  'LEVELS_OUT_OF_ORDER',
  'RATE_LIMIT_NOT_POSITIVE',
  'RATE_WINDOW_ZERO',
  'WINDOW_SHORTER_THAN_INTERVAL',
  'WINDOW_TOO_LONG',
  'CAPTURE_OUT_OF_RANGE',
  'PERCENTILE_OUT_OF_RANGE',
  'TOLERANCE_NEGATIVE',
] as const;
export interface RuleProblem {
  readonly code: (typeof RULE_PROBLEM_CODES)[number];
  /** The level meant; absent when it is the rule as a whole. */
  readonly severity?: Severity;
}

/**
 * What is wrong with a rule; empty when nothing is. A worse level must be farther out than a milder one (silence, stillness: longer), since
 * meeting it counts as meeting the milder ones too; equal limits are allowed when the worse has the longer hold.
 */
export function problemsOf(rule: Pick<Rule, 'condition' | 'clearHold'>): readonly RuleProblem[] {
  const { condition } = rule;
  const problems: RuleProblem[] = [];
  if (condition.levels.length === 0) problems.push({ code: 'NO_LEVEL' });
  const seen = new Set<Severity>();
  for (const { severity, hold } of condition.levels) {
    if (seen.has(severity)) problems.push({ code: 'SEVERITY_REPEATED', severity });
    seen.add(severity);
    if (!Number.isFinite(hold)) problems.push({ code: 'NOT_FINITE', severity });
    else if (hold < 0) problems.push({ code: 'HOLD_NEGATIVE', severity });
    else if (condition.kind === 'no_data' && hold === 0) problems.push({ code: 'SILENCE_HOLD_ZERO', severity });
  }
  if (!Number.isFinite(rule.clearHold)) problems.push({ code: 'NOT_FINITE' });
  else if (rule.clearHold < 0) problems.push({ code: 'CLEAR_HOLD_NEGATIVE' });
  return [...problems, ...problemsOfWindow(condition), ...problemsOfLimits(condition), ...problemsOfOrder(condition)];
}

function problemsOfWindow(condition: Condition): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  if (condition.kind === 'rate_of_change' || condition.kind === 'no_data') return problems;
  const window = condition.kind === 'frozen' ? condition.within : condition.over;
  if (window === undefined) return problems;
  const { length, interval, minimumCapture } = window;
  if (!(interval > 0) || !(length >= interval)) problems.push({ code: 'WINDOW_SHORTER_THAN_INTERVAL' });
  else if (!(length / interval <= WINDOW_READINGS_MAX)) problems.push({ code: 'WINDOW_TOO_LONG' });
  // Nothing can be frozen in one reading.
  else if (condition.kind === 'frozen' && length < 2 * interval)
    problems.push({ code: 'WINDOW_SHORTER_THAN_INTERVAL' });
  if (!(minimumCapture >= 0 && minimumCapture <= 1)) problems.push({ code: 'CAPTURE_OUT_OF_RANGE' });
  if (condition.kind !== 'frozen' && condition.over?.statistic === 'percentile') {
    const { percentile } = condition.over;
    if (!(percentile > 0 && percentile <= 100)) problems.push({ code: 'PERCENTILE_OUT_OF_RANGE' });
  }
  return problems;
}

function problemsOfLimits(condition: Condition): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  if (condition.kind === 'no_data') return problems;
  if (condition.kind === 'frozen') {
    if (!Number.isFinite(condition.tolerance)) problems.push({ code: 'NOT_FINITE' });
    else if (condition.tolerance < 0) problems.push({ code: 'TOLERANCE_NEGATIVE' });
    return problems;
  }
  if (!Number.isFinite(condition.hysteresis)) problems.push({ code: 'NOT_FINITE' });
  else if (condition.hysteresis < 0) problems.push({ code: 'HYSTERESIS_NEGATIVE' });
  if (condition.kind === 'rate_of_change' && !(condition.window > 0)) problems.push({ code: 'RATE_WINDOW_ZERO' });
  if (condition.kind === 'outside') {
    for (const { severity, low, high } of condition.levels) {
      if (!Number.isFinite(low) || !Number.isFinite(high)) problems.push({ code: 'NOT_FINITE', severity });
      else if (low >= high) problems.push({ code: 'BAND_EMPTY', severity });
      else if (low + condition.hysteresis >= high - condition.hysteresis) {
        problems.push({ code: 'HYSTERESIS_TOO_WIDE', severity });
      }
    }
    return problems;
  }
  for (const { severity, limit } of condition.levels) {
    if (!Number.isFinite(limit)) problems.push({ code: 'NOT_FINITE', severity });
    else if (condition.kind === 'rate_of_change') {
      if (limit <= 0) problems.push({ code: 'RATE_LIMIT_NOT_POSITIVE', severity });
      // No change at all is 0: it must clear the alarm.
      else if (limit - condition.hysteresis <= 0) problems.push({ code: 'HYSTERESIS_TOO_WIDE', severity });
    }
  }
  return problems;
}

/** How far out a level lies, larger is farther; bands by both edges. */
function reachesOf(condition: Condition): readonly { severity: Severity; hold: number; reach: readonly number[] }[] {
  switch (condition.kind) {
    case 'no_data':
    case 'frozen':
      return condition.levels.map(({ severity, hold }) => ({ severity, hold, reach: [hold] }));
    case 'outside':
      return condition.levels.map(({ severity, hold, low, high }) => ({ severity, hold, reach: [-low, high] }));
    case 'below':
      return condition.levels.map(({ severity, hold, limit }) => ({ severity, hold, reach: [-limit] }));
    default:
      return condition.levels.map(({ severity, hold, limit }) => ({ severity, hold, reach: [limit] }));
  }
}

function problemsOfOrder(condition: Condition): readonly RuleProblem[] {
  const levels = [...reachesOf(condition)].sort((a, b) => severityRank(b.severity) - severityRank(a.severity));
  return levels.flatMap((worse, i): RuleProblem[] => {
    const milder = levels[i - 1];
    if (milder === undefined || milder.severity === worse.severity) return [];
    const nearer = worse.reach.some((reach, side) => reach < milder.reach[side]!);
    const same = worse.reach.every((reach, side) => reach === milder.reach[side]);
    const shadowed = same && worse.hold <= milder.hold;
    return nearer || shadowed ? [{ code: 'LEVELS_OUT_OF_ORDER', severity: worse.severity }] : [];
  });
}
