import type { Agency, DeviceModel, Location, SiteKind, SiteLink } from '../../../domain/asset.ts';
import type { AgencyId, DeviceId, DeviceModelId, PointId, SiteId, WardCode } from '../../../domain/identifiers.ts';
import type { Localized } from '../../../domain/localized.ts';
import type { CitySeed } from '../../../domain/ports/registry.ts';
import type { Domain } from '../../../domain/quantity.ts';
import type { PointFacts } from '../facts.ts';

/** A place of a table: slug, names, position, ward, and the columns of its table. */
export type PlaceRow<Rest extends readonly unknown[]> = readonly [
  slug: string,
  vi: string,
  en: string,
  longitude: number,
  latitude: number,
  wardCode: string,
  ...rest: Rest,
];

export interface SiteDraft {
  readonly id: string;
  readonly agency: string;
  readonly domain: Domain;
  readonly kind: SiteKind;
  readonly name: Localized;
  readonly location: Location;
  readonly path?: readonly Location[] | undefined;
  readonly ward: string;
  readonly parent?: SiteId;
  readonly tags?: readonly string[];
}

export interface PointDraft {
  /** Device id and, after `p-`, point id. At most 23 characters, so that MQTT 3.1 clients can use it. */
  readonly id: string;
  readonly model: string;
  readonly facts: PointFacts;
  /** The site's own name when absent. */
  readonly name?: Localized;
  readonly location?: Location;
  readonly tags?: readonly string[];
}

type Drafts = { -readonly [K in 'sites' | 'links' | 'points' | 'devices']: CitySeed[K][number][] };

/** Collects sites with their points and devices: one device at each point, since that is how the city was equipped. */
export interface CityBuilder {
  site(draft: SiteDraft, points?: readonly PointDraft[]): SiteId;
  link(agency: string, from: SiteId, to: SiteId, kind: SiteLink['kind']): void;
  readonly drafts: Drafts;
  readonly facts: Map<PointId, PointFacts>;
}

export const at = (longitude: number, latitude: number): Location => ({ longitude, latitude });

/** `origin` moved by metres east and north; good to a metre within a city. */
export const offset = (origin: Location, eastM: number, northM: number): Location => ({
  longitude: round5(origin.longitude + eastM / (111_320 * Math.cos((origin.latitude * Math.PI) / 180))),
  latitude: round5(origin.latitude + northM / 110_570),
});
const round5 = (degrees: number): number => Math.round(degrees * 1e5) / 1e5;

/** The same name with something after it, in both languages. */
export const named = (name: Localized, vi: string, en: string): Localized => ({
  vi: `${name.vi}${vi}`,
  en: `${name.en}${en}`,
});

export function createCityBuilder(models: readonly Omit<DeviceModel, 'version'>[]): CityBuilder {
  const modelById = new Map(models.map((model) => [model.id as string, model]));
  const drafts: Drafts = { sites: [], links: [], points: [], devices: [] };
  const facts = new Map<PointId, PointFacts>();
  return {
    drafts,
    facts,
    site(draft, points = []) {
      const id = draft.id as SiteId;
      const agencyId = draft.agency as AgencyId;
      const wardCode = draft.ward as WardCode;
      drafts.sites.push({
        id,
        agencyId,
        kind: draft.kind,
        domain: draft.domain,
        name: draft.name,
        location: draft.location,
        ...(draft.path === undefined ? {} : { path: draft.path }),
        wardCode,
        parentId: draft.parent ?? null,
        tags: draft.tags ?? [],
      });
      for (const point of points) {
        const model = modelById.get(point.model);
        if (model === undefined)
          throw new Error(`city data: device model ${point.model} of ${point.id} is not defined`);
        const pointId = `p-${point.id}` as PointId;
        facts.set(pointId, point.facts);
        drafts.points.push({
          id: pointId,
          agencyId,
          siteId: id,
          domain: draft.domain,
          name: point.name ?? draft.name,
          location: point.location ?? draft.location,
          wardCode,
          tags: [...(draft.tags ?? []), ...(point.tags ?? [])],
          quantities: model.channels.map((channel) => channel.quantity),
        });
        drafts.devices.push({
          id: point.id as DeviceId,
          agencyId,
          modelId: point.model as DeviceModelId,
          serialNumber: `HD${point.id.replaceAll('-', '').toUpperCase()}`,
          state: 'commissioned',
          tokenSha256: null,
          serves: [pointId],
        });
      }
      return id;
    },
    link(agency, from, to, kind) {
      drafts.links.push({ agencyId: agency as AgencyId, from, to, kind });
    },
  };
}

export const agency = (id: string, vi: string, en: string): Omit<Agency, 'version'> => ({
  id: id as AgencyId,
  name: { vi, en },
});
