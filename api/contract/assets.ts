import { z } from 'zod';
import { DEVICE_STATES, SITE_KINDS } from '../../domain/asset.ts';
import { ACTIVITY_KINDS } from '../../domain/ports/registry.ts';
import { AGGREGATION_KINDS } from '../../domain/quantity.ts';
import type { DurationMs } from '../../domain/time.ts';
import {
  agencyId,
  closedRange,
  credentialId,
  deviceId,
  deviceModelId,
  domainName,
  instant,
  localized,
  location,
  pointId,
  quantityKey,
  seriesId,
  siteId,
  tags,
  textKey,
  userId,
  version,
  wardCode,
} from './wire.ts';

export const quantity = z
  .object({
    key: quantityKey,
    domain: domainName,
    unit: z.string().meta({ description: 'UCUM code' }),
    unitSymbol: z.string(),
    localUnitSymbol: localized
      .exactOptional()
      .meta({ description: 'What each language writes for the unit, where that is not the same' }),
    name: localized,
    physicalRange: closedRange,
    plausibleRange: closedRange,
    aggregation: z.enum(AGGREGATION_KINDS),
    decimals: z.number().int(),
    staleAfter: z.number().meta({ description: 'Milliseconds without a reading after which it counts as no data' }),
    computed: z.literal(true).exactOptional().meta({ description: 'Worked out by the platform, sent by no device' }),
    stateNames: z
      .array(localized)
      .readonly()
      .exactOptional()
      .meta({ description: 'Of a state: what its codes 0, 1, … are called' }),
  })
  .meta({ id: 'Quantity' });
export type QuantityWire = z.infer<typeof quantity>;

export const agency = z.object({ id: agencyId, name: localized, version }).meta({ id: 'Agency' });
export const agencyCreate = z.strictObject({ id: agencyId, name: localized });
export const agencyEdit = z.strictObject({ name: localized });

/** Corners of one course: as many as a street of some kilometres has in a survey. */
const PATH_PLACES_MAX = 2_000;
const siteFields = {
  kind: z.enum(SITE_KINDS),
  domain: domainName,
  name: localized,
  location,
  path: z
    .array(location)
    .min(2)
    .max(PATH_PLACES_MAX)
    .readonly()
    .nullable()
    .exactOptional()
    .meta({ description: 'Course of what is long (street, feeder, main), from where it is fed to its end' }),
  wardCode: wardCode.nullable(),
  parentId: siteId.nullable(),
  tags,
};
export const site = z.object({ id: siteId, agencyId, ...siteFields, version }).meta({ id: 'Site' });
export type SiteWire = z.infer<typeof site>;
/** `id` absent: given by the platform. */
export const siteCreate = z.strictObject({ id: siteId.exactOptional(), agencyId, ...siteFields });
export const siteEdit = z.strictObject(siteFields);

export const siteLink = z
  .object({ agencyId, from: siteId, to: siteId, kind: z.enum(['feeds', 'contains', 'backhauls']) })
  .meta({ id: 'SiteLink' });
export const siteLinkCreate = z.strictObject(siteLink.shape);

export const series = z.object({ id: seriesId, quantity: quantityKey }).meta({ id: 'Series' });
const pointFields = {
  siteId,
  domain: domainName,
  name: localized,
  location,
  wardCode: wardCode.nullable(),
  tags,
};
export const point = z
  .object({ id: pointId, agencyId, ...pointFields, series: z.array(series).readonly(), version })
  .meta({ id: 'Point' });
export const pointCreate = z.strictObject({
  id: pointId.exactOptional(),
  agencyId,
  ...pointFields,
  quantities: z.array(quantityKey).min(1).max(64),
});
export const pointEdit = z.strictObject(pointFields);
export const pointQuantity = z.strictObject({ quantity: quantityKey });

const rateLimit = z.object({ step: z.number().min(0), perMinute: z.number().min(0) }).meta({
  id: 'ChannelRateLimit',
  description: 'Two readings may differ by `step`, and `perMinute` more for every minute between them',
});
const stuckLimit = z
  .object({
    after: z
      .number()
      .int()
      .min(60_000)
      .max(30 * 86_400_000)
      .meta({ description: 'Milliseconds' }) as unknown as z.ZodType<DurationMs, DurationMs>,
    restAtOrBelow: z.number().exactOptional(),
    restAtOrAbove: z.number().exactOptional(),
  })
  .meta({
    id: 'ChannelStuckLimit',
    description: 'A value that stands still for longer is suspect, but where it rests by nature',
  });
const channelChecks = z
  .object({ rate: rateLimit.nullable().exactOptional(), stuck: stuckLimit.nullable().exactOptional() })
  .meta({
    description: 'Limits of the automatic checks in place of the quantity’s; null: not checked on this hardware',
  });

export const channel = z.object({
  key: z.string().min(1).max(128),
  quantity: quantityKey,
  plausibleRange: closedRange.nullable(),
  unit: z
    .string()
    .max(64)
    .nullable()
    .exactOptional()
    .meta({ description: "UCUM code of what the device sends, where it isn't the quantity's own unit" }),
  checks: channelChecks.exactOptional(),
});
const intervalMs = z
  .number()
  .int()
  .min(1)
  .max(366 * 86_400_000)
  .meta({ description: 'Milliseconds between messages' }) as unknown as z.ZodType<DurationMs, DurationMs>;
const modelFields = {
  maker: z.string().trim().min(1).max(120),
  name: z.string().trim().min(1).max(120).meta({ description: 'The maker’s own name for it' }),
  title: localized
    .nullable()
    .exactOptional()
    .meta({ description: 'What it is, in people’s words; absent where the name says it' }),
  domain: domainName,
  format: z.string().min(1).max(64).meta({ description: 'Payload format, e.g. native-json' }),
  codec: z
    .string()
    .max(65_536)
    .nullable()
    .exactOptional()
    .meta({ description: 'Source of a JavaScript codec (decodeUplink, Decode or Decoder), for format codec' }),
  channels: z.array(channel).min(1).max(256).readonly(),
  expectedInterval: intervalMs,
  rateLimit: z
    .object({ messagesPerSecond: z.number().positive(), burstMessages: z.number().int().positive() })
    .nullable(),
};
export const deviceModel = z
  .object({
    id: deviceModelId,
    agencyId: agencyId.nullable(),
    ...modelFields,
    withdrawn: z
      .object({ at: instant, reason: z.string() })
      .nullable()
      .exactOptional()
      .meta({ description: 'Since when and why no new device may be of it; absent or null: it is offered' }),
    version,
  })
  .meta({ id: 'DeviceModel' });
export type DeviceModelWire = z.infer<typeof deviceModel>;
/** `agencyId` null offers it to every agency: for a platform administrator. */
export const deviceModelCreate = z.strictObject({
  id: deviceModelId.exactOptional(),
  agencyId: agencyId.nullable(),
  ...modelFields,
});
export const deviceModelEdit = z.strictObject(modelFields);

const deviceFields = {
  modelId: deviceModelId,
  serialNumber: z.string().trim().min(1).max(120).nullable(),
};
export const device = z
  .object({ id: deviceId, agencyId, ...deviceFields, state: z.enum(DEVICE_STATES), createdAt: instant, version })
  .meta({ id: 'Device' });
export type DeviceWire = z.infer<typeof device>;
/** Later states are reached by steps. */
export const deviceCreate = z.strictObject({
  id: deviceId,
  agencyId,
  ...deviceFields,
  state: z.enum(['in_stock', 'claimed']).default('in_stock'),
});
export const deviceEdit = z.strictObject(deviceFields);

export const deviceAssignment = z
  .object({ deviceId, pointId, agencyId, from: instant, to: instant.nullable() })
  .meta({ id: 'DeviceAssignment' });
/** `from` absent: now. */
export const assignmentCreate = z.strictObject({ pointId, from: instant.exactOptional() });
export const assignmentEnd = z.strictObject({ pointId, at: instant.exactOptional() });

export const deviceCredential = z
  .object({
    id: credentialId,
    deviceId,
    kind: z.enum(['token', 'certificate']),
    certificate: z
      .object({ fingerprintSha256: z.string(), authorityId: z.string(), subject: z.string() })
      .nullable()
      .meta({ description: 'null for a token' }),
    topicFilters: z.array(z.string()).readonly(),
    createdAt: instant,
    expiresAt: instant.nullable(),
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'DeviceCredential', description: 'Never holds the token nor its hash' });
export type DeviceCredentialWire = z.infer<typeof deviceCredential>;
export const credentialCreate = z.strictObject({
  topicFilters: z.array(z.string().min(1).max(256)).min(1).max(64).exactOptional(),
  expiresAt: instant.nullable().exactOptional(),
});
export const credentialCreated = z.object({
  credential: deviceCredential,
  token: z.string().meta({ description: 'Shown this once; the device’s password' }),
});

export const deviceStatusChange = z
  .object({
    deviceId,
    online: z.boolean(),
    reason: z.string(),
    eventTime: instant,
    recordedAt: instant,
  })
  .meta({ id: 'DeviceStatusChange' });

export const deviceAttributes = z.record(
  z.string(),
  z.object({ value: z.union([z.string(), z.number(), z.boolean()]), at: instant }),
);

export const activity = z
  .object({
    deviceId,
    kind: z.enum(ACTIVITY_KINDS),
    text: textKey,
    reason: z.string().nullable().meta({ description: 'Why, in the words of who did it' }),
    eventTime: instant,
    recordedAt: instant,
    by: userId.nullable(),
  })
  .meta({ id: 'Activity' });
export type ActivityWire = z.infer<typeof activity>;
