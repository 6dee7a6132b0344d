import { UNUSABLE_FROM } from './quality.ts';
import { type Condition, type Rule, type Severity, severityRank } from './rule.ts';
import type { EpochMs } from './time.ts';

/** What one reading (or the passing of silence) did to the condition of one rule on one series. Event times. */
export type ConditionEvent =
  | {
      readonly kind: 'activated';
      readonly at: EpochMs;
      readonly severity: Severity;
      readonly value: number | null;
      readonly limit: number | null;
      readonly suspect: boolean;
    }
  | {
      readonly kind: 'severity_raised' | 'severity_lowered';
      readonly at: EpochMs;
      readonly severity: Severity;
      readonly value: number | null;
      readonly limit: number | null;
      readonly suspect: boolean;
    }
  | { readonly kind: 'cleared'; readonly at: EpochMs; readonly value: number | null };

/** One level with its breach and return tests reduced to two numbers a side. */
interface CompiledLevel {
  readonly severity: Severity;
  readonly holdMs: number;
  /** Breached at x ≥ high or x ≤ low. */
  readonly high: number;
  readonly low: number;
  /** Back inside when clearLow < x < clearHigh. */
  readonly clearHigh: number;
  readonly clearLow: number;
}

/** A rule made ready to judge readings. Levels worst first. */
export interface CompiledRule {
  readonly rule: Rule;
  readonly levels: readonly CompiledLevel[];
  readonly clearHoldMs: number;
  /** First quality code that is not judged. */
  readonly unusableFrom: number;
  readonly rateWindowMs: number;
  readonly rateDirection: 'rising' | 'falling' | 'either';
  readonly silence: boolean;
}

/**
 * State of one rule on one series. Mutable on purpose: it is stepped once for every reading of the city.
 * All times are event times in ms; NaN means "not".
 */
export interface ConditionState {
  /** Since when level i is breached without a break. */
  readonly breachedSince: Float64Array;
  /** Whether level i has been breached for its hold and has not come back by the hysteresis. */
  readonly met: Uint8Array;
  /** Index of the level in force, −1 when the condition is not active. */
  active: number;
  /** Since when the value is inside by the hysteresis while active. */
  insideSince: number;
  /** Usable readings of the rate window, oldest first: time, value, time, value … */
  recent: number[];
}

/** Readings a rate window holds at the most; beyond it the oldest go, which shortens the window. */
export const RATE_WINDOW_READINGS = 4_096;
const SUSPECT_FROM = 0x10;

/** @see CompiledRule */
export function compileRule(rule: Rule): CompiledRule {
  const { condition } = rule;
  const levels = [...compileLevels(condition)].sort((a, b) => severityRank(a.severity) - severityRank(b.severity));
  const rate = condition.kind === 'rate_of_change' ? condition : null;
  return {
    rule,
    levels,
    clearHoldMs: rule.clearHold,
    unusableFrom: rule.judgeSuspect ? UNUSABLE_FROM : SUSPECT_FROM,
    rateWindowMs: rate ? rate.window : 0,
    rateDirection: rate ? rate.direction : 'either',
    silence: condition.kind === 'no_data',
  };
}

function* compileLevels(condition: Condition): Generator<CompiledLevel> {
  const never = {
    high: Number.POSITIVE_INFINITY,
    low: Number.NEGATIVE_INFINITY,
    clearHigh: Number.POSITIVE_INFINITY,
    clearLow: Number.NEGATIVE_INFINITY,
  };
  switch (condition.kind) {
    case 'above':
    case 'rate_of_change':
      for (const { severity, hold, limit } of condition.levels) {
        yield { ...never, severity, holdMs: hold, high: limit, clearHigh: limit - condition.hysteresis };
      }
      return;
    case 'below':
      for (const { severity, hold, limit } of condition.levels) {
        yield { ...never, severity, holdMs: hold, low: limit, clearLow: limit + condition.hysteresis };
      }
      return;
    case 'outside':
      for (const { severity, hold, low, high } of condition.levels) {
        yield {
          severity,
          holdMs: hold,
          low,
          high,
          clearHigh: high - condition.hysteresis,
          clearLow: low + condition.hysteresis,
        };
      }
      return;
    case 'no_data':
      for (const { severity, hold } of condition.levels) yield { ...never, severity, holdMs: hold };
  }
}

export const initialConditionState = (compiled: CompiledRule): ConditionState => ({
  breachedSince: new Float64Array(compiled.levels.length).fill(Number.NaN),
  met: new Uint8Array(compiled.levels.length),
  active: -1,
  insideSince: Number.NaN,
  recent: [],
});

/** True when nothing distinguishes the state from {@link initialConditionState}, so that it need not be kept. */
export const isInitial = (state: ConditionState): boolean =>
  state.active < 0 && state.recent.length === 0 && state.breachedSince.every(Number.isNaN);

/** The limit of level `index` that `x` is nearest to crossing; `null` for silence. */
function limitOf(compiled: CompiledRule, index: number, x: number): number | null {
  const level = compiled.levels[index]!;
  if (compiled.silence) return null;
  if (!Number.isFinite(level.low)) return level.high;
  if (!Number.isFinite(level.high)) return level.low;
  return Math.abs(x - level.high) <= Math.abs(x - level.low) ? level.high : level.low;
}

/**
 * Judges the next reading of a series, in order of event time. Changes `state`; returns what happened, or `null` (the usual case).
 * Readings that may not be judged (invalid, calibrating; suspect where the rule says so) are to be left out by {@link isJudged}.
 */
export function stepCondition(
  compiled: CompiledRule,
  state: ConditionState,
  at: number,
  value: number,
  quality: number,
): ConditionEvent | null {
  const x = compiled.rateWindowMs > 0 ? changeWithin(compiled, state, at, value) : value;
  const { levels } = compiled;
  const { breachedSince, met } = state;
  let outside = false;
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i]!;
    if (x >= level.high || x <= level.low) {
      if (Number.isNaN(breachedSince[i])) breachedSince[i] = at;
      if (at - breachedSince[i]! >= level.holdMs) met[i] = 1;
    } else breachedSince[i] = Number.NaN;
    if (met[i] === 1 && !isInside(level, x)) outside = true;
  }
  if (outside) return stayOrMove(compiled, state, at, x, value, quality);
  if (state.active < 0) return null;
  if (Number.isNaN(state.insideSince)) state.insideSince = at;
  if (at - state.insideSince < compiled.clearHoldMs) return null;
  met.fill(0);
  state.active = -1;
  state.insideSince = Number.NaN;
  return { kind: 'cleared', at: at as EpochMs, value };
}

const isInside = (level: CompiledLevel, x: number): boolean => x < level.clearHigh && x > level.clearLow;

/** At least one level holds: levels that came back are let go, and the worst that holds is in force. */
function stayOrMove(
  compiled: CompiledRule,
  state: ConditionState,
  at: number,
  x: number,
  value: number,
  quality: number,
): ConditionEvent | null {
  const { levels } = compiled;
  state.insideSince = Number.NaN;
  let worst = -1;
  for (let i = levels.length - 1; i >= 0; i--) {
    if (state.met[i] === 1 && isInside(levels[i]!, x)) state.met[i] = 0;
    if (state.met[i] === 1) worst = i;
  }
  const before = state.active;
  if (worst === before) return null;
  state.active = worst;
  const kind = before < 0 ? 'activated' : worst < before ? 'severity_raised' : 'severity_lowered';
  return {
    kind,
    at: at as EpochMs,
    severity: levels[worst]!.severity,
    value,
    limit: limitOf(compiled, worst, x),
    suspect: quality >= SUSPECT_FROM && quality < UNUSABLE_FROM,
  };
}

/** Change since the oldest reading of the window (at − window, at], in the rule's direction; 0 for the first. */
function changeWithin(compiled: CompiledRule, state: ConditionState, at: number, value: number): number {
  const { recent } = state;
  let drop = 0;
  while (
    drop < recent.length &&
    (recent[drop]! < at - compiled.rateWindowMs || recent.length - drop >= 2 * RATE_WINDOW_READINGS)
  )
    drop += 2;
  if (drop > 0) recent.splice(0, drop);
  recent.push(at, value);
  const change = value - recent[1]!;
  if (compiled.rateDirection === 'rising') return change;
  if (compiled.rateDirection === 'falling') return -change;
  return Math.abs(change);
}

/** Whether a reading of this quality is judged by the rule. */
export const isJudged = (compiled: CompiledRule, quality: number): boolean => quality < compiled.unusableFrom;

/**
 * Judges silence at the instant `now`: `heardAt` is the later of the last reading's time and the moment the platform was last ready to
 * receive. A level's time of activation is `heardAt` + its hold. Changes `state`.
 */
export function stepSilence(
  compiled: CompiledRule,
  state: ConditionState,
  now: number,
  heardAt: number,
): ConditionEvent | null {
  let worst = -1;
  for (let i = compiled.levels.length - 1; i >= 0; i--) if (now - heardAt >= compiled.levels[i]!.holdMs) worst = i;
  if (worst === state.active) return null;
  const before = state.active;
  state.active = worst;
  if (worst < 0) return { kind: 'cleared', at: heardAt as EpochMs, value: null };
  const level = compiled.levels[worst]!;
  const kind = before < 0 ? 'activated' : worst < before ? 'severity_raised' : 'severity_lowered';
  return {
    kind,
    at: (heardAt + level.holdMs) as EpochMs,
    severity: level.severity,
    value: null,
    limit: null,
    suspect: false,
  };
}

/** One stretch of an active condition: [activatedAt, clearedAt), open when `clearedAt` is null. */
export interface Episode {
  readonly activatedAt: EpochMs;
  readonly clearedAt: EpochMs | null;
  readonly worstSeverity: Severity;
  readonly triggerValue: number | null;
  readonly worstValue: number | null;
  readonly limit: number | null;
  readonly onSuspectData: boolean;
}

/** A reading as the evaluator needs it. */
export interface JudgedReading {
  readonly eventTime: number;
  readonly value: number;
  readonly quality: number;
}

/** The farther out of two values, seen by the rule. */
export function worseValue(compiled: CompiledRule, a: number | null, b: number | null): number | null {
  if (a === null) return b;
  if (b === null) return a;
  switch (compiled.rule.condition.kind) {
    case 'below':
      return Math.min(a, b);
    case 'outside': {
      const { low, high } = compiled.levels[0]!;
      const middle = (low + high) / 2;
      return Math.abs(b - middle) > Math.abs(a - middle) ? b : a;
    }
    default:
      return Math.max(a, b);
  }
}

/**
 * What the rule says of readings in ascending event time, starting from a normal condition: the definition that live and past alarms together
 * are held to. Silence rules have no backtest: silence is judged by arrival, which stored readings don't tell.
 */
export function backtest(compiled: CompiledRule, readings: Iterable<JudgedReading>): Episode[] {
  const state = initialConditionState(compiled);
  const episodes: Episode[] = [];
  let open: { -readonly [K in keyof Episode]: Episode[K] } | null = null;
  for (const { eventTime, value, quality } of readings) {
    if (compiled.silence || !isJudged(compiled, quality)) continue;
    const event = stepCondition(compiled, state, eventTime, value, quality);
    if (event?.kind === 'activated') {
      open = {
        activatedAt: event.at,
        clearedAt: null,
        worstSeverity: event.severity,
        triggerValue: value,
        worstValue: value,
        limit: event.limit,
        onSuspectData: event.suspect,
      };
    } else if (open) {
      if (event?.kind === 'cleared') {
        episodes.push({ ...open, clearedAt: event.at });
        open = null;
        continue;
      }
      if (event?.kind === 'severity_raised' && severityRank(event.severity) < severityRank(open.worstSeverity))
        open.worstSeverity = event.severity;
      open.worstValue = worseValue(compiled, open.worstValue, value);
      open.onSuspectData ||= quality >= SUSPECT_FROM;
    }
  }
  if (open) episodes.push(open);
  return episodes;
}
