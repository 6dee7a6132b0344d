import type { Alarm, AlarmTransition } from '../alarm.ts';
import type { RuleId, SeriesId } from '../identifiers.ts';
import type { Rule } from '../rule.ts';
import type { EpochMs } from '../time.ts';
import type { JournalSequence } from './journal.ts';
import type { OutboxMessage } from './registry.ts';

/** What the rules consumer keeps of one series between runs; opaque to the registry. */
export interface SeriesRuleState {
  readonly series: SeriesId;
  /** Serialised by the rules consumer; an empty array removes the row. */
  readonly state: Uint8Array;
}

/** What the rules consumer keeps of what is judged over several series; opaque to the registry. */
export interface JointRuleState {
  /** The consumer's own name for it. */
  readonly key: string;
  /** As of {@link SeriesRuleState}. */
  readonly state: Uint8Array;
}

/** One step of the rules consumer: all of it or none of it. */
export interface RuleCommit {
  readonly cursor: JournalSequence;
  readonly states: readonly SeriesRuleState[];
  readonly jointStates: readonly JointRuleState[];
  /** Condition transitions with the alarm after them. Rows that exist already (same id and index) are left as they are. */
  readonly changes: readonly { readonly alarm: Alarm; readonly transitions: readonly AlarmTransition[] }[];
  readonly outbox: readonly OutboxMessage[];
}

/** The part of the registry that judging by rules reads and writes. */
export interface RuleStateStore {
  load(): Promise<{
    readonly cursor: JournalSequence;
    readonly states: readonly SeriesRuleState[];
    readonly jointStates: readonly JointRuleState[];
    readonly openAlarms: readonly Alarm[];
  }>;
  /**
   * @throws {RegistryError} `CONFLICT` when an alarm's stored version is not `alarm.version − transitions.length`
   * (a person acted in between): the consumer reloads that alarm, applies its step again and commits anew.
   */
  commit(commit: RuleCommit): Promise<void>;
  /** The versions in force of rules that are switched on. */
  liveRules(): Promise<readonly Rule[]>;
  /**
   * All alarms of one series and rule whose [startedAt, endedAt ?? ∞) touches [from, to), for judging late data again. `null` in place of the
   * series: those of the rule's area.
   */
  occurrences(rule: RuleId, series: SeriesId | null, from: EpochMs, to: EpochMs): Promise<readonly Alarm[]>;
}
