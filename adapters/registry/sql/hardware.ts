import type { Device, DeviceCredential, DeviceModel, Point } from '../../../domain/asset.ts';
import type { AgencyId, DeviceId, DeviceModelId, PointId } from '../../../domain/identifiers.ts';
import { type Activity, RegistryError, type RegistryView } from '../../../domain/ports/registry.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type Context, type Gate, refused } from './access.ts';
import { Assets, credentialOf, folded, statusOf } from './assets.ts';
import { deviceLifeViews } from './device-life.ts';
import { AssetEditor, byWords, created, DEVICES, MODELS, POINTS } from './editing.ts';
import { limitOf, pageOf, rowNumberOf } from './pages.ts';
import { Where } from './sql-database.ts';

/** Device models and devices of a {@link RegistryView}. */
export function hardwareViews(context: Context, gate: Gate): Pick<RegistryView, 'models' | 'devices'> {
  const { db, clock } = context;
  const assets = new Assets(context);
  const editor = new AssetEditor(context, gate);
  const load = (id: DeviceId): Promise<Device> => editor.load<Device>(DEVICES, id);

  return {
    models: {
      async list() {
        const where = editor.readable(new Where(), MODELS);
        return (
          await db.all<{ body: string; version: number }>(
            `SELECT body, version FROM models ${where.sql} ORDER BY id`,
            ...where.values,
          )
        ).map((row): DeviceModel => ({ ...JSON.parse(row.body), version: row.version }));
      },
      get: async (id) => editor.load<DeviceModel>(MODELS, id),
      async create(model) {
        return editor.write(model.agencyId, 'model.create', 'model', model.id, null, async () => {
          created(await assets.insertModel(model), model.id);
          return { ...model, version: 1 };
        });
      },
      async update(model) {
        return db.transaction(async () => {
          const before = await editor.load<DeviceModel>(MODELS, model.id);
          const { agencyId, withdrawn } = before;
          const { withdrawn: _, ...edited } = model;
          return editor.write(agencyId, 'model.update', 'model', model.id, before, () =>
            editor.replace<DeviceModel>(MODELS, { ...edited, agencyId, ...(withdrawn && { withdrawn }) }),
          );
        });
      },
      async withdraw(id, version, reason) {
        return db.transaction(async () => {
          const before = await editor.load<DeviceModel>(MODELS, id);
          return editor.write(before.agencyId, 'model.withdraw', 'model', id, before, () =>
            editor.replace<DeviceModel>(MODELS, { ...before, version, withdrawn: { at: clock(), reason } }),
          );
        });
      },
      async offerAgain(id, version) {
        return db.transaction(async () => {
          const before = await editor.load<DeviceModel>(MODELS, id);
          return editor.write(before.agencyId, 'model.offer_again', 'model', id, before, () =>
            editor.replace<DeviceModel>(MODELS, { ...before, version, withdrawn: null }),
          );
        });
      },
      async usage() {
        const where = gate.readable(new Where(), DEVICES.columns);
        return db.all<{ modelId: DeviceModelId; devices: number; retired: number }>(
          `SELECT model_id AS "modelId", COUNT(*) FILTER (WHERE state <> 'retired') AS devices, COUNT(*) FILTER (WHERE state = 'retired') AS retired
           FROM devices ${where.sql} GROUP BY model_id ORDER BY model_id`,
          ...where.values,
        );
      },
    },
    devices: {
      ...deviceLifeViews(context, gate),
      async list(filter, page) {
        const where = new Where()
          .equals('agency_id', filter.agencyId)
          .equals('model_id', filter.modelId)
          .equals('state', filter.state);
        if (filter.pointId)
          where.add('id IN (SELECT device_id FROM assignments WHERE point_id = ? AND to_time IS NULL)', filter.pointId);
        return editor.list<Device>(DEVICES, byWords(where, filter.text), page);
      },
      get: async (id) => load(id),
      async create(next) {
        return editor.write(next.agencyId, 'device.create', 'device', next.id, null, async () => {
          await editor.mustSee(MODELS, next.modelId);
          await assets.mustBeOffered(next.modelId);
          created(await assets.insertDevice(next, gate.userId), next.id);
          return load(next.id);
        });
      },
      async update(edited) {
        return db.transaction(async () => {
          const before = await load(edited.id);
          const next = { ...edited, agencyId: before.agencyId, createdAt: before.createdAt, state: before.state };
          return editor.write(before.agencyId, 'device.update', 'device', next.id, before, async () => {
            if (next.modelId !== before.modelId) {
              await editor.mustSee(MODELS, next.modelId);
              await assets.mustBeOffered(next.modelId);
            }
            return editor.replace(DEVICES, next, {
              model_id: next.modelId,
              folded: folded(next.id, next.serialNumber),
            });
          });
        });
      },
      async assignments({ deviceId, pointId }) {
        const where = gate.readable(
          new Where().equals('device_id', deviceId).equals('point_id', pointId),
          DEVICES.columns,
        );
        return (
          await db.all<{
            agency_id: AgencyId;
            device_id: DeviceId;
            point_id: PointId;
            from_time: EpochMs;
            to_time: EpochMs | null;
          }>(`SELECT * FROM assignments ${where.sql} ORDER BY from_time, id`, ...where.values)
        ).map((row) => ({
          deviceId: row.device_id,
          pointId: row.point_id,
          agencyId: row.agency_id,
          from: row.from_time,
          to: row.to_time,
        }));
      },
      async assign({ deviceId, pointId, from }) {
        return db.transaction(async () => {
          const served = await editor.load<Omit<Point, 'series'>>(POINTS, pointId);
          const device = await load(deviceId);
          gate.mayWrite(served.agencyId, pointId, true);
          gate.mayWrite(device.agencyId, deviceId, true);
          // What lies in a store or has come to its end measures nothing anywhere.
          if (device.state === 'in_stock' || device.state === 'retired')
            throw new RegistryError('INVALID_STATE', { id: deviceId, state: device.state });
          return editor.write(device.agencyId, 'device.assign', 'device', deviceId, null, () =>
            assets.assign(device, pointId, from, gate.userId),
          );
        });
      },
      async unassign(deviceId, pointId, at) {
        return db.transaction(async () => {
          const { agencyId } = await load(deviceId);
          gate.mayWrite(agencyId, deviceId, true);
          await editor.write(agencyId, 'device.unassign', 'device', deviceId, null, async () => {
            if (!(await assets.endAssignment(deviceId, pointId, at, gate.userId)))
              throw new RegistryError('NOT_FOUND', { id: pointId });
            return { pointId, at };
          });
        });
      },
      async credentials(id) {
        return db.snapshot(async () => {
          const { agencyId } = await load(id);
          // Never shared, not even with whom a whole agency is shared.
          if (!gate.readableAgency(agencyId)) throw new RegistryError('NOT_FOUND', { id });
          return (await db.all('SELECT * FROM credentials WHERE device_id = ? ORDER BY created_at, id', id)).map(
            credentialOf,
          );
        });
      },
      async addCredential(credential) {
        return db.transaction(async () => {
          const { agencyId } = await load(credential.deviceId);
          const whole: DeviceCredential = { ...credential, agencyId, createdAt: clock(), revokedAt: null };
          gate.mayWrite(agencyId, credential.deviceId, true);
          try {
            await assets.insertCredential(whole);
          } catch (error) {
            refused(error, { id: credential.id });
          }
          await assets.activity(
            agencyId,
            credential.deviceId,
            'credential_created',
            { key: 'activity.credential_created' },
            whole.createdAt,
            gate.userId,
          );
          await gate.audit(agencyId, 'credential.create', 'device', credential.deviceId, null, { id: credential.id });
          return whole;
        });
      },
      async revokeCredential(deviceId, id) {
        return db.transaction(async () => {
          const { agencyId } = await load(deviceId);
          gate.mayWrite(agencyId, deviceId, true);
          const { changes } = await db.run(
            'UPDATE credentials SET revoked_at = ? WHERE id = ? AND device_id = ? AND revoked_at IS NULL',
            clock(),
            id,
            deviceId,
          );
          if (changes === 0) throw new RegistryError('NOT_FOUND', { id });
          await assets.activity(
            agencyId,
            deviceId,
            'credential_revoked',
            { key: 'activity.credential_revoked' },
            clock(),
            gate.userId,
          );
          await gate.audit(agencyId, 'credential.revoke', 'device', deviceId, { id }, null);
        });
      },
      async statusHistory(id, page) {
        return db.snapshot(async () => {
          await load(id);
          const limit = limitOf(page);
          const rows = await db.all(
            'SELECT * FROM device_status WHERE device_id = ? AND id < ? ORDER BY id DESC LIMIT ?',
            id,
            rowNumberOf(page),
            limit + 1,
          );
          const { items, next } = pageOf(rows, limit, (row) => String(row['id']));
          return { items: items.map(statusOf), next };
        });
      },
      async attributes(id) {
        return db.snapshot(async () => {
          await load(id);
          const rows = await db.all<{ name: string; value: string; at: EpochMs }>(
            'SELECT name, value, at FROM device_attributes WHERE device_id = ? ORDER BY name',
            id,
          );
          return Object.fromEntries(
            rows.map((row) => [row.name, { value: JSON.parse(row.value) as string | number | boolean, at: row.at }]),
          );
        });
      },
      async activities(id) {
        return db.snapshot(async () => {
          await load(id);
          return (
            await db.all<{ agency_id: AgencyId; event_time: EpochMs; recorded_at: EpochMs; body: string }>(
              'SELECT * FROM activities WHERE device_id = ? ORDER BY id DESC',
              id,
            )
          ).map((row) => ({
            agencyId: row.agency_id,
            deviceId: id,
            eventTime: row.event_time,
            recordedAt: row.recorded_at,
            reason: null,
            ...(JSON.parse(row.body) as Pick<Activity, 'kind' | 'text' | 'by'> & Partial<Pick<Activity, 'reason'>>),
          }));
        });
      },
    },
  };
}
