import { z } from 'zod';
import { DEVICE_STATES } from '../../domain/asset.ts';
import { DEVICE_STEPS } from '../../domain/device-life.ts';
import { device, deviceAssignment } from './assets.ts';
import { agencyId, deviceId, instant, note, userId } from './wire.ts';

/** A step in a device's life, the state it leads to, and what is in its way. */
export const possibleStep = z
  .object({
    step: z.enum(DEVICE_STEPS),
    to: z.enum(DEVICE_STATES),
    needsReason: z.boolean(),
    blockedBy: z
      .enum(['STEP_NEEDS_POINT', 'STEP_NEEDS_NO_POINT'])
      .nullable()
      .meta({ description: 'What must be done first; null when nothing' }),
  })
  .meta({ id: 'PossibleStep' });

/** When something happened, for what was noted without network; absent: now. Never in the future. */
const happenedAt = instant.exactOptional();

export const stepTaken = z.strictObject({
  step: z.enum(DEVICE_STEPS),
  reason: note.nullable().exactOptional().meta({ description: 'Needed for maintenance, return to stock and retiring' }),
  at: happenedAt,
});

export const swapOrder = z.strictObject({
  replacement: deviceId.meta({ description: 'Claimed or in maintenance, serving nothing, of the same agency' }),
  oldBecomes: z.enum(['in_maintenance', 'retired']).default('in_maintenance'),
  reason: note,
  at: happenedAt,
});
export const swapDone = z.object({
  old: device,
  replacement: device,
  assignments: z.array(deviceAssignment).readonly(),
});

export const tokenRotation = z.strictObject({
  othersEndAt: instant
    .exactOptional()
    .meta({ description: 'When the tokens that are live now end; at most 30 days on; absent: a day from now' }),
});

export const claimWindow = z
  .object({
    deviceId,
    agencyId,
    madeAt: instant,
    opensAt: instant,
    closesAt: instant,
    usedAt: instant.nullable(),
    usedBy: userId.nullable(),
  })
  .meta({ id: 'ClaimWindow', description: 'Never holds the code' });

export type ClaimWindowWire = z.infer<typeof claimWindow>;

export const claimTimes = {
  opensAt: instant.exactOptional(),
  closesAt: instant.exactOptional().meta({ description: 'At most a year on; absent: 90 days from its opening' }),
};
export const claimOpening = z
  .strictObject(claimTimes)
  .refine(({ opensAt, closesAt }) => opensAt === undefined || closesAt === undefined || opensAt < closesAt, {
    message: 'refusal.spanReversed',
  });
export const claimOpened = z.object({
  window: claimWindow,
  code: z.string().meta({ description: 'Shown this once' }),
  link: z.string().meta({ description: 'What the label’s QR code holds: /claim/{deviceId}#{code}' }),
});

export const claimMade = z.strictObject({
  deviceId,
  code: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .meta({ description: 'As scanned or typed; case, dashes and blanks don’t matter' }),
  agencyId: agencyId
    .exactOptional()
    .meta({ description: 'Who it is claimed for; absent: the only agency in which the caller may' }),
  at: happenedAt,
});
