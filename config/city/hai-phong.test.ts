import { existsSync, readFileSync } from 'node:fs';
import type { FeatureCollection, MultiPolygon, Polygon, Position } from 'geojson';
import { describe, expect, it } from 'vitest';
import type { Location } from '../../domain/asset.ts';
import { DEVICE_ID_PATTERN } from '../../domain/identifiers.ts';
import { DOMAINS } from '../../domain/quantity.ts';
import { type Condition, type SEVERITIES, severityRank } from '../../domain/rule.ts';
import { VN_WQI_QUANTITIES } from '../indices/vn-wqi.ts';
import { QUANTITY_CATALOGUE } from '../quantities.ts';
import { demoToken, tokenSha256, withDemoTokens } from './demo-tokens.ts';
import { WARDS } from './hai-phong/wards.ts';
import { haiPhong, haiPhongFacts } from './hai-phong.ts';

const siteById = new Map(haiPhong.sites.map((site) => [site.id, site]));
const pointById = new Map(haiPhong.points.map((point) => [point.id, point]));
const modelById = new Map(haiPhong.models.map((model) => [model.id, model]));
const agencyIds = new Set(haiPhong.agencies.map((agency) => agency.id));

describe('Hải Phòng as data', () => {
  it('has at least 600 devices, with weight in each of the four domains', () => {
    expect(haiPhong.devices.length).toBeGreaterThanOrEqual(600);
    for (const domain of DOMAINS) {
      const devices = haiPhong.devices.filter((device) => modelById.get(device.modelId)?.domain === domain);
      expect(devices.length, domain).toBeGreaterThanOrEqual(80);
    }
  });

  it('gives every row an id of its own', () => {
    for (const rows of [
      haiPhong.agencies,
      haiPhong.models,
      haiPhong.sites,
      haiPhong.points,
      haiPhong.devices,
      haiPhong.rules,
    ]) {
      const ids = rows.map((row) => row.id as string);
      expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    }
  });

  it('names devices so that MQTT 3.1 clients can use them', () => {
    for (const device of haiPhong.devices) {
      expect(device.id).toMatch(DEVICE_ID_PATTERN);
      expect(device.id.length).toBeLessThanOrEqual(23);
    }
  });

  it('refers only to rows that exist', () => {
    for (const site of haiPhong.sites) {
      expect(agencyIds).toContain(site.agencyId);
      if (site.parentId !== null) expect(siteById.has(site.parentId), site.id).toBe(true);
      if (site.wardCode !== null) expect(WARDS.has(site.wardCode), `${site.id} ${site.wardCode}`).toBe(true);
    }
    for (const link of haiPhong.links) {
      expect(siteById.has(link.from), link.from).toBe(true);
      expect(siteById.has(link.to), link.to).toBe(true);
    }
    for (const point of haiPhong.points) {
      expect(siteById.get(point.siteId)?.agencyId, point.id).toBe(point.agencyId);
      for (const quantity of point.quantities) expect(QUANTITY_CATALOGUE.has(quantity)).toBe(true);
      expect(haiPhongFacts.has(point.id), point.id).toBe(true);
    }
    for (const device of haiPhong.devices) {
      const quantities = modelById.get(device.modelId)?.channels.map((channel) => channel.quantity);
      for (const served of device.serves) expect(pointById.get(served)?.quantities).toEqual(quantities);
    }
  });

  it('uses each quantity of the catalogue somewhere', () => {
    const used = new Set(haiPhong.points.flatMap((point) => point.quantities));
    // What the platform works out needs no device; of the water's parameters the city's own probes measure three.
    const inputsOfIndex = new Set<string>(Object.values(VN_WQI_QUANTITIES));
    const unused = [...QUANTITY_CATALOGUE.values()].filter(
      ({ key, computed }) => !used.has(key) && !computed && !inputsOfIndex.has(key),
    );
    expect(unused).toEqual([]);
  });

  it('feeds every meter through transformer, feeder and substation', () => {
    const fedBy = new Map(haiPhong.links.filter((link) => link.kind === 'feeds').map((link) => [link.to, link.from]));
    for (const site of haiPhong.sites.filter((s) => s.kind === 'electricity_meter')) {
      const chain = [];
      for (let at = fedBy.get(site.id); at !== undefined; at = fedBy.get(at)) chain.push(siteById.get(at)?.kind);
      expect(chain).toEqual(['transformer', 'feeder', 'substation']);
    }
  });

  it('has a gateway in one agency with the junctions it carries, whose silence is watched', () => {
    const [gateway] = haiPhong.sites.filter((site) => site.kind === 'gateway_cabinet');
    const carried = haiPhong.links.filter((link) => link.kind === 'backhauls');
    expect(new Set(carried.map((link) => link.from))).toEqual(new Set([gateway?.id]));
    const behind = haiPhong.points.filter((point) => carried.some((link) => link.to === point.siteId));
    expect(behind.length).toBeGreaterThanOrEqual(8);
    const watched = haiPhong.rules.filter((rule) => rule.condition.kind === 'no_data').map((rule) => rule.quantity);
    for (const point of behind) {
      expect(point.agencyId).toBe(gateway?.agencyId);
      expect(haiPhongFacts.get(point.id)).toMatchObject({ gateway: gateway?.id });
      expect(
        point.quantities.some((quantity) => watched.includes(quantity)),
        point.id,
      ).toBe(true);
    }
  });

  it('writes Vietnamese names composed (NFC) and in both languages', () => {
    for (const { name } of [...haiPhong.agencies, ...haiPhong.sites, ...haiPhong.points, ...haiPhong.rules]) {
      expect(name.vi).toBe(name.vi.normalize('NFC'));
      expect(name.vi.trim().length * name.en.trim().length).toBeGreaterThan(0);
    }
  });
});

/** Limits from the mildest level to the worst, as distances into the breach. */
const depths = (condition: Condition): readonly number[] => {
  const worstLast = <T extends { severity: (typeof SEVERITIES)[number] }>(levels: readonly T[]) =>
    [...levels].sort((a, b) => severityRank(b.severity) - severityRank(a.severity));
  switch (condition.kind) {
    case 'above':
    case 'rate_of_change':
      return worstLast(condition.levels).map((level) => level.limit);
    case 'below':
      return worstLast(condition.levels).map((level) => -level.limit);
    case 'outside':
      return worstLast(condition.levels).map((level) => level.high - level.low);
    case 'no_data':
    case 'frozen':
      return worstLast(condition.levels).map((level) => level.hold);
    case 'area_count':
      return worstLast(condition.levels).map((level) => level.points);
    case 'neighbours':
      return worstLast(condition.levels).map((level) => level.limit);
    case 'combination':
      return [];
  }
};

describe('the alarm rules of Hải Phòng', () => {
  it.each(haiPhong.rules.map((rule) => [rule.id, rule] as const))(
    '%s watches something and rises in order',
    (_, rule) => {
      const watched = haiPhong.points.filter(
        (point) =>
          point.agencyId === rule.agencyId &&
          point.quantities.includes(rule.quantity) &&
          (rule.selection.points === undefined || rule.selection.points.includes(point.id)) &&
          (rule.selection.tags === undefined || rule.selection.tags.every((tag) => point.tags.includes(tag))),
      );
      expect(watched.length).toBeGreaterThan(0);
      if (rule.selection.points !== undefined) expect(watched.length).toBe(rule.selection.points.length);
      const severities = rule.condition.levels.map((level) => level.severity);
      expect(new Set(severities).size).toBe(severities.length);
      const ordered = depths(rule.condition);
      for (let i = 1; i < ordered.length; i += 1) expect(ordered[i]).toBeGreaterThan(ordered[i - 1]!);
      if ('hysteresis' in rule.condition) expect(rule.condition.hysteresis).toBeGreaterThanOrEqual(0);
    },
  );

  it('watches silence in every domain', () => {
    const silent = haiPhong.rules.filter((rule) => rule.condition.kind === 'no_data');
    const domains = new Set(silent.map((rule) => QUANTITY_CATALOGUE.get(rule.quantity)?.domain));
    expect([...DOMAINS].filter((domain) => !domains.has(domain))).toEqual([]);
  });
});

describe('demo tokens', () => {
  it('come from the seed and the device alone, 256 bits each', () => {
    const token = demoToken('one', 'tj-nga-sau-in');
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(demoToken('one', 'tj-nga-sau-in')).toBe(token);
    expect(demoToken('two', 'tj-nga-sau-in')).not.toBe(token);
    expect(demoToken('one', 'tj-nga-sau-out')).not.toBe(token);
  });

  it('are absent from the city until a seed is given', () => {
    expect(haiPhong.devices.every((device) => device.tokenSha256 === null)).toBe(true);
    const [device] = withDemoTokens(haiPhong, 's').devices;
    expect(device?.tokenSha256).toBe(tokenSha256(demoToken('s', device?.id ?? '')));
  });
});

const LAND_FILE = '../shared/basemap/land.geojson';
const WARD_FILE = '../shared/basemap/wards-for-tests-only/wards-2025.geojson';
type Areas = FeatureCollection<Polygon | MultiPolygon, Record<string, string>>;
const areas = (file: string): Areas => JSON.parse(readFileSync(file, 'utf8')) as Areas;

const inRing = (ring: readonly Position[], { longitude: x, latitude: y }: Location): boolean => {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i] as [number, number];
    const [xj, yj] = ring[j] as [number, number];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
};
const inside = (shape: Polygon | MultiPolygon, at: Location): boolean =>
  (shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates).some(
    (polygon) => inRing(polygon[0] ?? [], at) && !polygon.slice(1).some((hole) => inRing(hole, at)),
  );
/** `at` itself and eight places round it. */
const around = (at: Location, metres: number): readonly Location[] => [
  at,
  ...Array.from({ length: 8 }, (_, k) => ({
    longitude: at.longitude + (metres / 104_000) * Math.cos((k * Math.PI) / 4),
    latitude: at.latitude + (metres / 110_570) * Math.sin((k * Math.PI) / 4),
  })),
];

describe('positions', () => {
  // The coastline of the basemap is from the 1990s: port land reclaimed since is still sea there.
  const overWater = /^(bridge-|tide-|weather-hon-dau|(port|air|noise|weather)-(lach-huyen|hateco))/;

  it.skipIf(!existsSync(LAND_FILE))(`lie on land, or a quay's width from it (skipped without ${LAND_FILE})`, () => {
    const land = areas(LAND_FILE).features.map((feature) => feature.geometry);
    const wet = haiPhong.sites
      .filter((site) => !overWater.test(site.id))
      .filter((site) => !around(site.location, 350).some((at) => land.some((shape) => inside(shape, at))));
    expect(wet.map((site) => site.id)).toEqual([]);
  });

  it.skipIf(!existsSync(WARD_FILE))(`lie in the wards they name, or near them (skipped without ${WARD_FILE})`, () => {
    const wards = new Map(areas(WARD_FILE).features.map((feature) => [feature.properties['code'], feature.geometry]));
    const strangers = haiPhong.sites
      .filter((site) => !overWater.test(site.id))
      .filter((site) => {
        const shape = wards.get(site.wardCode as string | undefined);
        return shape === undefined || !around(site.location, 900).some((at) => inside(shape, at));
      });
    expect(strangers.map((site) => `${site.id} in ${site.wardCode}`)).toEqual([]);
  });
});
