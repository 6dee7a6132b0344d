import { z } from 'zod';
import {
  CAP_CATEGORIES,
  CAP_CERTAINTIES,
  CAP_RESPONSE_TYPES,
  CAP_SEVERITIES,
  CAP_URGENCIES,
} from '../../domain/warning/cap.ts';
import { PROPOSAL_KINDS, WARNING_PHASES, type WarningId } from '../../domain/warning/warning.ts';
import {
  WARNING_CIRCLES_MAX,
  WARNING_CORNERS_MAX,
  WARNING_HEADLINE_MAX,
  WARNING_OUTLINES_MAX,
  WARNING_RADIUS_KM_MAX,
  WARNING_TEXT_MAX,
} from '../../domain/warning/warning-content.ts';
import { agencyId, alarmId, instant, localized, location, note, userId, version, wardCode } from './wire.ts';

export const warningId = z
  .string()
  .min(1)
  .max(96)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]*$/) as unknown as z.ZodType<WarningId, WarningId>;

/** A draft may still lack a text in one language or both. */
const draftText = (longest: number) =>
  z
    .strictObject({ vi: z.string().max(longest), en: z.string().max(longest) })
    .meta({ description: 'One text in both languages; empty where it is still missing' });

const circle = z.strictObject({ centre: location, radiusKm: z.number().positive().max(WARNING_RADIUS_KM_MAX) });

export const warningArea = z
  .strictObject({
    description: draftText(WARNING_HEADLINE_MAX),
    outlines: z
      .array(
        z
          .array(location)
          .max(WARNING_CORNERS_MAX)
          .meta({ description: 'Corners in order, the last joined to the first by itself' }),
      )
      .max(WARNING_OUTLINES_MAX),
    circles: z.array(circle).max(WARNING_CIRCLES_MAX),
    wards: z.array(wardCode).max(200),
  })
  .meta({ id: 'WarningArea' });

export const warningContent = z
  .strictObject({
    event: draftText(WARNING_HEADLINE_MAX),
    headline: draftText(WARNING_HEADLINE_MAX),
    description: draftText(WARNING_TEXT_MAX),
    instruction: draftText(WARNING_TEXT_MAX),
    categories: z.array(z.enum(CAP_CATEGORIES)).max(CAP_CATEGORIES.length),
    responseTypes: z.array(z.enum(CAP_RESPONSE_TYPES)).max(CAP_RESPONSE_TYPES.length),
    urgency: z.enum(CAP_URGENCIES),
    severity: z.enum(CAP_SEVERITIES),
    certainty: z.enum(CAP_CERTAINTIES),
    onset: instant.nullable(),
    expires: instant.nullable(),
    area: warningArea,
    contact: z.string().max(300),
    parameters: z.array(z.strictObject({ valueName: z.string().min(1).max(100), value: z.string().max(300) })).max(50),
  })
  .meta({ id: 'WarningContent' });

const proposal = z.object({
  kind: z.enum(PROPOSAL_KINDS),
  stage: z.enum(['draft', 'submitted', 'rejected']),
  content: warningContent,
  reason: localized.nullable(),
  authors: z.array(userId),
  rejection: z.object({ by: userId, at: instant, reason: z.string() }).nullable(),
});

const issuedMessage = z.object({
  kind: z.enum(PROPOSAL_KINDS),
  identifier: z.string(),
  sender: z.string(),
  sent: instant,
  content: warningContent,
  reason: localized.nullable(),
  authors: z.array(userId),
  approvedBy: userId,
});

/** A warning as its agency sees it, with the names of the people in it. */
export const warning = z
  .object({
    id: warningId,
    agencyId,
    status: z.enum(['Actual', 'Exercise']),
    phase: z.enum(WARNING_PHASES),
    alarmId: alarmId.nullable(),
    proposal: proposal.nullable(),
    issued: z.array(issuedMessage),
    endedAt: instant.nullable(),
    createdAt: instant,
    changedAt: instant,
    people: z.record(z.string(), z.string()).meta({ description: 'Display names by user id' }),
    version,
  })
  .meta({ id: 'Warning' });
export type WarningWire = z.infer<typeof warning>;

export const warningVersion = z
  .object({
    version,
    step: z.enum([
      'create',
      'edit',
      'submit',
      'approve',
      'reject',
      'propose_update',
      'propose_cancel',
      'discard',
      'expire',
    ]),
    by: userId.nullable(),
    byName: z.string().nullable(),
    at: instant,
    proposal: proposal.nullable(),
  })
  .meta({ id: 'WarningVersion' });

export const warningCreate = z.strictObject({ agencyId, content: warningContent });
export const warningFromAlarm = z.strictObject({ alarmId });
export const warningEdit = z.strictObject({ content: warningContent });
export const warningReject = z.strictObject({ reason: note });
/** Told to the public, in both languages. */
export const warningChange = z.strictObject({ reason: localized });

export const warningProblem = z.object({ path: z.string(), code: z.string(), message: z.string() });
export const warningPreview = z
  .object({
    /** The message as it would be published now. */
    xml: z.string(),
    problems: z.array(warningProblem).readonly(),
  })
  .meta({ id: 'WarningPreview' });
export type WarningPreview = z.infer<typeof warningPreview>;

/** A warning as everybody sees it: what holds now, or how it ended. Nothing of drafts. */
export const publicWarning = z
  .object({
    /** Of the newest message. */
    identifier: z.string(),
    agency: localized,
    status: z.enum(['Actual', 'Exercise']),
    phase: z.enum(['in_force', 'cancelled', 'expired']),
    /** Of the first message and of the newest. */
    firstSent: instant,
    sent: instant,
    endedAt: instant.nullable(),
    /** Why it was changed or taken back. */
    reason: localized.nullable(),
    content: warningContent,
  })
  .meta({ id: 'PublicWarning' });
export type PublicWarning = z.infer<typeof publicWarning>;
