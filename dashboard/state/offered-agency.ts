import type { AgencyId } from '../../domain/identifiers.ts';

/**
 * Which of `agencies` something new is offered for: the one chosen `last`; else the only one of them that the person has a role in by name; else the
 * likeliest, which is the first unless the caller knows better. `null`: there are none.
 */
export function offeredAgency(
  agencies: readonly AgencyId[],
  last: string | null,
  roles: readonly { readonly agencyId: AgencyId | null }[],
  likeliest: (agencies: readonly AgencyId[]) => AgencyId | null = ([first]) => first ?? null,
): AgencyId | null {
  const remembered = agencies.find((id) => id === last);
  if (remembered !== undefined) return remembered;
  const own = agencies.filter((id) => roles.some(({ agencyId }) => agencyId === id));
  return own.length === 1 && own[0] !== undefined ? own[0] : likeliest(agencies);
}
