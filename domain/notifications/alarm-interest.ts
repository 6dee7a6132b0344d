import type { AgencyId, PointId, RuleId, SiteId, WardCode } from '../identifiers.ts';
import type { Domain, QuantityKey } from '../quantity.ts';
import type { Severity } from '../rule.ts';

/** Which alarms somebody is told of: every part given must match one of its words; a part left out matches all. */
export interface AlarmInterest {
  readonly severities?: readonly Severity[];
  readonly agencies?: readonly AgencyId[];
  readonly domains?: readonly Domain[];
  readonly quantities?: readonly QuantityKey[];
  readonly wards?: readonly WardCode[];
  /** The point's own site, or one that it lies below. */
  readonly sites?: readonly SiteId[];
  readonly tags?: readonly string[];
  readonly rules?: readonly RuleId[];
}

/** What an interest is held against: where an alarm stands, and how bad it is. */
export interface AlarmPlace {
  readonly agencyId: AgencyId;
  readonly ruleId: RuleId;
  readonly pointId: PointId;
  readonly quantity: QuantityKey;
  readonly severity: Severity;
  readonly domain: Domain;
  readonly wardCode: WardCode | null;
  /** The point's site first, then those above it. */
  readonly sites: readonly SiteId[];
  readonly tags: readonly string[];
}

const has = <T>(wanted: readonly T[] | undefined, one: T | null): boolean =>
  wanted === undefined || (one !== null && wanted.includes(one));
const hasOne = <T>(wanted: readonly T[] | undefined, some: readonly T[]): boolean =>
  wanted === undefined || some.some((one) => wanted.includes(one));

export function concerns(interest: AlarmInterest, place: AlarmPlace): boolean {
  return (
    has(interest.severities, place.severity) &&
    has(interest.agencies, place.agencyId) &&
    has(interest.domains, place.domain) &&
    has(interest.quantities, place.quantity) &&
    has(interest.wards, place.wardCode) &&
    has(interest.rules, place.ruleId) &&
    hasOne(interest.sites, place.sites) &&
    hasOne(interest.tags, place.tags)
  );
}
