import {
  type Access,
  type Actor,
  agenciesWith,
  may,
  PERMISSIONS,
  type Permission,
  type RoleAssignment,
  readAccessOf,
  type SharingGrant,
} from '../../domain/access.ts';
import type { Display } from '../../domain/display.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type { Session, User } from '../../domain/ports/registry.ts';
import type { RouteAccess, RouteKey } from '../contract/route.ts';
import { READABLE_BY_DISPLAYS } from '../contract/routes-displays.ts';
import { ApiError } from '../errors.ts';

/** Who makes a request or holds a live connection. */
export type Caller =
  | { readonly kind: 'anonymous'; readonly grants: readonly SharingGrant[] }
  | {
      /** A wall screen: it reads as a viewer would, what its pictures need. */
      readonly kind: 'display';
      readonly display: Display;
      readonly secret: string;
      /** Of its page. */
      readonly build: string;
      readonly roles: readonly RoleAssignment[];
      readonly grants: readonly SharingGrant[];
    }
  | {
      readonly kind: 'person';
      readonly userId: UserId;
      readonly roles: readonly RoleAssignment[];
      /** Parts of other agencies' data shared with the caller's agencies, and with the public. */
      readonly grants: readonly SharingGrant[];
      readonly by:
        | { readonly kind: 'session'; readonly session: Session; readonly user: User }
        | {
            readonly kind: 'api_key';
            readonly keyId: string;
            readonly name: string;
            readonly expiresAt: number | null;
          };
    };

/** Audit rows are written for people only; someone without a session writes nothing, and has this name while reading. */
const NOBODY = 'anonymous' as UserId;

export const rolesOf = (caller: Caller): readonly RoleAssignment[] => (caller.kind === 'anonymous' ? [] : caller.roles);

const some = (agencies: readonly AgencyId[] | 'all'): boolean => agencies === 'all' || agencies.length > 0;

/** Whether the permission is held anywhere: in `all` agencies, or at least one. */
export const holdsSomewhere = (caller: Caller, permission: Permission): boolean =>
  some(agenciesWith(rolesOf(caller), permission));

/** Deny first: throws unless the route's own word lets this caller in. @throws {ApiError} NOT_SIGNED_IN or NOT_PERMITTED. */
export function admit(caller: Caller, access: RouteAccess, key: RouteKey): void {
  if (caller.kind === 'display' && !READABLE_BY_DISPLAYS.has(key))
    throw new ApiError('NOT_PERMITTED', { permission: key });
  if (access === 'display') {
    if (caller.kind === 'anonymous') throw new ApiError('NOT_SIGNED_IN');
    if (caller.kind !== 'display') throw new ApiError('NOT_PERMITTED', { permission: access });
    return;
  }
  if (access === 'anyone' || access === 'shared') return;
  if (caller.kind === 'anonymous') throw new ApiError('NOT_SIGNED_IN');
  if (access === 'signed_in') return;
  if (!holdsSomewhere(caller, access)) throw new ApiError('NOT_PERMITTED', { permission: access });
}

/** What may be seen of all that can be read: whole agencies by role, parts of others by grant. */
export const readAccess = (caller: Caller): Access => readAccessOf(rolesOf(caller), caller.grants);

/**
 * The actor the registry sees for one request. Writing is narrowed to the agencies in which the route's permission is held, so that the
 * registry's own gate refuses what the table of routes does not allow. A GET that needs more than `read` sees only those agencies;
 * other requests see all that may be read, so that "not permitted" and "not there" stay apart.
 */
export function actorFor(caller: Caller, access: RouteAccess, isRead: boolean): Actor {
  const roles = rolesOf(caller);
  const seen = readAccess(caller);
  const permission = (PERMISSIONS as readonly string[]).includes(access) ? (access as Permission) : null;
  const held = permission === null ? [] : agenciesWith(roles, permission);
  return {
    kind: 'person',
    userId: caller.kind === 'person' ? caller.userId : NOBODY,
    roles,
    access:
      permission === null || permission === 'read' || !isRead
        ? { ...seen, writeAgencies: isRead ? [] : held }
        : { readAgencies: held, writeAgencies: [], grants: [] },
  };
}

/** A name for what the caller may see: equal for callers who see the same. */
export function accessKey(access: Access): string {
  const { readAgencies, grants } = access;
  const agencies = readAgencies === 'all' ? '*' : [...readAgencies].sort().join(',');
  return `${agencies}|${
    readAgencies === 'all'
      ? ''
      : grants
          .map((grant) => grant.id)
          .sort()
          .join(',')
  }`;
}

/** @throws {ApiError} NOT_PERMITTED unless the caller holds the permission in that agency (`null`: in none, so a platform administrator). */
export function requirePermission(caller: Caller, permission: Permission, agencyId: AgencyId | null): void {
  if (!may(rolesOf(caller), permission, agencyId)) throw new ApiError('NOT_PERMITTED', { permission });
}

/**
 * Nobody gives away more than they hold: every role given must be in an agency the giver administers, the platform's only by its administrator.
 * @throws {ApiError} NOT_PERMITTED
 */
export function requireMayGive(caller: Caller, given: readonly RoleAssignment[]): void {
  for (const { agencyId, role } of given) {
    requirePermission(caller, role === 'platform_admin' ? 'platform.administer' : 'agency.administer', agencyId);
  }
}
