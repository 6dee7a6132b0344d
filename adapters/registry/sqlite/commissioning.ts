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

  const own = (id: DeviceId): Device => {
    const device = editor.load<Device>(DEVICES, id);
    if (!gate.readableAgency(device.agencyId)) throw new RegistryError('NOT_FOUND', { id });
    return device;
  };
  const photoOf = (device: DeviceId, id: string): DevicePhoto | undefined => {
    const row = db.get<{ body: string }>('SELECT body FROM device_photos WHERE device_id = ? AND id = ?', device, id);
    return row && parsed<DevicePhoto>(row);
  };

  return {
    async records(id) {
      own(id);
      return db
        .all<{ body: string }>('SELECT body FROM commissioning_records WHERE device_id = ? ORDER BY number DESC', id)
        .map(parsed<CommissioningRecord>);
    },
    async record(device, id) {
      own(device);
      const row = db.get<{ body: string }>(
        'SELECT body FROM commissioning_records WHERE device_id = ? AND id = ?',
        device,
        id,
      );
      if (!row) throw new RegistryError('NOT_FOUND', { id });
      return parsed<CommissioningRecord>(row);
    },
    async sign({ pointsLookedAt, ...signed }) {
      const id = signed.deviceId;
      const device = own(id);
      return editor.write(device.agencyId, 'device.commission', 'device', id, device, () => {
        const by = gate.userId;
        if (by === null) throw new RegistryError('NOT_ALLOWED', { id });
        const pointIds = assets.pointsServed(id);
        if (pointIds.join(' ') !== [...pointsLookedAt].sort().join(' ')) throw new RegistryError('CONFLICT', { id });
        const missing = signed.photoIds.find((photo) => photoOf(id, photo) === undefined);
        if (missing !== undefined) throw new RegistryError('REFERENCE_MISSING', { id: missing });
        const taken = takeStep(device.state, 'commission', lives.facts(id), null);
        if (!taken.ok) throw new RegistryError(taken.error.code, { id, state: device.state, step: 'commission' });
        const name = db.get<{ name: string }>("SELECT body ->> '$.displayName' AS name FROM users WHERE id = ?", by);
        const record: CommissioningRecord = {
          ...signed,
          agencyId: device.agencyId,
          modelId: device.modelId,
          serialNumber: device.serialNumber,
          pointIds,
          signedBy: by,
          signedName: name?.name ?? by,
        };
        db.run(
          'INSERT INTO commissioning_records (id, agency_id, device_id, signed_at, recorded_at, body) VALUES (?,?,?,?,?,?)',
          record.id,
          record.agencyId,
          id,
          record.signedAt,
          clock(),
          JSON.stringify(record),
        );
        return { record, device: lives.enter(device, taken.value, record.signedAt, by, null) };
      });
    },
    async photos(id) {
      own(id);
      return db
        .all<{ body: string }>('SELECT body FROM device_photos WHERE device_id = ? ORDER BY taken_at DESC, id', id)
        .map(parsed<DevicePhoto>);
    },
    async photo(device, id) {
      own(device);
      const photo = photoOf(device, id);
      if (!photo) throw new RegistryError('NOT_FOUND', { id });
      return photo;
    },
    async addPhoto(photo, limit) {
      const device = own(photo.deviceId);
      return editor.write(device.agencyId, 'device.photo', 'device', photo.deviceId, device, () => {
        const known = photoOf(photo.deviceId, photo.id);
        if (known) return known;
        const { count } = db.get<{ count: number }>(
          'SELECT COUNT(*) AS count FROM device_photos WHERE device_id = ?',
          photo.deviceId,
        ) ?? { count: 0 };
        if (count >= limit) throw new RegistryError('PHOTOS_FULL', { id: photo.deviceId, limit });
        const whole: DevicePhoto = { ...photo, agencyId: device.agencyId, recordedAt: clock(), by: gate.userId };
        db.run(
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
    },
    async note(id, text, at) {
      const device = own(id);
      editor.write(device.agencyId, 'device.note', 'device', id, device, () => {
        assets.activity(device.agencyId, id, 'note', { key: 'activity.note' }, at, gate.userId, text);
        return { text };
      });
    },
  };
}
