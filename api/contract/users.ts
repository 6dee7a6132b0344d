import { z } from 'zod';
import { NOTICE_KINDS } from '../../domain/events.ts';
import { loginName, PASSWORD_MAX, PASSWORD_MIN, roleAssignment } from './session.ts';
import {
  agencyId,
  apiKeyId,
  deviceId,
  domainName,
  instant,
  language,
  siteId,
  tag,
  textKey,
  userId,
  version,
} from './wire.ts';

const roles = z.array(roleAssignment).max(100).readonly();
const displayName = z.string().trim().min(1).max(120);

export const user = z
  .object({
    id: userId,
    loginName: z.string(),
    displayName: z.string(),
    language,
    roles,
    disabledAt: instant.nullable(),
    createdAt: instant,
    version,
  })
  .meta({ id: 'User' });
export type UserWire = z.infer<typeof user>;
export const userCreate = z.strictObject({
  loginName,
  displayName,
  language,
  roles: z.array(roleAssignment).min(1).max(100).readonly(),
  /** Absent: the person chooses one by a one-time link. */
  password: z.string().min(PASSWORD_MIN).max(PASSWORD_MAX).exactOptional(),
});
/** Disabling ends the person's sessions and live connections. */
export const userEdit = z.strictObject({ displayName, language, roles, disabled: z.boolean() });
export const userPassword = z.strictObject({ password: z.string().min(PASSWORD_MIN).max(PASSWORD_MAX) });
/** Names for lists of alarms and shifts: of people who share an agency with the reader. */
export const colleague = z.object({ id: userId, displayName: z.string() }).meta({ id: 'Colleague' });
export type Colleague = z.infer<typeof colleague>;

export const apiKey = z
  .object({
    id: apiKeyId,
    agencyId: agencyId.nullable(),
    name: z.string(),
    roles,
    createdBy: userId,
    createdAt: instant,
    expiresAt: instant.nullable(),
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'ApiKey', description: 'Never holds the secret nor its hash' });
export type ApiKeyWire = z.infer<typeof apiKey>;
export const apiKeyCreate = z.strictObject({
  agencyId: agencyId.nullable(),
  name: z.string().trim().min(1).max(120),
  roles: z.array(roleAssignment).min(1).max(100).readonly(),
  expiresAt: instant.nullable(),
});
export const apiKeyCreated = z.object({
  apiKey,
  secret: z.string().meta({ description: 'Shown this once; sent as Authorization: Bearer' }),
});

/** Parts given must all match; `toAgencyId` null is the public. */
export const sharingGrant = z
  .object({
    id: z.string(),
    agencyId,
    toAgencyId: agencyId.nullable(),
    domain: domainName.nullable(),
    siteId: siteId.nullable(),
    tag: tag.nullable(),
    expiresAt: instant.exactOptional().meta({ description: 'From then on it shares nothing; absent: until ended' }),
  })
  .meta({ id: 'SharingGrant' });
export type SharingGrantWire = z.infer<typeof sharingGrant>;
export const sharingGrantCreate = z.strictObject(sharingGrant.omit({ id: true }).shape);

export const auditRow = z
  .object({
    id: z.number().int(),
    agencyId: agencyId.nullable(),
    at: instant,
    actor: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('system'), name: z.string() }),
      z.object({ kind: z.literal('person'), userId }),
    ]),
    action: z.string(),
    targetKind: z.string(),
    targetId: z.string(),
    before: z.unknown(),
    after: z.unknown(),
  })
  .meta({ id: 'AuditRow' });

export const notice = z
  .object({
    id: z.string(),
    kind: z.enum(NOTICE_KINDS),
    agencyId: agencyId.nullable(),
    deviceId: deviceId.nullable(),
    text: textKey,
    at: instant,
  })
  .meta({ id: 'Notice' });
export type NoticeWire = z.infer<typeof notice>;
