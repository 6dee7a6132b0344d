import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { AgencyId, DeviceId, DeviceModelId, UserId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { CertificateAuthorityId, ProvisioningKey } from '../../domain/provisioning.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { epochMs, seconds } from '../../domain/time.ts';

const SYSTEM: Actor = { kind: 'system', name: 'test' };
const ENV = 'env' as AgencyId;
const POWER = 'power' as AgencyId;
const AIR = 'air' as DeviceModelId;
const AIR_2 = 'air-2' as DeviceModelId;
const KEY = 'works' as ProvisioningKey;
const AUTHORITY = 'ca' as CertificateAuthorityId;
const id = (text: string) => text as DeviceId;
const installer = (...agencies: AgencyId[]): Actor => ({
  kind: 'person',
  userId: 'lan' as UserId,
  access: { readAgencies: agencies, writeAgencies: agencies, grants: [] },
  roles: agencies.map((agencyId) => ({ agencyId, role: 'installer' })),
});
const model = (modelId: DeviceModelId, agencyId: AgencyId | null) => ({
  id: modelId,
  agencyId,
  maker: 'M',
  name: modelId,
  title: { vi: 'Trạm không khí', en: 'Air station' },
  domain: 'environment' as const,
  format: 'native-json',
  channels: [{ key: 'pm', quantity: 'pm2_5' as QuantityKey, plausibleRange: null }],
  expectedInterval: seconds(60),
  rateLimit: null,
});

/** Device models that are given to no new device any more. `newPlace` as for `describeRegistry`. */
export function describeDeviceModels(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps the contract of device models`, () => {
    let registry: Registry;
    beforeEach(async () => {
      registry = await newPlace()();
      const agencies = [ENV, POWER].map((agency) => ({ id: agency, name: { vi: agency, en: agency } }));
      const models = [model(AIR, ENV), model(AIR_2, ENV), model('any' as DeviceModelId, null)];
      await registry.seed(SYSTEM, { agencies, models, sites: [], links: [], points: [], devices: [], rules: [] });
      for (const device of ['old', 'second', 'gone']) await make(device);
      await mine().devices.step(id('gone'), { step: 'retire', reason: 'hỏng', at: epochMs(1_000) });
    });
    afterEach(() => registry.close());

    const mine = () => registry.as(installer(ENV));
    const make = (device: string, modelId = AIR) =>
      mine().devices.create({ id: id(device), agencyId: ENV, modelId, serialNumber: null, state: 'in_stock' });
    const withdraw = async () => mine().models.withdraw(AIR, (await mine().models.get(AIR)).version, 'hết hàng');

    it('keeps what a model is called in both languages', async () => {
      expect(await mine().models.get(AIR)).toMatchObject({ title: { vi: 'Trạm không khí', en: 'Air station' } });
      const { title: _, ...untitled } = model('plain' as DeviceModelId, ENV);
      expect((await mine().models.create(untitled)).title ?? null).toBeNull();
    });

    it('withdraws a model: no new device, none that becomes one, and those that are go on', async () => {
      expect(await withdraw()).toMatchObject({ version: 2, withdrawn: { reason: 'hết hàng' } });
      await expect(make('new')).rejects.toMatchObject({ code: 'MODEL_WITHDRAWN', params: { model: AIR } });
      const other = await make('other', AIR_2);
      await expect(mine().devices.update({ ...other, modelId: AIR })).rejects.toMatchObject({
        code: 'MODEL_WITHDRAWN',
      });
      const old = await mine().devices.get(id('old'));
      expect(await mine().devices.update({ ...old, serialNumber: 'SN-1' })).toMatchObject({ modelId: AIR });
    });

    it('withdraws it from sheets too, where devices that are there may still be named', async () => {
      await withdraw();
      const rows = [
        { line: 2, cells: { id: 'new', model: AIR } },
        { line: 3, cells: { id: 'old', model: AIR } },
      ];
      const sheet = { id: 'i', agencyId: ENV, fileName: 'a.csv', unknownColumns: [], rows };
      await mine().imports.preview(sheet);
      expect(await mine().imports.outcomes('i')).toMatchObject([
        { kind: 'error', problems: [{ code: 'MODEL_WITHDRAWN', column: 'model' }] },
        { kind: 'unchanged' },
      ]);
    });

    it('withdraws it from devices that let themselves in, but for those on the stock list', async () => {
      const terms = { agencyId: ENV, name: 'N', stockListOnly: false, maximumDevices: null, enabled: true };
      await mine().provisioning.createProfile({ ...terms, key: KEY, modelIds: [AIR], expiresAt: null }, 'secret');
      await mine().provisioning.createAuthority({
        ...terms,
        id: AUTHORITY,
        modelId: AIR,
        certificatePem: '',
        fingerprintSha256: 'ca',
        subject: 'CN=ca',
        validFrom: epochMs(0),
        validTo: epochMs(4e12),
      });
      await withdraw();
      const asks = (device: string) => ({
        profileKey: KEY,
        deviceId: id(device),
        modelId: null,
        serialNumber: null,
        claimSha256: null,
        tokenSha256: `token of ${device}`,
      });
      expect(await registry.admissions.register(['new', 'old'].map(asks))).toEqual([
        { ok: false, error: 'MODEL_NOT_ALLOWED' },
        { ok: true, value: { created: false } },
      ]);
      const brings = (device: string) => ({
        authorityId: AUTHORITY,
        deviceId: id(device),
        fingerprintSha256: device,
        subject: `CN=${device}`,
        validTo: epochMs(4e12),
      });
      expect(await registry.admissions.bind(['newer', 'second'].map(brings))).toEqual([
        { ok: false, error: 'MODEL_NOT_ALLOWED' },
        { ok: true, value: { created: false } },
      ]);
    });

    it('is not lifted by an edit, and is when it is offered again', async () => {
      const withdrawn = await withdraw();
      const edited = await mine().models.update({ ...withdrawn, withdrawn: null, name: 'AIR' });
      expect(edited).toMatchObject({ name: 'AIR', withdrawn: { reason: 'hết hàng' } });
      await expect(mine().models.offerAgain(AIR, withdrawn.version)).rejects.toMatchObject({ code: 'CONFLICT' });
      expect((await mine().models.offerAgain(AIR, edited.version)).withdrawn).toBeNull();
      await make('new');
    });

    it('is withdrawn by whoever may write its agency’s models alone, and leaves a trace', async () => {
      const theirs = registry.as(installer(POWER)).models;
      await expect(theirs.withdraw(AIR, 1, 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(theirs.withdraw('any' as DeviceModelId, 1, 'x')).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
      await withdraw();
      const { items } = await registry.as(SYSTEM).audit.list({ targetKind: 'model', targetId: AIR }, { limit: 1 });
      expect(items).toMatchObject([{ action: 'model.withdraw', after: { withdrawn: { reason: 'hết hàng' } } }]);
    });

    it('counts the devices of each model, those of other agencies apart', async () => {
      expect(await mine().models.usage()).toEqual([{ modelId: AIR, devices: 2, retired: 1 }]);
      expect(await registry.as(installer(POWER)).models.usage()).toEqual([]);
    });
  });
}
