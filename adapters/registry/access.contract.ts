import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor, SharingGrant } from '../../domain/access.ts';
import { applyConditionEvent } from '../../domain/alarm-machine.ts';
import type { Point, SeriesDirectoryEntry, Site } from '../../domain/asset.ts';
import type {
  AgencyId,
  AlarmId,
  DeviceId,
  DeviceModelId,
  PointId,
  RuleId,
  SiteId,
  UserId,
} from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type { CitySeed, Page, PageRequest, Registry } from '../../domain/ports/registry.ts';
import { QUALITY } from '../../domain/quality.ts';
import type { Domain, QuantityKey } from '../../domain/quantity.ts';
import { epochMs, milliseconds, seconds } from '../../domain/time.ts';

const SYSTEM: Actor = { kind: 'system', name: 'test' };
const DOMAINS: readonly Domain[] = ['environment', 'power', 'water'];
const TAGS = ['school', 'hospital', 'school-bus'];
const PM = 'pm2_5' as QuantityKey;
const location = { longitude: 106.68, latitude: 20.86 };
const name = { vi: 'Trạm đo', en: 'Station' };

/** One place of a random city: a site with one point, one device that serves it and one open alarm. */
interface Place {
  readonly agency: number;
  readonly siteDomain: Domain;
  readonly pointDomain: Domain;
  readonly tags: readonly string[];
}
const place: fc.Arbitrary<Place> = fc.record({
  agency: fc.nat(2),
  siteDomain: fc.constantFrom(...DOMAINS),
  pointDomain: fc.constantFrom(...DOMAINS),
  tags: fc.subarray(TAGS),
});
const access = (places: number) =>
  fc.record({
    read: fc.subarray([0, 1, 2]),
    grants: fc.array(
      fc.record({
        agency: fc.nat(2),
        domain: fc.option(fc.constantFrom(...DOMAINS)),
        site: fc.option(fc.nat(places - 1)),
        tag: fc.option(fc.constantFrom(...TAGS)),
      }),
      { maxLength: 3 },
    ),
  });

const agencyId = (prefix: string, n: number) => `${prefix}a${n}` as AgencyId;

function cityOf(prefix: string, places: readonly Place[]): CitySeed {
  const id = (kind: string, n: number) => `${prefix}${kind}${n}`;
  return {
    agencies: [0, 1, 2].map((n) => ({ id: agencyId(prefix, n), name })),
    models: [0, 1, 2].map((n) => ({
      id: id('m', n) as DeviceModelId,
      agencyId: agencyId(prefix, n),
      maker: 'M',
      name: 'M1',
      domain: 'environment',
      format: 'native-json',
      channels: [{ key: 'pm2_5', quantity: PM, plausibleRange: null }],
      expectedInterval: seconds(60),
      rateLimit: null,
    })),
    sites: places.map((p, n) => ({
      id: id('s', n) as SiteId,
      agencyId: agencyId(prefix, p.agency),
      kind: 'other',
      domain: p.siteDomain,
      name,
      location,
      wardCode: null,
      parentId: null,
      tags: [],
    })),
    links: [],
    points: places.map((p, n) => ({
      id: id('p', n) as PointId,
      agencyId: agencyId(prefix, p.agency),
      siteId: id('s', n) as SiteId,
      domain: p.pointDomain,
      name,
      location,
      wardCode: null,
      tags: p.tags,
      quantities: [PM],
    })),
    devices: places.map((p, n) => ({
      id: id('d', n) as DeviceId,
      agencyId: agencyId(prefix, p.agency),
      modelId: id('m', p.agency) as DeviceModelId,
      serialNumber: null,
      state: 'commissioned',
      tokenSha256: null,
      serves: [id('p', n) as PointId],
    })),
    rules: [0, 1, 2].map((n) => ({
      id: id('r', n) as RuleId,
      agencyId: agencyId(prefix, n),
      name,
      advice: null,
      enabled: true,
      quantity: PM,
      selection: {},
      condition: { kind: 'above', levels: [{ severity: 'major', limit: 50, hold: milliseconds(0) }], hysteresis: 0 },
      clearHold: milliseconds(0),
      judgeSuspect: true,
      endsUnacknowledged: [],
    })),
  };
}

/** Every page, small ones by default so that cursors meet access too. */
async function all<T>(list: (page: PageRequest) => Promise<Page<T>>, limit = 3): Promise<T[]> {
  const found: T[] = [];
  let after: string | undefined;
  do {
    const page = await list(after === undefined ? { limit } : { limit, after });
    found.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return found;
}
const ids = (rows: readonly { readonly id: unknown }[]): string[] => rows.map((row) => String(row.id)).sort();

/** Holds every view to the access it was opened with, over random cities, sharing and people. */
export function describeRegistryAccess(registryName: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${registryName} shows each actor what its access covers, no row more and none less`, () => {
    let registry: Registry;
    let run = 0;
    beforeAll(async () => {
      registry = await newPlace()();
    });
    afterAll(() => registry.close());

    it('in every list, search, count and single read', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc
            .array(place, { minLength: 1, maxLength: 7 })
            .chain((places) => fc.tuple(fc.constant(places), access(places.length))),
          async ([places, { read, grants: shares }]) => {
            const prefix = `c${run++}-`;
            await registry.seed(SYSTEM, cityOf(prefix, places));
            const series = (await registry.directory.series()).filter((s) => s.pointId.startsWith(prefix));
            await raiseAll(registry, series, prefix);

            const readAgencies = read.map((n) => agencyId(prefix, n));
            const grants = shares.map(
              (share, n): SharingGrant => ({
                id: `${prefix}g${n}`,
                agencyId: agencyId(prefix, share.agency),
                toAgencyId: null,
                domain: share.domain,
                siteId: share.site === null ? null : (`${prefix}s${share.site}` as SiteId),
                tag: share.tag,
              }),
            );
            const view = registry.as({
              kind: 'person',
              userId: 'someone' as UserId,
              access: { readAgencies, writeAgencies: [], grants },
              roles: [],
            });
            const everything = registry.as(SYSTEM);
            const ofCity = <T extends { readonly id: unknown }>(rows: readonly T[]) =>
              rows.filter((row) => String(row.id).startsWith(prefix));
            const own = (agency: AgencyId | null) => agency !== null && readAgencies.includes(agency);
            const sharesPoint = (p: Pick<Point, 'agencyId' | 'domain' | 'siteId' | 'tags'>) =>
              own(p.agencyId) ||
              grants.some(
                (g) =>
                  g.agencyId === p.agencyId &&
                  (g.domain === null || g.domain === p.domain) &&
                  (g.siteId === null || g.siteId === p.siteId) &&
                  (g.tag === null || p.tags.includes(g.tag)),
              );
            const sharesSite = (s: Site) =>
              own(s.agencyId) ||
              grants.some(
                (g) =>
                  g.agencyId === s.agencyId &&
                  (g.domain === null || g.domain === s.domain) &&
                  (g.siteId === null || g.siteId === s.id) &&
                  g.tag === null,
              );
            const sharesWhole = (agency: AgencyId) =>
              own(agency) ||
              grants.some((g) => g.agencyId === agency && g.domain === null && g.siteId === null && g.tag === null);

            const points = ofCity(await all((page) => everything.points.list({}, page), 1000));
            const sites = ofCity(await all((page) => everything.sites.list({}, page), 1000));
            const devices = ofCity(await all((page) => everything.devices.list({}, page), 1000));
            const seenPoints = points.filter(sharesPoint);
            const pointIds = new Set(ids(seenPoints));

            expect(ids(await all((page) => view.points.list({}, page)))).toEqual(ids(seenPoints));
            expect(ids(await all((page) => view.sites.list({}, page)))).toEqual(ids(sites.filter(sharesSite)));
            expect(ids(await all((page) => view.devices.list({}, page)))).toEqual(
              ids(devices.filter((d) => sharesWhole(d.agencyId))),
            );
            const alarms = await all((page) => view.alarms.list({}, page));
            expect(alarms.map((a) => a.pointId as string).sort()).toEqual([...pointIds].sort());
            expect((await view.alarms.counts()).reduce((sum, row) => sum + row.count, 0)).toBe(pointIds.size);
            const spans = await view.qualitySpans.list({
              series: series.map((s) => s.series),
              from: epochMs(0),
              to: epochMs(1e9),
            });
            const pointOf = new Map(series.map((s) => [s.series, s.pointId as string]));
            expect(spans.map((span) => pointOf.get(span.series)).sort()).toEqual([...pointIds].sort());
            expect((await view.rules.list({})).every((rule) => own(rule.agencyId))).toBe(true);
            expect((await all((page) => view.audit.list({}, page))).every((row) => own(row.agencyId))).toBe(true);
            expect((await view.apiKeys.list()).every((key) => own(key.agencyId))).toBe(true);
            for (const found of await view.search('tram', 100)) {
              if (found.kind === 'point') expect(pointIds).toContain(found.id);
              if (found.kind === 'site') expect(ids(sites.filter(sharesSite))).toContain(found.id);
            }
            for (const point of points) {
              const one = view.points.get(point.id);
              if (pointIds.has(point.id)) {
                expect((await one).id).toBe(point.id);
                await expect(view.points.update(point)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
              } else {
                await expect(one).rejects.toMatchObject({ code: 'NOT_FOUND' });
                await expect(view.points.update(point)).rejects.toMatchObject({ code: 'NOT_FOUND' });
                await expect(view.alarms.get(alarmOf(prefix, point.id))).rejects.toMatchObject({ code: 'NOT_FOUND' });
              }
            }
            for (const device of devices.filter((d) => !own(d.agencyId)))
              await expect(view.devices.credentials(device.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
          },
        ),
        { numRuns: 40 },
      );
    }, 30_000);
  });

  const alarmIds = new Map<string, AlarmId>();
  const alarmOf = (prefix: string, point: PointId): AlarmId => alarmIds.get(`${prefix}${point}`) ?? ('' as AlarmId);

  /** One alarm, one verdict and one audit row at every point. */
  async function raiseAll(registry: Registry, series: readonly SeriesDirectoryEntry[], prefix: string): Promise<void> {
    const rules = await registry.ruleState.liveRules();
    const changes = series.map((s) => {
      const rule = rules.find((r) => r.agencyId === s.agencyId);
      const change =
        rule &&
        applyConditionEvent(
          null,
          { kind: 'activated', at: epochMs(1000), severity: 'major', value: 60, limit: 50, suspect: false },
          { rule, series: s.series, pointId: s.pointId, recordedAt: epochMs(1000) },
        );
      if (!change) throw new Error('every point of the city has a rule');
      alarmIds.set(`${prefix}${s.pointId}`, change.alarm.id);
      return change;
    });
    await registry.ruleState.commit({ cursor: 1 as JournalSequence, states: [], jointStates: [], changes, outbox: [] });
    for (const s of series)
      await registry.as(SYSTEM).qualitySpans.mark({
        series: s.series,
        from: epochMs(0),
        to: epochMs(10),
        quality: QUALITY.SUSPECT_DECLARED,
        reason: 'checked',
      });
  }
}
