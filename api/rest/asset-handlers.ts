import type { AgencyId, PointId, SiteId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import { RegistryError, type RegistryView } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { ApiError, inputRefused } from '../errors.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts, pageOf } from './handler-ports.ts';

type AssetRoutes =
  | 'GET /agencies'
  | 'POST /agencies'
  | 'PUT /agencies/{agencyId}'
  | 'GET /sites'
  | 'POST /sites'
  | 'GET /sites/{siteId}'
  | 'PUT /sites/{siteId}'
  | 'GET /site-links'
  | 'POST /site-links'
  | 'GET /points'
  | 'POST /points'
  | 'GET /points/{pointId}'
  | 'PUT /points/{pointId}'
  | 'POST /points/{pointId}/quantities'
  | 'GET /points/{pointId}/assignments';

/** Reading what is referred to, where "not there" (or not for the caller) is the reference's fault. */
export async function referred<T>(lookup: Promise<T>): Promise<T> {
  try {
    return await lookup;
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'NOT_FOUND')
      throw new ApiError('REFERENCE_MISSING', error.params, [], { cause: error });
    throw error;
  }
}

export function assetHandlers(ports: HandlerPorts): Handlers<AssetRoutes> {
  const { bus, newId, catalogue } = ports;
  const changed = (agencyId: AgencyId): void => bus.publish('assets.changed', { agencyId });

  const checkQuantities = (quantities: readonly QuantityKey[], path: string, language: Language): void => {
    if (!quantities.every((key) => catalogue.has(key))) throw inputRefused(path, 'refusal.quantityUnknown', language);
  };
  /** The devices that serve a point: what their channels lead to has changed. */
  const reloadDevicesAt = async (view: RegistryView, pointId: PointId): Promise<void> => {
    for (const { deviceId, to } of await view.devices.assignments({ pointId })) {
      if (to === null) bus.publish('device.changed', { deviceId });
    }
  };

  return {
    async 'GET /agencies'({ view }) {
      return { items: await view.agencies.list() };
    },
    async 'POST /agencies'({ view, body }) {
      const agency = await view.agencies.create(body);
      changed(agency.id);
      return agency;
    },
    async 'PUT /agencies/{agencyId}'({ view, params, body, version }) {
      const agency = await view.agencies.update({ id: params.agencyId, ...body, version });
      changed(agency.id);
      return agency;
    },

    async 'GET /sites'({ view, query }) {
      return view.sites
        .list(
          {
            ...given('agencyId', query.agency),
            ...given('domain', query.domain),
            ...given('kind', query.kind),
            ...given('parentId', query.parent),
            ...given('text', query.text),
          },
          pageOf(query),
        )
        .then(copied);
    },
    async 'POST /sites'({ view, body }) {
      if (body.parentId !== null) await referred(view.sites.get(body.parentId));
      const site = await view.sites.create({ ...body, id: body.id ?? (newId() as SiteId) });
      changed(site.agencyId);
      return { ...site, tags: [...site.tags] };
    },
    async 'GET /sites/{siteId}'({ view, params }) {
      const site = await view.sites.get(params.siteId);
      return { ...site, tags: [...site.tags] };
    },
    async 'PUT /sites/{siteId}'({ view, params, body, version }) {
      const before = await view.sites.get(params.siteId);
      if (body.parentId !== null && body.parentId !== before.parentId) {
        if (await isBelow(view, body.parentId, before.id)) throw new ApiError('INVALID_STATE', { id: before.id });
      }
      const site = await view.sites.update({ ...before, ...body, version });
      changed(site.agencyId);
      return { ...site, tags: [...site.tags] };
    },
    async 'GET /site-links'({ view, query }) {
      return { items: await view.sites.links(given('siteId', query.site)) };
    },
    async 'POST /site-links'({ view, body }) {
      await Promise.all([referred(view.sites.get(body.from)), referred(view.sites.get(body.to))]);
      await view.sites.link(body);
      changed(body.agencyId);
      return body;
    },

    async 'GET /points'({ view, query }) {
      return view.points
        .list(
          {
            ...given('agencyId', query.agency),
            ...given('domain', query.domain),
            ...given('siteId', query.site),
            ...given('tag', query.tag),
            ...given('ids', query.ids as readonly PointId[] | undefined),
            ...given('text', query.text),
          },
          pageOf(query),
        )
        .then(copied);
    },
    async 'POST /points'({ view, body, language }) {
      checkQuantities(body.quantities, 'quantities', language);
      await referred(view.sites.get(body.siteId));
      const point = await view.points.create({ ...body, id: body.id ?? (newId() as PointId) });
      changed(point.agencyId);
      return { ...point, tags: [...point.tags] };
    },
    async 'GET /points/{pointId}'({ view, params }) {
      const point = await view.points.get(params.pointId);
      return { ...point, tags: [...point.tags] };
    },
    async 'PUT /points/{pointId}'({ view, params, body, version }) {
      const before = await view.points.get(params.pointId);
      if (body.siteId !== before.siteId) await referred(view.sites.get(body.siteId));
      const point = await view.points.update({ ...before, ...body, version });
      changed(point.agencyId);
      return { ...point, tags: [...point.tags] };
    },
    async 'POST /points/{pointId}/quantities'({ view, params, body, language }) {
      checkQuantities([body.quantity], 'quantity', language);
      const point = await view.points.addQuantity(params.pointId, body.quantity);
      changed(point.agencyId);
      await reloadDevicesAt(view, point.id);
      return { ...point, tags: [...point.tags] };
    },
    async 'GET /points/{pointId}/assignments'({ view, params }) {
      await view.points.get(params.pointId);
      return { items: await view.devices.assignments({ pointId: params.pointId }) };
    },
  };
}

/** Tags as the wire's (mutable) arrays. */
const copied = <T extends { readonly tags: readonly string[] }>(page: {
  readonly items: readonly T[];
  readonly next: string | null;
}) => ({ next: page.next, items: page.items.map((item) => ({ ...item, tags: [...item.tags] })) });

/** Deepest tree of sites walked upwards; more is a ring. */
const TREE_DEPTH_MAX = 64;
/** True when `site` is `ancestor` or lies below it: making it the ancestor's parent would close a ring. */
async function isBelow(view: RegistryView, site: SiteId, ancestor: SiteId): Promise<boolean> {
  let at: SiteId | null = site;
  for (let depth = 0; at !== null && depth < TREE_DEPTH_MAX; depth++) {
    if (at === ancestor) return true;
    const found: { readonly parentId: SiteId | null } = await referred(view.sites.get(at));
    at = found.parentId;
  }
  return at !== null;
}
