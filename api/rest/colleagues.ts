import type { Actor } from '../../domain/access.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { ApiError, expectedError } from '../errors.ts';

/** Names of colleagues are told to whoever may see what they did. */
const NAMES: Actor = { kind: 'system', name: 'names of colleagues' };

const found = (registry: Registry, user: UserId) =>
  registry
    .as(NAMES)
    .users.get(user)
    .catch((error: unknown) => {
      if (expectedError(error)?.code === 'NOT_FOUND') return undefined;
      throw error;
    });

/**
 * Work is given only to someone who works in the agency.
 * @throws {ApiError} REFERENCE_MISSING
 */
export async function requireWorker(registry: Registry, user: UserId, agencyId: AgencyId): Promise<void> {
  const known = await found(registry, user);
  const works = known?.roles.some((held) => held.agencyId === agencyId || held.role === 'platform_admin');
  if (!known || !works || known.disabledAt !== null) throw new ApiError('REFERENCE_MISSING', { id: user });
}

/** Looks each name up once; `null` for the platform itself and for whoever is not known any more. */
export function namesOf(registry: Registry): (user: UserId | null) => Promise<string | null> {
  const known = new Map<UserId, Promise<string | null>>();
  return async (user) => {
    if (user === null) return null;
    const name = known.get(user) ?? found(registry, user).then((person) => person?.displayName ?? null);
    known.set(user, name);
    return name;
  };
}

/** @throws {ApiError} NOT_PERMITTED for anyone but a person */
export function userOf(actor: Actor): UserId {
  if (actor.kind !== 'person') throw new ApiError('NOT_PERMITTED');
  return actor.userId;
}
