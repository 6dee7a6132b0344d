import { type Access, may, type RoleAssignment, readAccessOf, type SharingGrant } from '../../domain/access.ts';
import type { Domain } from '../../domain/quantity.ts';
import { maySee } from '../../domain/visibility.ts';
import type { CityIndex } from '../city/city-index.ts';
import type { OpenAlarms } from '../city/open-alarms.ts';
import { EFFECT_SAMPLES, type GrantEffectWire } from '../contract/administration.ts';

/**
 * What `grant` would show that `shared` (grants in force to the same reader, and to the public) doesn't, judged by the very rule that decides what
 * is seen. `readers`: people of the agency shared with; `null` for the public, which is told of no alarms.
 */
export function effectOf(
  grant: SharingGrant,
  shared: readonly SharingGrant[],
  readers: number | null,
  city: { readonly index: CityIndex; readonly openAlarms: OpenAlarms },
): GrantEffectWire {
  const by = (grants: readonly SharingGrant[]): Access => readAccessOf([], grants);
  const [alone, before] = [by([grant]), by(shared)];
  const covered = [...city.index.points.values()].map(({ point }) => point).filter((point) => maySee(alone, point));
  const gained = covered.filter((point) => !maySee(before, point));
  const ids = new Set(gained.map(({ id }) => id));
  const alarms = readers === null ? [] : city.openAlarms.list().filter(({ pointId }) => ids.has(pointId));
  const domains = new Map<Domain, number>();
  for (const { domain } of gained) domains.set(domain, (domains.get(domain) ?? 0) + 1);
  return {
    readers,
    points: gained.length,
    series: gained.reduce((sum, { series }) => sum + series.length, 0),
    openAlarms: alarms.length,
    pointsSeenAlready: covered.length - gained.length,
    devices: 0,
    domains: [...domains].map(([domain, points]) => ({ domain, points })).sort((a, b) => b.points - a.points),
    pointSamples: gained.slice(0, EFFECT_SAMPLES).map(({ id, name, domain }) => ({ id, name, domain })),
    alarmSamples: alarms.slice(0, EFFECT_SAMPLES).map(({ id, severity, ruleId, pointId }) => ({
      ...{ id, severity },
      ...city.openAlarms.names(ruleId, pointId),
    })),
  };
}

/** Whether somebody with these roles belongs to those a grant to `agencyId` is for: who sees everything gains nothing. */
export const gainsFrom = (roles: readonly RoleAssignment[], agencyId: SharingGrant['toAgencyId']): boolean =>
  !may(roles, 'read', null) && roles.some((held) => held.agencyId === agencyId);
