import { UNUSABLE_FROM } from './quality.ts';
import { ReadingWindow } from './reading-window.ts';
import { type Condition, isWorse, type RollingStatistic, type Rule, type Severity, severityRank } from './rule.ts';
import type { EpochMs } from './time.ts';

/** What one reading (or the passing of silence) did to the condition of one rule on one series. `at`: event time. */
export type ConditionEvent =
  | {
      readonly kind: 'activated';
      readonly at: EpochMs;
      readonly severity: Severity;
      /** What was judged: the reading's value, its change in a rate rule, the statistic of its window; `null` for silence. */
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

type Measure = 'value' | 'rising' | 'falling' | 'either' | 'range' | RollingStatistic['statistic'];

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
  /** While nothing is pending or active, a value with quietLow < value < quietHigh changes nothing. Empty for rules with a window. */
  readonly quietHigh: number;
  readonly quietLow: number;
}

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

const SUSPECT_FROM = 0x10;

/** @see CompiledRule */
export function compileRule(rule: Rule): CompiledRule {
  const { condition } = rule;
  const levels = [...compileLevels(condition)].sort((a, b) => severityRank(a.severity) - severityRank(b.severity));
  const window = windowOf(condition);
  const never = window.windowMs > 0 || levels.length === 0;
  return {
    rule,
    levels,
    clearHoldMs: rule.clearHold,
    unusableFrom: rule.judgeSuspect ? UNUSABLE_FROM : SUSPECT_FROM,
    ...window,
    silence: condition.kind === 'no_data',
    quietHigh: never ? Number.NEGATIVE_INFINITY : Math.min(...levels.map((level) => level.high)),
    quietLow: never ? Number.POSITIVE_INFINITY : Math.max(...levels.map((level) => level.low)),
  };
}

type Window = Pick<CompiledRule, 'windowMs' | 'measure' | 'leastReadings' | 'percentile'>;

function windowOf(condition: Condition): Window {
  if (condition.kind === 'rate_of_change') {
    return { windowMs: condition.window, measure: condition.direction, leastReadings: 1, percentile: 0 };
  }
  const over =
    condition.kind === 'frozen'
      ? ({ ...condition.within, statistic: 'range' } as const)
      : condition.kind === 'no_data'
        ? undefined
        : condition.over;
  if (over === undefined) return { windowMs: 0, measure: 'value', leastReadings: 1, percentile: 0 };
  const captured = Math.ceil((over.minimumCapture * over.length) / over.interval);
  return {
    // Times are whole milliseconds: (at − length, at] is [at − length + 1, at].
    windowMs: over.length - 1,
    measure: over.statistic,
    leastReadings: Math.max(captured, over.statistic === 'range' ? 2 : 1),
    percentile: over.statistic === 'percentile' ? over.percentile : 0,
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
    case 'frozen':
      for (const { severity, hold } of condition.levels) {
        yield { ...never, severity, holdMs: hold, low: condition.tolerance, clearLow: condition.tolerance };
      }
      return;
    case 'no_data':
      for (const { severity, hold } of condition.levels) yield { ...never, severity, holdMs: hold };
  }
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
  if (!Number.isFinite(level.low)) return level.high;
  if (!Number.isFinite(level.high)) return level.low;
  return Math.abs(x - level.high) <= Math.abs(x - level.low) ? level.high : level.low;
}

/** Whether a reading of this quality is judged by the rule. */
export const isJudged = (compiled: CompiledRule, quality: number): boolean => quality < compiled.unusableFrom;

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
  if (Number.isNaN(x)) return null;
  const { levels } = compiled;
  const { breachedSince, active } = state;
  let reached = -1;
  let pending = false;
  for (let i = active < 0 ? levels.length - 1 : active - 1; i >= 0; i--) {
    const level = levels[i]!;
    if (x >= level.high || x <= level.low) {
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
    state.worstValue = x;
    state.suspect = suspect;
    return moveTo(compiled, state, reached, at, x, suspect);
  }
  state.worstValue = worseOf(compiled, state.worstValue, x);
  state.suspect ||= suspect;
  if (reached >= 0) return moveTo(compiled, state, reached, at, x, suspect);
  for (let i = active; i < levels.length; i++) {
    const level = levels[i]!;
    if (x < level.clearHigh && x > level.clearLow) continue;
    state.insideSince = Number.NaN;
    return i === active ? null : moveTo(compiled, state, i, at, x, suspect);
  }
  if (Number.isNaN(state.insideSince)) state.insideSince = at;
  return at - state.insideSince < compiled.clearHoldMs ? null : clear(state, at, x);
}

/** Puts level `next` in force. */
function moveTo(
  compiled: CompiledRule,
  state: ConditionState,
  next: number,
  at: number,
  x: number,
  suspect: boolean,
): ConditionEvent {
  const before = state.active;
  state.active = next;
  state.quiet = false;
  state.insideSince = Number.NaN;
  state.breachedSince.fill(Number.NaN, next);
  const { severity } = compiled.levels[next]!;
  const limit = limitOf(compiled, next, x);
  const common = { at: at as EpochMs, severity, value: x, limit, suspect };
  if (before < 0) return { kind: 'activated', ...common };
  return { kind: next < before ? 'severity_raised' : 'severity_lowered', ...common, worstValue: state.worstValue };
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
    worstValue: Number.isNaN(worstValue) ? null : worstValue,
    suspect,
  };
}

/** The farther out of two values, seen by the rule; NaN is farther in than anything. */
function worseOf(compiled: CompiledRule, a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  const { kind } = compiled.rule.condition;
  if (kind === 'below' || kind === 'frozen') return Math.min(a, b);
  if (kind !== 'outside') return Math.max(a, b);
  const { low, high } = compiled.levels[compiled.levels.length - 1]!;
  const middle = (low + high) / 2;
  return Math.abs(b - middle) > Math.abs(a - middle) ? b : a;
}

/** True when the value (or what is judged of its window; noted in `state`) is inside every level by the hysteresis. */
export function isInsideAll(compiled: CompiledRule, state: ConditionState, at: number, value: number): boolean {
  const x = compiled.windowMs > 0 ? measureOf(compiled, state, at, value) : value;
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
    const before = state.active;
    state.active = i;
    state.quiet = false;
    state.breachedSince[0] = heardAt;
    const common = { at: (from + holdMs) as EpochMs, severity, value: null, limit: null, suspect: false };
    return before < 0 ? { kind: 'activated', ...common } : { kind: 'severity_raised', ...common, worstValue: null };
  }
  return null;
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

type OpenEpisode = { -readonly [K in keyof Episode]: Episode[K] };

/** Judges readings in ascending event time and gathers the episodes they make. */
export class EpisodeJudge {
  readonly compiled: CompiledRule;
  readonly state: ConditionState;
  readonly #episodes: OpenEpisode[] = [];

  constructor(compiled: CompiledRule, state: ConditionState = initialConditionState(compiled)) {
    this.compiled = compiled;
    this.state = state;
  }

  take({ eventTime, value, quality }: JudgedReading): void {
    this.takeReading(eventTime, value, quality);
  }

  /** The same without an object for each reading. */
  takeReading(eventTime: number, value: number, quality: number): void {
    if (this.compiled.silence || !isJudged(this.compiled, quality)) return;
    const event = stepCondition(this.compiled, this.state, eventTime, value, quality);
    if (event === null) return;
    if (event.kind === 'activated') {
      this.#episodes.push({
        activatedAt: event.at,
        clearedAt: null,
        worstSeverity: event.severity,
        triggerValue: event.value,
        worstValue: event.value,
        limit: event.limit,
        onSuspectData: event.suspect,
      });
      return;
    }
    const open = this.#episodes.at(-1);
    if (open === undefined) return;
    open.worstValue = event.worstValue;
    open.onSuspectData ||= event.suspect;
    if (event.kind === 'cleared') open.clearedAt = event.at;
    else if (isWorse(event.severity, open.worstSeverity)) {
      open.worstSeverity = event.severity;
      open.limit = event.limit;
    }
  }

  /** All so far, in order; the last is open while the condition is active. */
  get episodes(): readonly Episode[] {
    const open = this.#episodes.at(-1);
    if (open !== undefined && this.state.active >= 0) {
      open.worstValue = this.state.worstValue;
      open.onSuspectData ||= this.state.suspect;
    }
    return this.#episodes;
  }
}

/**
 * What the rule says of readings in ascending event time, beginning with a normal condition: the definition that live and past alarms
 * together are held to. Silence rules have no backtest: silence is judged by arrival, which stored readings don't tell.
 */
export function backtest(compiled: CompiledRule, readings: Iterable<JudgedReading>): readonly Episode[] {
  const judge = new EpisodeJudge(compiled);
  for (const reading of readings) judge.take(reading);
  return judge.episodes;
}
