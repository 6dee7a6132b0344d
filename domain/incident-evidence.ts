import type { IncidentCause, IncidentMember, Sign } from './incident.ts';
import type { Localized, TextKey } from './localized.ts';
import type { Domain } from './quantity.ts';

/** What of an incident's cause a reader may know. */
export interface CauseInView {
  readonly cause: IncidentCause;
  /** `null`: it is not for this reader, or has no name. */
  readonly name: Localized | null;
  /** Places below a site that can say how they are, as far as this reader may see them; 0 for other causes. */
  readonly placesBehind: number;
  /** All of those are customers' meters. */
  readonly areMeters: boolean;
  /** Of the site: what is lost there is power, or water. */
  readonly domain: Domain | null;
}

const named = (name: Localized | null): Readonly<Record<string, string>> =>
  name === null ? {} : { name_vi: name.vi, name_en: name.en };
const LOSSES = ['no_supply', 'no_data', 'offline'] as const satisfies readonly Sign[];

/**
 * What an incident is, in one line of phrases: "transformer T-118 is out", "412 meters behind it". Keys are of the dashboard's catalogues; `name_vi` and
 * `name_en` are parameters where there is a name.
 */
export function titleOf(
  { cause, name, placesBehind, areMeters, domain }: CauseInView,
  signs: Readonly<Record<Sign, number>>,
): readonly TextKey[] {
  switch (cause.kind) {
    case 'site': {
      const sign = LOSSES.find((one) => signs[one] > 0) ?? 'limit';
      const loss = sign === 'no_supply' && domain === 'water' ? 'no_water' : sign;
      const key = name === null ? 'incident.title.hidden' : `incident.title.${loss}`;
      const behind = { key: `incident.behind.${areMeters ? 'meters' : 'places'}`, params: { count: placesBehind } };
      return [{ key, params: named(name) }, ...(placesBehind > 0 ? [behind] : [])];
    }
    case 'device':
      return [{ key: 'incident.title.device', params: named(name) }];
    case 'place':
      return [{ key: 'incident.title.place', params: { family: cause.family } }];
    case 'hand':
      return [{ key: 'incident.title.hand' }];
  }
}

/** Why it is taken for one thing, each reason with its share and when it began; from the members that the reader may see. */
export function evidenceOf(view: CauseInView, members: readonly IncidentMember[]): readonly TextKey[] {
  const { cause, name, placesBehind } = view;
  const texts: TextKey[] = [];
  const when = (some: readonly IncidentMember[]) => ({
    first: Math.min(...some.map(({ at }) => at)),
    last: Math.max(...some.map(({ at }) => at)),
  });
  const placesOf = (some: readonly IncidentMember[]): number => new Set(some.map(({ siteId }) => siteId)).size;
  if (members.length === 0) return texts;
  if (cause.kind === 'site') {
    const own = members.filter(({ siteId }) => siteId === cause.siteId);
    if (own.length > 0) texts.push({ key: 'incident.evidence.own', params: { ...named(name), ...when(own) } });
    else texts.push({ key: 'incident.evidence.inferred', params: named(name) });
    const behind = members.filter(({ siteId }) => siteId !== cause.siteId);
    for (const sign of LOSSES) {
      const some = behind.filter((member) => member.sign === sign);
      if (some.length === 0) continue;
      const count = placesOf(some);
      // Members may be where there is nothing to be counted any more.
      const total = Math.max(placesBehind, count);
      texts.push({ key: `incident.evidence.${sign}`, params: { count, total, ...when(some) } });
    }
  }
  if (cause.kind === 'device')
    texts.push({
      key: 'incident.evidence.device',
      params: { ...named(name), count: placesOf(members), ...when(members) },
    });
  if (cause.kind === 'place')
    texts.push({
      key: 'incident.evidence.place',
      params: { family: cause.family, count: placesOf(members), ...when(members) },
    });
  if (cause.kind === 'hand') texts.push({ key: 'incident.evidence.hand', params: { count: members.length } });
  const limits = members.filter(({ sign }) => sign === 'limit');
  if (cause.kind === 'site' && limits.length > 0)
    texts.push({ key: 'incident.evidence.limit', params: { count: limits.length, ...when(limits) } });
  return texts;
}
