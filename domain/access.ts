import type { AgencyId, SiteId, UserId } from './identifiers.ts';
import type { Domain } from './quantity.ts';
import type { EpochMs } from './time.ts';

export const ROLES = ['viewer', 'operator', 'installer', 'environment', 'agency_admin', 'platform_admin'] as const;
export type Role = (typeof ROLES)[number];

/** A person's role in one agency. `platform_admin` holds in all of them: its agency is `null`. */
export interface RoleAssignment {
  readonly agencyId: AgencyId | null;
  readonly role: Role;
}

/** Read access of one agency's data given to another agency or to the public. Parts given must all match. */
export interface SharingGrant {
  readonly id: string;
  /** Who shares. */
  readonly agencyId: AgencyId;
  /** Who may read; `null` is the public. */
  readonly toAgencyId: AgencyId | null;
  readonly domain: Domain | null;
  readonly siteId: SiteId | null;
  readonly tag: string | null;
  /** From then on it shares nothing; absent: until somebody ends it. */
  readonly expiresAt?: EpochMs;
}

/** What someone may see and change, worked out once per request or connection. */
export interface Access {
  /** Agencies whose rows may be read whole. */
  readonly readAgencies: readonly AgencyId[] | 'all';
  /** Agencies whose rows may be written; which rows and fields is for the role check at the API. */
  readonly writeAgencies: readonly AgencyId[] | 'all';
  /** Parts of other agencies' data that are shared with these. */
  readonly grants: readonly SharingGrant[];
}

/** Who does something; every write leaves an audit row by its actor. */
export type Actor =
  | { readonly kind: 'system'; readonly name: string }
  | {
      readonly kind: 'person';
      readonly userId: UserId;
      readonly access: Access;
      readonly roles: readonly RoleAssignment[];
    };

export const SYSTEM_ACCESS: Access = { readAgencies: 'all', writeAgencies: 'all', grants: [] };
export const accessOf = (actor: Actor): Access => (actor.kind === 'system' ? SYSTEM_ACCESS : actor.access);

/** What a person may do, one word for each row of the contract's table "People". */
export const PERMISSIONS = [
  'read',
  'alarms.work',
  'assets.write',
  'credentials.write',
  'quarantine.read',
  'rules.write',
  'warnings.draft',
  'warnings.approve',
  'agency.administer',
  'platform.administer',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const ALLOWED: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['read'],
  operator: ['read', 'alarms.work', 'warnings.draft'],
  installer: ['read', 'assets.write', 'credentials.write', 'quarantine.read'],
  environment: ['read', 'alarms.work', 'rules.write', 'warnings.draft', 'warnings.approve'],
  agency_admin: PERMISSIONS.filter((p) => p !== 'platform.administer'),
  platform_admin: PERMISSIONS,
};

/** Deny first: true only when one of the roles allows `permission` in `agencyId` (`null`: something that belongs to no agency). */
export function may(roles: readonly RoleAssignment[], permission: Permission, agencyId: AgencyId | null): boolean {
  return roles.some(
    (held) =>
      ALLOWED[held.role].includes(permission) &&
      (held.role === 'platform_admin' || (agencyId !== null && held.agencyId === agencyId)),
  );
}

/** Agencies in which roles give a permission. */
export function agenciesWith(roles: readonly RoleAssignment[], permission: Permission): readonly AgencyId[] | 'all' {
  if (may(roles, permission, null)) return 'all';
  const own = new Set(roles.flatMap(({ agencyId }) => (agencyId === null ? [] : [agencyId])));
  return [...own].filter((agency) => may(roles, permission, agency)).sort();
}

/** What may be seen of all that can be read: whole agencies by role, parts of others by grant. */
export const readAccessOf = (roles: readonly RoleAssignment[], grants: readonly SharingGrant[]): Access => ({
  readAgencies: agenciesWith(roles, 'read'),
  writeAgencies: [],
  grants,
});
