import type { FirmwareImage, FirmwareImageId, FirmwareKey } from '../../../domain/firmware/firmware-image.ts';
import type { ProgressCounts, Rollout, RolloutId, StageTally } from '../../../domain/firmware/rollout.ts';
import {
  type DeviceProgress,
  deadlineOf,
  isUnderway,
  PROGRESS_KINDS,
  type ProgressKind,
  type RolloutDevice,
  UPDATE_ATTRIBUTES,
} from '../../../domain/firmware/rollout-device.ts';
import type { AgencyId, DeviceId, UserId } from '../../../domain/identifiers.ts';
import type { CountedRollout } from '../../../domain/ports/firmware.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context } from './access.ts';

interface BodyRow {
  readonly body: string;
}
export interface RolloutDeviceRow extends BodyRow {
  readonly rollout_id: RolloutId;
  readonly device_id: DeviceId;
  readonly agency_id: AgencyId;
  readonly stage: number;
  readonly version_before: string | null;
}

export const rolloutDeviceOf = (row: RolloutDeviceRow): RolloutDevice => ({
  rolloutId: row.rollout_id,
  deviceId: row.device_id,
  agencyId: row.agency_id,
  stage: row.stage,
  versionBefore: row.version_before,
  progress: JSON.parse(row.body) as DeviceProgress,
});

/** Kinds of {@link isUnderway} in SQL. */
export const UNDERWAY = "('offered','downloading','verifying','installing')";

const noCounts = (): Record<ProgressKind, number> =>
  Object.fromEntries(PROGRESS_KINDS.map((kind) => [kind, 0])) as Record<ProgressKind, number>;

/** Images and rollouts as rows, whoever looks at them. */
export class FirmwareRows {
  readonly #context: Context;
  constructor(context: Context) {
    this.#context = context;
  }

  async image(id: FirmwareImageId): Promise<FirmwareImage | undefined> {
    const row = await this.#context.db.get<BodyRow>('SELECT body FROM firmware_images WHERE id = ?', id);
    return row && (JSON.parse(row.body) as FirmwareImage);
  }
  async key(id: string): Promise<FirmwareKey | undefined> {
    const row = await this.#context.db.get<BodyRow>('SELECT body FROM firmware_keys WHERE id = ?', id);
    return row && (JSON.parse(row.body) as FirmwareKey);
  }
  /** Why an image may be given to no device; `null`: it may. */
  async barred(image: FirmwareImage): Promise<'image_withdrawn' | 'key_revoked' | null> {
    if (image.withdrawnAt !== null) return 'image_withdrawn';
    return (await this.key(image.keyId))?.revokedAt === null ? null : 'key_revoked';
  }

  async rollout(id: RolloutId): Promise<Rollout | undefined> {
    const row = await this.#context.db.get<BodyRow>('SELECT body FROM firmware_rollouts WHERE id = ?', id);
    return row && (JSON.parse(row.body) as Rollout);
  }
  async putRollout(rollout: Rollout): Promise<void> {
    await this.#context.db.run(
      `INSERT INTO firmware_rollouts (id, agency_id, model_id, image_id, state, created_at, body) VALUES (?,?,?,?,?,?,?)
       ON CONFLICT(id) DO UPDATE SET state = excluded.state, body = excluded.body`,
      rollout.id,
      rollout.agencyId,
      rollout.modelId,
      rollout.imageId,
      rollout.state.kind,
      rollout.createdAt,
      JSON.stringify(rollout),
    );
  }
  async putDevice(device: RolloutDevice, plan: Rollout['plan']): Promise<void> {
    const { progress } = device;
    await this.#context.db.run(
      `INSERT INTO firmware_rollout_devices (rollout_id, device_id, agency_id, stage, version_before, kind, at, command_id, deadline, lost, body)
       VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(rollout_id, device_id) DO UPDATE SET kind = excluded.kind, at = excluded.at,
         command_id = excluded.command_id, deadline = excluded.deadline, lost = excluded.lost, body = excluded.body`,
      device.rolloutId,
      device.deviceId,
      device.agencyId,
      device.stage,
      device.versionBefore,
      progress.kind,
      progress.at,
      isUnderway(progress) ? progress.commandId : null,
      deadlineOf(progress, plan),
      progress.kind === 'timed_out' && progress.began ? 1 : 0,
      JSON.stringify(progress),
    );
  }
  async devices(
    rollout: RolloutId,
    condition: string,
    ...values: readonly (string | number)[]
  ): Promise<readonly RolloutDevice[]> {
    return (
      await this.#context.db.all<RolloutDeviceRow>(
        `SELECT * FROM firmware_rollout_devices WHERE rollout_id = ? AND ${condition}`,
        rollout,
        ...values,
      )
    ).map(rolloutDeviceOf);
  }

  async tally(rollout: RolloutId, stage: number): Promise<StageTally> {
    const rows = await this.#context.db.all<{ kind: ProgressKind; n: number; lost: number; last: EpochMs }>(
      'SELECT kind, COUNT(*) AS n, SUM(lost) AS lost, MAX(at) AS last FROM firmware_rollout_devices WHERE rollout_id = ? AND stage = ? GROUP BY kind',
      rollout,
      stage,
    );
    const counts = noCounts();
    for (const { kind, n } of rows) counts[kind] = n;
    const finished = rows.filter(({ kind }) => ['applied', 'failed', 'refused', 'timed_out'].includes(kind));
    return {
      counts,
      lost: rows.reduce((sum, row) => sum + row.lost, 0),
      lastFinishedAt: finished.reduce<EpochMs | null>(
        (last, row) => (last === null || row.last > last ? row.last : last),
        null,
      ),
    };
  }
  async counted(rollout: Rollout): Promise<CountedRollout> {
    const stages = rollout.plan.stages.map(noCounts);
    const counts = noCounts();
    const rows = await this.#context.db.all<{ stage: number; kind: ProgressKind; n: number }>(
      'SELECT stage, kind, COUNT(*) AS n FROM firmware_rollout_devices WHERE rollout_id = ? GROUP BY stage, kind',
      rollout.id,
    );
    for (const { stage, kind, n } of rows) {
      counts[kind] += n;
      const ofStage: Record<ProgressKind, number> | undefined = stages[stage];
      if (ofStage) ofStage[kind] += n;
    }
    return { rollout, counts: counts satisfies ProgressCounts, stages };
  }

  /** What the device says it runs. */
  async versionOf(device: DeviceId): Promise<string | null> {
    const { [UPDATE_ATTRIBUTES.version]: version } = await this.attributesOf(device);
    return typeof version === 'string' ? version : null;
  }
  async attributesOf(device: DeviceId): Promise<Readonly<Record<string, unknown>>> {
    const rows = await this.#context.db.all<{ name: string; value: string }>(
      `SELECT name, value FROM device_attributes WHERE device_id = ? AND name IN (${Object.values(UPDATE_ATTRIBUTES)
        .map((name) => `'${name}'`)
        .join(',')})`,
      device,
    );
    return Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
  }
}

/** Whoever is no person: the platform itself. */
export const SYSTEM_USER = 'system' as UserId;
