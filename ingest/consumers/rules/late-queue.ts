import type { Alarm } from '../../../domain/alarm.ts';
import { alarmId, pastAlarm, revise } from '../../../domain/alarm-machine.ts';
import type { CompiledRule } from '../../../domain/compiled-rule.ts';
import type { SeriesId } from '../../../domain/identifiers.ts';
import type { JournalSequence } from '../../../domain/ports/journal.ts';
import { isWorse } from '../../../domain/rule.ts';
import { type ConditionEvent, copyOf } from '../../../domain/rule-evaluation.ts';
import { jointReadings, storedReadings } from '../../../domain/stored-readings.ts';
import { type Clock, type EpochMs, epochMs } from '../../../domain/time.ts';
import { type JointSlot, judgedTo } from './joint-slots.ts';
import { judgeLate, type LateInput, type LateOutcome } from './late-judge.ts';
import { type PendingChanges, placeOf, scopeOf } from './pending-changes.ts';
import type { RulesLog, RulesRegistry, RulesSettings, RulesStore } from './rules-settings.ts';
import type { LateSpan, RuleSlot, SeriesTable } from './series-table.ts';

export interface LateQueueOptions {
  readonly table: SeriesTable;
  readonly pending: PendingChanges;
  readonly store: RulesStore;
  readonly registry: RulesRegistry;
  readonly clock: Clock;
  readonly settings: RulesSettings;
  readonly log: RulesLog;
  /** Runs a task when everything in the journal is judged and nothing is waiting to be committed. */
  readonly atRest: <T>(task: () => T) => Promise<T>;
  /** Journal sequence judged so far. */
  readonly cursor: () => JournalSequence;
}

/** Waiting for live and corrected to run together again is doubled this often at the most. */
const LONGEST_WAIT_DOUBLINGS = 5;
/** How often the store is asked whether it has what was judged, while it catches up. */
const STORE_POLL_MS = 100;

/** What is judged again together: a series in all its rules, or a slot over several. */
type Late = SeriesId | JointSlot;

interface Snapshot {
  readonly touches: number;
  readonly sequence: JournalSequence;
  readonly slots: readonly { readonly slot: RuleSlot; readonly input: LateInput }[];
}

/** Judges late readings, a series (or a slot over several) at a time, once it has been quiet about them and the store has them all. */
export class LateQueue {
  readonly #options: LateQueueOptions;
  #working: Promise<void> = Promise.resolve();
  #busy = false;
  #stopping = false;
  #failing = false;
  #wake: () => void = () => {};
  readonly counts = { lateJudged: 0, lateApproximate: 0, lateFailures: 0 };

  constructor(options: LateQueueOptions) {
    this.#options = options;
  }

  /** Begins with the series that have been quiet long enough, unless it is at work already. */
  startDue(now: number): void {
    const { settings } = this.#options;
    if (this.#busy || this.#stopping || this.#count === 0) return;
    const due = this.#all().filter((late) => {
      const span = this.#spanOf(late)!;
      const wait = settings.lateQuiet * 2 ** Math.min(span.attempts, LONGEST_WAIT_DOUBLINGS);
      return now - span.seenAt >= wait;
    });
    if (due.length > 0) this.#working = this.#work(due);
  }

  async settleAll(): Promise<void> {
    // What is in the journal now is judged first.
    await this.#options.atRest(() => {});
    while (this.#busy) await this.#working;
    this.#working = this.#work(this.#all());
    await this.#working;
  }

  get #count(): number {
    const { late, joint } = this.#options.table;
    return late.size + joint.late.size;
  }
  #all(): Late[] {
    const { late, joint } = this.#options.table;
    return [...(late.keys() as Iterable<SeriesId>), ...joint.late];
  }
  #spanOf(late: Late): LateSpan | null {
    return typeof late === 'number' ? (this.#options.table.late.get(late) ?? null) : late.part.late;
  }

  stop(): void {
    this.#stopping = true;
    this.#wake();
  }
  idle(): Promise<void> {
    return this.#working;
  }

  async #work(due: readonly Late[]): Promise<void> {
    this.#busy = true;
    try {
      for (const late of due) {
        if (this.#stopping) return;
        await this.#judge(late);
        if (this.#failing) this.#options.log.info({ event: 'rules.late_again' }, 'late readings are judged again');
        this.#failing = false;
      }
    } catch (error) {
      if (this.#stopping) return;
      this.counts.lateFailures++;
      const words = 'late readings can’t be judged now; trying on';
      if (!this.#failing) this.#options.log.warn({ event: 'rules.late_failing', err: error }, words);
      this.#failing = true;
    } finally {
      this.#busy = false;
    }
  }

  async #judge(late: Late): Promise<void> {
    const { atRest, store, registry, settings } = this.#options;
    const snapshot = await atRest(() => this.#snapshot(late));
    if (snapshot === null) return;
    while ((await store.cursor()) < snapshot.sequence) {
      await this.#pause();
      if (this.#stopping) return;
    }
    const outcomes: { slot: RuleSlot; input: LateInput; outcome: LateOutcome }[] = [];
    const options = { registry, lookbackReadings: settings.lookbackReadings };
    for (const { slot, input } of snapshot.slots) {
      outcomes.push({ slot, input, outcome: await judgeLate(input, options) });
    }
    const adopts = this.#spanOf(late)?.adopts === true;
    await atRest(() => {
      const settled = outcomes.map(({ slot, input, outcome }) => this.#apply(slot, input, outcome, adopts));
      this.#finish(late, snapshot, !settled.includes(false));
    });
  }

  #snapshot(late: Late): Snapshot | null {
    const { table, cursor } = this.#options;
    const span = this.#spanOf(late);
    const slots: readonly RuleSlot[] = typeof late === 'number' ? (table.valueSlots[late] ?? []) : [late];
    if (span === null) return null;
    return {
      touches: span.touches,
      sequence: cursor(),
      slots: slots.map((slot) => ({
        slot,
        input: {
          compiled: slot.compiled,
          scope: scopeOf(slot),
          readings: this.#readings(late, slot.compiled),
          from: span.from,
          to: span.to,
          head: typeof late === 'number' ? table.newest[late]! : judgedTo(late),
          liveState: copyOf(slot.state),
          liveAlarm: slot.alarm,
        },
      })),
    };
  }

  #readings(late: Late, compiled: CompiledRule): LateInput['readings'] {
    const { store } = this.#options;
    if (typeof late === 'number') return (from, to) => storedReadings(store, late, from, to);
    const inputs = late.part.scope.inputs.map(({ series }) => series);
    return (from, to) => jointReadings(store, compiled, inputs, from, to);
  }

  /** True: of this rule nothing more is to come. */
  #apply(slot: RuleSlot, input: LateInput, outcome: LateOutcome, adopts: boolean): boolean {
    const { pending, clock } = this.#options;
    if (slot.gone) return true;
    // The rule was edited or the occurrence went on while the store was read: what was found out may not fit any more.
    if (slot.compiled !== input.compiled || !sameCourse(slot.alarm, input.liveAlarm)) return false;
    const { rule } = slot.compiled;
    const recordedAt = clock();
    this.counts.lateJudged++;
    if (outcome.approximate) this.counts.lateApproximate++;
    for (const episode of outcome.past) {
      const place = placeOf(slot, episode.area ?? null);
      pending.addElsewhere(alarmId(rule.id, scopeOf(slot) ?? 'area', episode.activatedAt), null, (known) =>
        known === null ? pastAlarm(episode, { rule, ...place, recordedAt }) : null,
      );
    }
    for (const { id, revision: found } of outcome.revisions) {
      const revision = found !== null && adopts ? { ...found, cause: 'verdict' as const } : found;
      const note = (alarm: Alarm | null) => (alarm?.id === id ? revise(alarm, revision, recordedAt) : null);
      if (slot.alarm?.id === id) pending.add(slot, note);
      else pending.addElsewhere(id, outcome.occurrences.find((alarm) => alarm.id === id) ?? null, note);
    }
    if (!adopts || outcome.current === null) return outcome.settled;
    // More was judged while the store was read: what was found is not the present any more.
    if (this.#headOf(slot) !== input.head) return false;
    const { current } = outcome;
    const event = presentAfter(slot, current, epochMs(input.head));
    slot.state = copyOf(current.state);
    this.#options.table.calmHigh[slot.entry.series] = Number.NEGATIVE_INFINITY;
    if (event === null) return true;
    // Compared again once it is recorded, so that occurrences and episodes agree to the millisecond.
    pending.addEvent(slot, event, recordedAt);
    return false;
  }

  #headOf(slot: RuleSlot): number {
    return slot.part === null ? this.#options.table.newest[slot.entry.series]! : judgedTo(slot as JointSlot);
  }

  #finish(late: Late, snapshot: Snapshot, settled: boolean): void {
    const { table, clock } = this.#options;
    const span = this.#spanOf(late);
    if (span === null) return;
    if (typeof late === 'number') table.markDirty(late);
    else table.joint.dirty.add(late);
    if (settled && span.touches === snapshot.touches) {
      if (typeof late === 'number') table.late.delete(late);
      else table.joint.settle(late);
    } else if (span.touches === snapshot.touches) {
      span.attempts++;
      span.seenAt = clock();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, STORE_POLL_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/**
 * What has to be said of the slot's condition when it goes on from `current`. An alarm that has no reason left clears at the head; one that should have
 * been open begins where it would have, unless an occurrence was recorded there: then at the head.
 */
function presentAfter(
  { alarm, compiled }: RuleSlot,
  { state, open }: NonNullable<LateOutcome['current']>,
  head: EpochMs,
): ConditionEvent | null {
  const active = alarm?.endedAt === null && alarm.condition === 'active' ? alarm : null;
  if (state.active < 0) {
    if (active === null) return null;
    const at = epochMs(Math.max(head, active.activatedAt));
    return { kind: 'cleared', at, value: null, worstValue: active.worstValue, suspect: active.onSuspectData };
  }
  const { severity } = compiled.levels[state.active]!;
  if (active === null) {
    if (open === null) return null;
    const isFree = alarm === null || (alarm.endedAt ?? alarm.clearedAt ?? head) < open.activatedAt;
    // Two activations of an occurrence are never at the same instant.
    const at = isFree ? open.activatedAt : epochMs(Math.max(head, alarm.activatedAt + 1));
    const { triggerValue: value, limit, onSuspectData: suspect } = open;
    return { kind: 'activated', at, severity, value, limit, suspect };
  }
  if (active.severity === severity) return null;
  const worstValue = Number.isNaN(state.worstValue) ? null : state.worstValue;
  return {
    kind: isWorse(severity, active.severity) ? 'severity_raised' : 'severity_lowered',
    at: head,
    severity,
    value: null,
    worstValue,
    limit: active.limit,
    suspect: state.suspect,
  };
}

/** True when nothing happened to the condition in between; people's work on it doesn't matter. */
function sameCourse(now: Alarm | null, then: Alarm | null): boolean {
  return (
    now?.id === then?.id &&
    now?.condition === then?.condition &&
    now?.activationCount === then?.activationCount &&
    now?.clearedAt === then?.clearedAt &&
    now?.worstSeverity === then?.worstSeverity
  );
}
