import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { ImportRow } from '../../domain/device-import.ts';
import type {
  AgencyId,
  CredentialId,
  DeviceId,
  DeviceModelId,
  PointId,
  SiteId,
  UserId,
} from '../../domain/identifiers.ts';
import type { Registration } from '../../domain/ports/device-registry.ts';
import type { CitySeed, Registry } from '../../domain/ports/registry.ts';
import type { CertificateAuthorityId, ProvisioningKey } from '../../domain/provisioning.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { epochMs, seconds } from '../../domain/time.ts';

const SYSTEM: Actor = { kind: 'system', name: 'test' };
const ENV = 'env' as AgencyId;
const POWER = 'power' as AgencyId;
const AIR = 'air' as DeviceModelId;
const id = (text: string) => text as DeviceId;
const installer = (user: string, ...agencies: AgencyId[]): Actor => ({
  kind: 'person',
  userId: user as UserId,
  access: { readAgencies: agencies, writeAgencies: agencies, grants: [] },
  roles: agencies.map((agencyId) => ({ agencyId, role: 'installer' })),
});
const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const OPEN = { opensAt: epochMs(0), closesAt: epochMs(4e12) };

/** An agency with two air points, one of them served, two models; and an agency beside it. */
function city(): CitySeed {
  const name = { vi: 'Trạm', en: 'Station' };
  const location = { longitude: 106.68, latitude: 20.86 };
  const model = (modelId: string, agencyId: AgencyId | null, quantity: string) => ({
    id: modelId as DeviceModelId,
    agencyId,
    maker: 'M',
    name: modelId,
    domain: 'environment' as const,
    format: 'native-json',
    channels: [{ key: quantity, quantity: quantity as QuantityKey, plausibleRange: null }],
    expectedInterval: seconds(60),
    rateLimit: null,
  });
  const site = {
    id: 's' as SiteId,
    agencyId: ENV,
    domain: 'environment' as const,
    name,
    location,
    wardCode: null,
    tags: [],
  };
  const points = ['p-1', 'p-2'].map((point) => ({
    ...site,
    id: point as PointId,
    siteId: site.id,
    quantities: ['pm2_5' as QuantityKey],
  }));
  return {
    agencies: [ENV, POWER].map((agency) => ({ id: agency, name })),
    models: [model('air', ENV, 'pm2_5'), model('ear', ENV, 'laeq'), model('any', null, 'pm2_5')],
    sites: [{ ...site, kind: 'air_station', parentId: null }],
    links: [],
    points,
    devices: [
      {
        id: id('old'),
        agencyId: ENV,
        modelId: AIR,
        serialNumber: null,
        state: 'commissioned',
        tokenSha256: sha('old'),
        serves: ['p-1' as PointId],
      },
    ],
    rules: [],
  };
}

/** How devices come into a registry and live there. `newPlace` as for `describeRegistry`. */
export function describeDeviceRegistry(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps the contract of devices`, () => {
    let registry: Registry;
    beforeEach(async () => {
      registry = await newPlace()();
      await registry.seed(SYSTEM, city());
    });
    afterEach(() => registry.close());

    const mine = () => registry.as(installer('lan', ENV));
    const devices = () => mine().devices;
    const make = (device: string, modelId = AIR, agencyId = ENV) =>
      registry.as(SYSTEM).devices.create({ id: id(device), agencyId, modelId, serialNumber: null, state: 'in_stock' });
    const step = (device: string, one: string, reason: string | null = null) =>
      devices().step(id(device), { step: one as never, reason, at: epochMs(1_000) });

    it('takes a step with who, when it happened, when it was recorded, and why', async () => {
      const { device } = await step('old', 'start_maintenance', 'thay pin');
      expect(device).toMatchObject({ state: 'in_maintenance', version: 2 });
      const [newest] = await devices().activities(id('old'));
      expect(newest).toMatchObject({
        kind: 'state_changed',
        text: { params: { from: 'commissioned', to: 'in_maintenance' } },
        reason: 'thay pin',
        by: 'lan',
        eventTime: 1_000,
      });
      expect(newest?.recordedAt).toBeGreaterThan(1_000);
      expect((await step('old', 'resume')).device.state).toBe('commissioned');
      await expect(step('old', 'claim')).rejects.toMatchObject({ code: 'STEP_NOT_ALLOWED' });
      await expect(step('old', 'retire')).rejects.toMatchObject({ code: 'STEP_NEEDS_REASON' });
    });

    it('ends what a retired device serves, and its right to connect', async () => {
      const { revoked } = await step('old', 'retire', 'hỏng');
      expect(revoked).toEqual(['old-seed']);
      expect((await registry.directory.device(id('old')))?.credentials).toEqual([]);
      expect((await devices().assignments({ deviceId: id('old') })).every(({ to }) => to !== null)).toBe(true);
    });

    it('leaves the state to steps: an edit changes none', async () => {
      const device = await devices().get(id('old'));
      expect(await devices().update({ ...device, state: 'retired', serialNumber: 'X' })).toMatchObject({
        state: 'commissioned',
        serialNumber: 'X',
      });
    });

    it('swaps hardware whole: the point keeps its series, both spans stay readable', async () => {
      await make('new');
      const swap = () =>
        devices().swap({
          oldId: id('old'),
          newId: id('new'),
          oldBecomes: 'retired',
          reason: 'vỏ nứt',
          at: epochMs(4e12),
        });
      await expect(swap()).rejects.toMatchObject({ code: 'SWAP_NEW_STATE' });
      expect((await devices().assignments({ pointId: 'p-1' as PointId })).map(({ to }) => to)).toEqual([null]);
      await step('new', 'claim');
      const before = (await registry.directory.device(id('old')))?.channels.get('pm2_5')?.series;
      const done = await swap();
      expect(done).toMatchObject({
        old: { state: 'retired' },
        replacement: { state: 'installed' },
        assignments: [{ deviceId: 'new', pointId: 'p-1', to: null }],
        revoked: ['old-seed'],
      });
      expect((await registry.directory.device(id('new')))?.channels.get('pm2_5')?.series).toBe(before);
      expect(await devices().assignments({ pointId: 'p-1' as PointId })).toMatchObject([
        { deviceId: 'old', to: 4e12 },
        { deviceId: 'new', from: 4e12, to: null },
      ]);
      for (const one of ['old', 'new'])
        expect((await devices().activities(id(one))).map(({ kind }) => kind)).toContain('swapped');
    });

    it('swaps nothing for hardware that does not measure what is relied on', async () => {
      await make('ear-1', 'ear' as DeviceModelId);
      await step('ear-1', 'claim');
      await expect(
        devices().swap({
          oldId: id('old'),
          newId: id('ear-1'),
          oldBecomes: 'in_maintenance',
          reason: 'x',
          at: epochMs(1),
        }),
      ).rejects.toMatchObject({ code: 'SWAP_LACKS_QUANTITY', params: { quantities: 'pm2_5' } });
    });

    it('claims by a code once; the same person may ask again, anyone else is told', async () => {
      await make('box', 'any' as DeviceModelId);
      await devices().openClaims([{ deviceId: id('box'), codeSha256: sha('code') }], OPEN);
      const claim = (actor: Actor, code = 'code', agencyId = POWER) =>
        registry.as(actor).devices.claim({ deviceId: id('box'), codeSha256: sha(code), agencyId, at: epochMs(5) });
      const minh = installer('minh', POWER);
      await expect(claim(minh, 'wrong')).rejects.toMatchObject({ code: 'CLAIM_REFUSED' });
      await expect(claim(minh, 'code', ENV)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      // By its label the device goes to whoever holds it, with all that is the agency's.
      expect(await claim(minh)).toMatchObject({ state: 'claimed', agencyId: POWER });
      expect(await claim(minh)).toMatchObject({ state: 'claimed', agencyId: POWER });
      await expect(claim(installer('hoa', POWER))).rejects.toMatchObject({ code: 'CLAIM_USED' });
      await expect(devices().get(id('box'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect((await registry.directory.device(id('box')))?.agencyId).toBe(POWER);
    });

    it('is printed with others: codes for what is in stock, a note of it, and the codes before are dead, all or nothing', async () => {
      const stock = ['box', 'crate'];
      for (const name of stock) await make(name);
      const print = (devices: readonly string[], coded: readonly string[], salt: string) =>
        mine().labels.print({
          format: 'a4-3x7',
          deviceIds: devices.map(id),
          claims: coded.map((name) => ({ deviceId: id(name), codeSha256: sha(`${salt} ${name}`) })),
          ...OPEN,
        });
      await print(['box', 'old'], ['box'], 'first');
      await print(stock, stock, 'second');
      await expect(print(['crate', 'old'], ['crate', 'old'], 'third')).rejects.toMatchObject({
        code: 'CLAIM_NOT_IN_STOCK',
      });
      const claim = (name: string, code: string) =>
        mine().devices.claim({ deviceId: id(name), codeSha256: sha(code), agencyId: ENV, at: epochMs(5) });
      await expect(claim('box', 'first box')).rejects.toMatchObject({ code: 'CLAIM_REFUSED' });
      await claim('crate', 'second crate');
      const { items } = await mine().labels.prints({ limit: 10 });
      expect(items).toMatchObject([
        { agencyId: ENV, deviceIds: stock, codes: 2, ...OPEN },
        { agencyId: ENV, deviceIds: ['box', 'old'], codes: 1 },
      ]);
      const first = await mine().labels.claimWindows({ limit: 1 });
      expect(first.items).toMatchObject([{ deviceId: 'box', usedAt: null }]);
      expect((await mine().labels.claimWindows({ limit: 1, after: first.next ?? '' })).items).toMatchObject([
        { deviceId: 'crate', usedAt: 5 },
      ]);
      const theirs = registry.as(installer('minh', POWER)).labels;
      expect([(await theirs.prints({ limit: 9 })).items, (await theirs.claimWindows({ limit: 9 })).items]).toEqual([
        [],
        [],
      ]);
      await expect(
        theirs.print({ format: 'roll-62', deviceIds: [id('box')], claims: [], ...OPEN }),
      ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('claims nothing outside the window, after it was closed, with an older code, or of a foreign model', async () => {
      for (const one of ['early', 'shut', 'remade', 'foreign']) await make(one);
      const claim = (device: string, code: string, actor = installer('lan', ENV), agencyId = ENV) =>
        registry.as(actor).devices.claim({ deviceId: id(device), codeSha256: sha(code), agencyId, at: epochMs(5) });
      const open = (device: string, code: string, window = OPEN) =>
        devices().openClaims([{ deviceId: id(device), codeSha256: sha(code) }], window);
      await open('early', 'a', { opensAt: epochMs(3.9e12), closesAt: epochMs(4e12) });
      await expect(claim('early', 'a')).rejects.toMatchObject({ code: 'CLAIM_CLOSED' });
      await open('shut', 'b');
      await devices().closeClaim(id('shut'));
      await expect(claim('shut', 'b')).rejects.toMatchObject({ code: 'CLAIM_CLOSED' });
      await open('remade', 'c');
      await open('remade', 'd');
      await expect(claim('remade', 'c')).rejects.toMatchObject({ code: 'CLAIM_REFUSED' });
      await open('foreign', 'e');
      await expect(claim('foreign', 'e', installer('minh', POWER), POWER)).rejects.toMatchObject({
        code: 'CLAIM_MODEL_FOREIGN',
      });
      await expect(open('old', 'f')).rejects.toMatchObject({ code: 'CLAIM_NOT_IN_STOCK' });
      expect(JSON.stringify((await mine().audit.list({}, { limit: 100 })).items)).not.toContain(sha('d'));
    });

    describe('a sheet', () => {
      const rows = (...cells: ImportRow['cells'][]): ImportRow[] =>
        cells.map((one, i) => ({ line: i + 2, cells: one }));
      const preview = (sheet: ImportRow[], actor = installer('lan', ENV), importId = 'i-1') =>
        registry
          .as(actor)
          .imports.preview({ id: importId, agencyId: ENV, fileName: 'a.csv', unknownColumns: ['note'], rows: sheet });
      const apply = (tokens: [DeviceId, string][] = [], skipErrors = false) =>
        mine().imports.apply('i-1', { skipErrors, tokenSha256: new Map(tokens) });
      const TWO = rows({ id: 'n-1', model: 'air', serial: 'S1' }, { id: 'n-2', model: 'air', point: 'p-2' });

      it('changes nothing by its preview, and does exactly that when applied', async () => {
        expect(await preview(TWO)).toMatchObject({ state: 'previewed', counts: { create: 2, unchanged: 0, error: 0 } });
        await expect(devices().get(id('n-1'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
        const { created, done } = await apply([[id('n-1'), sha('t')]]);
        expect(created).toEqual(['n-1', 'n-2']);
        expect(done).toMatchObject({ state: 'applied', unknownColumns: ['note'], createdBy: 'lan' });
        expect((await registry.directory.device(id('n-1')))?.credentials).toHaveLength(1);
        expect((await registry.directory.device(id('n-2')))?.channels.size).toBe(1);
        expect(await mine().imports.sheet(ENV)).toMatchObject([
          { id: 'n-1', state: 'in_stock', serialNumber: 'S1', points: [] },
          { id: 'n-2', state: 'installed', points: ['p-2'] },
          { id: 'old', state: 'commissioned', points: ['p-1'] },
        ]);
        await expect(apply()).rejects.toMatchObject({ code: 'INVALID_STATE' });
      });

      it('is refused when something that matters changed since, and goes through when nothing did', async () => {
        await preview(TWO);
        await make('elsewhere');
        await expect(
          devices().assign({ deviceId: id('elsewhere'), pointId: 'p-2' as PointId, from: epochMs(1) }),
        ).rejects.toMatchObject({ code: 'INVALID_STATE' });
        await step('elsewhere', 'claim');
        await devices().assign({ deviceId: id('elsewhere'), pointId: 'p-2' as PointId, from: epochMs(1) });
        await expect(apply()).rejects.toMatchObject({ code: 'IMPORT_STALE', params: { line: 3, lines: 1 } });
        await devices().unassign(id('elsewhere'), 'p-2' as PointId, epochMs(2));
        expect((await apply()).created).toHaveLength(2);
      });

      it('with errors is applied only without those rows, and only when that is asked for', async () => {
        await preview(rows({ id: 'n-1', model: 'air' }, { id: 'n-2', model: 'nothing' }));
        await expect(apply()).rejects.toMatchObject({ code: 'IMPORT_HAS_ERRORS', params: { errors: 1 } });
        expect((await apply([], true)).created).toEqual(['n-1']);
      });

      it('can be taken back whole, and the same ids imported again', async () => {
        await preview(TWO);
        await apply([[id('n-1'), sha('t')]]);
        expect(await mine().imports.obstacles('i-1')).toEqual([]);
        const { removed, done } = await mine().imports.undo('i-1');
        expect(removed).toEqual(['n-1', 'n-2']);
        expect(done.state).toBe('undone');
        expect(await registry.directory.device(id('n-1'))).toBeUndefined();
        // What was known then can still be shown.
        expect((await devices().assignments({ pointId: 'p-2' as PointId })).at(-1)).toMatchObject({
          deviceId: 'n-2',
          to: expect.any(Number),
        });
        await preview(TWO, installer('lan', ENV), 'i-2');
        expect((await mine().imports.get('i-2')).counts.create).toBe(2);
        await mine().imports.apply('i-2', { skipErrors: false, tokenSha256: new Map() });
        expect(await mine().imports.obstacles('i-2')).toEqual([]);
      });

      it.each<[string, () => Promise<unknown>]>([
        ['EDITED', async () => devices().update({ ...(await devices().get(id('n-1'))), serialNumber: 'S2' })],
        ['STEP_TAKEN', () => step('n-1', 'claim')],
        [
          'CREDENTIAL_ADDED',
          () =>
            devices().addCredential({
              id: 'c' as CredentialId,
              deviceId: id('n-1'),
              kind: 'token',
              tokenSha256: sha('x'),
              topicFilters: [],
              expiresAt: null,
            }),
        ],
        ['ASSIGNED', () => devices().assign({ deviceId: id('n-2'), pointId: 'p-2' as PointId, from: epochMs(9) })],
        ['CLAIM_MADE', () => devices().openClaims([{ deviceId: id('n-1'), codeSha256: sha('c') }], OPEN)],
        ['ORDERED', () => mine().control.configurations.set(id('n-1'), { interval_s: 60 }, 0)],
        [
          'CONNECTED',
          () =>
            registry.deviceLog.recordStatus([
              {
                deviceId: id('n-1'),
                agencyId: ENV,
                online: true,
                reason: 'connected',
                eventTime: epochMs(Date.now()),
                recordedAt: epochMs(Date.now()),
              },
            ]),
        ],
      ])('is not taken back once something was built on it: %s', async (code, build) => {
        await preview(rows({ id: 'n-1', model: 'air', serial: 'S1' }, { id: 'n-2', model: 'air', state: 'claimed' }));
        await apply();
        await build();
        expect((await mine().imports.obstacles('i-1')).map((obstacle) => obstacle.code)).toEqual([code]);
        await expect(mine().imports.undo('i-1')).rejects.toMatchObject({ code: 'IMPORT_BUILT_UPON' });
        expect((await devices().get(id('n-1'))).id).toBe('n-1');
      });

      it('that was only looked at is forgotten when twenty newer ones have come; one that was applied never is', async () => {
        await preview(TWO);
        await apply();
        for (let i = 2; i <= 23; i++)
          await preview(rows({ id: 'later', model: 'air' }), installer('lan', ENV), `i-${i}`);
        const kept = (await mine().imports.list(100)).map((one) => one.id);
        expect(kept).toHaveLength(21);
        expect(kept).toContain('i-1');
        await expect(mine().imports.get('i-2')).rejects.toMatchObject({ code: 'NOT_FOUND' });
        expect((await mine().imports.get('i-23')).state).toBe('previewed');
      });

      it('is its agency’s own', async () => {
        await preview(TWO);
        const theirs = registry.as(installer('minh', POWER)).imports;
        await expect(theirs.get('i-1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(theirs.apply('i-1', { skipErrors: true, tokenSha256: new Map() })).rejects.toMatchObject({
          code: 'NOT_FOUND',
        });
        expect(await theirs.list(10)).toEqual([]);
        await expect(preview(TWO, installer('minh', POWER), 'i-3')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      });
    });

    describe('admission', () => {
      const KEY = 'spring' as ProvisioningKey;
      const profile = () =>
        mine().provisioning.createProfile(
          {
            key: KEY,
            agencyId: ENV,
            name: 'Đợt 1',
            modelIds: [AIR],
            stockListOnly: false,
            maximumDevices: 3,
            enabled: true,
            expiresAt: null,
          },
          sha('secret'),
        );
      const asks = (device: string): Registration => ({
        profileKey: KEY,
        deviceId: id(device),
        modelId: AIR,
        serialNumber: null,
        claimSha256: null,
        tokenSha256: sha(`token of ${device}`),
      });

      it('answers each of many in one commit, up to the profile’s number', async () => {
        await profile();
        const results = await registry.admissions.register(['a-1', 'a-2', 'old', 'a-3', 'a-4'].map(asks));
        expect(results).toEqual([
          { ok: true, value: { created: true } },
          { ok: true, value: { created: true } },
          { ok: false, error: 'ALREADY_REGISTERED' },
          { ok: true, value: { created: true } },
          { ok: false, error: 'PROFILE_FULL' },
        ]);
        expect(await mine().provisioning.profile(KEY)).toMatchObject({
          admittedDevices: 3,
          refusals: [
            { code: 'ALREADY_REGISTERED', refused: 1, lastDeviceId: 'old' },
            { code: 'PROFILE_FULL', refused: 1, lastDeviceId: 'a-4' },
          ],
        });
        expect(await registry.directory.device(id('a-1'))).toMatchObject({
          state: 'claimed',
          credentials: [{ tokenSha256: sha('token of a-1') }],
        });
        const audit = (await mine().audit.list({ targetId: 'a-1' }, { limit: 10 })).items;
        expect(audit).toMatchObject([{ action: 'device.register', actor: { name: `provisioning ${KEY}` } }]);
      });

      it('knows a renewed secret and no older one, and tells people neither', async () => {
        const made = await profile();
        await mine().provisioning.renewSecret(KEY, sha('other'));
        expect(await registry.admissions.profiles()).toMatchObject([{ key: KEY, secretSha256: sha('other') }]);
        await expect(mine().provisioning.updateProfile({ ...made, name: 'x' })).rejects.toMatchObject({
          code: 'CONFLICT',
        });
        expect(JSON.stringify(await mine().provisioning.profiles())).not.toContain(sha('other'));
        expect(JSON.stringify(await mine().audit.list({}, { limit: 100 }))).not.toContain(sha('other'));
        expect(await registry.as(installer('minh', POWER)).provisioning.profiles()).toEqual([]);
      });

      it('binds a certificate once, keeps it from the tokens, and ends it with its authority', async () => {
        const authority = await mine().provisioning.createAuthority({
          id: 'ca' as CertificateAuthorityId,
          agencyId: ENV,
          name: 'Hãng',
          modelId: AIR,
          stockListOnly: false,
          maximumDevices: null,
          enabled: true,
          certificatePem: 'PEM',
          fingerprintSha256: sha('ca'),
          subject: 'CN=Maker',
          validFrom: epochMs(0),
          validTo: epochMs(4e12),
        });
        const binding = {
          authorityId: authority.id,
          deviceId: id('c-1'),
          fingerprintSha256: sha('der'),
          subject: 'CN=c-1',
          validTo: epochMs(4e12),
        };
        expect(await registry.admissions.bind([binding, binding])).toEqual([
          { ok: true, value: { created: true } },
          { ok: true, value: { created: false } },
        ]);
        expect(await registry.directory.device(id('c-1'))).toMatchObject({
          credentials: [],
          certificates: [{ fingerprintSha256: sha('der'), authorityId: 'ca' }],
        });
        const { items } = await mine().provisioning.boundDevices(authority.id, { limit: 10 });
        expect(items).toMatchObject([{ deviceId: 'c-1', subject: 'CN=c-1' }]);
        expect(await mine().provisioning.authority(authority.id)).toMatchObject({ boundDevices: 1, refusals: [] });
        const { revoked } = await mine().provisioning.revokeAuthority(authority.id);
        expect(revoked).toMatchObject([{ deviceId: 'c-1' }]);
        expect((await registry.directory.device(id('c-1')))?.certificates).toEqual([]);
        for (let n = 0; n < 2; n++)
          expect(await registry.admissions.bind([binding])).toEqual([{ ok: false, error: 'CERTIFICATE_REVOKED' }]);
        expect(await mine().provisioning.authority(authority.id)).toMatchObject({
          boundDevices: 0,
          refusals: [{ code: 'CERTIFICATE_REVOKED', refused: 2, lastDeviceId: 'c-1' }],
        });
        const theirs = registry.as(installer('minh', POWER)).provisioning;
        await expect(theirs.boundDevices(authority.id, { limit: 10 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(mine().provisioning.revokeAuthority(authority.id)).rejects.toMatchObject({
          code: 'INVALID_STATE',
        });
      });
    });
  });
}
