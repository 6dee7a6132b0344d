import { type CompiledRule, SUSPECT_FROM } from './compiled-rule.ts';
import { ReadingWindow } from './reading-window.ts';
import type { Severity } from './rule.ts';
import { type EpochMs, epochMs } from './time.ts';

/** What one reading (or the passing of silence) did to the condition of one rule on one series. `at`: event time. */
export type ConditionEvent =
  | {
      readonly kind: 'activated';
      readonly at: EpochMs;
      readonly severity: Severity;
      /**
       * What was judged: the reading's value, its change in a rate rule, the statistic of its window; of an area the point's that was farthest out, of a
       * combination that of the rule's quantity, of a neighbourhood the deviation. `null` for silence.
       */
      readonly value: number | null;
      readonly limit: number | null;
      readonly suspect: boolean;
    }
  | {
      readonly kind: 'severity_raised' | 'severity_lowered';
      readonly at: EpochMs;
      readonly severity: Severity;
      readonly value: number | null;
      /** Worst since the activation. */
      readonly worstValue: number | null;
      readonly limit: number | null;
      readonly suspect: boolean;
    }
  | {
      readonly kind: 'cleared';
      readonly at: EpochMs;
      readonly value: number | null;
      readonly worstValue: number | null;
      /** A suspect reading had part in the activation. */
      readonly suspect: boolean;
    };

/**
 * State of one rule on one series. Mutable on purpose: it is stepped for every reading of the city.
 * All times are event times in ms (silence: arrival times); NaN means "not".
 */
export interface ConditionState {
  /** Nothing is pending or active: the test of the usual case. */
  quiet: boolean;
  /** Index of the level in force, −1 when the condition is not active. */
  active: number;
  /**
   * Since when level i is breached without a break; NaN for the level in force and those milder.
   * Silence: [0] is when the series was last heard before it fell silent.
   */
  readonly breachedSince: Float64Array;
  /** Since when the value is inside every level by the hysteresis while active. */
  insideSince: number;
  /** Worst value since the activation. */
  worstValue: number;
  /** A suspect reading was judged since the activation. */
  suspect: boolean;
  /** Judged readings of the rule's window; `null` for rules without. */
  readonly recent: ReadingWindow | null;
}

export const initialConditionState = (compiled: CompiledRule): ConditionState => ({
  quiet: true,
  active: -1,
  breachedSince: new Float64Array(compiled.levels.length).fill(Number.NaN),
  insideSince: Number.NaN,
  worstValue: Number.NaN,
  suspect: false,
  recent: compiled.windowMs > 0 ? new ReadingWindow() : null,
});

/** True when nothing distinguishes the state from {@link initialConditionState}, so that it need not be kept. */
export const isInitial = (state: ConditionState): boolean =>
  state.quiet && (state.recent === null || state.recent.length === 0);

/** A state of its own with the same content. */
export const copyOf = (state: ConditionState): ConditionState => ({
  ...state,
  breachedSince: state.breachedSince.slice(),
  recent: state.recent && ReadingWindow.from(state.recent.toArray()),
});

/** True when the two will say the same of every reading to come (what they remember of the past, such as a worst value, aside). */
export function judgeAlike(a: ConditionState, b: ConditionState): boolean {
  return (
    a.active === b.active &&
    Object.is(a.insideSince, b.insideSince) &&
    a.breachedSince.every((since, i) => Object.is(since, b.breachedSince[i])) &&
    sameWindow(a.recent, b.recent)
  );
}

function sameWindow(a: ReadingWindow | null, b: ReadingWindow | null): boolean {
  if (a === null || b === null || a.length !== b.length) return a === b;
  const parts = b.toArray();
  return a.toArray().every((part, i) => part === parts[i]);
}

/**
 * Makes the state active at the level of `severity` (else the mildest), as if it had just been judged so: for an alarm that was open when
 * its rule was edited, or whose state is lost.
 */
export function resumeActive(compiled: CompiledRule, state: ConditionState, severity: Severity, worst: number | null) {
  const same = compiled.levels.findIndex((level) => level.severity === severity);
  state.active = same >= 0 ? same : compiled.levels.length - 1;
  state.quiet = false;
  state.worstValue = worst ?? Number.NaN;
}

/** The limit of level `index` that `x` is nearest to crossing; `null` for silence. */
function limitOf(compiled: CompiledRule, index: number, x: number): number | null {
  const level = compiled.levels[index]!;
  if (compiled.silence) return null;
  if (!Number.isFinite(level.shownLow)) return level.shownHigh;
  if (!Number.isFinite(level.shownHigh)) return level.shownLow;
  return Math.abs(x - level.shownHigh) <= Math.abs(x - level.shownLow) ? level.shownHigh : level.shownLow;
}

/**
 * Judges the next reading of a series, in order of event time. Changes `state`; returns what happened, or `null` (the usual case).
 * Readings that may not be judged (invalid, calibrating; suspect where the rule says so) are to be left out by {@link isJudged}.
 *
 * A level counts from the first reading at or after the start of its breach + its hold that still breaches it. While a level is in force
 * the milder ones count as met too, so that coming back from the worst goes down through them whatever their holds; the condition clears
 * when the value has been inside all of them, by the hysteresis, for the clear hold.
 */
export function stepCondition(
  compiled: CompiledRule,
  state: ConditionState,
  at: number,
  value: number,
  quality: number,
): ConditionEvent | null {
  if (state.quiet && value < compiled.quietHigh && value > compiled.quietLow) return null;
  const x = compiled.windowMs > 0 ? measureOf(compiled, state, at, value) : value;
  return Number.isNaN(x) ? null : stepMeasured(compiled, state, at, x, x, x, quality);
}

/**
 * Judges what was measured at an instant, later than all before. `x` may be in breach, `clearX` back inside: the same number unless the rule puts
 * several series together. `shown` is what people are told; NaN: nothing. Outside the rule's active times everything counts as inside
 * (see `ActiveTimes`).
 */
export function stepMeasured(
  compiled: CompiledRule,
  state: ConditionState,
  at: number,
  x: number,
  clearX: number,
  shown: number,
  quality: number,
): ConditionEvent | null {
  const { levels } = compiled;
  const { breachedSince, active } = state;
  const applies = compiled.active === null || compiled.active.isActive(at);
  let reached = -1;
  let pending = false;
  for (let i = active < 0 ? levels.length - 1 : active - 1; i >= 0; i--) {
    const level = levels[i]!;
    if (applies && (x >= level.high || x <= level.low)) {
      if (Number.isNaN(breachedSince[i]!)) breachedSince[i] = at;
      if (at - breachedSince[i]! >= level.holdMs) reached = i;
      else pending = true;
    } else breachedSince[i] = Number.NaN;
  }
  if (reached < 0 && active < 0) {
    state.quiet = !pending;
    return null;
  }
  const suspect = quality >= SUSPECT_FROM;
  if (active < 0) {
    state.worstValue = shown;
    state.suspect = suspect;
    return moveTo(compiled, state, reached, at, shown, suspect);
  }
  if (applies) {
    state.worstValue = worseOf(compiled, state.worstValue, shown);
    state.suspect ||= suspect;
    if (reached >= 0) return moveTo(compiled, state, reached, at, shown, suspect);
    for (let i = active; i < levels.length; i++) {
      const level = levels[i]!;
      if (clearX < level.clearHigh && clearX > level.clearLow) continue;
      state.insideSince = Number.NaN;
      return i === active ? null : moveTo(compiled, state, i, at, shown, suspect);
    }
  }
  if (Number.isNaN(state.insideSince)) state.insideSince = at;
  return at - state.insideSince < compiled.clearHoldMs ? null : clear(state, at, orNull(shown));
}

/** NaN stands for no value. */
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Puts level `next` in force. */
function moveTo(
  compiled: CompiledRule,
  state: ConditionState,
  next: number,
  at: number,
  shown: number,
  suspect: boolean,
): ConditionEvent {
  const before = state.active;
  state.active = next;
  state.quiet = false;
  state.insideSince = Number.NaN;
  state.breachedSince.fill(Number.NaN, next);
  const { severity } = compiled.levels[next]!;
  const limit = limitOf(compiled, next, shown);
  const common = { at: at as EpochMs, severity, value: orNull(shown), limit, suspect };
  if (before < 0) return { kind: 'activated', ...common };
  const worstValue = orNull(state.worstValue);
  return { kind: next < before ? 'severity_raised' : 'severity_lowered', ...common, worstValue };
}

function clear(state: ConditionState, at: number, x: number | null): ConditionEvent {
  const { worstValue, suspect } = state;
  state.quiet = true;
  state.active = -1;
  state.breachedSince.fill(Number.NaN);
  state.insideSince = Number.NaN;
  state.worstValue = Number.NaN;
  state.suspect = false;
  return {
    kind: 'cleared',
    at: at as EpochMs,
    value: x,
    worstValue: orNull(worstValue),
    suspect,
  };
}

/** The farther out of two values, seen by the rule; NaN is farther in than anything. */
function worseOf({ worse }: CompiledRule, a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  if (Number.isNaN(b)) return a;
  if (worse === 'higher') return Math.max(a, b);
  if (worse === 'lower') return Math.min(a, b);
  return Math.abs(b - worse) > Math.abs(a - worse) ? b : a;
}

/** True when the value (or what is judged of its window; noted in `state`) is inside every level by the hysteresis, or the rule doesn't apply then. */
export function isInsideAll(compiled: CompiledRule, state: ConditionState, at: number, value: number): boolean {
  const x = compiled.windowMs > 0 ? measureOf(compiled, state, at, value) : value;
  if (compiled.active !== null && !compiled.active.isActive(at)) return true;
  return compiled.levels.every((level) => x < level.clearHigh && x > level.clearLow);
}

/**
 * What is judged of the window that ends with this reading, which is noted in `state`: the change since the oldest reading in the rule's direction (0 when
 * there is no other), or the statistic; NaN with fewer readings than the rule asks for.
 */
function measureOf(compiled: CompiledRule, state: ConditionState, at: number, value: number): number {
  const { recent } = state;
  if (recent === null) return Number.NaN;
  recent.add(at, value, at - compiled.windowMs);
  if (recent.length < compiled.leastReadings) return Number.NaN;
  switch (compiled.measure) {
    case 'rising':
      return value - recent.oldest;
    case 'falling':
      return recent.oldest - value;
    case 'either':
      return Math.abs(value - recent.oldest);
    case 'mean':
      return recent.mean;
    case 'max':
      return recent.max;
    case 'min':
      return recent.min;
    case 'percentile':
      return recent.percentile(compiled.percentile);
    case 'range':
      return recent.max - recent.min;
    case 'value':
      return value;
  }
}

/**
 * Judges silence at the instant `now`. `heardAt`: when the series was last heard; `readyAt`: when the platform was last ready to receive
 * (its outage is not silence of the sensors). A level counts from the later of both + its hold, and only hearing the series again clears:
 * at that time, or once it has been heard for the clear hold without falling silent. One event a call, the mildest first: call until `null`,
 * so that it doesn't matter how late one asks.
 */
export function stepSilence(
  compiled: CompiledRule,
  state: ConditionState,
  now: number,
  heardAt: number,
  readyAt: number,
): ConditionEvent | null {
  const { levels } = compiled;
  if (state.active >= 0 && heardAt > state.breachedSince[0]!) {
    if (now - Math.max(heardAt, readyAt) < levels[levels.length - 1]!.holdMs) {
      if (Number.isNaN(state.insideSince)) state.insideSince = heardAt;
      return heardAt - state.insideSince < compiled.clearHoldMs ? null : clear(state, heardAt, null);
    }
    state.insideSince = Number.NaN;
    state.breachedSince[0] = heardAt;
  }
  const from = Math.max(heardAt, readyAt);
  for (let i = state.active < 0 ? levels.length - 1 : state.active - 1; i >= 0; i--) {
    const { holdMs, severity } = levels[i]!;
    if (now - from < holdMs) continue;
    const at = compiled.active === null ? from + holdMs : compiled.active.firstActiveFrom(epochMs(from + holdMs));
    if (at === null || at > now) continue;
    const before = state.active;
    state.active = i;
    state.quiet = false;
    state.breachedSince[0] = heardAt;
    const common = { at: at as EpochMs, severity, value: null, limit: null, suspect: false };
    return before < 0 ? { kind: 'activated', ...common } : { kind: 'severity_raised', ...common, worstValue: null };
  }
  return null;
}
