import type { SeriesId } from '../../../domain/identifiers.ts';
import type { JournalSequence } from '../../../domain/ports/journal.ts';
import type { EventBus } from '../../../domain/ports/live-bus.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { JointRuleState, SeriesRuleState } from '../../../domain/ports/rule-state.ts';
import { isInitial } from '../../../domain/rule-evaluation.ts';
import { beatKey, type JointSlot, judgedTo } from './joint-slots.ts';
import type { Batch, PendingChanges } from './pending-changes.ts';
import type { RulesLog, RulesRegistry, RulesSettings } from './rules-settings.ts';
import { type KeptRuleState, SeriesStateEncoder } from './series-state-codec.ts';
import { jointKey, type RuleSlot, type SeriesTable } from './series-table.ts';

export interface RegistryWriterOptions {
  readonly registry: RulesRegistry;
  readonly bus: EventBus;
  readonly table: SeriesTable;
  readonly pending: PendingChanges;
  readonly settings: RulesSettings;
  readonly log: RulesLog;
}

/** What a commit keeps beside the pending steps. */
interface Part {
  readonly cursor: JournalSequence;
  readonly kept: readonly (number | JointSlot)[];
  readonly forgotten: readonly number[];
  readonly jointStates: readonly JointRuleState[];
}
const NOTHING: readonly JointRuleState[] = [];

/** A round of keeping states: those left, and the cursor (and the instants that were due then) that may be kept after the last of them. */
interface Round {
  readonly kept: readonly (number | JointSlot)[];
  next: number;
  readonly cursor: JournalSequence;
  readonly beats: readonly JointRuleState[];
}

/** Conflicts in a row after which the writer pauses before it tries again. */
const CONFLICTS_AT_ONCE = 8;

/**
 * Writes steps and states to the registry. Every series' state carries the journal sequence it has judged, so that a commit needs only the
 * states of the series it has transitions of: the cursor stays behind until all states have been kept, and what a kept state has judged
 * already is skipped when the journal is read again from there.
 */
export class RegistryWriter {
  readonly #options: RegistryWriterOptions;
  readonly #encoder = new SeriesStateEncoder();
  #stopping = false;
  #wake: () => void = () => {};
  #round: Round | null = null;
  #unwatched: number[] = [];
  #gone: string[] = [];
  keptCursor: JournalSequence;
  failing = false;
  readonly counts = { commits: 0, conflicts: 0, registryFailures: 0, transitions: 0 };

  constructor(options: RegistryWriterOptions, cursor: JournalSequence) {
    this.#options = options;
    this.keptCursor = cursor;
  }

  /** States of series that no rule watches any more are removed with the next round. */
  forget(series: readonly number[]): void {
    this.#unwatched.push(...series);
  }

  /** The same of slots over several series. */
  forgetJoint(keys: readonly string[]): void {
    this.#gone.push(...keys);
  }

  get keeping(): boolean {
    return this.#round !== null;
  }

  /**
   * Writes what is pending, at once, with the states of the series it concerns.
   * @returns false when it was stopped before the registry took it; then nothing was written.
   */
  async writeChanges(cursor: JournalSequence): Promise<boolean> {
    return await this.#commit(cursor, () => ({
      cursor: this.keptCursor,
      kept: [],
      forgotten: [],
      jointStates: NOTHING,
    }));
  }

  /**
   * Keeps the next part of the states changed since they were last kept (and whatever is pending), and after the last part the cursor.
   * @returns false as above
   */
  async keepStates(cursor: JournalSequence): Promise<boolean> {
    const { table, settings } = this.#options;
    if (this.#round === null) {
      const kept = [...table.dirtyList, ...table.joint.dirty];
      this.#round = { kept, next: 0, cursor, beats: this.#beats() };
      table.dirtyList = [];
      table.joint.dirty = new Set();
    }
    const round = this.#round;
    const end = Math.min(round.next + settings.statesPerCommit, round.kept.length);
    const part = round.kept.slice(round.next, end);
    const last = end === round.kept.length;
    const forgotten = last ? this.#unwatched : [];
    const gone = last ? this.#gone : [];
    const taken = await this.#commit(cursor, () => {
      for (const one of part) {
        if (typeof one === 'number') table.dirty[one] = 0;
        else table.joint.dirty.delete(one);
      }
      const jointStates = last
        ? [...gone.filter((key) => !table.joint.byKey.has(key)).map(removed), ...round.beats]
        : NOTHING;
      return { cursor: last ? round.cursor : this.keptCursor, kept: part, forgotten, jointStates };
    });
    if (!taken) return false;
    round.next = end;
    if (last) {
      this.keptCursor = round.cursor;
      this.#unwatched = this.#unwatched.slice(forgotten.length);
      this.#gone = this.#gone.slice(gone.length);
      this.#round = null;
    }
    return true;
  }

  /** Gives up waiting for a registry that fails. */
  stop(): void {
    this.#stopping = true;
    this.#wake();
  }

  #beats(): readonly JointRuleState[] {
    return [...this.#options.table.joint.beats.values()]
      .filter(({ next }) => !Number.isNaN(next))
      .map(({ stepMs, settleMs, next }) => ({
        key: beatKey(stepMs, settleMs),
        state: new Uint8Array(new Float64Array([next]).buffer),
      }));
  }

  #jointState(slot: JointSlot, cursor: JournalSequence): JointRuleState {
    const { compiled, fingerprint, state, part, entry } = slot;
    const ruleId = compiled.rule.id;
    const key = jointKey(ruleId, part.scope.kind === 'area' ? null : entry.pointId);
    if (slot.gone) return removed(key);
    return {
      key,
      state: this.#encoder.encodeJoint({
        steppedTo: judgedTo(slot),
        judgedThrough: Math.max(cursor, part.judgedThrough),
        late: part.late,
        rule: { ruleId, fingerprint, state },
      }),
    };
  }

  #state(series: number, cursor: JournalSequence): SeriesRuleState {
    const { table } = this.#options;
    if (table.valueSlots[series] === undefined) return { series: series as SeriesId, state: new Uint8Array(0) };
    return {
      series: series as SeriesId,
      state: this.#encoder.encode({
        judgedThrough: Math.max(cursor, table.judgedThrough[series]!),
        newest: table.newest[series]!,
        newestValue: table.newestValue[series]!,
        newestQuality: table.newestQuality[series]!,
        heardAt: table.heardAt[series]!,
        late: table.late.get(series) ?? null,
        recent: table.joint.inputs[series]?.recent ?? null,
        rules: [...notInitial(table.valueSlots[series]), ...notInitial(table.silenceSlots[series])],
      }),
    };
  }

  /**
   * Tries the same until the registry takes it; a conflict takes the alarms as people left them and applies the steps to those. The states of
   * series with pending steps always go along. `made` is called for every try.
   */
  async #commit(judged: JournalSequence, made: () => Part): Promise<boolean> {
    const { registry, pending, log, settings } = this.#options;
    for (let conflicts = 0; ; ) {
      const batch = pending.batch();
      const { cursor, kept, forgotten, jointStates } = made();
      const concerned = new Set(kept);
      for (const slot of pending.slots) concerned.add(slot.part === null ? slot.entry.series : (slot as JointSlot));
      const states: SeriesRuleState[] = [];
      const joint = [...jointStates];
      for (const one of concerned) {
        if (typeof one === 'number') states.push(this.#state(one, judged));
        else joint.push(this.#jointState(one, judged));
      }
      for (const s of forgotten) states.push({ series: s as SeriesId, state: new Uint8Array(0) });
      const { changes, outbox } = batch;
      try {
        await registry.ruleState.commit({ cursor, states, jointStates: joint, changes, outbox });
        this.#taken(batch);
        return true;
      } catch (error) {
        if (error instanceof RegistryError && error.code === 'CONFLICT') {
          this.counts.conflicts++;
          if (await this.#reload()) {
            if (++conflicts % CONFLICTS_AT_ONCE !== 0) continue;
            log.warn({ event: 'rules.conflicts', conflicts, params: error.params }, 'alarms changed again and again');
          }
        } else this.#failed(error);
      }
      if (this.#stopping) return false;
      await this.#pause(settings.retryAfter);
    }
  }

  async #reload(): Promise<boolean> {
    try {
      await this.#options.pending.reload(this.#options.registry);
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  #taken(batch: Batch): void {
    const { pending, bus, log } = this.#options;
    pending.written(batch);
    this.counts.commits++;
    if (this.failing) {
      this.failing = false;
      log.info({ event: 'rules.registry_back' }, 'the registry takes alarms again');
    }
    for (const change of batch.changes) {
      this.counts.transitions += change.transitions.length;
      const traceId = batch.traces.get(change.alarm.id);
      const { id: alarmId, ruleId, condition, severity } = change.alarm;
      // From here its way can be followed back to the messages that caused it.
      if (traceId !== undefined)
        log.info({ event: 'alarm.changed', alarmId, ruleId, condition, severity, traceId }, 'alarm');
      bus.publish('alarm.changed', { ...change, ...(traceId === undefined ? {} : { traceId }) });
    }
  }

  #failed(error: unknown): void {
    this.counts.registryFailures++;
    if (this.failing) return;
    this.failing = true;
    this.#options.log.error({ event: 'rules.registry_failing', err: error }, 'the registry takes no alarms; trying on');
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const removed = (key: string): JointRuleState => ({ key, state: new Uint8Array(0) });

const NONE: readonly KeptRuleState[] = [];

/** Most slots of most series: none. */
function notInitial(slots: readonly RuleSlot[] | undefined): readonly KeptRuleState[] {
  if (slots === undefined || slots.every(({ state }) => isInitial(state))) return NONE;
  return slots
    .filter(({ state }) => !isInitial(state))
    .map(({ compiled, fingerprint, state }) => ({ ruleId: compiled.rule.id, fingerprint, state }));
}
