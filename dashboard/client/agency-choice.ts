import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Permission } from '../../domain/access.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { offeredAgency } from '../state/offered-agency.ts';
import { usePlatform } from './platform.tsx';
import { agenciesQuery } from './queries.ts';
import { agenciesWith } from './session.ts';

/** Of each person: several may work at one screen. */
const keyOf = (userId: string): string => `hd.agency.${userId}`;
/** Storage may be forbidden; the choice then lasts as long as the form. */
function remembered(userId: string): string | null {
  try {
    return localStorage.getItem(keyOf(userId));
  } catch {
    return null;
  }
}
function remember(userId: string, agency: AgencyId): void {
  try {
    localStorage.setItem(keyOf(userId), agency);
  } catch {
    // As above.
  }
}

/**
 * Whose something new is to be, among the agencies in which this person holds `permission`; the next form offers what was chosen here. `given`: of
 * what is there already; `likeliest`: what to offer somebody who never chose, instead of the first.
 */
export function useAgencyChoice(
  permission: Permission,
  {
    given = null,
    likeliest,
  }: { given?: AgencyId | null; likeliest?: (agencies: readonly AgencyId[]) => AgencyId | null } = {},
): {
  readonly agency: AgencyId | null;
  /** Leaves alone what is none of `agencies`. */
  readonly choose: (agency: string | null) => void;
  /** As the options of a list. */
  readonly agencies: readonly { readonly value: AgencyId; readonly label: string }[];
} {
  const { language } = useLanguage();
  const { session } = usePlatform();
  const all = useQuery(agenciesQuery).data?.items ?? [];
  const [chosen, setChosen] = useState<AgencyId | null>(null);
  const [last] = useState(() => remembered(session.user.id));
  const agencies = agenciesWith(session, permission, all).map(({ id, name }) => ({ value: id, label: name[language] }));
  const ids = agencies.map(({ value }) => value);
  return {
    agency: chosen ?? given ?? offeredAgency(ids, last, session.user.roles, likeliest),
    choose: (next) => {
      const id = ids.find((each) => each === next);
      if (id === undefined) return;
      setChosen(id);
      remember(session.user.id, id);
    },
    agencies,
  };
}
