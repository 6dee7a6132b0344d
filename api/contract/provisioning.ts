import { z } from 'zod';
import {
  ADMISSION_REFUSALS,
  type CertificateAuthorityId,
  PROVISIONING_KEY_PATTERN,
  type ProvisioningKey,
} from '../../domain/provisioning.ts';
import { agencyId, deviceId, deviceModelId, instant, version } from './wire.ts';

const profileKey = z.string().regex(PROVISIONING_KEY_PATTERN) as unknown as z.ZodType<ProvisioningKey, ProvisioningKey>;
const authorityId = z.string().min(1).max(64) as unknown as z.ZodType<CertificateAuthorityId, CertificateAuthorityId>;
export const profileParams = z.object({ profileKey });
export const authorityParams = z.object({ authorityId });

const name = z.string().trim().min(1).max(120);
const terms = {
  stockListOnly: z.boolean().meta({ description: 'Only devices registered in stock beforehand' }),
  maximumDevices: z.number().int().min(1).max(10_000_000).nullable().meta({ description: 'null: any number' }),
  enabled: z.boolean(),
};
const refusals = z
  .array(
    z.object({
      code: z.enum(ADMISSION_REFUSALS),
      refused: z.number().int(),
      lastAt: instant,
      lastDeviceId: deviceId.meta({ description: 'Who was refused last for this' }),
    }),
  )
  .readonly()
  .meta({ description: 'What was refused so far, by reason; the most frequent first' });
const admittedDevices = z.number().int().meta({ description: 'How many have come in so far' });

const profileFields = {
  name,
  modelIds: z
    .array(deviceModelId)
    .min(1)
    .max(64)
    .readonly()
    .meta({ description: 'What a device may say it is; the first counts when it says nothing' }),
  ...terms,
  expiresAt: instant.nullable(),
};
export const provisioningProfile = z
  .object({ key: profileKey, agencyId, ...profileFields, admittedDevices, refusals, createdAt: instant, version })
  .meta({ id: 'ProvisioningProfile', description: 'Never holds the secret' });
export const profileCreate = z.strictObject({ key: profileKey, agencyId, ...profileFields });
export const profileEdit = z.strictObject(profileFields);
export const profileCreated = z.object({
  profile: provisioningProfile,
  secret: z.string().meta({ description: 'Shown this once; the password with which devices register' }),
});

const authorityFields = { name, modelId: deviceModelId, ...terms };
export const certificateAuthority = z
  .object({
    id: authorityId,
    agencyId,
    ...authorityFields,
    certificatePem: z.string(),
    fingerprintSha256: z.string(),
    subject: z.string(),
    validFrom: instant,
    validTo: instant,
    admittedDevices,
    boundDevices: z.number().int().meta({ description: 'Devices that can connect by its certificates now' }),
    refusals,
    createdAt: instant,
    revokedAt: instant.nullable(),
    version,
  })
  .meta({ id: 'CertificateAuthority' });
export const authorityCreate = z.strictObject({
  agencyId,
  ...authorityFields,
  certificatePem: z.string().min(1).max(16_384).meta({ description: 'One X.509 certificate in PEM, with CA:TRUE' }),
});
export const boundDevice = z.object({ deviceId, boundAt: instant, subject: z.string() });
export const authorityEdit = z.strictObject(authorityFields);
