import { describe, expect, it } from 'vitest';
import type { Access, SharingGrant } from './access.ts';
import type { AgencyId, SiteId } from './identifiers.ts';
import { maySee } from './visibility.ts';

const OWNER = 'env' as AgencyId;
const row = { agencyId: OWNER, domain: 'environment' as const, siteId: 's1' as SiteId, tags: ['school'] };
const grant = (part: Partial<SharingGrant>): Access => ({
  readAgencies: ['power' as AgencyId],
  writeAgencies: [],
  grants: [{ id: 'g', agencyId: OWNER, toAgencyId: null, domain: null, siteId: null, tag: null, ...part }],
});

describe('what a grant shows', () => {
  it.each([
    ['everything of the agency', {}, true],
    ['its domain', { domain: 'environment' }, true],
    ['another domain', { domain: 'water' }, false],
    ['its site', { siteId: 's1' }, true],
    ['another site', { siteId: 's2' }, false],
    ['its tag', { tag: 'school' }, true],
    ['another tag', { tag: 'port' }, false],
    ['parts that must all match', { domain: 'environment', tag: 'port' }, false],
    ['another agency’s', { agencyId: 'power' }, false],
  ] as const)('%s', (_, part, seen) => expect(maySee(grant(part as Partial<SharingGrant>), row)).toBe(seen));

  it('nothing is seen without role or grant', () => {
    expect(maySee({ readAgencies: [], writeAgencies: [], grants: [] }, row)).toBe(false);
    expect(maySee({ readAgencies: 'all', writeAgencies: [], grants: [] }, row)).toBe(true);
  });
});
