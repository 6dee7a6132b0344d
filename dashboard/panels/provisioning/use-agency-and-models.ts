import { useQuery } from '@tanstack/react-query';
import type { AgencyId } from '../../../domain/identifiers.ts';
import { useAgencyChoice } from '../../client/agency-choice.ts';
import { modelsQuery } from '../../client/queries.ts';

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
  const known = useQuery(modelsQuery);
  const { agency, choose, agencies } = useAgencyChoice('agency.administer', { given });
  return {
    agency,
    setAgency: choose,
    agencies,
    models: (known.data?.items ?? [])
      .filter(({ agencyId }) => agencyId === null || agencyId === agency)
      .map(({ id, name }) => ({ value: id, label: name })),
  };
}
