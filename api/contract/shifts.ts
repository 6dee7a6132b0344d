import { z } from 'zod';
import { SUPPRESSION_KINDS } from '../../domain/alarm.ts';
import type { IncidentId } from '../../domain/incident.ts';
import type { HandoverId, RecordSha256 } from '../../domain/shift-handover.ts';
import {
  ENTRY_KINDS,
  LOGGED_ALARM_STEPS,
  LOGGED_INCIDENT_STEPS,
  LOGGED_WARNING_STEPS,
  LOGGED_WINDOW_STEPS,
  type ShiftNoteId,
} from '../../domain/shift-log.ts';
import { WINDOW_KINDS } from '../../domain/suppression-window.ts';
import type { WarningId } from '../../domain/warning/warning.ts';
import { alarmCondition, alarmWork, severity } from './alarms.ts';
import {
  agencyId,
  alarmId,
  branded,
  deviceId,
  instant,
  localized,
  note,
  queryInstant,
  suppressionWindowId,
  userId,
} from './wire.ts';

export const handoverId = branded<HandoverId>(z.string().min(1).max(128));
const noteId = branded<ShiftNoteId>(z.string().min(1).max(128));
const warningId = branded<WarningId>(z.string().min(1).max(128));
const sha256 = branded<RecordSha256>(z.string().regex(/^[0-9a-f]{64}$/));
const personName = z.string().nullable();
/** Said with a signature; nothing has to be. */
const remark = z.string().trim().max(2_000);

export const shiftPlan = z
  .object({
    agencyId,
    startMinutes: z.array(z.number().int().min(0).max(1_439)).readonly(),
    version: z.number().int().min(0),
  })
  .meta({
    id: 'ShiftPlan',
    description: 'Minutes after local midnight at which shifts begin; version 0: the usual three',
  });
export const shiftPlanEdit = z.strictObject({ startMinutes: z.array(z.number().int()).min(1).max(24) });

const shift = z
  .object({ from: instant, to: instant, number: z.number().int().min(1) })
  .meta({ id: 'Shift', description: 'From `from` (inclusive) to `to` (exclusive); 1: the first of the local day' });
const span = z.object({ from: instant, to: instant });
const onDuty = z.object({ userId, userName: personName, since: instant });

const shiftNote = z.object({
  kind: z.literal('note'),
  at: instant,
  byName: personName,
  noteId,
  by: userId,
  text: z.string(),
  happenedAt: instant,
  corrects: noteId.nullable(),
});
const recorded = { at: instant, byName: personName };
const shiftEntry = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('alarm'),
      ...recorded,
      step: z.enum(LOGGED_ALARM_STEPS),
      alarmId,
      severity,
      pointName: localized,
      ruleName: localized,
      note: z.string().nullable(),
    }),
    z.object({
      kind: z.literal('incident'),
      ...recorded,
      step: z.enum(LOGGED_INCIDENT_STEPS),
      incidentId: branded<IncidentId>(z.string().min(1).max(256)),
      name: localized,
    }),
    z.object({
      kind: z.literal('window'),
      ...recorded,
      step: z.enum(LOGGED_WINDOW_STEPS),
      windowId: suppressionWindowId,
      windowKind: z.enum(WINDOW_KINDS),
      scopeName: localized,
      until: instant.nullable(),
      reason: z.string(),
    }),
    z.object({
      kind: z.literal('warning'),
      ...recorded,
      step: z.enum(LOGGED_WARNING_STEPS),
      warningId,
      headline: z.object({ vi: z.string(), en: z.string() }),
    }),
    z.object({ kind: z.literal('device'), ...recorded, deviceId, online: z.boolean(), reason: z.string() }),
    shiftNote,
    z.object({ kind: z.literal('duty'), ...recorded, step: z.enum(['join', 'leave']) }),
  ])
  .meta({ id: 'ShiftEntry', description: 'One line of a shift’s log' });
export type ShiftEntryWire = z.infer<typeof shiftEntry>;

export const shiftLog = z
  .object({
    entries: z.array(shiftEntry).readonly(),
    leftOut: z.partialRecord(z.enum(ENTRY_KINDS), z.number().int()),
  })
  .meta({
    id: 'ShiftLog',
    description: 'Newest first; `leftOut`: how many older entries of a kind there was no room for',
  });
export type ShiftLogWire = z.infer<typeof shiftLog>;

const bySeverity = z.object({
  critical: z.number().int(),
  major: z.number().int(),
  minor: z.number().int(),
  notice: z.number().int(),
});
const handedAlarm = z.object({
  alarmId,
  severity,
  condition: alarmCondition,
  work: alarmWork,
  startedAt: instant,
  pointName: localized,
  ruleName: localized,
  assigneeName: personName,
});
const shiftSummary = z
  .object({
    asOf: instant,
    open: bySeverity,
    unacknowledged: bySeverity,
    alarms: z.array(handedAlarm).readonly(),
    shelved: z
      .array(
        handedAlarm.extend({
          shelf: z.object({
            kind: z.enum(SUPPRESSION_KINDS),
            until: instant.nullable(),
            reason: z.string(),
            byName: personName,
          }),
        }),
      )
      .readonly(),
    shelvedCount: z.number().int(),
    windows: z
      .array(
        z.object({
          windowId: suppressionWindowId,
          kind: z.enum(WINDOW_KINDS),
          scopeName: localized,
          from: instant,
          until: instant.nullable(),
          reason: z.string(),
          ownerName: personName,
        }),
      )
      .readonly(),
    warnings: z
      .array(
        z.object({
          warningId,
          headline: z.object({ vi: z.string(), en: z.string() }),
          expires: instant.nullable(),
          isExercise: z.boolean(),
        }),
      )
      .readonly(),
    devicesDown: z.array(z.object({ deviceId, since: instant })).readonly(),
    devicesDownCount: z.number().int(),
    raised: bySeverity,
    acknowledgedCount: z.number().int(),
    endedCount: z.number().int(),
    notes: z.array(z.object({ note: shiftNote, corrections: z.array(shiftNote).readonly() })).readonly(),
  })
  .meta({
    id: 'ShiftSummary',
    description: 'What one shift leaves to the next; lists may be shortened, counts count all',
  });
export type ShiftSummaryWire = z.infer<typeof shiftSummary>;

export const handoverLine = z
  .object({
    id: handoverId,
    sha256,
    shift,
    covers: span,
    signedByName: z.string(),
    signedAt: instant,
    receivedByName: personName,
    receivedAt: instant.nullable(),
  })
  .meta({ id: 'HandoverLine' });
export type HandoverLineWire = z.infer<typeof handoverLine>;

export const currentShift = z
  .object({
    plan: shiftPlan,
    shift,
    covers: span.meta({ description: 'What a handover signed now would cover' }),
    onDuty: z.array(onDuty).readonly(),
    summary: shiftSummary,
    log: shiftLog,
    waiting: handoverLine.nullable().meta({ description: 'Signed by the shift before and not yet received' }),
  })
  .meta({ id: 'CurrentShift' });
export type CurrentShiftWire = z.infer<typeof currentShift>;

const signature = z.object({ userId, name: z.string() });
export const handover = z
  .object({
    id: handoverId,
    sha256,
    isIntact: z.boolean().meta({ description: 'What is kept still has the hash it was signed with' }),
    content: z.object({
      format: z.literal(1),
      agencyId,
      agencyName: localized,
      shift,
      covers: span,
      onDuty: z.array(onDuty).readonly(),
      summary: shiftSummary,
      log: shiftLog,
      remark: z.string(),
      signedBy: signature,
      signedAt: instant,
      previous: z.object({ id: handoverId, sha256 }).nullable(),
    }),
    receipt: z
      .object({ handoverId, sha256, receivedBy: signature, receivedAt: instant, remark: z.string() })
      .nullable(),
  })
  .meta({ id: 'Handover', description: 'A signed record, as it was when it was signed' });
export type HandoverWire = z.infer<typeof handover>;

export const dutyStep = z.strictObject({ step: z.enum(['join', 'leave']) });
export const newNote = z.strictObject({
  text: note,
  happenedAt: instant.exactOptional().meta({ description: 'When it happened; now, when absent' }),
  corrects: noteId.exactOptional(),
});
export const handoverSign = z.strictObject({
  basedOn: instant.meta({ description: '`covers.from` of the current shift that was looked at' }),
  remark: remark.default(''),
});
export const handoverReceive = z.strictObject({ remark: remark.default('') });
export const logQuery = z.object({ from: queryInstant, to: queryInstant });

export const handoverRecipients = z
  .object({
    hasMail: z.boolean().meta({ description: 'Whether the platform can send mail at all' }),
    items: z.array(z.object({ userId, displayName: z.string(), hasAddress: z.boolean() })).readonly(),
  })
  .meta({ id: 'HandoverRecipients', description: 'Colleagues of the agency, and whether they gave a mail address' });
export const handoverSend = z.strictObject({ to: z.array(userId).min(1).max(20) });
export const handoverSent = z.object({
  items: z
    .array(
      z.object({
        userId,
        outcome: z.enum(['accepted', 'refused', 'failed', 'gone']),
        answer: z.string(),
      }),
    )
    .readonly(),
});
