import type { CompiledJoint } from '../../../domain/compiled-joint.ts';
import { inputsInBreach, JointSignal } from '../../../domain/joint-evaluation.ts';
import type { ReadingColumns } from '../../../domain/reading.ts';
import { RecentReadings } from '../../../domain/recent-readings.ts';
import { type ConditionEvent, isInitial, stepMeasured } from '../../../domain/rule-evaluation.ts';
import type { JointScope } from '../../../domain/rule-scopes.ts';
import { minutes } from '../../../domain/time.ts';
import { type LateSpan, type RuleSlot, touchedMore } from './series-table.ts';

/** What a slot that puts several series together has beside the others. */
export interface JointPart {
  readonly scope: JointScope;
  readonly joint: CompiledJoint;
  readonly inputs: readonly RecentReadings[];
  readonly beat: Beat;
  /** Its state has been through the instants up to here; its beat may begin again before, or not be through with all slots. */
  steppedTo: number;
  /** Journal sequence up to which its kept state had judged; entries up to there touch nothing. */
  judgedThrough: number;
  late: LateSpan | null;
}
export type JointSlot = RuleSlot & { part: JointPart };

/** A series that has a part in slots: its latest readings, and who reads them. */
export interface JointInput {
  readonly recent: RecentReadings;
  readonly slots: JointSlot[];
  /** Readings so much older than the latest arrival may be needed. */
  keepMs: number;
}

/** Slots that are judged at the same instants. */
export interface Beat {
  readonly stepMs: number;
  readonly settleMs: number;
  readonly slots: JointSlot[];
  /** The next instant; NaN until something has arrived. */
  next: number;
  /** How many of the slots are judged at it already. */
  done: number;
}

/**
 * Beyond what the next instants need, readings are kept so long: a state kept a while before a crash is still judged on from what was kept with it.
 */
const SLACK_MS: number = minutes(10);
/** Slots judged before the time is looked at again. */
const SLOTS_AT_ONCE = 64;

/** Slots that judge several series together, their inputs, and the instants at which they are due. */
export class JointSlots {
  /** By series id. `undefined`: no slot reads it. */
  readonly inputs: (JointInput | undefined)[] = [];
  readonly beats = new Map<string, Beat>();
  readonly byKey = new Map<string, JointSlot>();
  readonly late = new Set<JointSlot>();
  /** Slots whose state changed since it was last kept. */
  dirty = new Set<JointSlot>();
  /** The latest arrival there was: the clock by which instants are due, so that reading the journal again judges the same. */
  arrivedTo = Number.NEGATIVE_INFINITY;
  /** The latest event time among inputs. */
  #newest = Number.NEGATIVE_INFINITY;
  readonly #signal = new JointSignal();

  beatOf({ stepMs, settleMs }: CompiledJoint): Beat {
    const key = beatKey(stepMs, settleMs);
    let beat = this.beats.get(key);
    if (beat === undefined) {
      beat = { stepMs, settleMs, slots: [], next: Number.NaN, done: 0 };
      this.beats.set(key, beat);
      if (this.arrivedTo !== Number.NEGATIVE_INFINITY) begin(beat, this.arrivedTo);
    }
    return beat;
  }

  inputOf(series: number): JointInput {
    let input = this.inputs[series];
    if (input === undefined) {
      input = { recent: new RecentReadings(), slots: [], keepMs: 0 };
      this.inputs[series] = input;
    }
    return input;
  }

  add(key: string, slot: JointSlot): void {
    const { scope, joint, beat } = slot.part;
    this.byKey.set(key, slot);
    beat.slots.push(slot);
    for (const { series } of scope.inputs) {
      const input = this.inputOf(series);
      input.slots.push(slot);
      input.keepMs = Math.max(input.keepMs, joint.reachMs + joint.stepMs + joint.settleMs + SLACK_MS);
    }
  }

  /** Before slots are added anew. The readings of inputs stay, and so do beats. */
  clear(): void {
    this.byKey.clear();
    for (const beat of this.beats.values()) {
      beat.slots.length = 0;
      beat.done = 0;
    }
    for (const input of this.inputs) {
      if (input === undefined) continue;
      input.slots.length = 0;
      input.keepMs = 0;
    }
  }

  /** After slots were added: forgets what none of them reads. */
  forgetUnread(): void {
    this.inputs.forEach((input, series) => {
      if (input?.slots.length === 0) this.inputs[series] = undefined;
    });
    for (const [key, beat] of this.beats) if (beat.slots.length === 0) this.beats.delete(key);
    for (const slot of this.late) if (slot.gone) this.late.delete(slot);
    for (const slot of this.dirty) if (slot.gone) this.dirty.delete(slot);
  }

  /** Puts back the readings that were kept of an input. */
  restoreInput(series: number, recent: RecentReadings): void {
    const input = this.inputs[series];
    if (input === undefined) return;
    recent.forEach((at, value, quality) => {
      input.recent.put(at, value, quality, Number.NEGATIVE_INFINITY);
      this.#newest = Math.max(this.#newest, at);
    });
  }

  /** Takes a reading of a series that slots read. Those that have judged an instant it has a part in note that it came late. */
  take(input: JointInput, at: number, value: number, quality: number, arrived: number, sequence: number): void {
    this.#newest = Math.max(this.#newest, at);
    const from = Math.max(arrived, this.arrivedTo) - input.keepMs;
    if (!input.recent.put(at, value, quality, from)) return;
    for (const slot of input.slots) {
      const { joint, judgedThrough } = slot.part;
      if (sequence <= judgedThrough) continue;
      const first = Math.ceil(at / joint.stepMs) * joint.stepMs;
      const judged = judgedTo(slot);
      if (first > judged) continue;
      const last = Math.floor((at + joint.reachMs - 1) / joint.stepMs) * joint.stepMs;
      if (first <= last) this.touch(slot, first, Math.min(last, judged), arrived);
    }
  }

  touch(slot: JointSlot, from: number, to: number, seenAt: number, adopts = false): void {
    slot.part.late = touchedMore(slot.part.late, from, to, seenAt, adopts);
    this.late.add(slot);
    this.dirty.add(slot);
  }

  /** Readings of the series from `from` to `to` (inclusive) came past the journal, or (`adopts`) count differently by a verdict. */
  touchedBetween(series: number, from: number, to: number, seenAt: number, adopts = false): void {
    for (const slot of this.inputs[series]?.slots ?? []) {
      const { stepMs, reachMs } = slot.part.joint;
      const first = Math.ceil(from / stepMs) * stepMs;
      const last = Math.min(Math.floor((to + reachMs - 1) / stepMs) * stepMs, judgedTo(slot));
      if (first <= last) this.touch(slot, first, last, seenAt, adopts);
    }
  }

  /** Puts readings in the place of those kept of an input, which count differently now; no instant that is judged already changes by it. */
  recount(series: number, { length, eventTime, value, quality }: ReadingColumns): void {
    const input = this.inputs[series];
    if (input === undefined) return;
    const from = this.arrivedTo - input.keepMs;
    for (let i = 0; i < length; i++) input.recent.put(eventTime[i]!, value[i]!, quality[i]!, from);
  }

  /** Of what came late nothing more is to come. */
  settle(slot: JointSlot): void {
    slot.part.late = null;
    this.late.delete(slot);
  }

  /**
   * Judges all instants that are over, and that readings were waited for, when something arrives at `arrived`. @returns false when `timeUp` said so
   * before all were judged: to be called again before the next reading is taken.
   */
  advance(arrived: number, timeUp: () => boolean, onEvent: (slot: JointSlot, event: ConditionEvent) => void): boolean {
    if (arrived <= this.arrivedTo && !this.#unfinished) return true;
    this.arrivedTo = Math.max(this.arrivedTo, arrived);
    this.#unfinished = true;
    for (const beat of this.beats.values()) {
      if (Number.isNaN(beat.next)) begin(beat, this.arrivedTo);
      while (beat.next + beat.settleMs < this.arrivedTo) {
        if (!this.#judge(beat, timeUp, onEvent)) return false;
      }
    }
    this.#unfinished = false;
    return true;
  }
  #unfinished = false;

  /** The beat's next instant, in all its slots; where nothing was heard for longer than they reach back, all instants until now at once. */
  #judge(beat: Beat, timeUp: () => boolean, onEvent: (slot: JointSlot, event: ConditionEvent) => void): boolean {
    const at = beat.next;
    const reachMs = beat.slots.reduce((most, { part }) => Math.max(most, part.joint.reachMs), 0);
    if (this.#newest <= at - reachMs) {
      beat.next = Math.max(at + beat.stepMs, firstAfter(this.arrivedTo - beat.settleMs, beat.stepMs));
      beat.done = 0;
      return true;
    }
    while (beat.done < beat.slots.length) {
      if (beat.done % SLOTS_AT_ONCE === 0 && beat.done > 0 && timeUp()) return false;
      this.#judgeSlot(beat.slots[beat.done]!, at, onEvent);
      beat.done++;
    }
    beat.done = 0;
    beat.next = at + beat.stepMs;
    return !timeUp();
  }

  #judgeSlot(slot: JointSlot, at: number, onEvent: (slot: JointSlot, event: ConditionEvent) => void): void {
    const { compiled, state, part } = slot;
    if (at <= part.steppedTo) return;
    const signal = this.#signal;
    if (!signal.judge(compiled, part.joint, part.inputs, at)) return;
    if (state.quiet && signal.x < compiled.quietHigh) return;
    const wasInitial = isInitial(state);
    part.steppedTo = at;
    const event = stepMeasured(compiled, state, at, signal.x, signal.clearX, signal.shown, signal.quality);
    if (!wasInitial || !isInitial(state)) this.dirty.add(slot);
    if (event === null) return;
    if (part.joint.kind === 'area_count') {
      slot.situation = { breaching: inputsInBreach(compiled, part.joint, part.inputs, at), worst: signal.worst };
    }
    onEvent(slot, event);
  }
}

/** Instants up to here are judged. */
export const judgedTo = ({ part: { beat, steppedTo } }: JointSlot): number =>
  Math.max(steppedTo, Number.isNaN(beat.next) ? Number.NEGATIVE_INFINITY : beat.next - beat.stepMs);

export const beatKey = (stepMs: number, settleMs: number): string => `beat:${stepMs}:${settleMs}`;
const firstAfter = (at: number, stepMs: number): number => (Math.floor(at / stepMs) + 1) * stepMs;

/** What was waited for long enough when the first reading arrived counts as judged: nothing was known of it. */
function begin(beat: Beat, arrived: number): void {
  beat.next = firstAfter(arrived - beat.settleMs, beat.stepMs);
}
