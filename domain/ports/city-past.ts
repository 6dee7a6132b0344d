import type { Alarm } from '../alarm.ts';
import type { DeviceStatusChange } from '../asset.ts';
import type { AlarmId, DeviceId } from '../identifiers.ts';
import type { FormerName, ServedSpan } from '../replay/records-then.ts';
import type { Severity } from '../rule.ts';
import type { DurationMs, EpochMs } from '../time.ts';

/**
 * By what the past is told. `then`: by what was on record at the moment looked at, as a screen of that time had it. `now`: by when things happened, with
 * all that came to light since (late readings, past occurrences, corrected beginnings and ends).
 */
export const KNOWLEDGE = ['then', 'now'] as const;
export type Knowledge = (typeof KNOWLEDGE)[number];

/** A change that was known from `at` on. */
export interface PastChange<T> {
  readonly at: EpochMs;
  readonly after: T;
}
/** (from, to], and how many changes at the most. */
export interface PastSpan {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly knowledge: Knowledge;
  readonly limit: number;
}
/** Changes ascending by `at`. Where there are more than the limit, whole instants are left out at the end: all up to `coveredTo` are told. */
export interface PastChanges<T> {
  readonly items: readonly PastChange<T>[];
  readonly coveredTo: EpochMs;
}

export interface AlarmMark {
  /** Of the bucket, 0 … buckets − 1. */
  readonly bucket: number;
  readonly severity: Severity;
  readonly count: number;
}

/** What the register says otherwise now than it did at some moment. */
export interface RegisterChanges {
  readonly names: readonly FormerName[];
  /** All spans of the points that another device served, or nobody. */
  readonly served: readonly ServedSpan[];
  /** False: there were more than the limit of either; the earliest are told. */
  readonly isWhole: boolean;
}

/** The city's alarms and devices as they were, for one actor. Made from histories that are only ever added to. */
export interface CityPastView {
  /** Alarms open at `at`, worst and newest first, at most `limit` of them. */
  alarmsAt(at: EpochMs, knowledge: Knowledge, limit: number): Promise<readonly Alarm[]>;
  /** Alarms after each step that changed them; `endedAt` set means that the alarm has left the list. */
  alarmChanges(span: PastSpan): Promise<PastChanges<Alarm>>;
  /** How many alarms began in each part of [from, from + buckets·width), by their worst severity. Parts without any are absent. */
  alarmMarks(from: EpochMs, width: DurationMs, buckets: number, knowledge: Knowledge): Promise<readonly AlarmMark[]>;
  /** The alarm that began next after `at`, or last before it; `null` when there is none. */
  nearestAlarm(
    at: EpochMs,
    direction: 'next' | 'previous',
    knowledge: Knowledge,
  ): Promise<{ readonly at: EpochMs; readonly id: AlarmId } | null>;
  /** The status of each of the devices at `at`; those that never had one by then, or may not be seen, are absent. */
  deviceStatusAt(
    devices: readonly DeviceId[],
    at: EpochMs,
    knowledge: Knowledge,
  ): Promise<readonly DeviceStatusChange[]>;
  deviceStatusChanges(span: PastSpan): Promise<PastChanges<DeviceStatusChange>>;
  /** What points were called, and which devices served them, as far as that has changed after `since`. */
  registerChanges(since: EpochMs, limit: number): Promise<RegisterChanges>;
}
