import type { Device, DeviceCredential, DeviceState } from '../../../domain/asset.ts';
import { type DeviceFacts, possibleSteps, swapRefusal, takeStep } from '../../../domain/device-life.ts';
import type { AgencyId, CredentialId, DeviceId, DeviceModelId, UserId } from '../../../domain/identifiers.ts';
import type { DeviceLifeView } from '../../../domain/ports/device-registry.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { ClaimWindow } from '../../../domain/provisioning.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type Context, type Gate, refused } from './access.ts';
import { Assets } from './assets.ts';
import { AssetEditor, DEVICES } from './editing.ts';
import { eachInTurn } from './in-turn.ts';
import { DeviceMaintenance } from './suppressions.ts';

export interface ClaimRow {
  readonly device_id: DeviceId;
  readonly agency_id: AgencyId;
  readonly code_sha256: string;
  readonly made_at: EpochMs;
  readonly opens_at: EpochMs;
  readonly closes_at: EpochMs;
  readonly used_at: EpochMs | null;
  readonly used_by: UserId | null;
}
export const windowOf = (row: ClaimRow): ClaimWindow => ({
  deviceId: row.device_id,
  agencyId: row.agency_id,
  madeAt: row.made_at,
  opensAt: row.opens_at,
  closesAt: row.closes_at,
  usedAt: row.used_at,
  usedBy: row.used_by,
});

/** State changes of device rows, with their activities; used by people's views and by devices that let themselves in. Checks no access. */
export class DeviceLives {
  readonly #c: Context;
  readonly #assets: Assets;
  readonly #editor: AssetEditor;
  readonly #gate: Gate;
  readonly #maintenance: DeviceMaintenance;

  constructor(context: Context, gate: Gate) {
    this.#c = context;
    this.#gate = gate;
    this.#maintenance = new DeviceMaintenance(context, gate);
    this.#assets = new Assets(context);
    this.#editor = new AssetEditor(context, gate);
  }

  async facts(id: DeviceId): Promise<DeviceFacts> {
    const row = await this.#c.db.get<{ came_from: string }>(
      `SELECT body -> 'text' -> 'params' ->> 'from' AS came_from FROM activities
       WHERE device_id = ? AND body ->> 'kind' = 'state_changed' AND body -> 'text' -> 'params' ->> 'to' = 'in_maintenance'
       ORDER BY id DESC LIMIT 1`,
      id,
    );
    const from = row?.came_from;
    return {
      pointsServed: (await this.#assets.pointsServed(id)).length,
      maintainedFrom: from === 'installed' || from === 'commissioned' ? from : null,
    };
  }

  /** Writes the state and its activity; what it serves is under maintenance for as long as the device is. */
  async enter(device: Device, to: DeviceState, at: EpochMs, by: UserId | null, reason: string | null): Promise<Device> {
    const next = await this.#editor.replace(
      DEVICES,
      { ...device, state: to },
      { state: to, agency_id: device.agencyId },
    );
    await this.#assets.activity(
      device.agencyId,
      device.id,
      'state_changed',
      { key: 'activity.state_changed', params: { from: device.state, to } },
      at,
      by,
      reason,
    );
    if (to === 'in_maintenance') await this.#maintenance.begin(device, at, by, reason ?? '');
    else if (device.state === 'in_maintenance') await this.#maintenance.end(device.id, at);
    return next;
  }

  /** Ends all rights of the device to connect. */
  async revokeAll(device: Device, at: EpochMs, by: UserId | null, reason: string | null): Promise<CredentialId[]> {
    const live = await this.#c.db.all<{ id: CredentialId }>(
      'SELECT id FROM credentials WHERE device_id = ? AND revoked_at IS NULL',
      device.id,
    );
    for (const { id } of live) {
      await this.#c.db.run('UPDATE credentials SET revoked_at = ? WHERE id = ?', at, id);
      await this.#assets.activity(
        device.agencyId,
        device.id,
        'credential_revoked',
        { key: 'activity.credential_revoked' },
        at,
        by,
        reason,
      );
    }
    return live.map(({ id }) => id);
  }

  /** Makes the claim code of a device in stock anew. @throws {RegistryError} CLAIM_NOT_IN_STOCK; NOT_FOUND, NOT_ALLOWED */
  async openClaim(
    { deviceId, codeSha256 }: { readonly deviceId: DeviceId; readonly codeSha256: string },
    { opensAt, closesAt }: Pick<ClaimWindow, 'opensAt' | 'closesAt'>,
  ): Promise<ClaimWindow> {
    const { agencyId, state } = await this.#editor.load<Device>(DEVICES, deviceId);
    this.#gate.mayWrite(agencyId, deviceId, true);
    if (state !== 'in_stock') throw new RegistryError('CLAIM_NOT_IN_STOCK', { id: deviceId });
    const now = this.#c.clock();
    await this.#c.db.run(
      `INSERT INTO claim_codes VALUES (?,?,?,?,?,?,NULL,NULL) ON CONFLICT (device_id) DO UPDATE SET agency_id = excluded.agency_id,
       code_sha256 = excluded.code_sha256, made_at = excluded.made_at, opens_at = excluded.opens_at, closes_at = excluded.closes_at,
       used_at = NULL, used_by = NULL`,
      deviceId,
      agencyId,
      codeSha256,
      now,
      opensAt,
      closesAt,
    );
    const text = { key: 'activity.claim_opened', params: { opensAt, closesAt } };
    await this.#assets.activity(agencyId, deviceId, 'claim_opened', text, now, this.#gate.userId);
    await this.#gate.audit(agencyId, 'claim.open', 'device', deviceId, null, { opensAt, closesAt });
    return { deviceId, agencyId, madeAt: now, opensAt, closesAt, usedAt: null, usedBy: null };
  }

  /**
   * Whether a code claims the device at `at`.
   * @throws {RegistryError} CLAIM_REFUSED, CLAIM_USED, CLAIM_CLOSED
   */
  async checkClaim(deviceId: DeviceId, codeSha256: string, at: EpochMs): Promise<void> {
    const row = await this.#c.db.get<ClaimRow>('SELECT * FROM claim_codes WHERE device_id = ?', deviceId);
    if (!row || row.code_sha256 !== codeSha256) throw new RegistryError('CLAIM_REFUSED');
    if (row.used_at !== null) throw new RegistryError('CLAIM_USED', { at: row.used_at });
    if (at < row.opens_at || at >= row.closes_at)
      throw new RegistryError('CLAIM_CLOSED', { opensAt: row.opens_at, closesAt: row.closes_at });
  }
  async spendClaim(deviceId: DeviceId, at: EpochMs, by: UserId | null): Promise<void> {
    await this.#c.db.run('UPDATE claim_codes SET used_at = ?, used_by = ? WHERE device_id = ?', at, by, deviceId);
  }
}

/** Steps, swaps, claims and rotation for the devices of a {@link RegistryView}. */
export function deviceLifeViews(context: Context, gate: Gate): DeviceLifeView {
  const { db, clock } = context;
  const assets = new Assets(context);
  const editor = new AssetEditor(context, gate);
  const lives = new DeviceLives(context, gate);
  const load = (id: DeviceId): Promise<Device> => editor.load<Device>(DEVICES, id);
  const reasonOf = (text: string | null): string | null => (text?.trim() ? text.trim() : null);

  const claimRow = async (id: DeviceId): Promise<ClaimRow | undefined> => {
    const { agencyId } = await load(id);
    // Like credentials: never shared.
    if (!gate.readableAgency(agencyId)) throw new RegistryError('NOT_FOUND', { id });
    return db.get<ClaimRow>('SELECT * FROM claim_codes WHERE device_id = ?', id);
  };

  /** A device can't go where its model isn't known. */
  const mustBeOffered = async (modelId: DeviceModelId, agencyId: AgencyId): Promise<void> => {
    const row = await db.get<{ agency_id: AgencyId | null }>('SELECT agency_id FROM models WHERE id = ?', modelId);
    if (row && row.agency_id !== null && row.agency_id !== agencyId)
      throw new RegistryError('CLAIM_MODEL_FOREIGN', { model: modelId });
  };

  return {
    async steps(id) {
      return db.snapshot(async () => {
        return possibleSteps((await load(id)).state, await lives.facts(id));
      });
    },
    async step(id, { step, reason, at }) {
      return db.transaction(async () => {
        const device = await load(id);
        let revoked: readonly CredentialId[] = [];
        const changed = await editor.write(device.agencyId, `device.${step}`, 'device', id, device, async () => {
          const why = reasonOf(reason);
          const taken = takeStep(device.state, step, await lives.facts(id), why);
          if (!taken.ok) throw new RegistryError(taken.error.code, { id, state: device.state, step });
          if (step === 'retire') {
            for (const point of await assets.pointsServed(id)) await assets.endAssignment(id, point, at, gate.userId);
            revoked = await lives.revokeAll(device, clock(), gate.userId, why);
          }
          return lives.enter(device, taken.value, at, gate.userId, why);
        });
        return { device: changed, revoked };
      });
    },
    async swap({ oldId, newId, oldBecomes, reason, at }) {
      return db.transaction(async () => {
        const old = await load(oldId);
        const replacement = await load(newId);
        let revoked: readonly CredentialId[] = [];
        gate.mayWrite(replacement.agencyId, newId, true);
        const done = await editor.write(
          old.agencyId,
          'device.swap',
          'device',
          oldId,
          { old, replacement },
          async () => {
            const points = await assets.pointsServed(oldId);
            const measured = await assets.measured(old.modelId);
            const relied = new Set(
              (await eachInTurn(points, (point) => assets.quantitiesOf(point))).flat().filter((q) => measured.has(q)),
            );
            const refusal = swapRefusal(
              { ...old, pointsServed: points.length, quantitiesServed: [...relied] },
              {
                ...replacement,
                pointsServed: (await assets.pointsServed(newId)).length,
                quantitiesMeasured: await assets.measured(replacement.modelId),
              },
            );
            if (refusal)
              throw new RegistryError(refusal.code, {
                id: oldId,
                by: newId,
                quantities: refusal.quantities.join(', '),
              });
            const why = reasonOf(reason);
            if (why === null)
              throw new RegistryError('STEP_NEEDS_REASON', { id: oldId, state: old.state, step: 'start_maintenance' });
            const assignments = await eachInTurn(points, async (point) => {
              await assets.endAssignment(oldId, point, at, gate.userId);
              return assets.assign(replacement, point, at, gate.userId);
            });
            const swapped = (agencyId: AgencyId, id: DeviceId): Promise<void> =>
              assets.activity(
                agencyId,
                id,
                'swapped',
                { key: 'activity.swapped', params: { old: oldId, new: newId } },
                at,
                gate.userId,
                why,
              );
            await swapped(old.agencyId, oldId);
            await swapped(replacement.agencyId, newId);
            if (oldBecomes === 'retired') revoked = await lives.revokeAll(old, clock(), gate.userId, why);
            return {
              old: old.state === oldBecomes ? old : await lives.enter(old, oldBecomes, at, gate.userId, why),
              replacement: await lives.enter(replacement, 'installed', at, gate.userId, why),
              assignments,
            };
          },
        );
        return { ...done, revoked };
      });
    },
    async rotateToken(credential, othersEndAt) {
      return db.transaction(async () => {
        const device = await load(credential.deviceId);
        const whole: DeviceCredential = {
          ...credential,
          agencyId: device.agencyId,
          createdAt: clock(),
          revokedAt: null,
        };
        gate.mayWrite(device.agencyId, device.id, true);
        await db.run(
          `UPDATE credentials SET expires_at = ? WHERE device_id = ? AND kind = 'token' AND revoked_at IS NULL
         AND (expires_at IS NULL OR expires_at > ?)`,
          othersEndAt,
          device.id,
          othersEndAt,
        );
        try {
          await assets.insertCredential(whole);
        } catch (error) {
          refused(error, { id: credential.id });
        }
        await assets.activity(
          device.agencyId,
          device.id,
          'credential_created',
          { key: 'activity.credential_rotated', params: { othersEndAt } },
          whole.createdAt,
          gate.userId,
        );
        await gate.audit(device.agencyId, 'credential.rotate', 'device', device.id, null, {
          id: whole.id,
          othersEndAt,
        });
        return whole;
      });
    },
    async openClaims(claims, window) {
      return db.transaction(async () => eachInTurn(claims, (claim) => lives.openClaim(claim, window)));
    },
    async claimWindow(id) {
      return db.snapshot(async () => {
        const row = await claimRow(id);
        return row ? windowOf(row) : null;
      });
    },
    async closeClaim(id) {
      return db.transaction(async () => {
        const row = await claimRow(id);
        if (!row || row.used_at !== null) throw new RegistryError('NOT_FOUND', { id });
        const { agencyId } = await load(id);
        gate.mayWrite(agencyId, id, true);
        const now = clock();
        await db.run('UPDATE claim_codes SET closes_at = ? WHERE device_id = ? AND closes_at > ?', now, id, now);
        await assets.activity(agencyId, id, 'claim_closed', { key: 'activity.claim_closed' }, now, gate.userId);
        await gate.audit(agencyId, 'claim.close', 'device', id, windowOf(row), null);
      });
    },
    async claim({ deviceId, codeSha256, agencyId, at }) {
      return db.transaction(async () => {
        gate.mayWrite(agencyId, agencyId);
        // By the code, not by what the actor may see: a device in another agency's stock is claimed with what its label says.
        const row = await db.get<{ body: string; version: number }>(
          'SELECT body, version FROM devices WHERE id = ?',
          deviceId,
        );
        const device = row && ({ ...JSON.parse(row.body), version: row.version } as Device);
        if (!device) throw new RegistryError('CLAIM_REFUSED');
        try {
          // By the registry's clock: a phone that was offline can't open a window that has closed.
          await lives.checkClaim(deviceId, codeSha256, clock());
        } catch (error) {
          const used = error instanceof RegistryError && error.code === 'CLAIM_USED';
          const by = (
            await db.get<{ used_by: UserId | null }>('SELECT used_by FROM claim_codes WHERE device_id = ?', deviceId)
          )?.used_by;
          // Asked again after a lost answer.
          if (used && by !== null && by === gate.userId && device.agencyId === agencyId) return device;
          throw error;
        }
        if (device.state !== 'in_stock') throw new RegistryError('CLAIM_NOT_IN_STOCK', { id: deviceId });
        if (device.agencyId !== agencyId) await mustBeOffered(device.modelId, agencyId);
        // A device that goes to another agency takes nothing of the first one's along.
        if (device.agencyId !== agencyId)
          for (const point of await assets.pointsServed(deviceId))
            await assets.endAssignment(deviceId, point, at, gate.userId);
        await lives.spendClaim(deviceId, at, gate.userId);
        await db.run('UPDATE credentials SET agency_id = ? WHERE device_id = ?', agencyId, deviceId);
        const claimed = await lives.enter({ ...device, agencyId }, 'claimed', at, gate.userId, null);
        const text = { key: 'activity.claimed', params: { from: device.agencyId, agency: agencyId } };
        await assets.activity(agencyId, deviceId, 'claimed', text, at, gate.userId);
        await gate.audit(agencyId, 'device.claim', 'device', deviceId, null, claimed);
        if (device.agencyId !== agencyId)
          await gate.audit(device.agencyId, 'device.claimed_away', 'device', deviceId, device, null);
        return claimed;
      });
    },
  };
}
