import type { Alarm } from '../../../domain/alarm.ts';
import { alarmId, pastAlarm, revise } from '../../../domain/alarm-machine.ts';
import type { SeriesId } from '../../../domain/identifiers.ts';
import type { JournalSequence } from '../../../domain/ports/journal.ts';
import { copyOf } from '../../../domain/rule-evaluation.ts';
import type { Clock } from '../../../domain/time.ts';
import { judgeLate, type LateInput, type LateOutcome } from './late-judge.ts';
import type { PendingChanges } from './pending-changes.ts';
import type { RulesLog, RulesRegistry, RulesSettings, RulesStore } from './rules-settings.ts';
import type { RuleSlot, SeriesTable } from './series-table.ts';

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

interface Snapshot {
  readonly touches: number;
  readonly sequence: JournalSequence;
  readonly slots: readonly { readonly slot: RuleSlot; readonly input: LateInput }[];
}

/** Judges late readings, a series at a time, once their series has been quiet about them and the store has them all. */
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
    const { table, settings } = this.#options;
    if (this.#busy || this.#stopping || table.late.size === 0) return;
    const due = [...table.late].flatMap(([series, span]) => {
      const wait = settings.lateQuiet * 2 ** Math.min(span.attempts, LONGEST_WAIT_DOUBLINGS);
      return now - span.seenAt >= wait ? [series] : [];
    });
    if (due.length > 0) this.#working = this.#work(due);
  }

  async settleAll(): Promise<void> {
    // What is in the journal now is judged first.
    await this.#options.atRest(() => {});
    while (this.#busy) await this.#working;
    this.#working = this.#work([...this.#options.table.late.keys()]);
    await this.#working;
  }

  stop(): void {
    this.#stopping = true;
    this.#wake();
  }
  idle(): Promise<void> {
    return this.#working;
  }

  async #work(due: readonly number[]): Promise<void> {
    this.#busy = true;
    try {
      for (const series of due) {
        if (this.#stopping) return;
        await this.#judge(series as SeriesId);
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

  async #judge(series: SeriesId): Promise<void> {
    const { atRest, store, registry, settings } = this.#options;
    const snapshot = await atRest(() => this.#snapshot(series));
    if (snapshot === null) return;
    while ((await store.cursor()) < snapshot.sequence) {
      await this.#pause();
      if (this.#stopping) return;
    }
    const outcomes: { slot: RuleSlot; input: LateInput; outcome: LateOutcome }[] = [];
    const options = { store, registry, lookbackReadings: settings.lookbackReadings };
    for (const { slot, input } of snapshot.slots) {
      outcomes.push({ slot, input, outcome: await judgeLate(input, options) });
    }
    await atRest(() => {
      const settled = outcomes.map(({ slot, input, outcome }) => this.#apply(slot, input, outcome));
      this.#finish(series, snapshot, !settled.includes(false));
    });
  }

  #snapshot(series: SeriesId): Snapshot | null {
    const { table, cursor } = this.#options;
    const span = table.late.get(series);
    const slots = table.valueSlots[series] ?? [];
    if (span === undefined) return null;
    return {
      touches: span.touches,
      sequence: cursor(),
      slots: slots.map((slot) => ({
        slot,
        input: {
          compiled: slot.compiled,
          series,
          from: span.from,
          to: span.to,
          head: table.newest[series]!,
          liveState: copyOf(slot.state),
          liveAlarm: slot.alarm,
        },
      })),
    };
  }

  /** True: of this rule nothing more is to come. */
  #apply(slot: RuleSlot, input: LateInput, outcome: LateOutcome): boolean {
    const { pending, clock } = this.#options;
    if (slot.gone) return true;
    // The rule was edited or the occurrence went on while the store was read: what was found out may not fit any more.
    if (slot.compiled !== input.compiled || !sameCourse(slot.alarm, input.liveAlarm)) return false;
    const { rule } = slot.compiled;
    const { series, pointId } = slot.entry;
    const recordedAt = clock();
    this.counts.lateJudged++;
    if (outcome.approximate) this.counts.lateApproximate++;
    for (const episode of outcome.past) {
      pending.addElsewhere(alarmId(rule.id, series, episode.activatedAt), null, (known) =>
        known === null ? pastAlarm(episode, { rule, series, pointId, recordedAt }) : null,
      );
    }
    for (const { id, revision } of outcome.revisions) {
      const note = (alarm: Alarm | null) => (alarm?.id === id ? revise(alarm, revision, recordedAt) : null);
      if (slot.alarm?.id === id) pending.add(slot, note);
      else pending.addElsewhere(id, outcome.occurrences.find((alarm) => alarm.id === id) ?? null, note);
    }
    return outcome.settled;
  }

  #finish(series: SeriesId, snapshot: Snapshot, settled: boolean): void {
    const { table, clock } = this.#options;
    const span = table.late.get(series);
    if (span === undefined) return;
    table.markDirty(series);
    if (settled && span.touches === snapshot.touches) table.late.delete(series);
    else if (span.touches === snapshot.touches) {
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
