import type { Device } from '../../../domain/asset.ts';
import { type CommandId, type CommandState, cancelled, type DeviceCommand } from '../../../domain/device-control.ts';
import { compareVersions, type FirmwareImage } from '../../../domain/firmware/firmware-image.ts';
import { judged, type Rollout, type RolloutId, stopped } from '../../../domain/firmware/rollout.ts';
import {
  type DeviceProgress,
  givenUp,
  observed,
  type RolloutDevice,
  updateReportIn,
} from '../../../domain/firmware/rollout-device.ts';
import type { DeviceId } from '../../../domain/identifiers.ts';
import type { FirmwareLog, RolloutAdvance } from '../../../domain/ports/firmware.ts';
import { after, type EpochMs } from '../../../domain/time.ts';
import { type Context, Gate } from './access.ts';
import { commandById, giveCommand, putCommand } from './device-control.ts';
import { FirmwareRows, type RolloutDeviceRow, rolloutDeviceOf, SYSTEM_USER, UNDERWAY } from './firmware-rows.ts';
import { eachInTurn } from './in-turn.ts';

/** Carries rollouts on: see {@link FirmwareLog}. */
export function firmwareLog(context: Context): FirmwareLog {
  const { db, newId } = context;
  const rows = new FirmwareRows(context);
  const gate = new Gate({ kind: 'system', name: 'firmware' }, context);

  /** Changes a device's progress; false when nothing changed. */
  const change = async (device: RolloutDevice, progress: DeviceProgress, { plan }: Rollout): Promise<boolean> => {
    if (JSON.stringify(progress) === JSON.stringify(device.progress)) return false;
    await rows.putDevice({ ...device, progress }, plan);
    return true;
  };
  const commandState = async (id: CommandId): Promise<CommandState | null> =>
    (await commandById(context, id))?.state ?? null;

  /** Why a device whose turn it is gets nothing; `null`: it gets it. */
  async function leftOut(
    device: RolloutDevice,
    { agencyId, modelId, version }: Rollout,
    at: EpochMs,
  ): Promise<DeviceProgress | null> {
    const row = await db.get<{ body: string; state: Device['state'] }>(
      'SELECT body, state FROM devices WHERE id = ? AND agency_id = ? AND model_id = ?',
      device.deviceId,
      agencyId,
      modelId,
    );
    if (!row || row.state === 'retired') return { kind: 'skipped', at, why: 'out_of_service' };
    const has = await rows.versionOf(device.deviceId);
    const order = has === null ? null : compareVersions(has, version);
    if (order === null || order < 0) return null;
    return { kind: 'skipped', at, why: order === 0 ? 'has_version' : 'has_newer' };
  }

  async function offer(
    device: RolloutDevice,
    rollout: Rollout,
    image: FirmwareImage,
    url: string,
    at: EpochMs,
  ): Promise<void> {
    const { version, sizeBytes, sha256, signature, modelId } = image;
    const command = await giveCommand(context, {
      id: newId() as CommandId,
      agencyId: device.agencyId,
      deviceId: device.deviceId,
      name: 'firmware',
      params: { url, model: modelId, version, size: sizeBytes, sha256, signature },
      createdBy: rollout.createdBy,
      expiresAt: after(at, rollout.plan.reachWithin),
    });
    await change(device, { kind: 'offered', at, commandId: command.id }, rollout);
  }

  /** Takes back what was offered and not begun. */
  async function recall(rollout: Rollout, at: EpochMs): Promise<readonly DeviceCommand[]> {
    return (
      await eachInTurn(await rows.devices(rollout.id, "kind = 'offered'"), async (device) => {
        const { progress } = device;
        if (progress.kind !== 'offered') return [];
        await change(
          device,
          rollout.state.kind === 'cancelled' ? { kind: 'skipped', at, why: 'cancelled' } : { kind: 'waiting', at },
          rollout,
        );
        const command = await commandById(context, progress.commandId);
        const taken = command && cancelled(command, SYSTEM_USER, at);
        return taken?.ok ? [await putCommand(context, taken.value)] : [];
      })
    ).flat();
  }

  return {
    async followed() {
      return (
        await db.all<{ id: RolloutId }>(
          `SELECT id FROM firmware_rollouts r WHERE state = 'running'
             OR EXISTS (SELECT 1 FROM firmware_rollout_devices WHERE rollout_id = r.id AND kind IN ${UNDERWAY}) ORDER BY rowid`,
        )
      ).map(({ id }) => id);
    },
    async underway() {
      return (
        await db.all<{ id: DeviceId }>(
          `SELECT DISTINCT device_id AS id FROM firmware_rollout_devices WHERE kind IN ${UNDERWAY}`,
        )
      ).map(({ id }) => id);
    },
    async look(device, at) {
      return db.transaction(async () => {
        const own = (
          await db.all<RolloutDeviceRow & { kind: DeviceProgress['kind'] }>(
            `SELECT d.* FROM firmware_rollout_devices d JOIN firmware_rollouts r ON r.id = d.rollout_id
             WHERE d.device_id = ? AND r.state <> 'draft' ORDER BY r.rowid DESC`,
            device,
          )
        )
          .map(rolloutDeviceOf)
          // What came of older ones stays as it was then.
          .filter(({ progress }, i) => i === 0 || 'commandId' in progress);
        if (own.length === 0) return [];
        const attributes = await rows.attributesOf(device);
        const version = await rows.versionOf(device);
        return (
          await eachInTurn(own, async (part) => {
            const rollout = await rows.rollout(part.rolloutId);
            const image = rollout && (await rows.image(rollout.imageId));
            if (!rollout || !image) return [];
            const command = 'commandId' in part.progress ? await commandState(part.progress.commandId) : null;
            const next = observed(part.progress, image, { version, command, report: updateReportIn(attributes), at });
            return (await change(part, next, rollout)) ? [rollout.id] : [];
          })
        ).flat();
      });
    },
    async advance(id, at, { limit, address }): Promise<RolloutAdvance> {
      return db.transaction(async (): Promise<RolloutAdvance> => {
        const before = await rows.rollout(id);
        const image = before && (await rows.image(before.imageId));
        if (!before || !image) return { offered: [], recalled: [], halted: null, hasMore: false };
        for (const device of await rows.devices(id, `kind IN ${UNDERWAY} AND deadline <= ?`, at))
          await change(device, givenUp(device.progress, at), before);

        const barred = await rows.barred(image);
        let rollout = barred === null ? before : stopped(before, barred, at);
        const offered: DeviceId[] = [];
        let hasMore = false;
        if (rollout.state.kind === 'running') {
          rollout = judged(rollout, await rows.tally(id, rollout.state.stage), at);
          hasMore = rollout.state.kind === 'running' && rollout !== before;
        }
        if (rollout.state.kind === 'running') {
          const waiting = await rows.devices(id, "kind = 'waiting' AND stage <= ? LIMIT ?", rollout.state.stage, limit);
          for (const device of waiting) {
            const skipped = await leftOut(device, rollout, at);
            if (skipped) await change(device, skipped, rollout);
            else {
              await offer(device, rollout, image, address(image.sha256), at);
              offered.push(device.deviceId);
            }
          }
          hasMore ||= waiting.length > 0;
        }
        if (rollout !== before) {
          await rows.putRollout(rollout);
          await gate.audit(rollout.agencyId, 'firmware.rollout_judged', 'firmware_rollout', id, before, rollout);
        }
        const recalled = rollout.state.kind === 'running' ? [] : await recall(rollout, at);
        const halted = rollout.state.kind === 'halted' && before.state.kind !== 'halted' ? rollout : null;
        return { offered, recalled, halted, hasMore };
      });
    },
    async imageFor(device, sha256) {
      return db.snapshot(async () => {
        const row = await db.get<{ body: string }>(
          `SELECT i.body FROM firmware_rollout_devices d JOIN firmware_rollouts r ON r.id = d.rollout_id
           JOIN firmware_images i ON i.id = r.image_id
         WHERE d.device_id = ? AND d.kind IN ${UNDERWAY} AND i.sha256 = ?`,
          device,
          sha256,
        );
        const image = row && (JSON.parse(row.body) as FirmwareImage);
        return image && (await rows.barred(image)) === null ? image : null;
      });
    },
    isKept: async (sha256) =>
      (await db.get('SELECT 1 FROM firmware_images WHERE sha256 = ? AND withdrawn_at IS NULL', sha256)) !== undefined,
  };
}
