import type { Device, DeviceAssignment, DeviceCredential, DeviceState, TokenCredential } from '../asset.ts';
import type { ImportedDevice, ImportObstacle, ImportOutcome, ImportRow } from '../device-import.ts';
import type { DeviceStep, PossibleStep } from '../device-life.ts';
import type { AgencyId, CredentialId, DeviceId, DeviceModelId, PointId, UserId } from '../identifiers.ts';
import type {
  AdmissionRefusal,
  AuthorityInUse,
  CertificateAuthority,
  CertificateAuthorityId,
  ClaimWindow,
  Counted,
  ProvisioningKey,
  ProvisioningProfile,
} from '../provisioning.ts';
import type { Result } from '../result.ts';
import type { EpochMs } from '../time.ts';
import type { Page, PageRequest } from './registry.ts';

/*
 * The parts of the registry that devices come in by and live through. As everywhere in a `RegistryView`: what the actor may not see is
 * `NOT_FOUND`, what it may only read is `NOT_ALLOWED`, every write leaves an audit row in its own transaction.
 */

/** A device after something was done to it, and the credentials that ended by it: their sessions are to be closed. */
export interface ChangedDevice {
  readonly device: Device;
  readonly revoked: readonly CredentialId[];
}

/** Steps, swaps, claims and rotation of tokens. */
export interface DeviceLifeView {
  steps(id: DeviceId): Promise<readonly PossibleStep[]>;
  /**
   * Takes a step that happened at `at`. Retiring also ends what the device serves and revokes its credentials.
   * @throws {RegistryError} a code of `STEP_REFUSAL_CODES`
   */
  step(
    id: DeviceId,
    step: { readonly step: DeviceStep; readonly reason: string | null; readonly at: EpochMs },
  ): Promise<ChangedDevice>;
  /**
   * Puts one device in the place of another, at all points the old one serves, in one transaction. The new one becomes `installed`; the
   * assignments of both stay on record.
   * @throws {RegistryError} a code of `SWAP_REFUSAL_CODES`, or of `STEP_REFUSAL_CODES`
   */
  swap(swap: {
    readonly oldId: DeviceId;
    readonly newId: DeviceId;
    readonly oldBecomes: 'in_maintenance' | 'retired';
    readonly reason: string;
    readonly at: EpochMs;
  }): Promise<{
    readonly old: Device;
    readonly replacement: Device;
    readonly assignments: readonly DeviceAssignment[];
    readonly revoked: readonly CredentialId[];
  }>;
  /** A new token; those that are live now end at `othersEndAt`, unless they end before. */
  rotateToken(
    credential: Omit<TokenCredential, 'createdAt' | 'revokedAt' | 'agencyId'>,
    othersEndAt: EpochMs,
  ): Promise<DeviceCredential>;
  /** Makes (or makes anew) the claim codes of devices in stock; codes made before are dead. @throws {RegistryError} CLAIM_NOT_IN_STOCK */
  openClaims(
    claims: readonly { readonly deviceId: DeviceId; readonly codeSha256: string }[],
    window: { readonly opensAt: EpochMs; readonly closesAt: EpochMs },
  ): Promise<readonly ClaimWindow[]>;
  /** `null` when none was ever made. */
  claimWindow(id: DeviceId): Promise<ClaimWindow | null>;
  /** From now on the code claims nothing. */
  closeClaim(id: DeviceId): Promise<void>;
  /**
   * Claims a device by its label's code for an agency the actor may write. The code is the right: the device need not be visible before.
   * The same person's same claim again gives the same answer.
   * @throws {RegistryError} CLAIM_REFUSED (unknown device or wrong code: not told which), CLAIM_USED, CLAIM_CLOSED, CLAIM_NOT_IN_STOCK,
   * CLAIM_MODEL_FOREIGN
   */
  claim(claim: {
    readonly deviceId: DeviceId;
    readonly codeSha256: string;
    readonly agencyId: AgencyId;
    readonly at: EpochMs;
  }): Promise<Device>;
}

export type ImportState = 'previewed' | 'applied' | 'undone';
export interface DeviceImport {
  readonly id: string;
  readonly agencyId: AgencyId;
  readonly state: ImportState;
  readonly fileName: string;
  readonly unknownColumns: readonly string[];
  readonly counts: Readonly<Record<ImportOutcome['kind'], number>>;
  readonly createdAt: EpochMs;
  readonly createdBy: UserId | null;
  readonly appliedAt: EpochMs | null;
  readonly undoneAt: EpochMs | null;
}

/** One device as a row of an exported sheet. */
export interface SheetDevice extends Omit<ImportedDevice, 'pointId' | 'state'> {
  readonly agencyId: AgencyId;
  readonly state: DeviceState;
  readonly points: readonly PointId[];
}

/** Sheets of devices: planned, carried out whole, taken back. */
export interface DeviceImportView {
  /** Newest first, without their rows. */
  list(limit: number): Promise<readonly DeviceImport[]>;
  get(id: string): Promise<DeviceImport>;
  /** In the sheet's order. */
  outcomes(id: string): Promise<readonly ImportOutcome[]>;
  /** Plans the rows and keeps rows and plan; no device is touched. The twenty newest previews of an agency are kept. */
  preview(sheet: {
    readonly id: string;
    readonly agencyId: AgencyId;
    readonly fileName: string;
    readonly unknownColumns: readonly string[];
    readonly rows: readonly ImportRow[];
  }): Promise<DeviceImport>;
  /**
   * Does what the preview says, in one transaction. Rows with errors are left out when `skipErrors`.
   * @throws {RegistryError} IMPORT_STALE `{line, lines}` when a row's outcome is another one now; IMPORT_HAS_ERRORS; INVALID_STATE when it
   * isn't a preview any more.
   */
  apply(
    id: string,
    options: { readonly skipErrors: boolean; readonly tokenSha256: ReadonlyMap<DeviceId, string> },
  ): Promise<{ readonly done: DeviceImport; readonly created: readonly DeviceId[] }>;
  /** What stands in the way of taking the import back; empty when nothing does. */
  obstacles(id: string): Promise<readonly ImportObstacle[]>;
  /**
   * Removes the devices that the import made; what is on record of them (activities, spans of service) stays.
   * @throws {RegistryError} IMPORT_BUILT_UPON while there are obstacles; INVALID_STATE unless it was applied.
   */
  undo(id: string): Promise<{ readonly done: DeviceImport; readonly removed: readonly DeviceId[] }>;
  /** All devices of the agency, by id. */
  sheet(agencyId: AgencyId): Promise<readonly SheetDevice[]>;
}

export interface BoundDevice {
  readonly deviceId: DeviceId;
  readonly boundAt: EpochMs;
  /** As its certificate says. */
  readonly subject: string;
}

type GivenLater = 'admittedDevices' | 'createdAt' | 'version';
/** Profiles and certificate authorities as people manage them. */
export interface ProvisioningView {
  profiles(): Promise<readonly Counted<ProvisioningProfile>[]>;
  profile(key: ProvisioningKey): Promise<Counted<ProvisioningProfile>>;
  createProfile(
    profile: Omit<ProvisioningProfile, GivenLater>,
    secretSha256: string,
  ): Promise<Counted<ProvisioningProfile>>;
  updateProfile(profile: ProvisioningProfile): Promise<Counted<ProvisioningProfile>>;
  /** The secret before is dead at once. */
  renewSecret(key: ProvisioningKey, secretSha256: string): Promise<Counted<ProvisioningProfile>>;
  authorities(): Promise<readonly AuthorityInUse[]>;
  authority(id: CertificateAuthorityId): Promise<AuthorityInUse>;
  createAuthority(authority: Omit<CertificateAuthority, GivenLater | 'revokedAt'>): Promise<AuthorityInUse>;
  /** Name, model and terms; the certificate stays what it is. */
  updateAuthority(authority: CertificateAuthority): Promise<AuthorityInUse>;
  /** Devices that can connect by its certificates now, by id. */
  boundDevices(id: CertificateAuthorityId, page: PageRequest): Promise<Page<BoundDevice>>;
  /** For ever: with all credentials that came in by it. */
  revokeAuthority(id: CertificateAuthorityId): Promise<{
    readonly authority: AuthorityInUse;
    readonly revoked: readonly { readonly deviceId: DeviceId; readonly credentialId: CredentialId }[];
  }>;
}

export interface Registration {
  readonly profileKey: ProvisioningKey;
  readonly deviceId: DeviceId;
  readonly modelId: DeviceModelId | null;
  readonly serialNumber: string | null;
  /** SHA-256 of what `claimPreimage` gives; `null` when the device brought no claim code. */
  readonly claimSha256: string | null;
  /** Of the token it gets if it is admitted. */
  readonly tokenSha256: string;
}
export interface CertificateBinding {
  readonly authorityId: CertificateAuthorityId;
  readonly deviceId: DeviceId;
  readonly fingerprintSha256: string;
  readonly subject: string;
  readonly validTo: EpochMs;
}
/** `true`: the registry didn't know the device before. */
export type AdmissionResult = Result<{ readonly created: boolean }, AdmissionRefusal>;

/** The door that devices open themselves, for the gateway. Each call is one transaction, so that many devices at once cost one sync. */
export interface Admissions {
  profiles(): Promise<readonly (ProvisioningProfile & { readonly secretSha256: string })[]>;
  authorities(): Promise<readonly CertificateAuthority[]>;
  /** One answer for each, in order; one refused leaves the others be. */
  register(registrations: readonly Registration[]): Promise<readonly AdmissionResult[]>;
  bind(bindings: readonly CertificateBinding[]): Promise<readonly AdmissionResult[]>;
}
