import { z } from 'zod';
import { DEVICE_STATES } from '../../domain/asset.ts';
import {
  CHECK_VERDICTS,
  COMMISSIONING_CHECKS,
  FINDINGS,
  PHOTOS_SIGNED_MAX,
  type PhotoId,
} from '../../domain/commissioning.ts';
import { TRANSPORTS } from '../../domain/ports/quarantine.ts';
import { gatewaysAway, quarantineProblem } from './quarantine.ts';
import { agencyId, deviceId, deviceModelId, instant, location, note, pointId, userId } from './wire.ts';

export const PHOTO_MEDIA_TYPES = ['image/jpeg'] as const;

const photoId = z.string().regex(/^[0-9a-f]{64}$/) as unknown as z.ZodType<PhotoId, PhotoId>;
export const recordParams = z.object({ deviceId, recordId: z.string().min(1).max(96) });
export const photoParams = z.object({ deviceId, photoId });

const findingFields = {
  check: z.enum(COMMISSIONING_CHECKS),
  verdict: z.enum(CHECK_VERDICTS).meta({
    description: 'waiting: time may still decide; not_applicable: nothing to hold it against, in nobody’s way',
  }),
  code: z.enum(FINDINGS),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
};
export const finding = z.object(findingFields).meta({ id: 'CommissioningFinding' });
export type FindingWire = z.infer<typeof finding>;
const recordedFinding = z
  .object({ ...findingFields, overriddenBecause: z.string().nullable() })
  .meta({ id: 'RecordedFinding' });

/** The checks as they stand now. */
export const commissioningNow = z
  .object({
    at: instant,
    deviceId,
    state: z.enum(DEVICE_STATES),
    pointIds: z.array(pointId).readonly(),
    findings: z.array(finding).readonly(),
  })
  .meta({ id: 'CommissioningNow' });
export type CommissioningNow = z.infer<typeof commissioningNow>;

const mounted = z
  .object({
    location,
    accuracyMetres: z
      .number()
      .min(0)
      .max(100_000)
      .nullable()
      .meta({ description: 'Radius of 68 % confidence; null when it was put on the map by hand' }),
  })
  .meta({ id: 'MountedAt' });

export const commissioningSignature = z.strictObject({
  overrides: z
    .array(z.strictObject({ check: z.enum(COMMISSIONING_CHECKS), reason: note }))
    .max(COMMISSIONING_CHECKS.length)
    .default([])
    .meta({ description: 'Checks that have not passed and are signed for all the same, each with why' }),
  mounted: mounted.nullable().default(null),
  photoIds: z.array(photoId).max(PHOTOS_SIGNED_MAX).default([]),
  note: note.nullable().default(null),
});

export const commissioningRecord = z
  .object({
    id: z.string(),
    deviceId,
    agencyId,
    modelId: deviceModelId,
    serialNumber: z.string().nullable(),
    pointIds: z.array(pointId).readonly(),
    findings: z.array(recordedFinding).readonly(),
    mounted: mounted.nullable(),
    photoIds: z.array(photoId).readonly(),
    note: z.string().nullable(),
    signedBy: userId,
    signedName: z.string().meta({ description: 'Name of who signed, as it was then' }),
    signedAt: instant,
  })
  .meta({
    id: 'CommissioningRecord',
    description: 'Evaluated by the platform at the moment of signing; never changed',
  });
export type CommissioningRecordWire = z.infer<typeof commissioningRecord>;

export const devicePhoto = z
  .object({
    id: photoId,
    deviceId,
    agencyId,
    sizeBytes: z.number().int(),
    widthPixels: z.number().int(),
    heightPixels: z.number().int(),
    takenAt: instant,
    recordedAt: instant,
    by: userId.nullable(),
  })
  .meta({ id: 'DevicePhoto' });
export type DevicePhotoWire = z.infer<typeof devicePhoto>;

export const deviceNote = z.strictObject({
  text: note,
  at: instant.exactOptional().meta({ description: 'When it was noted, if without network; absent: now' }),
});

export const seenMessage = z
  .object({
    gateway: z.string().meta({ description: 'Id of the gateway that saw it; counts its own messages' }),
    number: z.number().int(),
    arrivalTime: instant,
    transport: z.enum(TRANSPORTS),
    topic: z.string(),
    base64: z.string().meta({ description: 'The beginning of the message' }),
    sizeBytes: z.number().int(),
    values: z
      .array(
        z.object({
          channel: z.string(),
          value: z.number(),
          unit: z.string().nullable(),
          deviceTime: z.number().nullable().meta({ description: 'Epoch ms by the device; null: arrival counts' }),
        }),
      )
      .readonly(),
    problems: z.array(quarantineProblem).readonly(),
  })
  .meta({ id: 'SeenMessage' });
export type SeenMessageWire = z.infer<typeof seenMessage>;
export const deviceMessages = z
  .object({ watchedSince: instant, items: z.array(seenMessage).readonly(), away: gatewaysAway })
  .meta({ id: 'DeviceMessages', description: 'Kept in memory while somebody asks; asking begins it' });
