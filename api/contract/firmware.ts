import { z } from 'zod';
import {
  FIRMWARE_VERSION_PATTERN,
  type FirmwareImageId,
  type FirmwareKeyId,
  IMAGE_SHA256_PATTERN,
  type ImageSha256,
} from '../../domain/firmware/firmware-image.ts';
import {
  DEFAULT_ROLLOUT_PLAN,
  HALT_REASONS,
  ROLLOUT_STATES,
  ROLLOUT_STEPS,
  type RolloutId,
  STAGES_MAX,
} from '../../domain/firmware/rollout.ts';
import { PROGRESS_KINDS } from '../../domain/firmware/rollout-device.ts';
import type { DurationMs } from '../../domain/time.ts';
import { agencyId, deviceId, deviceModelId, instant, pageQuery, userId } from './wire.ts';

const named = <B extends string>(): z.ZodType<B, B> => z.string().min(1).max(64) as unknown as z.ZodType<B, B>;
export const firmwareKeyId = named<FirmwareKeyId>();
export const firmwareImageId = named<FirmwareImageId>();
export const rolloutId = named<RolloutId>();
const sha256 = z.string().regex(IMAGE_SHA256_PATTERN) as unknown as z.ZodType<ImageSha256, ImageSha256>;
const firmwareVersion = z.string().regex(FIRMWARE_VERSION_PATTERN).meta({ description: 'e.g. 1.5.0 or 1.5.0-rc.2' });
/** Ed25519: 64 bytes, base64. */
const signature = z
  .string()
  .regex(/^[A-Za-z0-9+/]{86}==$/)
  .meta({ description: 'Ed25519 over the manifest, 64 bytes, base64' });

export const firmwareKey = z
  .object({
    id: firmwareKeyId,
    agencyId,
    name: z.string(),
    modelIds: z.array(deviceModelId).readonly().meta({ description: 'Models it may sign for; empty: all' }),
    publicKey: z.string().meta({ description: 'Ed25519, 32 bytes, base64' }),
    createdBy: userId,
    createdAt: instant,
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'FirmwareKey' });
export type FirmwareKeyWire = z.infer<typeof firmwareKey>;
export const firmwareKeyGiven = z.strictObject({
  agencyId,
  name: z.string().trim().min(1).max(120),
  modelIds: z.array(deviceModelId).max(100),
  publicKey: z.string().min(1).max(2_000).meta({ description: 'PEM, or the 32 bytes in base64' }),
});

export const firmwareImage = z
  .object({
    id: firmwareImageId,
    agencyId,
    modelId: deviceModelId,
    version: z.string(),
    sizeBytes: z.number().int().min(1),
    sha256,
    signature: z.string(),
    keyId: firmwareKeyId,
    notes: z.string(),
    uploadedBy: userId,
    uploadedAt: instant,
    withdrawnAt: instant.nullable(),
  })
  .meta({ id: 'FirmwareImage' });
export type FirmwareImageWire = z.infer<typeof firmwareImage>;
export const FIRMWARE_MEDIA_TYPES = ['application/octet-stream'] as const;
export const firmwareUpload = z.object({
  agency: agencyId,
  model: deviceModelId,
  version: firmwareVersion,
  signature,
  notes: z.string().trim().max(500).default(''),
});
export const firmwareRoom = z.object({
  bytes: z.number().int().min(0),
  capacityBytes: z.number().int().min(0),
  maximumImageBytes: z.number().int().min(0),
});

export const rolloutPreview = z
  .object({
    devices: z.number().int().min(0),
    hasVersion: z.number().int().min(0),
    hasNewer: z.number().int().min(0),
    offline: z.number().int().min(0).meta({ description: 'Of those to be updated: not connected now' }),
  })
  .meta({ id: 'RolloutPreview' });

const share = z.number().min(0).max(1);
const span = (minimumMs: number, maximumMs: number): z.ZodType<DurationMs, DurationMs> =>
  z.number().int().min(minimumMs).max(maximumMs) as unknown as z.ZodType<DurationMs, DurationMs>;
const DAY_MS = 86_400_000;
const plan = z.strictObject({
  stages: z
    .array(z.number().gt(0).max(100))
    .min(1)
    .max(STAGES_MAX)
    .meta({ description: 'Percent of the devices that have had their turn after each stage; rising, the last 100' }),
  successShare: share.meta({ description: 'Of a stage’s finished devices, before the next stage' }),
  soak: span(0, 30 * DAY_MS).meta({ description: 'Milliseconds a stage is watched after its last device' }),
  failureShare: share.meta({ description: 'More than this of the finished, and it halts' }),
  failureMinimum: z.number().int().min(1).max(100_000).meta({ description: 'At least so many failures, to halt' }),
  reachWithin: span(1_000, 30 * DAY_MS).meta({ description: 'Milliseconds for a device to begin' }),
  finishWithin: span(1_000, 30 * DAY_MS).meta({ description: 'Milliseconds of silence after it began' }),
});
export const rolloutGiven = z.strictObject({
  imageId: firmwareImageId,
  plan: plan.default({ ...DEFAULT_ROLLOUT_PLAN, stages: [...DEFAULT_ROLLOUT_PLAN.stages] }),
});
export const rolloutStep = z.strictObject({ step: z.enum(ROLLOUT_STEPS) });

const progressKind = z.enum(PROGRESS_KINDS);
const counts = z.record(progressKind, z.number().int().min(0)).meta({ id: 'RolloutCounts' });
export const rollout = z
  .object({
    id: rolloutId,
    agencyId,
    modelId: deviceModelId,
    imageId: firmwareImageId,
    version: z.string(),
    plan,
    devices: z.number().int().min(0),
    createdBy: userId,
    createdAt: instant,
    state: z.enum(ROLLOUT_STATES),
    stateAt: instant.nullable().meta({ description: 'Since when; null for a draft' }),
    stage: z.number().int().min(0).nullable().meta({ description: '0 …; null before the start and after the end' }),
    halt: z
      .object({
        reason: z.enum(HALT_REASONS),
        failed: z.number().int().min(0),
        finished: z.number().int().min(0),
      })
      .nullable(),
    counts,
    stages: z.array(counts).readonly(),
  })
  .meta({ id: 'FirmwareRollout' });
export type RolloutWire = z.infer<typeof rollout>;

export const rolloutDevice = z
  .object({
    rolloutId,
    deviceId,
    stage: z.number().int().min(0),
    versionBefore: z.string().nullable(),
    state: progressKind,
    at: instant,
    bytes: z.number().int().min(0).nullable().meta({ description: 'Loaded; null unless it is downloading' }),
    reason: z.string().nullable().meta({ description: 'Why it failed, refused, was left out or given up' }),
  })
  .meta({ id: 'FirmwareRolloutDevice' });
export type RolloutDeviceWire = z.infer<typeof rolloutDevice>;
export const rolloutDevicesQuery = z.object({ state: progressKind.exactOptional(), ...pageQuery });

export const deviceFirmware = z
  .object({
    version: z.string().nullable().meta({ description: 'As the device reports it' }),
    rollouts: z.array(z.object({ rollout, device: rolloutDevice })).readonly(),
  })
  .meta({ id: 'DeviceFirmware' });
