import { ActiveClock } from './active-times.ts';
import { type CompiledJoint, compileJoint, compileJointLevels } from './compiled-joint.ts';
import { UNUSABLE_FROM } from './quality.ts';
import { type RollingStatistic, type Rule, type SeriesCondition, type Severity, severityRank } from './rule.ts';
import { type UtcOffset, VIETNAM_TIME } from './time-zone.ts';

/** One level with its breach and return tests reduced to two numbers a side. */
export interface CompiledLevel {
  readonly severity: Severity;
  readonly holdMs: number;
  /** Breached at x ≥ high or x ≤ low. */
  readonly high: number;
  readonly low: number;
  /** Back inside when clearLow < x < clearHigh. */
  readonly clearHigh: number;
  readonly clearLow: number;
  /** The limits people are told, in the unit of the value they are told; ∓∞ where there is none. */
  readonly shownHigh: number;
  readonly shownLow: number;
}

export type Measure = 'value' | 'rising' | 'falling' | 'either' | 'range' | RollingStatistic['statistic'];

/** A rule made ready to judge readings. Levels worst first. */
export interface CompiledRule {
  readonly rule: Rule;
  readonly levels: readonly CompiledLevel[];
  readonly clearHoldMs: number;
  /** First quality code that is not judged. */
  readonly unusableFrom: number;
  /** How far back a reading's judgement reaches: readings in [at − windowMs, at] count. 0: each is judged by itself. */
  readonly windowMs: number;
  /** What of a window is judged; without a window the value. */
  readonly measure: Measure;
  /** Fewest readings of the window with which it is judged. */
  readonly leastReadings: number;
  readonly percentile: number;
  readonly silence: boolean;
  /** How several series are put together; `null`: each is judged by itself. */
  readonly joint: CompiledJoint | null;
  /** `null`: it applies at all times. */
  readonly active: ActiveClock | null;
  /** Which of two shown values is the worse one; a number: the one farther from it. */
  readonly worse: 'higher' | 'lower' | number;
  /** While nothing is pending or active, a value with quietLow < value < quietHigh changes nothing. Empty for rules with a window. */
  readonly quietHigh: number;
  readonly quietLow: number;
}

/** First suspect code of qualities. */
export const SUSPECT_FROM = 0x10;

/** Makes the rule ready. `offset`: the site's clock, for active times. */
export function compileRule(rule: Rule, offset: UtcOffset = VIETNAM_TIME): CompiledRule {
  const { condition } = rule;
  const common = {
    rule,
    clearHoldMs: rule.clearHold,
    unusableFrom: rule.judgeSuspect ? UNUSABLE_FROM : SUSPECT_FROM,
    active: rule.active === undefined ? null : new ActiveClock(rule.active, offset),
  };
  switch (condition.kind) {
    case 'combination':
    case 'area_count':
    case 'neighbours': {
      const levels = worstFirst(compileJointLevels(condition, rule.quantity));
      return {
        ...common,
        levels,
        ...NO_WINDOW,
        silence: false,
        joint: compileJoint(condition, rule.quantity),
        worse: worseOfLimits(levels),
        ...quietRange(levels),
      };
    }
    default: {
      const levels = worstFirst(compileLevels(condition));
      const window = windowOf(condition);
      return {
        ...common,
        levels,
        ...window,
        silence: condition.kind === 'no_data',
        joint: null,
        worse: worseOfLimits(levels),
        ...quietRange(window.windowMs > 0 ? [] : levels),
      };
    }
  }
}

const worstFirst = (levels: Iterable<CompiledLevel>): readonly CompiledLevel[] =>
  [...levels].sort((a, b) => severityRank(a.severity) - severityRank(b.severity));

/** Empty without levels. */
function quietRange(levels: readonly CompiledLevel[]): Pick<CompiledRule, 'quietHigh' | 'quietLow'> {
  if (levels.length === 0) return { quietHigh: Number.NEGATIVE_INFINITY, quietLow: Number.POSITIVE_INFINITY };
  return {
    quietHigh: Math.min(...levels.map((level) => level.high)),
    quietLow: Math.max(...levels.map((level) => level.low)),
  };
}

function worseOfLimits(levels: readonly CompiledLevel[]): CompiledRule['worse'] {
  const mildest = levels.at(-1);
  if (mildest === undefined || mildest.shownLow === Number.NEGATIVE_INFINITY) return 'higher';
  if (mildest.shownHigh === Number.POSITIVE_INFINITY) return 'lower';
  return (mildest.shownLow + mildest.shownHigh) / 2;
}

type Window = Pick<CompiledRule, 'windowMs' | 'measure' | 'leastReadings' | 'percentile'>;
const NO_WINDOW: Window = { windowMs: 0, measure: 'value', leastReadings: 1, percentile: 0 };

function windowOf(condition: SeriesCondition): Window {
  if (condition.kind === 'rate_of_change') {
    return { windowMs: condition.window, measure: condition.direction, leastReadings: 1, percentile: 0 };
  }
  const over =
    condition.kind === 'frozen'
      ? ({ ...condition.within, statistic: 'range' } as const)
      : condition.kind === 'no_data'
        ? undefined
        : condition.over;
  if (over === undefined) return NO_WINDOW;
  return {
    // Times are whole milliseconds: (at − length, at] is [at − length + 1, at].
    windowMs: over.length - 1,
    measure: over.statistic,
    leastReadings: Math.max(expectedLeast(over), over.statistic === 'range' ? 2 : 1),
    percentile: over.statistic === 'percentile' ? over.percentile : 0,
  };
}

/** Readings that the least data capture of a window asks for. */
const expectedLeast = (over: Pick<RollingStatistic, 'length' | 'interval' | 'minimumCapture'>): number =>
  Math.ceil((over.minimumCapture * over.length) / over.interval);

type LimitsOfLevel = Pick<CompiledLevel, 'high' | 'low' | 'clearHigh' | 'clearLow'>;
const NEVER: LimitsOfLevel = {
  high: Number.POSITIVE_INFINITY,
  low: Number.NEGATIVE_INFINITY,
  clearHigh: Number.POSITIVE_INFINITY,
  clearLow: Number.NEGATIVE_INFINITY,
};
const level = (severity: Severity, holdMs: number, limits: Partial<LimitsOfLevel>): CompiledLevel => {
  const all = { ...NEVER, ...limits };
  return { severity, holdMs, ...all, shownHigh: all.high, shownLow: all.low };
};

function* compileLevels(condition: SeriesCondition): Generator<CompiledLevel> {
  switch (condition.kind) {
    case 'above':
    case 'rate_of_change':
      for (const { severity, hold, limit } of condition.levels) {
        yield level(severity, hold, { high: limit, clearHigh: limit - condition.hysteresis });
      }
      return;
    case 'below':
      for (const { severity, hold, limit } of condition.levels) {
        yield level(severity, hold, { low: limit, clearLow: limit + condition.hysteresis });
      }
      return;
    case 'outside':
      for (const { severity, hold, low, high } of condition.levels) {
        const { hysteresis } = condition;
        yield level(severity, hold, { low, high, clearHigh: high - hysteresis, clearLow: low + hysteresis });
      }
      return;
    case 'frozen':
      for (const { severity, hold } of condition.levels) {
        yield level(severity, hold, { low: condition.tolerance, clearLow: condition.tolerance });
      }
      return;
    case 'no_data':
      for (const { severity, hold } of condition.levels) yield level(severity, hold, {});
  }
}

/** Whether a reading of this quality is judged by the rule. */
export const isJudged = (compiled: CompiledRule, quality: number): boolean => quality < compiled.unusableFrom;
