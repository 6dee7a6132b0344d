import type { Access, Actor } from '../../domain/access.ts';
import { writeCityPlaces } from '../../domain/city-places.ts';
import type { PointId } from '../../domain/identifiers.ts';
import { DOMAINS } from '../../domain/quantity.ts';
import { maySee, readsAgency } from '../../domain/visibility.ts';
import type { IndexedPoint } from '../city/city-index.ts';
import { MapLines } from '../city/map-lines.ts';
import type { MapDevice, MapPoint } from '../contract/map.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

type MapRoutes =
  | 'GET /settings'
  | 'GET /map/points'
  | 'GET /map/places'
  | 'GET /map/lines'
  | 'GET /quantities'
  | 'GET /search';

const NO_ACCESS: Access = { readAgencies: [], writeAgencies: [], grants: [] };

export function mapHandlers(ports: HandlerPorts): Handlers<MapRoutes> {
  const { index, settings, clock, catalogue } = ports;
  const lines = new MapLines(ports.registry, index);

  const mapPoint = (entry: IndexedPoint, access: Access): MapPoint => {
    const { id, agencyId, siteId, domain, name, location, wardCode, tags, series } = entry.point;
    return {
      id,
      number: entry.number,
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

  const agenciesOf = (points: readonly IndexedPoint[], access: Access) => {
    const owners = new Set(points.map(({ point }) => point.agencyId));
    return index.agencies
      .filter(({ id }) => owners.has(id) || readsAgency(access, id))
      .map(({ id, name }) => ({ id, name }));
  };
  const accessOf = (actor: Actor): Access => (actor.kind === 'person' ? actor.access : NO_ACCESS);

  return {
    async 'GET /settings'() {
      const { mode, version, timeZone, map, demoAccounts, demoStock, limits } = settings;
      return {
        mode,
        version,
        setupOpen: await ports.setup.isOpen(),
        timeZone,
        defaultLanguage: 'vi',
        map,
        alarms: { shelveAtMostMs: limits.shelveAtMost },
        live: { heartbeatMs: limits.liveHeartbeat, pointsWhole: limits.livePointsWhole },
        demoAccounts: mode === 'demo' ? demoAccounts : null,
        demoStock: mode === 'demo' ? demoStock : null,
      };
    },

    async 'GET /map/points'({ actor, query }) {
      const access = accessOf(actor);
      const named =
        query.numbers || query.ids
          ? [
              ...(query.numbers ?? []).map((number) => index.pointByNumber(number)),
              ...(query.ids ?? []).map((id) => index.points.get(id as PointId)),
            ].filter((entry) => entry !== undefined)
          : [...index.points.values()];
      const points = named.filter(({ point }) => maySee(access, point));
      return {
        at: clock(),
        assets: index.assets,
        agencies: agenciesOf(points, access),
        points: points.map((entry) => mapPoint(entry, access)),
      };
    },

    async 'GET /map/places'({ actor }) {
      const access = accessOf(actor);
      const seen = [...index.points.values()].filter(({ point }) => maySee(access, point));
      seen.sort((a, b) => a.number - b.number);
      const agencies = agenciesOf(seen, access);
      const agencyIndex = new Map(agencies.map(({ id }, i) => [id, i]));
      return {
        bytes: writeCityPlaces({
          epoch: index.epoch,
          assets: index.assets,
          agencies,
          length: seen.length,
          number: Int32Array.from(seen, ({ number }) => number),
          longitude: Float64Array.from(seen, ({ point }) => point.location.longitude),
          latitude: Float64Array.from(seen, ({ point }) => point.location.latitude),
          domain: Uint8Array.from(seen, ({ point }) => DOMAINS.indexOf(point.domain)),
          agency: Uint16Array.from(seen, ({ point }) => agencyIndex.get(point.agencyId) ?? 0),
        }),
        fileName: 'places.bin',
        mediaType: 'application/octet-stream',
        isCompressible: true,
      };
    },

    async 'GET /map/lines'({ actor }) {
      return lines.seenBy(accessOf(actor));
    },

    async 'GET /quantities'() {
      return { items: [...catalogue.values()] };
    },

    async 'GET /search'({ query, view }) {
      return { items: await view.search(query.text, query.limit) };
    },
  };
}
