import type { Device } from '../../../domain/asset.ts';
import type { CommissioningRecord, DevicePhoto } from '../../../domain/commissioning.ts';
import { takeStep } from '../../../domain/device-life.ts';
import type { DeviceId } from '../../../domain/identifiers.ts';
import type { CommissioningView } from '../../../domain/ports/commissioning.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { Context, Gate } from './access.ts';
import { Assets } from './assets.ts';
import { DeviceLives } from './device-life.ts';
import { AssetEditor, DEVICES } from './editing.ts';

const parsed = <T>(row: { readonly body: string }): T => JSON.parse(row.body) as T;

/** Records, pictures and notes of a {@link RegistryView}. */
export function commissioningViews(context: Context, gate: Gate): CommissioningView {
  const { db, clock } = context;
  const assets = new Assets(context);
  const editor = new AssetEditor(context, gate);
  const lives = new DeviceLives(context, gate);

  const own = async (id: DeviceId): Promise<Device> => {
    const device = await editor.load<Device>(DEVICES, id);
    if (!gate.readableAgency(device.agencyId)) throw new RegistryError('NOT_FOUND', { id });
    return device;
  };
  const photoOf = async (device: DeviceId, id: string): Promise<DevicePhoto | undefined> => {
    const row = await db.get<{ body: string }>(
      'SELECT body FROM device_photos WHERE device_id = ? AND id = ?',
      device,
      id,
    );
    return row && parsed<DevicePhoto>(row);
  };

  return {
    async records(id) {
      return db.snapshot(async () => {
        await own(id);
        return (
          await db.all<{ body: string }>(
            'SELECT body FROM commissioning_records WHERE device_id = ? ORDER BY number DESC',
            id,
          )
        ).map(parsed<CommissioningRecord>);
      });
    },
    async record(device, id) {
      return db.snapshot(async () => {
        await own(device);
        const row = await db.get<{ body: string }>(
          'SELECT body FROM commissioning_records WHERE device_id = ? AND id = ?',
          device,
          id,
        );
        if (!row) throw new RegistryError('NOT_FOUND', { id });
        return parsed<CommissioningRecord>(row);
      });
    },
    async sign({ pointsLookedAt, ...signed }) {
      return db.transaction(async () => {
        const id = signed.deviceId;
        const device = await own(id);
        return editor.write(device.agencyId, 'device.commission', 'device', id, device, async () => {
          const by = gate.userId;
          if (by === null) throw new RegistryError('NOT_ALLOWED', { id });
          const pointIds = await assets.pointsServed(id);
          if (pointIds.join(' ') !== [...pointsLookedAt].sort().join(' ')) throw new RegistryError('CONFLICT', { id });
          for (const photo of signed.photoIds)
            if ((await photoOf(id, photo)) === undefined) throw new RegistryError('REFERENCE_MISSING', { id: photo });
          const taken = takeStep(device.state, 'commission', await lives.facts(id), null);
          if (!taken.ok) throw new RegistryError(taken.error.code, { id, state: device.state, step: 'commission' });
          const name = await db.get<{ name: string }>(
            "SELECT body ->> 'displayName' AS name FROM users WHERE id = ?",
            by,
          );
          const record: CommissioningRecord = {
            ...signed,
            agencyId: device.agencyId,
            modelId: device.modelId,
            serialNumber: device.serialNumber,
            pointIds,
            signedBy: by,
            signedName: name?.name ?? by,
          };
          await db.run(
            'INSERT INTO commissioning_records (id, agency_id, device_id, signed_at, recorded_at, body) VALUES (?,?,?,?,?,?)',
            record.id,
            record.agencyId,
            id,
            record.signedAt,
            clock(),
            JSON.stringify(record),
          );
          return { record, device: await lives.enter(device, taken.value, record.signedAt, by, null) };
        });
      });
    },
    async photos(id) {
      return db.snapshot(async () => {
        await own(id);
        return (
          await db.all<{ body: string }>(
            'SELECT body FROM device_photos WHERE device_id = ? ORDER BY taken_at DESC, id',
            id,
          )
        ).map(parsed<DevicePhoto>);
      });
    },
    async photo(device, id) {
      return db.snapshot(async () => {
        await own(device);
        const photo = await photoOf(device, id);
        if (!photo) throw new RegistryError('NOT_FOUND', { id });
        return photo;
      });
    },
    async addPhoto(photo, limit) {
      return db.transaction(async () => {
        const device = await own(photo.deviceId);
        return editor.write(device.agencyId, 'device.photo', 'device', photo.deviceId, device, async () => {
          const known = await photoOf(photo.deviceId, photo.id);
          if (known) return known;
          const { count } = (await db.get<{ count: number }>(
            'SELECT COUNT(*) AS count FROM device_photos WHERE device_id = ?',
            photo.deviceId,
          )) ?? { count: 0 };
          if (count >= limit) throw new RegistryError('PHOTOS_FULL', { id: photo.deviceId, limit });
          const whole: DevicePhoto = { ...photo, agencyId: device.agencyId, recordedAt: clock(), by: gate.userId };
          await db.run(
            'INSERT INTO device_photos (id, agency_id, device_id, taken_at, recorded_at, body) VALUES (?,?,?,?,?,?)',
            whole.id,
            whole.agencyId,
            whole.deviceId,
            whole.takenAt,
            whole.recordedAt,
            JSON.stringify(whole),
          );
          return whole;
        });
      });
    },
    async note(id, text, at) {
      return db.transaction(async () => {
        const device = await own(id);
        await editor.write(device.agencyId, 'device.note', 'device', id, device, async () => {
          await assets.activity(device.agencyId, id, 'note', { key: 'activity.note' }, at, gate.userId, text);
          return { text };
        });
      });
    },
  };
}
