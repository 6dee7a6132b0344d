import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AgencyId } from '../../../domain/identifiers.ts';
import { usePlatform } from '../../client/platform.tsx';
import { agenciesQuery, modelsQuery } from '../../client/queries.ts';
import { agenciesWith } from '../../client/session.ts';
import { useLanguage } from '../../i18n/use-language.ts';

interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Which agency devices are let in for, among those that this person administers, and the models that it may have. `given`: of what is there already. */
export function useAgencyAndModels(given: AgencyId | null): {
  readonly agency: AgencyId | null;
  readonly setAgency: (agency: string | null) => void;
  readonly agencies: readonly Choice[];
  readonly models: readonly Choice[];
} {
  const { language } = useLanguage();
  const { session } = usePlatform();
  const all = useQuery(agenciesQuery);
  const known = useQuery(modelsQuery);
  const [chosen, setChosen] = useState<AgencyId | null>(given);
  const agencies = agenciesWith(session, 'agency.administer', all.data?.items ?? []);
  const agency = chosen ?? agencies[0]?.id ?? null;
  return {
    agency,
    setAgency: (next) => setChosen(next as AgencyId | null),
    agencies: agencies.map(({ id, name }) => ({ value: id, label: name[language] })),
    models: (known.data?.items ?? [])
      .filter(({ agencyId }) => agencyId === null || agencyId === agency)
      .map(({ id, name }) => ({ value: id, label: name })),
  };
}
