import type { AgencyId, CredentialId, DeviceId, DeviceModelId } from '../../../domain/identifiers.ts';
import type { ProvisioningView } from '../../../domain/ports/device-registry.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type {
  AuthorityInUse,
  CertificateAuthority,
  CertificateAuthorityId,
  Counted,
  ProvisioningKey,
  ProvisioningProfile,
} from '../../../domain/provisioning.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type Context, type Gate, refused } from './access.ts';
import { Assets } from './assets.ts';
import { AssetEditor } from './editing.ts';
import { eachInTurn } from './in-turn.ts';
import { limitOf, pageOf } from './pages.ts';
import { doorOfAuthority, doorOfProfile, refusalsAt } from './refusals.ts';
import { Where } from './sql-database.ts';

export interface ProfileRow {
  readonly id: string;
  readonly agency_id: AgencyId;
  readonly secret_sha256: string;
  readonly admitted: number;
  readonly version: number;
  readonly body: string;
}
export const profileOf = (row: ProfileRow): ProvisioningProfile => ({
  ...(JSON.parse(row.body) as ProvisioningProfile),
  admittedDevices: row.admitted,
  version: row.version,
});
export interface AuthorityRow {
  readonly id: string;
  readonly agency_id: AgencyId;
  readonly admitted: number;
  readonly revoked_at: EpochMs | null;
  readonly version: number;
  readonly body: string;
}
export const authorityOf = (row: AuthorityRow): CertificateAuthority => ({
  ...(JSON.parse(row.body) as CertificateAuthority),
  admittedDevices: row.admitted,
  revokedAt: row.revoked_at,
  version: row.version,
});

/** Credentials of an authority that let their devices in now: its id, then the time. */
const BOUND = 'authority_id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)';

/** Profiles and certificate authorities as people manage them. Like keys they are the agency's own, and never shared. */
export function provisioningViews(context: Context, gate: Gate): ProvisioningView {
  const { db, clock } = context;
  const assets = new Assets(context);
  const editor = new AssetEditor(context, gate);

  const load = async <R>(table: 'provisioning_profiles' | 'certificate_authorities', id: string): Promise<R> => {
    const where = gate.ownOnly(new Where().equals('id', id), 'agency_id');
    const row = await db.get<R>(`SELECT * FROM ${table} ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return row;
  };
  const counted = async (row: ProfileRow): Promise<Counted<ProvisioningProfile>> => ({
    ...profileOf(row),
    refusals: await refusalsAt(db, doorOfProfile(row.id as ProvisioningKey)),
  });
  const inUse = async (row: AuthorityRow): Promise<AuthorityInUse> => ({
    ...authorityOf(row),
    refusals: await refusalsAt(db, doorOfAuthority(row.id as CertificateAuthorityId)),
    boundDevices:
      (
        await db.get<{ n: number }>(
          `SELECT COUNT(DISTINCT device_id) AS n FROM credentials WHERE ${BOUND}`,
          row.id,
          clock(),
        )
      )?.n ?? 0,
  });
  const loadProfile = async (key: string): Promise<Counted<ProvisioningProfile>> =>
    counted(await load<ProfileRow>('provisioning_profiles', key));
  const loadAuthority = async (id: string): Promise<AuthorityInUse> =>
    inUse(await load<AuthorityRow>('certificate_authorities', id));
  const mayRegister = async (modelIds: readonly DeviceModelId[], agencyId: AgencyId): Promise<void> => {
    for (const id of modelIds)
      if (!(await db.get('SELECT 1 FROM models WHERE id = ? AND (agency_id IS NULL OR agency_id = ?)', id, agencyId)))
        throw new RegistryError('REFERENCE_MISSING', { id });
  };
  /** What of an edit is kept; counters and dates stay with their columns. */
  const put = async (
    table: string,
    row: { readonly id: string; readonly version: number },
    body: unknown,
  ): Promise<void> => {
    const { changes } = await db.run(
      `UPDATE ${table} SET body = ?, version = version + 1 WHERE id = ? AND version = ?`,
      JSON.stringify(body),
      row.id,
      row.version,
    );
    if (changes === 0) throw new RegistryError('CONFLICT', { id: row.id });
  };
  /** What an audit row holds of an authority: its certificate is long and told by its fingerprint. */
  const briefly = ({ certificatePem: _, refusals: __, ...rest }: AuthorityInUse) => rest;

  return {
    async profiles() {
      return db.snapshot(async () => {
        const where = gate.ownOnly(new Where(), 'agency_id');
        return eachInTurn(
          await db.all<ProfileRow>(`SELECT * FROM provisioning_profiles ${where.sql} ORDER BY id`, ...where.values),
          counted,
        );
      });
    },
    profile: async (key) => db.snapshot(async () => loadProfile(key)),
    async createProfile(profile, secretSha256) {
      return editor.write(
        profile.agencyId,
        'provisioning.create',
        'provisioning_profile',
        profile.key,
        null,
        async () => {
          await mayRegister(profile.modelIds, profile.agencyId);
          try {
            await db.run(
              'INSERT INTO provisioning_profiles VALUES (?,?,?,0,1,?)',
              profile.key,
              profile.agencyId,
              secretSha256,
              JSON.stringify({ ...profile, createdAt: clock() }),
            );
          } catch (error) {
            refused(error, { id: profile.key });
          }
          return loadProfile(profile.key);
        },
      );
    },
    async updateProfile(edited) {
      return db.transaction(async () => {
        const before = await loadProfile(edited.key);
        return editor.write(
          before.agencyId,
          'provisioning.update',
          'provisioning_profile',
          before.key,
          before,
          async () => {
            await mayRegister(edited.modelIds, before.agencyId);
            const { key, agencyId, createdAt } = before;
            const { name, modelIds, stockListOnly, maximumDevices, enabled, expiresAt } = edited;
            const body = {
              key,
              agencyId,
              name,
              modelIds,
              stockListOnly,
              maximumDevices,
              enabled,
              expiresAt,
              createdAt,
            };
            await put('provisioning_profiles', { id: before.key, version: edited.version }, body);
            return loadProfile(before.key);
          },
        );
      });
    },
    async renewSecret(key, secretSha256) {
      return db.transaction(async () => {
        const before = await loadProfile(key);
        return editor.write(
          before.agencyId,
          'provisioning.renew_secret',
          'provisioning_profile',
          key,
          before,
          async () => {
            await db.run(
              'UPDATE provisioning_profiles SET secret_sha256 = ?, version = version + 1 WHERE id = ?',
              secretSha256,
              key,
            );
            return loadProfile(key);
          },
        );
      });
    },
    async authorities() {
      return db.snapshot(async () => {
        const where = gate.ownOnly(new Where(), 'agency_id');
        return eachInTurn(
          await db.all<AuthorityRow>(`SELECT * FROM certificate_authorities ${where.sql} ORDER BY id`, ...where.values),
          inUse,
        );
      });
    },
    authority: async (id) => db.snapshot(async () => loadAuthority(id)),
    async createAuthority(authority) {
      return db.transaction(async () => {
        gate.mayWrite(authority.agencyId, authority.id);
        await mayRegister([authority.modelId], authority.agencyId);
        try {
          await db.run(
            'INSERT INTO certificate_authorities VALUES (?,?,?,0,NULL,1,?)',
            authority.id,
            authority.agencyId,
            authority.fingerprintSha256,
            JSON.stringify({ ...authority, createdAt: clock() }),
          );
        } catch (error) {
          refused(error, { id: authority.fingerprintSha256 });
        }
        const made = await loadAuthority(authority.id);
        await gate.audit(made.agencyId, 'authority.create', 'certificate_authority', made.id, null, briefly(made));
        return made;
      });
    },
    async updateAuthority(edited) {
      return db.transaction(async () => {
        const before = await loadAuthority(edited.id);
        gate.mayWrite(before.agencyId, before.id, true);
        if (before.revokedAt !== null) throw new RegistryError('INVALID_STATE', { id: before.id });
        await mayRegister([edited.modelId], before.agencyId);
        const { name, modelId, stockListOnly, maximumDevices, enabled } = edited;
        const body = { ...before, name, modelId, stockListOnly, maximumDevices, enabled };
        await put('certificate_authorities', { id: before.id, version: edited.version }, body);
        const made = await loadAuthority(before.id);
        await gate.audit(
          made.agencyId,
          'authority.update',
          'certificate_authority',
          made.id,
          briefly(before),
          briefly(made),
        );
        return made;
      });
    },
    async boundDevices(id, page) {
      return db.snapshot(async () => {
        await loadAuthority(id);
        const limit = limitOf(page);
        const rows = await db.all<{ device_id: DeviceId; subject: string; created_at: EpochMs }>(
          `SELECT device_id, subject, created_at FROM (
           SELECT device_id, subject, created_at, ROW_NUMBER() OVER (PARTITION BY device_id ORDER BY created_at DESC, id) AS place
           FROM credentials WHERE ${BOUND} AND device_id > ?
         ) bound WHERE place = 1 ORDER BY device_id LIMIT ?`,
          id,
          clock(),
          page.after ?? '',
          limit + 1,
        );
        const { items, next } = pageOf(rows, limit, (row) => row.device_id);
        return {
          items: items.map((row) => ({ deviceId: row.device_id, subject: row.subject, boundAt: row.created_at })),
          next,
        };
      });
    },
    async revokeAuthority(id) {
      return db.transaction(async () => {
        const before = await loadAuthority(id);
        gate.mayWrite(before.agencyId, id, true);
        if (before.revokedAt !== null) throw new RegistryError('INVALID_STATE', { id });
        const now = clock();
        await db.run('UPDATE certificate_authorities SET revoked_at = ?, version = version + 1 WHERE id = ?', now, id);
        const ended = await db.all<{ id: CredentialId; device_id: DeviceId; agency_id: AgencyId }>(
          'SELECT id, device_id, agency_id FROM credentials WHERE authority_id = ? AND revoked_at IS NULL',
          id,
        );
        for (const credential of ended) {
          await db.run('UPDATE credentials SET revoked_at = ? WHERE id = ?', now, credential.id);
          const text = { key: 'activity.authority_revoked', params: { authority: id } };
          await assets.activity(
            credential.agency_id,
            credential.device_id,
            'credential_revoked',
            text,
            now,
            gate.userId,
          );
        }
        const authority = await loadAuthority(id);
        await gate.audit(before.agencyId, 'authority.revoke', 'certificate_authority', id, briefly(before), {
          ...briefly(authority),
          credentialsRevoked: ended.length,
        });
        return {
          authority,
          revoked: ended.map((credential) => ({ deviceId: credential.device_id, credentialId: credential.id })),
        };
      });
    },
  };
}
