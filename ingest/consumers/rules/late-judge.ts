import type { Alarm } from '../../../domain/alarm.ts';
import type { CompiledRule } from '../../../domain/compiled-rule.ts';
import type { Episode, JudgedReading } from '../../../domain/episode.ts';
import type { SeriesId } from '../../../domain/identifiers.ts';
import { certainStart, type Reconciled, reconcile, recordedEnd, SpanJudge } from '../../../domain/late-judgement.ts';
import { type ConditionState, initialConditionState, judgeAlike } from '../../../domain/rule-evaluation.ts';
import { epochMs } from '../../../domain/time.ts';
import type { RulesRegistry } from './rules-settings.ts';

/** A rule on its scope as it was at one moment. */
export interface LateInput {
  readonly compiled: CompiledRule;
  /** What its occurrences are looked up by; `null`: the rule's area. */
  readonly scope: SeriesId | null;
  /** What the store holds of the scope, from ≤ event time < to, ascending. */
  readonly readings: (from: number, to: number) => AsyncIterable<JudgedReading>;
  /** Event times of the late readings (of several series: of the instants they have a part in), inclusive. */
  readonly from: number;
  readonly to: number;
  /** Newest event time live had judged, and its state and latest occurrence then. */
  readonly head: number;
  readonly liveState: ConditionState;
  readonly liveAlarm: Alarm | null;
}

export interface LateOutcome extends Reconciled {
  /** The occurrences compared, as they were recorded. */
  readonly occurrences: readonly Alarm[];
  /** Live goes on as the corrected judgement does: nothing more is to come of these late readings. */
  readonly settled: boolean;
  /** More readings than the bound would have been needed: judged from the earliest one read, as if the condition had been normal. */
  readonly approximate: boolean;
  /** The corrected judgement at the head, and what it holds for open; `null`: it ran together with live before. */
  readonly current: { readonly state: ConditionState; readonly open: Episode | null } | null;
}

export interface LateJudgeOptions {
  readonly registry: RulesRegistry;
  /** Readings before a late one that are read at the most to find a moment of certainty. */
  readonly lookbackReadings: number;
}

const FIRST_LOOKBACK_MS = 3_600_000;
const LOOKBACK_GROWTH = 8;
/** Occurrences that stick out of the judged span widen it; more often than this is not believed. */
const WIDENINGS = 32;

/** Judges what late readings touched, from the store, with the evaluator that judges live. */
export async function judgeLate(input: LateInput, options: LateJudgeOptions): Promise<LateOutcome> {
  const { compiled, scope, head } = input;
  const { rule } = compiled;
  // Under an edited rule only what the edit covers: before it, another version was in force.
  const inForceFrom = rule.version > 1 ? rule.createdAt : Number.NEGATIVE_INFINITY;
  let from = Math.max(input.from, inForceFrom);
  let to = Math.min(input.to, head);
  const nothing = {
    past: [],
    revisions: [],
    occurrences: [],
    waiting: false,
    settled: true,
    approximate: false,
    current: null,
  };
  if (from > to) return nothing;
  // One that verdicts take away and give back begins after the head, a millisecond after the one before: so do those before it.
  const knownTo = Math.max(head, input.liveAlarm?.startedAt ?? head);
  for (let round = 0; ; round++) {
    const { judge, approximate } = await judgeSpan(input, from, to, options);
    const found = await options.registry.ruleState.occurrences(
      rule.id,
      scope,
      epochMs(Math.max(judge.from, 0)),
      epochMs(Math.min(judge.to, knownTo) + 1),
    );
    const touched = asAtSnapshot(found, input.liveAlarm, knownTo).filter(
      (alarm) => recordedEnd(alarm) > judge.from && alarm.startedAt <= judge.to,
    );
    const occurrences = touched.filter((alarm) => alarm.startedAt >= inForceFrom);
    const outside = occurrences.filter(
      (alarm) => alarm.startedAt <= judge.from || (judge.done && recordedEnd(alarm) >= judge.to),
    );
    if (outside.length > 0 && round < WIDENINGS) {
      from = Math.min(from, ...outside.map((alarm) => alarm.startedAt));
      to = Math.max(to, Math.min(head, Math.max(...outside.map(recordedEnd))));
      continue;
    }
    const episodes = judge.episodes.filter((episode) => episode.activatedAt >= inForceFrom);
    const untouchable = touched.filter((alarm) => alarm.startedAt < inForceFrom);
    const reconciled = reconcile(episodes, occurrences, untouchable);
    const settled = !reconciled.waiting && (judge.done || judgeAlike(judge.state, input.liveState));
    const open = judge.episodes.findLast((episode) => episode.clearedAt === null) ?? null;
    return {
      ...reconciled,
      occurrences,
      settled,
      approximate,
      current: judge.done ? null : { state: judge.state, open },
    };
  }
}

/** The occurrences as live knew them when its state was taken: what came later is not to be compared with readings up to then. */
function asAtSnapshot(found: readonly Alarm[], live: Alarm | null, knownTo: number): readonly Alarm[] {
  const others = found.filter((alarm) => alarm.startedAt <= knownTo && alarm.id !== live?.id);
  return live === null ? others : [...others, live];
}

async function judgeSpan(
  { compiled, readings, head }: LateInput,
  from: number,
  to: number,
  { lookbackReadings }: LateJudgeOptions,
): Promise<{ judge: SpanJudge; approximate: boolean }> {
  const { levels, clearHoldMs, windowMs } = compiled;
  const longest = Math.max(clearHoldMs, windowMs, ...levels.map((level) => level.holdMs));
  let lookback = Math.max(FIRST_LOOKBACK_MS, 4 * longest);
  let before: JudgedReading[] = [];
  let knownFrom = from;
  let start = null;
  let approximate = false;
  while (start === null) {
    const earlier = Math.max(0, from - lookback);
    const more: JudgedReading[] = [];
    for await (const reading of readings(earlier, knownFrom)) more.push(reading);
    before = more.concat(before);
    knownFrom = earlier;
    start = certainStart(compiled, before, knownFrom === 0 ? Number.NEGATIVE_INFINITY : knownFrom);
    if (start === null && before.length >= lookbackReadings) {
      start = { normalAt: knownFrom, state: initialConditionState(compiled), readings: before };
      approximate = true;
    }
    lookback *= LOOKBACK_GROWTH;
  }
  const judge = new SpanJudge(compiled, start, to);
  for await (const reading of readings(from, head + 1)) if (judge.take(reading)) break;
  return { judge, approximate };
}
