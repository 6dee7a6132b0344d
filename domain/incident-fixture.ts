import type { Location } from './asset.ts';
import type { AgencyId, AlarmId, PointId, SiteId } from './identifiers.ts';
import { alarmKey, type CorrelationSettings, type Signal } from './incident.ts';
import { SupplyForest } from './incident-network.ts';
import { type EpochMs, hours, minutes } from './time.ts';

/** For tests: a signal of which only what the test is about is said. */
export const aSignal = (
  name: string,
  given: Partial<Omit<Signal, 'key' | 'of'>> & { readonly site: string },
): Signal => {
  const { site, ...rest } = given;
  const here: Location = { longitude: 106.68, latitude: 20.85 };
  return {
    key: alarmKey(name as AlarmId),
    of: { kind: 'alarm', id: name as AlarmId },
    agencyId: 'power' as AgencyId,
    siteId: site as SiteId,
    pointId: `p-${site}` as PointId,
    location: here,
    at: 0 as EpochMs,
    endedAt: null,
    severity: 'major',
    link: { kind: 'network' },
    sign: 'no_supply',
    window: minutes(10),
    ...rest,
  };
};

export const SETTINGS: CorrelationSettings = {
  lossAt: { power_present: 0.5 },
  networkQuantities: ['current'],
  places: { flood: { quantities: ['flood_depth'], radiusM: 2_000, window: minutes(30) } },
  elsewhere: { radiusM: 300, window: minutes(10) },
  networkWindow: minutes(10),
  silenceWindow: hours(1),
  share: 0.5,
};

/** A substation with `feeders` feeders of `transformers` transformers with `meters` meters each: `s`, `f1`, `f1t2`, `f1t2m3`. All measured but the transformers. */
export function gridOf(feeders: number, transformers: number, meters: number) {
  const sites: { id: SiteId; parentId: SiteId | null }[] = [{ id: 's' as SiteId, parentId: null }];
  const add = (id: string, parent: string): void => {
    sites.push({ id: id as SiteId, parentId: parent as SiteId });
  };
  for (let f = 1; f <= feeders; f++) {
    add(`f${f}`, 's');
    for (let t = 1; t <= transformers; t++) {
      add(`f${f}t${t}`, `f${f}`);
      for (let m = 1; m <= meters; m++) add(`f${f}t${t}m${m}`, `f${f}t${t}`);
    }
  }
  const isTransformer = (id: string): boolean => /t\d+$/.test(id);
  const measured = sites.filter(({ id }) => !isTransformer(id)).map(({ id }) => id);
  return { sites, forest: new SupplyForest({ sites, links: [] }, new Set(measured)) };
}
