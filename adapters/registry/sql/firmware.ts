import type { FirmwareImage, FirmwareKey } from '../../../domain/firmware/firmware-image.ts';
import { compareVersions } from '../../../domain/firmware/firmware-image.ts';
import { inTurn, type Rollout, stageOf, stepped } from '../../../domain/firmware/rollout.ts';
import type { AgencyId, DeviceId, DeviceModelId } from '../../../domain/identifiers.ts';
import type { CountedRollout, FirmwareView, RolloutPreview } from '../../../domain/ports/firmware.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { Context, Gate } from './access.ts';
import { AssetEditor, DEVICES } from './editing.ts';
import { FirmwareRows, type RolloutDeviceRow, rolloutDeviceOf, SYSTEM_USER } from './firmware-rows.ts';
import { eachInTurn } from './in-turn.ts';
import { limitOf, pageOf } from './pages.ts';
import { Where } from './sql-database.ts';

interface BodyRow {
  readonly body: string;
}
/** Rollouts of one device that are shown. */
const OF_DEVICE = 20;
/** In the field, or on the way there. */
const IN_SERVICE = "state NOT IN ('in_stock', 'retired')";

/** Keys, images and rollouts of a {@link RegistryView}. */
export function firmwareViews(context: Context, gate: Gate): FirmwareView {
  const { db, clock } = context;
  const editor = new AssetEditor(context, gate);
  const rows = new FirmwareRows(context);
  const by = gate.userId ?? SYSTEM_USER;

  const load = async <T>(table: 'firmware_keys' | 'firmware_images' | 'firmware_rollouts', id: string): Promise<T> => {
    const where = gate.ownOnly(new Where().equals('id', id), 'agency_id');
    const row = await db.get<BodyRow>(`SELECT body FROM ${table} ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return JSON.parse(row.body) as T;
  };
  const list = async <T>(
    table: 'firmware_keys' | 'firmware_images' | 'firmware_rollouts',
    where = new Where(),
  ): Promise<T[]> => {
    const own = gate.ownOnly(where, 'agency_id');
    return (await db.all<BodyRow>(`SELECT body FROM ${table} ${own.sql} ORDER BY rowid DESC`, ...own.values)).map(
      ({ body }) => JSON.parse(body) as T,
    );
  };
  /** Models that the agency has: its own, and those offered to all. */
  const mustHave = async (agencyId: AgencyId, modelId: DeviceModelId): Promise<void> => {
    if (
      !(await db.get('SELECT 1 FROM models WHERE id = ? AND (agency_id IS NULL OR agency_id = ?)', modelId, agencyId))
    )
      throw new RegistryError('REFERENCE_MISSING', { id: modelId });
  };
  const usable = async (image: FirmwareImage): Promise<void> => {
    if ((await rows.barred(image)) !== null) throw new RegistryError('FIRMWARE_WITHDRAWN', { version: image.version });
  };
  const candidates = (agencyId: AgencyId, modelId: DeviceModelId) =>
    db.all<{ id: DeviceId; version: string | null; online: number | null }>(
      `SELECT id, (SELECT value FROM device_attributes WHERE device_id = d.id AND name = 'firmware') AS version,
         (SELECT online FROM device_status WHERE device_id = d.id ORDER BY id DESC LIMIT 1) AS online
       FROM devices d WHERE agency_id = ? AND model_id = ? AND ${IN_SERVICE} ORDER BY id`,
      agencyId,
      modelId,
    );
  const versionIn = (value: string | null): string | null => {
    const version: unknown = value === null ? null : JSON.parse(value);
    return typeof version === 'string' ? version : null;
  };
  const stageNow = ({ state }: Rollout): number => ('stage' in state ? state.stage : 0);

  return {
    keys: {
      list: async () => list<FirmwareKey>('firmware_keys'),
      async create(key) {
        return editor.write(key.agencyId, 'firmware.key_create', 'firmware_key', key.id, null, async () => {
          for (const modelId of key.modelIds) await mustHave(key.agencyId, modelId);
          const made: FirmwareKey = { ...key, createdBy: by, createdAt: clock(), revokedAt: null };
          await db.run(
            'INSERT INTO firmware_keys (id, agency_id, public_key, body) VALUES (?,?,?,?)',
            key.id,
            key.agencyId,
            key.publicKey,
            JSON.stringify(made),
          );
          return made;
        });
      },
      async revoke(id) {
        return db.transaction(async () => {
          const before = await load<FirmwareKey>('firmware_keys', id);
          return editor.write(before.agencyId, 'firmware.key_revoke', 'firmware_key', id, before, async () => {
            const revoked: FirmwareKey = { ...before, revokedAt: before.revokedAt ?? clock() };
            await db.run('UPDATE firmware_keys SET body = ? WHERE id = ?', JSON.stringify(revoked), id);
            return revoked;
          });
        });
      },
    },
    images: {
      list: async ({ modelId }) =>
        list<FirmwareImage>('firmware_images', new Where().equals('model_id', modelId ?? undefined)),
      get: async (id) => load<FirmwareImage>('firmware_images', id),
      async mayCreate(agencyId, modelId) {
        gate.mayWrite(agencyId, modelId);
        await mustHave(agencyId, modelId);
      },
      async create(image) {
        const { agencyId, modelId, version, sha256 } = image;
        return editor.write(agencyId, 'firmware.upload', 'firmware_image', image.id, null, async () => {
          await mustHave(agencyId, modelId);
          const taken = await db.get<BodyRow>(
            'SELECT body FROM firmware_images WHERE agency_id = ? AND model_id = ? AND version = ? AND withdrawn_at IS NULL',
            agencyId,
            modelId,
            version,
          );
          if (taken) {
            const there = JSON.parse(taken.body) as FirmwareImage;
            if (there.sha256 === sha256) return there;
            throw new RegistryError('ALREADY_EXISTS', { id: version });
          }
          const made: FirmwareImage = { ...image, uploadedBy: by, uploadedAt: clock(), withdrawnAt: null };
          await db.run(
            'INSERT INTO firmware_images (id, agency_id, model_id, version, sha256, withdrawn_at, body) VALUES (?,?,?,?,?,NULL,?)',
            image.id,
            agencyId,
            modelId,
            version,
            sha256,
            JSON.stringify(made),
          );
          return made;
        });
      },
      async withdraw(id) {
        return db.transaction(async () => {
          const before = await load<FirmwareImage>('firmware_images', id);
          return editor.write(before.agencyId, 'firmware.withdraw', 'firmware_image', id, before, async () => {
            const withdrawn: FirmwareImage = { ...before, withdrawnAt: before.withdrawnAt ?? clock() };
            await db.run(
              'UPDATE firmware_images SET withdrawn_at = ?, body = ? WHERE id = ?',
              withdrawn.withdrawnAt,
              JSON.stringify(withdrawn),
              id,
            );
            return withdrawn;
          });
        });
      },
      async preview(id): Promise<RolloutPreview> {
        return db.snapshot(async () => {
          const image = await load<FirmwareImage>('firmware_images', id);
          const found = (await candidates(image.agencyId, image.modelId)).map(({ version, online }) => {
            const has = versionIn(version);
            return { order: has === null ? null : compareVersions(has, image.version), online: online === 1 };
          });
          const count = (of: (device: (typeof found)[number]) => boolean): number => found.filter(of).length;
          return {
            devices: found.length,
            hasVersion: count(({ order }) => order === 0),
            hasNewer: count(({ order }) => order !== null && order > 0),
            offline: count(({ order, online }) => !online && (order === null || order < 0)),
          };
        });
      },
    },
    rollouts: {
      list: async () =>
        db.snapshot(async () =>
          eachInTurn(await list<Rollout>('firmware_rollouts'), (rollout) => rows.counted(rollout)),
        ),
      get: async (id) => db.snapshot(async () => rows.counted(await load<Rollout>('firmware_rollouts', id))),
      async create(id, imageId, plan): Promise<CountedRollout> {
        return db.transaction(async () => {
          const image = await load<FirmwareImage>('firmware_images', imageId);
          const { agencyId, modelId, version } = image;
          const rollout = await editor.write(
            agencyId,
            'firmware.rollout_create',
            'firmware_rollout',
            id,
            null,
            async () => {
              await usable(image);
              const devices = await candidates(agencyId, modelId);
              if (devices.length === 0) throw new RegistryError('FIRMWARE_NO_DEVICES', { id: modelId });
              const made: Rollout = {
                id,
                agencyId,
                modelId,
                imageId,
                version,
                plan,
                devices: devices.length,
                createdBy: by,
                createdAt: clock(),
                state: { kind: 'draft' },
              };
              await rows.putRollout(made);
              // Those who have it already take no place: percentages are of those who still need it.
              const at = clock();
              const before = new Map(devices.map((device) => [device.id, versionIn(device.version)]));
              const orderOf = (has: string | null) => (has === null ? null : compareVersions(has, version));
              const wanting = devices.filter((device) => (orderOf(before.get(device.id) ?? null) ?? -1) < 0);
              const places = new Map(
                inTurn(
                  id,
                  wanting.map((device) => device.id),
                ).map((device, place) => [device, place]),
              );
              for (const device of devices) {
                const place = places.get(device.id);
                const has = before.get(device.id) ?? null;
                await rows.putDevice(
                  {
                    rolloutId: id,
                    deviceId: device.id,
                    agencyId,
                    stage: place === undefined ? 0 : stageOf(place, wanting.length, plan.stages),
                    versionBefore: has,
                    progress:
                      place === undefined
                        ? { kind: 'skipped', at, why: orderOf(has) === 0 ? 'has_version' : 'has_newer' }
                        : { kind: 'waiting', at },
                  },
                  plan,
                );
              }
              return made;
            },
          );
          return rows.counted(rollout);
        });
      },
      async step(id, step): Promise<CountedRollout> {
        return db.transaction(async () => {
          const before = await load<Rollout>('firmware_rollouts', id);
          const after = await editor.write(
            before.agencyId,
            `firmware.rollout_${step}`,
            'firmware_rollout',
            id,
            before,
            async () => {
              const at = clock();
              if (step === 'start' || step === 'resume') {
                const image = await rows.image(before.imageId);
                if (image) await usable(image);
                const other = await db.get<{ id: string }>(
                  "SELECT id FROM firmware_rollouts WHERE agency_id = ? AND model_id = ? AND state IN ('running','paused','halted') AND id <> ?",
                  before.agencyId,
                  before.modelId,
                  id,
                );
                if (other) throw new RegistryError('ROLLOUT_OPEN', { id: other.id });
              }
              const result = stepped(before, step, await rows.tally(id, stageNow(before)), by, at);
              if (!result.ok) throw new RegistryError(result.error, { step, state: before.state.kind });
              await rows.putRollout(result.value);
              if (step === 'cancel')
                for (const device of await rows.devices(id, "kind = 'waiting'"))
                  await rows.putDevice({ ...device, progress: { kind: 'skipped', at, why: 'cancelled' } }, before.plan);
              return result.value;
            },
          );
          return rows.counted(after);
        });
      },
      async devices(id, { kind }, page) {
        return db.snapshot(async () => {
          await load<Rollout>('firmware_rollouts', id);
          const where = new Where().equals('rollout_id', id).equals('kind', kind);
          if (page.after !== undefined) where.add('device_id > ?', page.after);
          const limit = limitOf(page);
          const found = (
            await db.all<RolloutDeviceRow>(
              `SELECT * FROM firmware_rollout_devices ${where.sql} ORDER BY device_id LIMIT ?`,
              ...where.values,
              limit + 1,
            )
          ).map(rolloutDeviceOf);
          return pageOf(found, limit, ({ deviceId }) => deviceId);
        });
      },
      async ofDevice(device) {
        return db.snapshot(async () => {
          await editor.load(DEVICES, device);
          const where = gate.ownOnly(new Where().equals('d.device_id', device), 'd.agency_id');
          return (
            await db.all<RolloutDeviceRow & { rollout: string }>(
              `SELECT d.*, r.body AS rollout FROM firmware_rollout_devices d JOIN firmware_rollouts r ON r.id = d.rollout_id ${where.sql}
             ORDER BY r.rowid DESC LIMIT ?`,
              ...where.values,
              OF_DEVICE,
            )
          ).map((row) => ({ rollout: JSON.parse(row.rollout) as Rollout, device: rolloutDeviceOf(row) }));
        });
      },
    },
  };
}
