import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { AgencyId, PointId, SiteId, UserId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { StationReceipt } from '../../domain/ports/station-files.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import type { Station } from '../../domain/station.ts';
import { epochMs } from '../../domain/time.ts';

const SYSTEM: Actor = { kind: 'system', name: 'test' };
const ENV = 'env' as AgencyId;
const POWER = 'power' as AgencyId;
const officer = (...agencies: AgencyId[]): Actor => ({
  kind: 'person',
  userId: 'ha' as UserId,
  access: { readAgencies: agencies, writeAgencies: agencies, grants: [] },
  roles: agencies.map((agencyId) => ({ agencyId, role: 'environment' })),
});
const name = { vi: 'x', en: 'x' };
const location = { longitude: 106.7, latitude: 20.86 };
const point = (id: string, agencyId: AgencyId) => ({
  id: id as PointId,
  agencyId,
  siteId: `${agencyId}-site` as SiteId,
  domain: 'environment' as const,
  name,
  location,
  wardCode: null,
  tags: [],
  quantities: ['ph', 'water_flow'] as QuantityKey[],
});
const ph = { symbol: 'pH', pointId: 'p1' as PointId, quantity: 'ph' as QuantityKey, unit: '-' };
const station = (code: string): Omit<Station, 'version' | 'exportedTo'> => ({
  code,
  agencyId: ENV,
  province: 'HP',
  facility: 'CTY1',
  parameters: [ph],
  schedule: null,
});
const schedule = { intervalMinutes: 5, symbols: ['pH'], folder: 'so-tnmt', dated: true } as const;
const receipt = (key: string, at: number, more: Partial<StationReceipt> = {}): StationReceipt => ({
  key,
  fileName: `${key}.txt`,
  source: 'folder',
  station: 'NUO001',
  agencyId: ENV,
  at: epochMs(at),
  state: 'imported',
  readings: 1,
  refused: 0,
  reason: null,
  by: null,
  path: null,
  ...more,
});

/** Stations of the national scheme, and what became of their files. `newPlace` as for `describeRegistry`. */
export function describeStations(what: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${what} keeps stations of the national scheme`, () => {
    let registry: Registry;
    beforeEach(async () => {
      registry = await newPlace()();
      const site = (agencyId: AgencyId) => ({
        id: `${agencyId}-site` as SiteId,
        agencyId,
        kind: 'air_station' as const,
        domain: 'environment' as const,
        name,
        location,
        wardCode: null,
        parentId: null,
        tags: [],
      });
      await registry.seed(SYSTEM, {
        agencies: [ENV, POWER].map((id) => ({ id, name })),
        models: [],
        sites: [site(ENV), site(POWER)],
        links: [],
        points: [point('p1', ENV), point('p2', POWER)],
        devices: [],
        rules: [],
      });
    });
    afterEach(() => registry.close());
    const mine = () => registry.as(officer(ENV)).stations;
    const theirs = () => registry.as(officer(POWER)).stations;

    it('keeps a station with what its symbols are, finds it by its code in any case, and puts it on record', async () => {
      const made = await mine().create(station('nuo001'));
      expect(made).toMatchObject({ code: 'NUO001', version: 1, exportedTo: null, parameters: [ph] });
      expect(await mine().get('Nuo001')).toEqual(made);
      await expect(mine().create(station('NUO001'))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      const { items } = await registry.as(SYSTEM).audit.list({ targetKind: 'station' }, { limit: 10 });
      expect(items).toMatchObject([{ action: 'station.create', targetId: 'NUO001', agencyId: ENV }]);
    });

    it('refuses a symbol for a point that is another agency’s, or has no such quantity', async () => {
      for (const wrong of [{ pointId: 'p2' as PointId }, { quantity: 'pm2_5' as QuantityKey }])
        await expect(mine().create({ ...station('X1'), parameters: [{ ...ph, ...wrong }] })).rejects.toMatchObject({
          code: 'REFERENCE_MISSING',
        });
      expect(await mine().list()).toEqual([]);
    });

    it('shows and lends a station to nobody but its agency', async () => {
      const made = await mine().create(station('NUO001'));
      expect(await theirs().list()).toEqual([]);
      await expect(theirs().get('NUO001')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(theirs().update(made)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(theirs().remove('NUO001', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(theirs().create(station('NUO009'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('edits and removes it only from its present version', async () => {
      const made = await mine().create(station('NUO001'));
      const next = await mine().update({ ...made, facility: 'CTY2' });
      expect(next).toMatchObject({ facility: 'CTY2', version: 2 });
      await expect(mine().update(made)).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(mine().remove('NUO001', 1)).rejects.toMatchObject({ code: 'CONFLICT' });
      await mine().remove('NUO001', 2);
      expect(await registry.stations.stations()).toEqual([]);
    });

    it('begins a schedule when it is given, and goes on from where its files have been written to', async () => {
      const made = await mine().update({ ...(await mine().create(station('NUO001'))), schedule });
      const begun = made.exportedTo ?? Number.NaN;
      expect(Math.abs(Date.now() - begun)).toBeLessThan(600_000);
      await registry.stations.exported('NUO001', epochMs(begun + 300_000));
      await registry.stations.exported('NUO001', epochMs(begun));
      expect((await mine().get('NUO001')).exportedTo).toBe(begun + 300_000);
      const kept = await mine().update({ ...made, schedule: { ...schedule, symbols: [] } });
      expect(kept.exportedTo).toBe(begun + 300_000);
      expect((await mine().update({ ...kept, schedule: null })).exportedTo).toBeNull();
    });

    it('lists what became of files, newest first; those of no station to everyone who manages any', async () => {
      await registry.stations.record(receipt('a', 1));
      await registry.stations.record(receipt('b', 2, { state: 'failed', agencyId: null, station: null }));
      await registry.stations.record(receipt('c', 3));
      const keys = async (of: ReturnType<typeof mine>, filter = {}) =>
        (await of.receipts(filter, { limit: 10 })).items.map(({ key }) => key);
      expect(await keys(mine())).toEqual(['c', 'b', 'a']);
      expect(await keys(theirs())).toEqual(['b']);
      expect(await keys(mine(), { state: 'failed' })).toEqual(['b']);
      const page = await mine().receipts({}, { limit: 2 });
      expect((await mine().receipts({}, { limit: 2, after: page.next ?? '' })).items.map(({ key }) => key)).toEqual([
        'a',
      ]);
    });

    it('replaces the receipt of a file that was tried again, and forgets old ones', async () => {
      await registry.stations.record(receipt('a', 1, { state: 'failed' }));
      await registry.stations.record(receipt('b', 2));
      await registry.stations.record(receipt('a', 3));
      expect(await registry.stations.receipt('a')).toMatchObject({ state: 'imported', at: 3 });
      await registry.stations.forget(epochMs(3));
      expect(await registry.stations.receipt('b')).toBeUndefined();
      expect(await registry.stations.receipt('a')).toBeDefined();
    });
  });
}
