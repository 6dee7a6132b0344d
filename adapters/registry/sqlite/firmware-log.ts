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

/** Carries rollouts on: see {@link FirmwareLog}. */
export function firmwareLog(context: Context): FirmwareLog {
  const { db, newId } = context;
  const rows = new FirmwareRows(context);
  const gate = new Gate({ kind: 'system', name: 'firmware' }, context);

  /** Changes a device's progress; false when nothing changed. */
  const change = (device: RolloutDevice, progress: DeviceProgress, { plan }: Rollout): boolean => {
    if (JSON.stringify(progress) === JSON.stringify(device.progress)) return false;
    rows.putDevice({ ...device, progress }, plan);
    return true;
  };
  const commandState = (id: CommandId): CommandState | null => commandById(context, id)?.state ?? null;

  /** Why a device whose turn it is gets nothing; `null`: it gets it. */
  function leftOut(device: RolloutDevice, { agencyId, modelId, version }: Rollout, at: EpochMs): DeviceProgress | null {
    const row = db.get<{ body: string; state: Device['state'] }>(
      'SELECT body, state FROM devices WHERE id = ? AND agency_id = ? AND model_id = ?',
      device.deviceId,
      agencyId,
      modelId,
    );
    if (!row || row.state === 'retired') return { kind: 'skipped', at, why: 'out_of_service' };
    const has = rows.versionOf(device.deviceId);
    const order = has === null ? null : compareVersions(has, version);
    if (order === null || order < 0) return null;
    return { kind: 'skipped', at, why: order === 0 ? 'has_version' : 'has_newer' };
  }

  function offer(device: RolloutDevice, rollout: Rollout, image: FirmwareImage, url: string, at: EpochMs): void {
    const { version, sizeBytes, sha256, signature, modelId } = image;
    const command = giveCommand(context, {
      id: newId() as CommandId,
      agencyId: device.agencyId,
      deviceId: device.deviceId,
      name: 'firmware',
      params: { url, model: modelId, version, size: sizeBytes, sha256, signature },
      createdBy: rollout.createdBy,
      expiresAt: after(at, rollout.plan.reachWithin),
    });
    change(device, { kind: 'offered', at, commandId: command.id }, rollout);
  }

  /** Takes back what was offered and not begun. */
  function recall(rollout: Rollout, at: EpochMs): readonly DeviceCommand[] {
    return rows.devices(rollout.id, "kind = 'offered'").flatMap((device) => {
      const { progress } = device;
      if (progress.kind !== 'offered') return [];
      change(
        device,
        rollout.state.kind === 'cancelled' ? { kind: 'skipped', at, why: 'cancelled' } : { kind: 'waiting', at },
        rollout,
      );
      const command = commandById(context, progress.commandId);
      const taken = command && cancelled(command, SYSTEM_USER, at);
      return taken?.ok ? [putCommand(context, taken.value)] : [];
    });
  }

  return {
    async followed() {
      return db
        .all<{ id: RolloutId }>(
          `SELECT id FROM firmware_rollouts r WHERE state = 'running'
             OR EXISTS (SELECT 1 FROM firmware_rollout_devices WHERE rollout_id = r.id AND kind IN ${UNDERWAY}) ORDER BY rowid`,
        )
        .map(({ id }) => id);
    },
    async underway() {
      return db
        .all<{ id: DeviceId }>(
          `SELECT DISTINCT device_id AS id FROM firmware_rollout_devices WHERE kind IN ${UNDERWAY}`,
        )
        .map(({ id }) => id);
    },
    async look(device, at) {
      return db.transaction(() => {
        const own = db
          .all<RolloutDeviceRow & { kind: DeviceProgress['kind'] }>(
            `SELECT d.* FROM firmware_rollout_devices d JOIN firmware_rollouts r ON r.id = d.rollout_id
             WHERE d.device_id = ? AND r.state <> 'draft' ORDER BY r.rowid DESC`,
            device,
          )
          .map(rolloutDeviceOf)
          // What came of older ones stays as it was then.
          .filter(({ progress }, i) => i === 0 || 'commandId' in progress);
        if (own.length === 0) return [];
        const attributes = rows.attributesOf(device);
        const version = rows.versionOf(device);
        return own.flatMap((part) => {
          const rollout = rows.rollout(part.rolloutId);
          const image = rollout && rows.image(rollout.imageId);
          if (!rollout || !image) return [];
          const command = 'commandId' in part.progress ? commandState(part.progress.commandId) : null;
          const next = observed(part.progress, image, { version, command, report: updateReportIn(attributes), at });
          return change(part, next, rollout) ? [rollout.id] : [];
        });
      });
    },
    async advance(id, at, { limit, address }): Promise<RolloutAdvance> {
      return db.transaction((): RolloutAdvance => {
        const before = rows.rollout(id);
        const image = before && rows.image(before.imageId);
        if (!before || !image) return { offered: [], recalled: [], halted: null, hasMore: false };
        for (const device of rows.devices(id, `kind IN ${UNDERWAY} AND deadline <= ?`, at))
          change(device, givenUp(device.progress, at), before);

        const barred = rows.barred(image);
        let rollout = barred === null ? before : stopped(before, barred, at);
        const offered: DeviceId[] = [];
        let hasMore = false;
        if (rollout.state.kind === 'running') {
          rollout = judged(rollout, rows.tally(id, rollout.state.stage), at);
          hasMore = rollout.state.kind === 'running' && rollout !== before;
        }
        if (rollout.state.kind === 'running') {
          const waiting = rows.devices(id, "kind = 'waiting' AND stage <= ? LIMIT ?", rollout.state.stage, limit);
          for (const device of waiting) {
            const skipped = leftOut(device, rollout, at);
            if (skipped) change(device, skipped, rollout);
            else {
              offer(device, rollout, image, address(image.sha256), at);
              offered.push(device.deviceId);
            }
          }
          hasMore ||= waiting.length > 0;
        }
        if (rollout !== before) {
          rows.putRollout(rollout);
          gate.audit(rollout.agencyId, 'firmware.rollout_judged', 'firmware_rollout', id, before, rollout);
        }
        const recalled = rollout.state.kind === 'running' ? [] : recall(rollout, at);
        const halted = rollout.state.kind === 'halted' && before.state.kind !== 'halted' ? rollout : null;
        return { offered, recalled, halted, hasMore };
      });
    },
    async imageFor(device, sha256) {
      const row = db.get<{ body: string }>(
        `SELECT i.body FROM firmware_rollout_devices d JOIN firmware_rollouts r ON r.id = d.rollout_id
           JOIN firmware_images i ON i.id = r.image_id
         WHERE d.device_id = ? AND d.kind IN ${UNDERWAY} AND i.sha256 = ?`,
        device,
        sha256,
      );
      const image = row && (JSON.parse(row.body) as FirmwareImage);
      return image && rows.barred(image) === null ? image : null;
    },
    isKept: async (sha256) =>
      db.get('SELECT 1 FROM firmware_images WHERE sha256 = ? AND withdrawn_at IS NULL', sha256) !== undefined,
  };
}
