import type { Alarm, AlarmRevision } from './alarm.ts';
import { type CompiledRule, isJudged } from './compiled-rule.ts';
import { type Episode, EpisodeJudge, type JudgedReading } from './episode.ts';
import type { AlarmId } from './identifiers.ts';
import { isWorse, type Severity } from './rule.ts';
import { type ConditionState, initialConditionState, isInsideAll } from './rule-evaluation.ts';
import type { EpochMs } from './time.ts';

/**
 * Finds instants at which the condition is normal whatever came before: the value has been inside every level, by the hysteresis, for the
 * clear hold. Between two such instants a span of readings can be judged by itself and says what judging all of history would.
 */
class CertainlyNormal {
  readonly #compiled: CompiledRule;
  readonly #scratch: ConditionState;
  readonly #knownFrom: number;
  #insideSince = Number.NaN;

  /** `knownFrom`: readings at or after it are all given; a change over a window that begins before it is not certain. */
  constructor(compiled: CompiledRule, knownFrom: number) {
    this.#compiled = compiled;
    this.#scratch = initialConditionState(compiled);
    this.#knownFrom = knownFrom;
  }

  take({ eventTime, value, quality, joint }: JudgedReading): boolean {
    if (!isJudged(this.#compiled, quality)) return false;
    const inside = isInsideAll(this.#compiled, this.#scratch, eventTime, joint?.clearValue ?? value);
    const { windowMs, clearHoldMs } = this.#compiled;
    if (!inside || (windowMs > 0 && eventTime - windowMs < this.#knownFrom)) {
      this.#insideSince = Number.NaN;
      return false;
    }
    if (Number.isNaN(this.#insideSince)) this.#insideSince = eventTime;
    return eventTime - this.#insideSince >= clearHoldMs;
  }
}

/** Where judging may begin: the state there, and the readings from there on. */
interface Start {
  /** Event time of the reading after which the condition was normal; −∞ when judging begins with the first reading ever. */
  readonly normalAt: number;
  readonly state: ConditionState;
  readonly readings: readonly JudgedReading[];
}

/**
 * The latest place among `readings` (ascending, none missing since `knownFrom`; −∞: since the first ever) from which judging says what
 * judging all of history would; `null` when earlier readings are needed.
 */
export function certainStart(
  compiled: CompiledRule,
  readings: readonly JudgedReading[],
  knownFrom: number,
): Start | null {
  const normal = new CertainlyNormal(compiled, knownFrom);
  let last = -1;
  readings.forEach((reading, i) => {
    if (normal.take(reading)) last = i;
  });
  const state = initialConditionState(compiled);
  if (last < 0) return knownFrom === Number.NEGATIVE_INFINITY ? { normalAt: knownFrom, state, readings } : null;
  const normalAt = readings[last]!.eventTime;
  // The window is filled again with what it held then.
  let first = last;
  while (first > 0 && readings[first - 1]!.eventTime >= normalAt - compiled.windowMs) first--;
  if (compiled.windowMs > 0) {
    for (const reading of readings.slice(first, last + 1)) {
      if (isJudged(compiled, reading.quality)) isInsideAll(compiled, state, reading.eventTime, reading.value);
    }
  }
  return { normalAt, state, readings: readings.slice(last + 1) };
}

/** Judges a span that late readings touched again, from a {@link certainStart} on until the condition is certainly normal after it. */
export class SpanJudge {
  readonly #judge: EpisodeJudge;
  readonly #after: CertainlyNormal;
  readonly #touchedTo: number;
  readonly from: number;
  /** Event time at which it was certainly normal again; +∞ while judging goes to the newest reading. */
  to: number = Number.POSITIVE_INFINITY;

  constructor(compiled: CompiledRule, start: Start, touchedTo: number) {
    this.#judge = new EpisodeJudge(compiled, start.state);
    // A window that reaches back to the touched span is not certain: the change must not depend on what came late.
    this.#after = new CertainlyNormal(compiled, touchedTo + 1);
    this.#touchedTo = touchedTo;
    this.from = start.normalAt;
    for (const reading of start.readings) this.take(reading);
  }

  /** Takes the next reading in event time. True: no more are needed. */
  take(reading: JudgedReading): boolean {
    if (this.done) return true;
    this.#judge.take(reading);
    if (reading.eventTime > this.#touchedTo && this.#after.take(reading)) this.to = reading.eventTime;
    return this.done;
  }

  get done(): boolean {
    return this.to !== Number.POSITIVE_INFINITY;
  }
  get episodes(): readonly Episode[] {
    return this.#judge.episodes;
  }
  get state(): ConditionState {
    return this.#judge.state;
  }
}

/** The part of an alarm that late data may correct. */
export type RecordedOccurrence = Pick<
  Alarm,
  'id' | 'startedAt' | 'clearedAt' | 'endedAt' | 'worstSeverity' | 'activationCount' | 'revision'
>;

/** When an occurrence was over, as recorded; +∞ while it is active. */
export const recordedEnd = (occurrence: RecordedOccurrence): number =>
  occurrence.clearedAt ?? occurrence.endedAt ?? Number.POSITIVE_INFINITY;

export interface Reconciled {
  /** Would have been alarms. */
  readonly past: readonly (Episode & { readonly clearedAt: EpochMs })[];
  /** What is to be noted on which occurrence; `null`: it was recorded right. Only where it differs from what is noted. */
  readonly revisions: readonly { readonly id: AlarmId; readonly revision: AlarmRevision | null }[];
  /** An episode is still open that no active occurrence stands for: it is not over, so not past, and live has not raised it. */
  readonly waiting: boolean;
}

/**
 * Compares what a span's readings say (`episodes`) with what was recorded of it. An episode belongs to the occurrence it overlaps; of
 * several, to the one that was noted as it, else to the one it overlaps longest, so an open one to the active one. Without one it was missed. `untouchable` occurrences (judged
 * under another version of the rule) keep what they say, and episodes that overlap them are left out.
 */
export function reconcile(
  episodes: readonly Episode[],
  occurrences: readonly RecordedOccurrence[],
  untouchable: readonly RecordedOccurrence[] = [],
): Reconciled {
  const ordered = [...occurrences].sort((a, b) => a.startedAt - b.startedAt);
  const of = new Map<AlarmId, Episode[]>(ordered.map((occurrence) => [occurrence.id, []]));
  const ownerOf = new Map<Episode, AlarmId>();
  const past: (Episode & { clearedAt: EpochMs })[] = [];
  let waiting = false;
  for (const episode of episodes) {
    if (untouchable.some((occurrence) => overlap(occurrence, episode))) continue;
    const owner = ownerAmong(ordered, episode);
    if (episode.clearedAt === null && (owner === undefined || Number.isFinite(recordedEnd(owner)))) waiting = true;
    if (owner !== undefined) {
      of.get(owner.id)!.push(episode);
      ownerOf.set(episode, owner.id);
    } else if (episode.clearedAt !== null) past.push({ ...episode, clearedAt: episode.clearedAt });
  }
  const revisions = ordered.flatMap((occurrence) => {
    const covering = episodes.find((episode) => ownerOf.has(episode) && overlap(occurrence, episode));
    const revision = revisionOf(occurrence, of.get(occurrence.id)!, covering && ownerOf.get(covering));
    return sameRevision(revision, occurrence.revision) ? [] : [{ id: occurrence.id, revision }];
  });
  return { past, revisions, waiting };
}

/**
 * Of equal overlaps the later occurrence's: an earlier one only spans it by coming back later. Who is noted to be an episode that is over stays so: that
 * was the active one while it lasted, however long the others overlap it, and judging all of it again must not say otherwise.
 */
function ownerAmong(ordered: readonly RecordedOccurrence[], episode: Episode): RecordedOccurrence | undefined {
  const noted = ordered.find((occurrence) => isNotedAs(occurrence, episode) && overlap(occurrence, episode));
  if (noted !== undefined) return noted;
  let owner: RecordedOccurrence | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const occurrence of ordered) {
    if (!overlap(occurrence, episode)) continue;
    const end = Math.min(recordedEnd(occurrence), episode.clearedAt ?? Number.POSITIVE_INFINITY);
    const shared = end - Math.max(occurrence.startedAt, episode.activatedAt);
    if (shared >= most) owner = occurrence;
    most = Math.max(most, shared);
  }
  return owner;
}

const isNotedAs = ({ revision }: RecordedOccurrence, { activatedAt, clearedAt }: Episode): boolean =>
  clearedAt !== null &&
  revision?.kind === 'corrected' &&
  revision.activationCount === 1 &&
  revision.startedAt === activatedAt &&
  revision.clearedAt === clearedAt;

const overlap = (occurrence: RecordedOccurrence, episode: Episode): boolean =>
  occurrence.startedAt <= (episode.clearedAt ?? Number.POSITIVE_INFINITY) &&
  episode.activatedAt <= recordedEnd(occurrence);

function revisionOf(
  occurrence: RecordedOccurrence,
  episodes: readonly Episode[],
  partOf: AlarmId | undefined,
): AlarmRevision | null {
  const first = episodes[0];
  if (first === undefined) return { kind: 'not_confirmed', ...(partOf === undefined ? {} : { partOf }) };
  const startedAt = first.activatedAt;
  const { clearedAt } = episodes.at(-1)!;
  const worstSeverity = episodes.reduce<Severity>(
    (worst, e) => (isWorse(e.worstSeverity, worst) ? e.worstSeverity : worst),
    first.worstSeverity,
  );
  const activationCount = episodes.length;
  return occurrence.startedAt === startedAt &&
    occurrence.clearedAt === clearedAt &&
    occurrence.worstSeverity === worstSeverity &&
    occurrence.activationCount === activationCount
    ? null
    : { kind: 'corrected', startedAt, clearedAt, worstSeverity, activationCount };
}

/** True when both say the same of an occurrence. */
export function sameRevision(a: AlarmRevision | null, b: AlarmRevision | null): boolean {
  if (a?.kind === 'corrected' && b?.kind === 'corrected') {
    return (
      a.startedAt === b.startedAt &&
      a.clearedAt === b.clearedAt &&
      a.worstSeverity === b.worstSeverity &&
      a.activationCount === b.activationCount
    );
  }
  if (a?.kind === 'not_confirmed' && b?.kind === 'not_confirmed') return a.partOf === b.partOf;
  return a === b;
}
