import { type Device, OWN_TOPICS } from '../../../domain/asset.ts';
import type { CredentialId, DeviceId } from '../../../domain/identifiers.ts';
import type {
  AdmissionResult,
  Admissions,
  CertificateBinding,
  Registration,
} from '../../../domain/ports/device-registry.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import {
  type Admission,
  type AdmissionTerms,
  type CertificateAuthority,
  judgeCertificate,
  judgeRegistration,
  type KnownDevice,
  type ProvisioningKey,
  type ProvisioningProfile,
} from '../../../domain/provisioning.ts';
import { err, ok } from '../../../domain/result.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type Context, Gate } from './access.ts';
import { Assets } from './assets.ts';
import { DeviceLives } from './device-life.ts';
import { eachInTurn } from './in-turn.ts';
import { type AuthorityRow, authorityOf, type ProfileRow, profileOf } from './provisioning.ts';
import { countRefusal, doorOfAuthority, doorOfProfile } from './refusals.ts';

/** Devices that let themselves in, by a profile's secret or by a certificate; each call one transaction. */
export function admissionsOf(context: Context): Admissions {
  const { db, clock, newId } = context;
  const assets = new Assets(context);

  const loadDevice = async (id: DeviceId): Promise<Device | null> => {
    const row = await db.get<{ body: string; version: number }>('SELECT body, version FROM devices WHERE id = ?', id);
    return row ? { ...(JSON.parse(row.body) as Device), version: row.version } : null;
  };
  /** `profile`: whose own tokens count for nothing as long as the device has not connected with one; `null` for none. */
  const known = async (
    device: Device | null,
    profile: ProvisioningKey | null,
    now: EpochMs,
  ): Promise<KnownDevice | null> =>
    device && {
      ...device,
      hasCredential:
        (await db.get(
          `SELECT 1 FROM credentials c WHERE c.device_id = ? AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > ?)
           AND (c.kind <> 'token' OR c.subject IS DISTINCT FROM ?
             OR EXISTS (SELECT 1 FROM device_status s WHERE s.device_id = c.device_id AND s.recorded_at >= c.created_at)) LIMIT 1`,
          device.id,
          now,
          profile ?? '',
        )) !== undefined,
    };

  /** Whoever is known may come in all the same: its hardware is there already. */
  const isRefusedModel = async ({ kind, modelId }: Admission): Promise<boolean> =>
    kind === 'create' && (await assets.isWithdrawn(modelId));

  /** Makes or takes on the device; it is claimed by its agency from now on. Returns it as it is then. */
  const admit = async (
    gate: Gate,
    terms: AdmissionTerms,
    { kind, modelId }: Admission,
    asked: { readonly deviceId: DeviceId; readonly serialNumber: string | null },
    device: Device | null,
    by: string,
    now: EpochMs,
  ): Promise<void> => {
    if (kind === 'create' || device === null) {
      const { deviceId: id, serialNumber } = asked;
      await assets.insertDevice({ id, agencyId: terms.agencyId, modelId, serialNumber, state: 'claimed' }, null);
    } else if (device.state === 'in_stock')
      await new DeviceLives(context, gate).enter(device, 'claimed', now, null, null);
    const text = { key: 'activity.registered', params: { by } };
    await assets.activity(terms.agencyId, asked.deviceId, 'registered', text, now, null);
    await gate.audit(terms.agencyId, 'device.register', 'device', asked.deviceId, device, { by, modelId, kind });
  };

  const registerOne = async (asked: Registration, now: EpochMs): Promise<AdmissionResult> => {
    const row = await db.get<ProfileRow>('SELECT * FROM provisioning_profiles WHERE id = ?', asked.profileKey);
    if (!row) return err('PROFILE_DISABLED');
    const profile = profileOf(row);
    const result = await registerAt(profile, asked, now);
    const { agencyId, key } = profile;
    if (!result.ok) await countRefusal(db, doorOfProfile(key), agencyId, { ...asked, code: result.error, at: now });
    return result;
  };
  const registerAt = async (
    profile: ProvisioningProfile,
    asked: Registration,
    now: EpochMs,
  ): Promise<AdmissionResult> => {
    const device = await loadDevice(asked.deviceId);
    const judged = judgeRegistration(profile, asked, await known(device, profile.key, now), now);
    if (!judged.ok) return judged;
    if (await isRefusedModel(judged.value)) return err('MODEL_NOT_ALLOWED');
    const gate = new Gate({ kind: 'system', name: `provisioning ${profile.key}` }, context);
    if (asked.claimSha256 !== null) {
      const lives = new DeviceLives(context, gate);
      try {
        await lives.checkClaim(asked.deviceId, asked.claimSha256, now);
      } catch (error) {
        if (error instanceof RegistryError) return err('CLAIM_REFUSED');
        throw error;
      }
      await lives.spendClaim(asked.deviceId, now, null);
    }
    const { changes: again } = await db.run(
      'UPDATE credentials SET revoked_at = ? WHERE device_id = ? AND subject = ? AND revoked_at IS NULL',
      now,
      asked.deviceId,
      profile.key,
    );
    await admit(gate, profile, judged.value, asked, device, profile.key, now);
    await assets.insertCredential({
      id: newId() as CredentialId,
      deviceId: asked.deviceId,
      agencyId: profile.agencyId,
      kind: 'token',
      tokenSha256: asked.tokenSha256,
      madeBy: profile.key,
      topicFilters: OWN_TOPICS,
      createdAt: now,
      expiresAt: null,
      revokedAt: null,
    });
    if (again === 0) await db.run('UPDATE provisioning_profiles SET admitted = admitted + 1 WHERE id = ?', profile.key);
    return ok({ created: judged.value.kind === 'create' });
  };

  const bindOne = async (asked: CertificateBinding, now: EpochMs): Promise<AdmissionResult> => {
    const row = await db.get<AuthorityRow>('SELECT * FROM certificate_authorities WHERE id = ?', asked.authorityId);
    if (!row) return err('CERTIFICATE_REVOKED');
    const authority = authorityOf(row);
    const result = await bindAt(authority, asked, now);
    const { agencyId, id } = authority;
    if (!result.ok) await countRefusal(db, doorOfAuthority(id), agencyId, { ...asked, code: result.error, at: now });
    return result;
  };
  const bindAt = async (
    authority: CertificateAuthority,
    asked: CertificateBinding,
    now: EpochMs,
  ): Promise<AdmissionResult> => {
    const bound = await db.get<{ revoked_at: EpochMs | null }>(
      "SELECT revoked_at FROM credentials WHERE device_id = ? AND token_sha256 = ? AND kind = 'certificate'",
      asked.deviceId,
      asked.fingerprintSha256,
    );
    if (bound) return bound.revoked_at === null ? ok({ created: false }) : err('CERTIFICATE_REVOKED');
    const device = await loadDevice(asked.deviceId);
    const judged = judgeCertificate(authority, asked.deviceId, await known(device, null, now), now);
    if (!judged.ok) return judged;
    if (await isRefusedModel(judged.value)) return err('MODEL_NOT_ALLOWED');
    const gate = new Gate({ kind: 'system', name: `certificate authority ${authority.id}` }, context);
    await admit(gate, authority, judged.value, { ...asked, serialNumber: null }, device, authority.name, now);
    await assets.insertCredential({
      id: newId() as CredentialId,
      deviceId: asked.deviceId,
      agencyId: authority.agencyId,
      kind: 'certificate',
      fingerprintSha256: asked.fingerprintSha256,
      authorityId: authority.id,
      subject: asked.subject,
      topicFilters: OWN_TOPICS,
      createdAt: now,
      expiresAt: asked.validTo,
      revokedAt: null,
    });
    if (judged.value.kind === 'create')
      await db.run('UPDATE certificate_authorities SET admitted = admitted + 1 WHERE id = ?', authority.id);
    return ok({ created: judged.value.kind === 'create' });
  };

  return {
    async profiles() {
      return (await db.all<ProfileRow>('SELECT * FROM provisioning_profiles')).map((row) => ({
        ...profileOf(row),
        secretSha256: row.secret_sha256,
      }));
    },
    async authorities() {
      return (await db.all<AuthorityRow>('SELECT * FROM certificate_authorities')).map(authorityOf);
    },
    async register(registrations) {
      const now = clock();
      return db.transaction(async () => eachInTurn(registrations, (asked) => registerOne(asked, now)));
    },
    async bind(bindings) {
      const now = clock();
      return db.transaction(async () => eachInTurn(bindings, (asked) => bindOne(asked, now)));
    },
  };
}
