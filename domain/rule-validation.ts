import { problemsOfJoint } from './joint-validation.ts';
import { LANGUAGES, type Language } from './localized.ts';
import { templateProblems } from './message-template.ts';
import { WINDOW_READINGS_MAX } from './reading-window.ts';
import { type RollingStatistic, type Rule, type SeriesCondition, type Severity, severityRank } from './rule.ts';

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
  'GRID_STEP_TOO_SHORT',
  'GRID_AGE_NOT_POSITIVE',
  'GRID_SETTLE_NEGATIVE',
  'PARTS_TOO_FEW',
  'PARTS_REPEATED',
  'PARTS_WITHOUT_QUANTITY',
  'LIMITS_NOT_OF_PARTS',
  'LIMIT_OF_OTHER_SIDE',
  'POINTS_NOT_POSITIVE',
  'HEARD_OUT_OF_RANGE',
  'DISTANCE_NOT_POSITIVE',
  'NEIGHBOURS_NOT_POSITIVE',
  'OUTLINE_TOO_FEW_CORNERS',
  'PLACEHOLDER_UNKNOWN',
  'BRACE_UNMATCHED',
] as const;
export interface RuleProblem {
  readonly code: (typeof RULE_PROBLEM_CODES)[number];
  /** The level meant; absent when it is the rule as a whole. */
  readonly severity?: Severity;
  /** The part of a combination meant, from 0. */
  readonly part?: number;
  /** The text meant, and what in it. */
  readonly language?: Language;
  readonly placeholder?: string;
}

/** What of a rule is looked at. */
export type CheckedRule = Pick<Rule, 'condition' | 'clearHold'> &
  Partial<Pick<Rule, 'quantity' | 'selection' | 'message'>>;

/**
 * What is wrong with a rule; empty when nothing is. A worse level must be farther out than a milder one (silence, stillness: longer), since
 * meeting it counts as meeting the milder ones too; equal limits are allowed when the worse has the longer hold.
 */
export function problemsOf(rule: CheckedRule): readonly RuleProblem[] {
  const { condition, selection, message } = rule;
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
  if (selection?.polygon !== undefined && selection.polygon.length < 3) {
    problems.push({ code: 'OUTLINE_TOO_FEW_CORNERS' });
  }
  for (const language of message === undefined ? [] : LANGUAGES) {
    for (const problem of templateProblems(message![language])) problems.push({ ...problem, language });
  }
  switch (condition.kind) {
    case 'combination':
    case 'area_count':
    case 'neighbours':
      return [...problems, ...problemsOfJoint(condition, rule.quantity)];
    default:
      return [
        ...problems,
        ...problemsOfWindow(condition),
        ...problemsOfLimits(condition),
        ...problemsOfOrder(condition),
      ];
  }
}

function problemsOfWindow(condition: SeriesCondition): readonly RuleProblem[] {
  if (condition.kind === 'rate_of_change' || condition.kind === 'no_data') return [];
  if (condition.kind !== 'frozen') return condition.over === undefined ? [] : problemsOfStatistic(condition.over);
  const { length, interval } = condition.within;
  const problems = problemsOfGathering(condition.within);
  // Nothing can be frozen in one reading.
  return problems.length === 0 && length < 2 * interval ? [{ code: 'WINDOW_SHORTER_THAN_INTERVAL' }] : problems;
}

/** What is wrong with a statistic of a window. */
export function problemsOfStatistic(over: RollingStatistic): readonly RuleProblem[] {
  const problems = problemsOfGathering(over);
  const outOfRange = over.statistic === 'percentile' && !(over.percentile > 0 && over.percentile <= 100);
  return outOfRange ? [...problems, { code: 'PERCENTILE_OUT_OF_RANGE' }] : problems;
}

function problemsOfGathering({
  length,
  interval,
  minimumCapture,
}: Pick<RollingStatistic, 'length' | 'interval' | 'minimumCapture'>): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  if (!(interval > 0) || !(length >= interval)) problems.push({ code: 'WINDOW_SHORTER_THAN_INTERVAL' });
  else if (!(length / interval <= WINDOW_READINGS_MAX)) problems.push({ code: 'WINDOW_TOO_LONG' });
  if (!(minimumCapture >= 0 && minimumCapture <= 1)) problems.push({ code: 'CAPTURE_OUT_OF_RANGE' });
  return problems;
}

function problemsOfLimits(condition: SeriesCondition): readonly RuleProblem[] {
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
function reachesOf(condition: SeriesCondition): readonly LevelReach[] {
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

const problemsOfOrder = (condition: SeriesCondition): readonly RuleProblem[] => disorderOf(reachesOf(condition));

/** How far out a level lies, larger is farther, on every side it has. */
export interface LevelReach {
  readonly severity: Severity;
  readonly hold: number;
  readonly reach: readonly number[];
}

/** Levels that lie nearer than a milder one on some side, or are never seen because a milder one is met with them. */
export function disorderOf(reaches: readonly LevelReach[]): readonly RuleProblem[] {
  const levels = [...reaches].sort((a, b) => severityRank(b.severity) - severityRank(a.severity));
  return levels.flatMap((worse, i): RuleProblem[] => {
    const milder = levels[i - 1];
    if (milder === undefined || milder.severity === worse.severity) return [];
    const nearer = worse.reach.some((reach, side) => reach < milder.reach[side]!);
    const same = worse.reach.every((reach, side) => reach === milder.reach[side]);
    const shadowed = same && worse.hold <= milder.hold;
    return nearer || shadowed ? [{ code: 'LEVELS_OUT_OF_ORDER', severity: worse.severity }] : [];
  });
}
