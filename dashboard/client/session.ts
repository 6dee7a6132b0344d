import type { SignedIn } from '../../api/contract/session.ts';
import { may, type Permission, type RoleAssignment } from '../../domain/access.ts';
import type { AgencyId } from '../../domain/identifiers.ts';

/** Whether the person holds `permission` anywhere: what decides if a page or button is shown at all. */
export const holdsAnywhere = (session: SignedIn, permission: Permission): boolean =>
  session.permissions[permission] !== undefined;

/** Whether the person holds `permission` in `agencyId`. The server decides; this only keeps useless buttons away. */
export const holdsIn = (session: SignedIn, permission: Permission, agencyId: AgencyId): boolean =>
  may(session.user.roles as readonly RoleAssignment[], permission, agencyId);

/** The session as of someone who may look at the same and change nothing. */
export const onlyLooking = (session: SignedIn): SignedIn => ({
  ...session,
  user: { ...session.user, roles: session.user.roles.map(({ agencyId }) => ({ agencyId, role: 'viewer' })) },
  permissions: { ...(session.permissions.read === undefined ? {} : { read: session.permissions.read }) },
});

/** Agencies in which `permission` is held, out of `all`. */
export function agenciesWith<A extends { readonly id: AgencyId }>(
  session: SignedIn,
  permission: Permission,
  all: readonly A[],
): readonly A[] {
  const held = session.permissions[permission];
  if (held === undefined) return [];
  return held === 'all' ? all : all.filter(({ id }) => held.includes(id));
}
