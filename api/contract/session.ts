import { z } from 'zod';
import { PERMISSIONS, ROLES } from '../../domain/access.ts';
import { agencyId, instant, language, userId } from './wire.ts';

export const PASSWORD_MIN = 12;
/** argon2id reads every byte; beyond this a password is an attack on the CPU. */
export const PASSWORD_MAX = 256;

export const roleAssignment = z
  .object({ agencyId: agencyId.nullable(), role: z.enum(ROLES) })
  .refine((held) => (held.agencyId === null) === (held.role === 'platform_admin'), {
    message: 'refusal.roleAgency',
  })
  .meta({ id: 'RoleAssignment' });

export const loginName = z
  .string()
  .trim()
  .min(2)
  .max(64)
  .regex(/^[A-Za-z0-9._@+-]+$/);

export const login = z.strictObject({
  loginName: z.string().min(1).max(64),
  password: z.string().min(1).max(PASSWORD_MAX),
});

/** The first administrator, made with the one-time link printed at start. */
export const setup = z.strictObject({
  token: z.string().min(1).max(128),
  loginName,
  displayName: z.string().trim().min(1).max(120),
  password: z.string().min(PASSWORD_MIN).max(PASSWORD_MAX),
  language,
});

export const newPassword = z.strictObject({
  current: z.string().min(1).max(PASSWORD_MAX),
  replacement: z.string().min(PASSWORD_MIN).max(PASSWORD_MAX),
});

/** Agencies in which each permission is held; `all` for a platform administrator. A permission that is absent is not held. */
export const permissionsHeld = z.partialRecord(
  z.enum(PERMISSIONS),
  z.union([z.literal('all'), z.array(agencyId).readonly()]),
);

export const signedIn = z.object({
  kind: z.literal('person'),
  user: z.object({
    id: userId,
    loginName: z.string(),
    displayName: z.string(),
    language,
    roles: z.array(roleAssignment).readonly(),
  }),
  permissions: permissionsHeld,
  /** To be sent as `X-CSRF-Token` with every POST, PUT and DELETE made with the cookie; `null` for a caller with an API key. */
  csrfToken: z.string().nullable(),
  expiresAt: instant.nullable(),
});
export type SignedIn = z.infer<typeof signedIn>;

export const sessionState = z
  .discriminatedUnion('kind', [signedIn, z.object({ kind: z.literal('anonymous') })])
  .meta({ id: 'SessionState', description: 'Who is asking' });
export type SessionState = z.infer<typeof sessionState>;
