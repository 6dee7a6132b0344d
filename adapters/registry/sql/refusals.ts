import type { Brand } from '../../../domain/brand.ts';
import type { AgencyId, DeviceId } from '../../../domain/identifiers.ts';
import type {
  AdmissionRefusal,
  AdmissionRefusalCount,
  CertificateAuthorityId,
  ProvisioningKey,
} from '../../../domain/provisioning.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { SqlDatabase } from './sql-database.ts';

/** A profile or an authority, as refusals are counted for it. */
export type Door = Brand<string, 'Door'>;
export const doorOfProfile = (key: ProvisioningKey): Door => `profile:${key}` as Door;
export const doorOfAuthority = (id: CertificateAuthorityId): Door => `authority:${id}` as Door;

/** One row a door and reason, however often it refuses: somebody who knocks for ever fills no disk. */
export async function countRefusal(
  db: SqlDatabase,
  door: Door,
  agencyId: AgencyId,
  { code, deviceId, at }: { readonly code: AdmissionRefusal; readonly deviceId: DeviceId; readonly at: EpochMs },
): Promise<void> {
  await db.run(
    `INSERT INTO admission_refusals VALUES (?,?,?,1,?,?) ON CONFLICT (door, code) DO UPDATE SET refused = admission_refusals.refused + 1,
     last_at = excluded.last_at, last_device_id = excluded.last_device_id`,
    door,
    code,
    agencyId,
    at,
    deviceId,
  );
}

/** The most frequent first. */
export const refusalsAt = async (db: SqlDatabase, door: Door): Promise<readonly AdmissionRefusalCount[]> =>
  (
    await db.all<{ code: AdmissionRefusal; refused: number; last_at: EpochMs; last_device_id: DeviceId }>(
      'SELECT code, refused, last_at, last_device_id FROM admission_refusals WHERE door = ? ORDER BY refused DESC, code',
      door,
    )
  ).map((row) => ({ code: row.code, refused: row.refused, lastAt: row.last_at, lastDeviceId: row.last_device_id }));
