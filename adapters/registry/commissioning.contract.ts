import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { PhotoId, RecordedFinding } from '../../domain/commissioning.ts';
import type { AgencyId, DeviceId, PointId, UserId } from '../../domain/identifiers.ts';
import type { Registry, RegistryView } from '../../domain/ports/registry.ts';
import { epochMs } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const ENV = 'env' as AgencyId;
const DEVICE = 'd-env' as DeviceId;
const SYSTEM: Actor = { kind: 'system', name: 'test' };
const installer = (agency: AgencyId): Actor => ({
  kind: 'person',
  userId: 'minh' as UserId,
  access: { readAgencies: [agency], writeAgencies: [agency], grants: [] },
  roles: [{ agencyId: agency, role: 'installer' }],
});
const PHOTO = 'a'.repeat(64) as PhotoId;
const findings: readonly RecordedFinding[] = [
  { check: 'connected', verdict: 'passed', code: 'CONNECTED', params: { since: 5 }, overriddenBecause: null },
  { check: 'battery', verdict: 'failed', code: 'BATTERY_LOW', params: { value: 9 }, overriddenBecause: 'charging' },
];

/** What every registry promises of signed records, pictures and notes. */
export function describeCommissioning(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps what installers sign`, () => {
    let open: () => Promise<Registry>;
    let registry: Registry;
    let view: RegistryView;
    let points: readonly PointId[];
    beforeEach(async () => {
      open = newPlace();
      registry = await open();
      const seed = city();
      await registry.seed(SYSTEM, {
        ...seed,
        devices: seed.devices.map((device) => (device.id === DEVICE ? { ...device, state: 'installed' } : device)),
      });
      await registry
        .as(SYSTEM)
        .users.create(
          { id: 'minh' as UserId, loginName: 'minh', displayName: 'Trần Văn Minh', language: 'vi', roles: [] },
          null,
        );
      view = registry.as(installer(ENV));
      points = (await view.devices.assignments({ deviceId: DEVICE })).map(({ pointId }) => pointId);
    });
    afterEach(() => registry.close());

    const sign = (given: Partial<Parameters<RegistryView['commissioning']['sign']>[0]> = {}) =>
      view.commissioning.sign({
        id: 'r-1',
        deviceId: DEVICE,
        findings,
        mounted: { location: { longitude: 106.7, latitude: 20.8 }, accuracyMetres: 6 },
        photoIds: [],
        note: 'on the pole’s north side',
        signedAt: epochMs(1_000),
        pointsLookedAt: points,
        ...given,
      });
    const addPhoto = (id = PHOTO, limit = 2) =>
      view.commissioning.addPhoto(
        { id, deviceId: DEVICE, sizeBytes: 9, widthPixels: 4, heightPixels: 3, takenAt: epochMs(7) },
        limit,
      );

    it('a signature is a record and the device’s step, whole, and there after a restart', async () => {
      const { record, device } = await sign();
      expect(device.state).toBe('commissioned');
      expect(record).toMatchObject({ signedBy: 'minh', signedName: 'Trần Văn Minh', agencyId: ENV, pointIds: points });
      await registry.close();
      registry = await open();
      view = registry.as(installer(ENV));
      expect(await view.commissioning.records(DEVICE)).toEqual([record]);
      expect(await view.commissioning.record(DEVICE, 'r-1')).toEqual(record);
      expect((await view.devices.activities(DEVICE))[0]).toMatchObject({ kind: 'state_changed', by: 'minh' });
      const audit = await registry.as(SYSTEM).audit.list({ targetId: DEVICE }, { limit: 5 });
      expect(audit.items[0]?.action).toBe('device.commission');
    });

    it('nothing is kept of a signature whose step is not possible', async () => {
      await sign();
      await expect(sign({ id: 'r-2' })).rejects.toMatchObject({ code: 'STEP_NOT_ALLOWED' });
      expect(await view.commissioning.records(DEVICE)).toHaveLength(1);
    });

    it('a device that serves other points than those looked at is not signed for', async () => {
      await expect(sign({ pointsLookedAt: ['elsewhere' as PointId] })).rejects.toMatchObject({ code: 'CONFLICT' });
      expect((await view.devices.get(DEVICE)).state).toBe('installed');
    });

    it('pictures signed with are the device’s own', async () => {
      await expect(sign({ photoIds: [PHOTO] })).rejects.toMatchObject({ code: 'REFERENCE_MISSING' });
      const photo = await addPhoto();
      expect((await sign({ photoIds: [PHOTO] })).record.photoIds).toEqual([photo.id]);
    });

    it('the same picture again is the same row, and there are so many and no more', async () => {
      const first = await addPhoto();
      expect(await addPhoto()).toEqual(first);
      await addPhoto('b'.repeat(64) as PhotoId);
      await expect(addPhoto('c'.repeat(64) as PhotoId)).rejects.toMatchObject({ code: 'PHOTOS_FULL' });
      expect(await view.commissioning.photos(DEVICE)).toHaveLength(2);
      expect(await view.commissioning.photo(DEVICE, PHOTO)).toEqual(first);
    });

    it('a note is an activity with its author', async () => {
      await view.commissioning.note(DEVICE, 'khóa tủ số 7', epochMs(9));
      expect((await view.devices.activities(DEVICE))[0]).toMatchObject({
        kind: 'note',
        reason: 'khóa tủ số 7',
        eventTime: 9,
        by: 'minh',
      });
    });

    it('another agency sees none of it', async () => {
      await addPhoto();
      await sign();
      const { commissioning } = registry.as(installer('power' as AgencyId));
      for (const look of [
        () => commissioning.records(DEVICE),
        () => commissioning.record(DEVICE, 'r-1'),
        () => commissioning.photos(DEVICE),
        () => commissioning.photo(DEVICE, PHOTO),
        () => commissioning.note(DEVICE, 'x', epochMs(1)),
      ])
        await expect(look()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });
}
