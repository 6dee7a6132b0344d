import { type CompiledRule, isJudged } from './compiled-rule.ts';
import { isWorse, type Severity } from './rule.ts';
import {
  type ConditionEvent,
  type ConditionState,
  initialConditionState,
  stepCondition,
  stepMeasured,
} from './rule-evaluation.ts';
import type { EpochMs } from './time.ts';

/** One stretch of an active condition: [activatedAt, clearedAt), open when `clearedAt` is null. */
export interface Episode {
  readonly activatedAt: EpochMs;
  readonly clearedAt: EpochMs | null;
  readonly worstSeverity: Severity;
  readonly triggerValue: number | null;
  readonly worstValue: number | null;
  readonly limit: number | null;
  readonly onSuspectData: boolean;
  /** Of an area: which of its inputs were in breach when it began, and which of them was farthest out. */
  readonly area?: AreaSituation;
}

/** Which inputs of an area are in breach at an instant, and the one farthest out, by index. */
export interface AreaSituation {
  readonly breaching: readonly number[];
  readonly worst: number;
}

/** A reading as the evaluator needs it; or what several series come to at an instant, as if it were one. */
export interface JudgedReading {
  readonly eventTime: number;
  readonly value: number;
  readonly quality: number;
  readonly joint?: {
    /** What may be back inside, where `value` is what may be in breach. */
    readonly clearValue: number;
    /** What people are told; NaN: nothing. */
    readonly shown: number;
    /** Only of an area in which a level is breached. */
    readonly area: AreaSituation | null;
  };
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

  take({ eventTime, value, quality, joint }: JudgedReading): void {
    if (joint === undefined) this.takeReading(eventTime, value, quality);
    else {
      const { clearValue, shown, area } = joint;
      const event = stepMeasured(this.compiled, this.state, eventTime, value, clearValue, shown, quality);
      if (event !== null) this.#note(event, area);
    }
  }

  /** The same without an object for each reading. */
  takeReading(eventTime: number, value: number, quality: number): void {
    if (this.compiled.silence || !isJudged(this.compiled, quality)) return;
    const event = stepCondition(this.compiled, this.state, eventTime, value, quality);
    if (event !== null) this.#note(event, null);
  }

  #note(event: ConditionEvent, area: AreaSituation | null): void {
    if (event.kind === 'activated') {
      this.#episodes.push({
        activatedAt: event.at,
        clearedAt: null,
        worstSeverity: event.severity,
        triggerValue: event.value,
        worstValue: event.value,
        limit: event.limit,
        onSuspectData: event.suspect,
        ...(area === null ? {} : { area }),
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
      open.worstValue = Number.isNaN(this.state.worstValue) ? null : this.state.worstValue;
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
