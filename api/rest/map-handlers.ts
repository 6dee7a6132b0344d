import type { Access } from '../../domain/access.ts';
import { maySee, readsAgency } from '../../domain/visibility.ts';
import type { IndexedPoint } from '../city/city-index.ts';
import type { MapDevice, MapPoint } from '../contract/map.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

type MapRoutes = 'GET /settings' | 'GET /map/points' | 'GET /quantities' | 'GET /search';

export function mapHandlers(ports: HandlerPorts): Handlers<MapRoutes> {
  const { index, settings, clock, catalogue } = ports;

  const mapPoint = (entry: IndexedPoint, access: Access): MapPoint => {
    const { id, agencyId, siteId, domain, name, location, wardCode, tags, series } = entry.point;
    return {
      id,
      agencyId,
      siteId,
      domain,
      name,
      location,
      wardCode,
      tags: [...tags],
      series: series.map((one) => ({
        id: one.id,
        quantity: one.quantity,
        ...(catalogue.get(one.quantity)?.computed ? { computed: true as const } : {}),
        staleAfterMs: index.staleAfterMs(one.quantity, entry),
      })),
      // A device's id is its login: those who see the point by a grant alone don't learn it.
      devices: readsAgency(access, agencyId) ? devicesOf(entry) : [],
    };
  };
  const devicesOf = (entry: IndexedPoint): MapDevice[] =>
    [...entry.devices].flatMap((id) => {
      const known = index.devices.get(id);
      if (!known) return [];
      const { modelId, state } = known.device;
      return [{ id, modelId, state, online: known.online, since: known.since }];
    });

  return {
    async 'GET /settings'() {
      const { mode, version, timeZone, map, demoAccounts, demoStock, limits } = settings;
      return {
        mode,
        version,
        setupOpen: ports.setup.isOpen,
        timeZone,
        defaultLanguage: 'vi',
        map,
        alarms: { shelveAtMostMs: limits.shelveAtMost },
        live: { heartbeatMs: limits.liveHeartbeat },
        demoAccounts: mode === 'demo' ? demoAccounts : null,
        demoStock: mode === 'demo' ? demoStock : null,
      };
    },

    async 'GET /map/points'({ actor }) {
      const access = actor.kind === 'person' ? actor.access : { readAgencies: [], writeAgencies: [], grants: [] };
      const points = [...index.points.values()].filter(({ point }) => maySee(access, point));
      const agencies = new Set(points.map(({ point }) => point.agencyId));
      return {
        at: clock(),
        agencies: index.agencies
          .filter(({ id }) => agencies.has(id) || readsAgency(access, id))
          .map(({ id, name }) => ({ id, name })),
        points: points.map((entry) => mapPoint(entry, access)),
      };
    },

    async 'GET /quantities'() {
      return { items: [...catalogue.values()] };
    },

    async 'GET /search'({ query, view }) {
      return { items: await view.search(query.text, query.limit) };
    },
  };
}
