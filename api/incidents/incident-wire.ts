import type { Access } from '../../domain/access.ts';
import type { Site } from '../../domain/asset.ts';
import type { SiteId } from '../../domain/identifiers.ts';
import { type CauseInView, titleOf } from '../../domain/incident-evidence.ts';
import type { ReadIncident } from '../../domain/ports/incidents.ts';
import { maySee, readsAgency } from '../../domain/visibility.ts';
import type { CityIndex } from '../city/city-index.ts';
import type { SitePlaces } from '../city/site-places.ts';
import type { IncidentNodeWire, IncidentWire } from '../contract/incidents.ts';

/** Sites of one network that are shown. */
const NODES_MAX = 1_000;
const METERS: ReadonlySet<Site['kind']> = new Set(['electricity_meter', 'customer_meter']);

type Places = Awaited<ReturnType<SitePlaces['get']>>;

const seesSite = (access: Access, site: Site): boolean =>
  maySee(access, { agencyId: site.agencyId, domain: site.domain, siteId: site.id, tags: site.tags });

/** Measured sites below, as far as the reader may see them. */
const sitesBehind = ({ forest, sites }: Places, site: SiteId, access: Access): readonly Site[] =>
  forest
    .below(site)
    .flatMap((id) => sites.get(id) ?? [])
    .filter((one) => forest.isMeasured(one.id) && seesSite(access, one));

/** The cause as the reader may know it. */
export function causeInView(
  { incident: { cause } }: ReadIncident,
  places: Places,
  index: CityIndex,
  access: Access,
): CauseInView {
  const nothing = { cause, name: null, placesBehind: 0, areMeters: false, domain: null };
  if (cause.kind === 'device') {
    const device = index.devices.get(cause.deviceId)?.device;
    const { deviceId } = cause;
    return device && readsAgency(access, device.agencyId)
      ? { ...nothing, name: { vi: deviceId, en: deviceId } }
      : nothing;
  }
  if (cause.kind !== 'site') return nothing;
  const site = places.sites.get(cause.siteId);
  const behind = sitesBehind(places, cause.siteId, access);
  // A feeder has transformers behind it, and meters: what people ask for is how many customers that is.
  const meters = behind.filter(({ kind }) => METERS.has(kind));
  const areMeters = meters.length > 0;
  return {
    cause,
    name: site && seesSite(access, site) ? site.name : null,
    placesBehind: areMeters ? meters.length : behind.length,
    areMeters,
    domain: site?.domain ?? null,
  };
}

export function incidentWire(read: ReadIncident, places: Places, index: CityIndex, access: Access): IncidentWire {
  const { incident, summary } = read;
  const { id, agencyId, name, endedAt, mergedInto, version } = incident;
  const { signs, ...numbers } = summary;
  const view = causeInView(read, places, index, access);
  const { cause } = view;
  const site = cause.kind === 'site' ? places.sites.get(cause.siteId) : undefined;
  const shown: IncidentWire['cause'] =
    cause.kind === 'site'
      ? { ...cause, siteId: view.name === null ? null : cause.siteId }
      : cause.kind === 'device'
        ? { ...cause, deviceId: view.name === null ? null : cause.deviceId }
        : cause;
  return {
    ...{ id, agencyId, name, endedAt, mergedInto, version, ...numbers },
    cause: shown,
    title: titleOf(view, signs),
    location: view.name !== null && site !== undefined ? site.location : null,
  };
}

/** The network below a site with what is wrong where; what the reader may not see is left out. */
export function incidentNodes(
  root: SiteId,
  states: ReadonlyMap<SiteId, 'lost' | 'limit'>,
  { forest, sites }: Places,
  access: Access,
): { readonly nodes: readonly IncidentNodeWire[]; readonly total: number } {
  const all = [root, ...forest.below(root)].flatMap((id) => {
    const site = sites.get(id);
    return site !== undefined && seesSite(access, site) ? [site] : [];
  });
  const shown = new Set(all.slice(0, NODES_MAX).map(({ id }) => id));
  const nodes = all.slice(0, NODES_MAX).map((site): IncidentNodeWire => {
    const [, above] = forest.pathUp(site.id);
    return {
      siteId: site.id,
      parentId: site.id !== root && above !== undefined && shown.has(above) ? above : null,
      name: site.name,
      kind: site.kind,
      state: states.get(site.id) ?? (forest.isMeasured(site.id) ? 'sound' : 'unknown'),
    };
  });
  return { nodes, total: all.length };
}
