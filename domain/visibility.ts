import type { Access } from './access.ts';
import type { AgencyId, SiteId } from './identifiers.ts';
import type { Domain } from './quantity.ts';

/** What a grant is held against. */
export interface Shareable {
  readonly agencyId: AgencyId;
  readonly domain: Domain;
  readonly siteId: SiteId;
  readonly tags: readonly string[];
}

/** Whole agencies: what is not shared by grants (devices, notices, alarms' workers) is seen only through these. */
export const readsAgency = (access: Access, agencyId: AgencyId | null): boolean =>
  access.readAgencies === 'all' || (agencyId !== null && access.readAgencies.includes(agencyId));

/** True when the row's agency is read whole, or one grant covers the row in every part it gives. */
export function maySee(access: Access, row: Shareable): boolean {
  return (
    readsAgency(access, row.agencyId) ||
    access.grants.some(
      (grant) =>
        grant.agencyId === row.agencyId &&
        (grant.domain === null || grant.domain === row.domain) &&
        (grant.siteId === null || grant.siteId === row.siteId) &&
        (grant.tag === null || row.tags.includes(grant.tag)),
    )
  );
}
