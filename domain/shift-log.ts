import type { Brand } from './brand.ts';
import type { AlarmId, DeviceId, UserId } from './identifiers.ts';
import type { IncidentId } from './incident.ts';
import type { Localized } from './localized.ts';
import type { Severity } from './rule.ts';
import type { SuppressionWindow, SuppressionWindowId } from './suppression-window.ts';
import type { EpochMs } from './time.ts';
import type { WarningId } from './warning/warning.ts';

export type ShiftNoteId = Brand<string, 'ShiftNoteId'>;

/** Steps of alarms that a log names; what the condition does by itself in between is in the alarm's own history. */
export const LOGGED_ALARM_STEPS = [
  'activated',
  'reactivated',
  'severity_raised',
  'acknowledged',
  'acknowledgement_taken_back',
  'suppressed',
  'resolved',
  'ended',
] as const;
/** Steps of official warnings that a log names. */
export const LOGGED_WARNING_STEPS = ['create', 'submit', 'approve', 'reject', 'discard', 'expire'] as const;
/** Steps of incidents that a log names; who joined is in the incident's own history. */
export const LOGGED_INCIDENT_STEPS = ['opened', 'reopened', 'merged', 'ended'] as const;
/** `begin` and `run_out` come by the clock, the others by hand. */
export const LOGGED_WINDOW_STEPS = ['open', 'begin', 'extend', 'end', 'run_out'] as const;

/** What happened, as one line of a log; `at` is when the platform recorded it. Names are those of the moment it is read. */
export type ShiftEntry = {
  readonly at: EpochMs;
  /** `null`: the platform itself. */
  readonly byName: string | null;
} & (
  | {
      readonly kind: 'alarm';
      readonly step: (typeof LOGGED_ALARM_STEPS)[number];
      readonly alarmId: AlarmId;
      readonly severity: Severity;
      readonly pointName: Localized;
      readonly ruleName: Localized;
      /** A person's words. */
      readonly note: string | null;
    }
  | {
      readonly kind: 'window';
      readonly step: (typeof LOGGED_WINDOW_STEPS)[number];
      readonly windowId: SuppressionWindowId;
      readonly windowKind: SuppressionWindow['kind'];
      readonly scopeName: Localized;
      readonly until: EpochMs | null;
      readonly reason: string;
    }
  | {
      readonly kind: 'warning';
      readonly step: (typeof LOGGED_WARNING_STEPS)[number];
      readonly warningId: WarningId;
      readonly headline: Localized;
    }
  | {
      readonly kind: 'incident';
      readonly step: (typeof LOGGED_INCIDENT_STEPS)[number];
      readonly incidentId: IncidentId;
      /** As people call it, else where its cause or its first member is. */
      readonly name: Localized;
    }
  | { readonly kind: 'device'; readonly deviceId: DeviceId; readonly online: boolean; readonly reason: string }
  | ShiftNote
  | { readonly kind: 'duty'; readonly step: 'join' | 'leave' }
);
export const ENTRY_KINDS = [
  'alarm',
  'incident',
  'window',
  'warning',
  'device',
  'note',
  'duty',
] as const satisfies readonly ShiftEntry['kind'][];
export type EntryKind = ShiftEntry['kind'];

/** Somebody's words. Never changed: a correction is a note of its own that names the first one. */
export interface ShiftNote {
  readonly kind: 'note';
  readonly at: EpochMs;
  readonly byName: string | null;
  readonly noteId: ShiftNoteId;
  readonly by: UserId;
  readonly text: string;
  /** When it happened; earlier than `at` when it was written down later. */
  readonly happenedAt: EpochMs;
  readonly corrects: ShiftNoteId | null;
}

/** Part of a log: entries newest first, and how many of each kind were left out for room (the oldest; kinds without are absent). */
export interface LogPart {
  readonly entries: readonly ShiftEntry[];
  readonly leftOut: Readonly<Partial<Record<EntryKind, number>>>;
}

/** A note with what was said of it since, oldest first. */
export interface CorrectedNote {
  readonly note: ShiftNote;
  readonly corrections: readonly ShiftNote[];
}

/** Notes in the order things happened, each with its corrections; a correction whose note isn't among them stands for itself. */
export function correctedNotes(entries: readonly ShiftEntry[]): readonly CorrectedNote[] {
  const notes = entries.filter((entry) => entry.kind === 'note').sort((a, b) => a.at - b.at);
  const first = new Map(notes.filter(({ corrects }) => corrects === null).map((note) => [note.noteId, note]));
  const isCorrection = ({ corrects }: ShiftNote): boolean => corrects !== null && first.has(corrects);
  return notes
    .filter((note) => !isCorrection(note))
    .map((note) => ({ note, corrections: notes.filter(({ corrects }) => corrects === note.noteId) }))
    .sort((a, b) => a.note.happenedAt - b.note.happenedAt);
}
