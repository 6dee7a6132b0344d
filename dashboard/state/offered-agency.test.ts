import { describe, expect, it } from 'vitest';
import type { AgencyId } from '../../domain/identifiers.ts';
import { offeredAgency } from './offered-agency.ts';

const [drainage, environment, power] = ['drainage', 'environment', 'power'] as [AgencyId, AgencyId, AgencyId];
const all = [drainage, environment, power];
const everywhere = { agencyId: null };

describe('The agency that something new is offered for', () => {
  it.each([
    ['the one chosen last', all, 'power', [{ agencyId: environment }], power],
    ['not one that may no longer be chosen', [drainage, environment], 'power', [everywhere], drainage],
    ['the only one of one’s own', all, null, [everywhere, { agencyId: environment }], environment],
    ['its own once, though with two roles', all, null, [{ agencyId: power }, { agencyId: power }], power],
    ['the first, of several of one’s own', all, null, [{ agencyId: environment }, { agencyId: power }], drainage],
    ['the first, of who may do it everywhere', all, null, [everywhere], drainage],
    ['none, without any', [], 'power', [everywhere], null],
  ] as const)('is %s', (_, agencies, last, roles, offered) => {
    expect(offeredAgency(agencies, last, roles)).toBe(offered);
  });

  it('is the likeliest instead of the first, where the form knows one', () => {
    const likeliest = () => environment;
    expect(offeredAgency(all, null, [everywhere], likeliest)).toBe(environment);
    expect(offeredAgency(all, 'power', [everywhere], likeliest)).toBe(power);
  });
});
