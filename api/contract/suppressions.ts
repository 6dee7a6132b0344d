import { z } from 'zod';
import { type SuppressionScope, WINDOW_KINDS } from '../../domain/suppression-window.ts';
import {
  agencyId,
  deviceId,
  instant,
  localized,
  note,
  pointId,
  ruleId,
  siteId,
  suppressionWindowId,
  userId,
  version,
} from './wire.ts';

const scope = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('device'), deviceId }),
    z.strictObject({ kind: z.literal('point'), pointId }),
    z.strictObject({ kind: z.literal('site'), siteId }),
    z.strictObject({ kind: z.literal('rule'), ruleId }),
    z.strictObject({ kind: z.literal('rule_on_point'), ruleId, pointId }),
  ])
  .meta({
    id: 'SuppressionScope',
    description: 'A site counts with what is in it and what it feeds, contains or carries',
  });
scope satisfies z.ZodType<SuppressionScope>;

export const suppressionWindow = z
  .object({
    id: suppressionWindowId,
    agencyId,
    kind: z.enum(WINDOW_KINDS),
    scope,
    reason: z.string(),
    owner: userId.nullable(),
    from: instant,
    until: instant.nullable(),
    cause: z.enum(['person', 'device_step']),
    endedAt: instant.nullable(),
    createdAt: instant,
    version,
    phase: z.enum(['planned', 'in_force', 'over']),
    /** What a list says of it: the owner, the point or site (null: it has no name of its own), how much it hides. */
    ownerName: z.string().nullable(),
    scopeName: localized.nullable(),
    points: z.number().int().meta({ description: 'Points whose alarms it hides' }),
  })
  .meta({
    id: 'SuppressionWindow',
    description: 'Maintenance or out of service: the alarms of a scope are hidden for a time',
  });
export type SuppressionWindowWire = z.infer<typeof suppressionWindow>;

export const suppressionVersion = z
  .object({
    step: z.enum(['open', 'extend', 'end']),
    by: userId.nullable(),
    byName: z.string().nullable(),
    at: instant,
    until: instant.nullable(),
  })
  .meta({ id: 'SuppressionWindowVersion' });

export const suppressionCreate = z.strictObject({
  kind: z.enum(WINDOW_KINDS),
  scope,
  reason: note,
  /** Who answers for it; whoever opens it, when absent. */
  owner: userId.exactOptional(),
  from: instant.exactOptional().meta({ description: 'When it begins; now, when absent or past' }),
  until: instant
    .nullable()
    .meta({ description: 'Needed for maintenance; null: out of service until a person ends it' }),
});
export const suppressionExtend = z.strictObject({ until: instant.nullable() });

/** Why alarms of a point are hidden now, for the map and its panels. */
export const quietPoint = z
  .object({
    pointId,
    kind: z.enum(WINDOW_KINDS),
    reason: z.string(),
    ownerName: z.string().nullable(),
    since: instant,
    until: instant.nullable(),
    window: suppressionWindowId,
    cause: z.enum(['person', 'device_step']),
  })
  .meta({ id: 'QuietPoint' });
export type QuietPointWire = z.infer<typeof quietPoint>;
