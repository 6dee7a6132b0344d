import { describe, expect, it } from 'vitest';
import type { DeviceDirectoryEntry, SeriesDirectoryEntry, SiteLink } from './asset.ts';
import { CARRIER_POINTS_MAX, carrierOf, gatewaysOf } from './carrier.ts';
import type { AgencyId, DeviceId, DeviceModelId, PointId, SeriesId, SiteId } from './identifiers.ts';
import type { QuantityKey } from './quantity.ts';
import { SiteNetwork } from './site-network.ts';

const QUANTITY = 'water_level' as QuantityKey;
const series = (id: number, site: string, agency = 'water'): SeriesDirectoryEntry => ({
  series: id as SeriesId,
  quantity: QUANTITY,
  pointId: `p${id}` as PointId,
  siteId: site as SiteId,
  agencyId: agency as AgencyId,
  domain: 'water',
  tags: [],
  location: { longitude: 106.68, latitude: 20.86 },
  wardCode: null,
  models: [],
});
const device = (id: string, serves: number | null, filters: readonly string[] = [], agency = 'water') =>
  ({
    deviceId: id as DeviceId,
    agencyId: agency as AgencyId,
    modelId: 'm' as DeviceModelId,
    state: 'installed',
    serialNumber: null,
    format: 'native-json',
    codec: null,
    rateLimit: null,
    channels: new Map(
      serves === null
        ? []
        : [['l', { series: serves as SeriesId, quantity: QUANTITY, plausibleRange: null, unit: null }]],
    ),
    knownChannels: new Set(['l']),
    credentials: [{ id: 'c' as never, tokenSha256: 'x', topicFilters: ['hd/v1/{id}/#', ...filters], expiresAt: null }],
    certificates: [],
  }) satisfies DeviceDirectoryEntry;
const network = (...links: readonly (readonly [string, string, SiteLink['kind']])[]) =>
  new SiteNetwork({
    sites: [
      { id: 'hall' as SiteId, parentId: null },
      { id: 'room' as SiteId, parentId: 'hall' as SiteId },
    ],
    links: links.map(([from, to, kind]) => ({ from: from as SiteId, to: to as SiteId, kind })),
  });
const behind = (found: ReturnType<typeof gatewaysOf>) =>
  found.map(({ deviceId, behind: ids }) => [deviceId, [...ids].sort()]);
const nobody = () => false;

describe('what is behind a site', () => {
  it('are the sites in it and all that these feed, contain or carry, rings and all', () => {
    const sites = network(['room', 'a', 'feeds'], ['a', 'b', 'contains'], ['b', 'room', 'backhauls']);
    expect([...sites.withAllBehind('hall' as SiteId)]).toEqual(['hall', 'room', 'a', 'b']);
    expect([...sites.withAllBehind('elsewhere' as SiteId)]).toEqual(['elsewhere']);
  });

  it('travels by way of it only where it is carried', () => {
    const sites = network(
      ['a', 'b', 'backhauls'],
      ['b', 'c', 'backhauls'],
      ['a', 'd', 'feeds'],
      ['c', 'a', 'backhauls'],
    );
    expect([...sites.carriedBy('a' as SiteId)]).toEqual(['b', 'c']);
  });
});

describe('what is behind a gateway', () => {
  it('is looked for once for all gateways of the same rights, whose own points are behind the others', () => {
    const rights = ['hd/v1/+/telemetry'];
    const devices = [
      device('gw-a', null, rights),
      device('gw-b', 3, rights),
      device('gw-c', null, rights),
      device('m-1', 1),
    ];
    const asked: string[] = [];
    const found = gatewaysOf(devices, [series(1, 'a'), series(3, 'b')], network(), (id) => {
      asked.push(id);
      return false;
    });
    expect(behind(found)).toEqual([
      ['gw-a', [1, 3]],
      ['gw-b', [1]],
      ['gw-c', [1, 3]],
    ]);
    expect(asked).toHaveLength(devices.length);
  });

  it.each([
    ['what its rights cover', ['hd/v1/+/telemetry'], nobody, [1, 2]],
    ['one device alone', ['hd/v1/m-1/#'], nobody, [1]],
    ['not what connects by itself', ['hd/v1/+/#'], (id: string) => id === 'm-1', [2]],
  ] as const)('is %s', (_what, filters, connectsItself, expected) => {
    const devices = [device('gw', null, filters), device('m-1', 1), device('m-2', 2)];
    const found = gatewaysOf(devices, [series(1, 'a'), series(2, 'b')], network(), connectsItself);
    expect(behind(found)).toEqual([['gw', expected]]);
    expect(found[0]?.anchor.series).toBe(expected[0]);
  });

  it('is what the site of its own point backhauls, its own point left out', () => {
    const sites = network(['cabinet', 'a', 'backhauls'], ['cabinet', 'b', 'feeds']);
    const all = [series(1, 'cabinet'), series(2, 'a'), series(3, 'b')];
    const found = gatewaysOf([device('gw', 1), device('m-2', 2)], all, sites, nobody);
    expect(behind(found)).toEqual([['gw', [2]]]);
    expect(found[0]?.anchor.series).toBe(1);
  });

  it('is nothing of another agency, nothing at all for a plain device, and nothing for one in stock', () => {
    const all = [series(1, 'a', 'power'), series(2, 'b')];
    const foreign = device('m-1', 1, [], 'power');
    expect(gatewaysOf([device('gw', null, ['hd/v1/+/#']), foreign], all, network(), nobody)).toEqual([]);
    expect(gatewaysOf([device('m-2', 2), device('m-3', null)], all, network(), nobody)).toEqual([]);
    const stocked = { ...device('gw', null, ['hd/v1/+/#']), state: 'in_stock' as const };
    expect(gatewaysOf([stocked, device('m-2', 2)], all, network(), nobody)).toEqual([]);
  });

  it('is counted whole on the alarm, and named up to a bound', () => {
    const points = Array.from({ length: CARRIER_POINTS_MAX + 1 }, (_, i) => `p${i}` as PointId);
    const carrier = carrierOf({ kind: 'device', id: 'gw' as DeviceId }, points);
    expect([carrier.pointsBehind, carrier.points.length]).toEqual([CARRIER_POINTS_MAX + 1, CARRIER_POINTS_MAX]);
  });
});
