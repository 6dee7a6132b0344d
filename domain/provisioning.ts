import type { DeviceState } from './asset.ts';
import type { Brand } from './brand.ts';
import type { AgencyId, DeviceId, DeviceModelId, UserId } from './identifiers.ts';
import { err, ok, type Result } from './result.ts';
import type { EpochMs } from './time.ts';

/** Part of the topic `hd/v1/provision/{key}`: one topic level, no wildcards. */
export type ProvisioningKey = Brand<string, 'ProvisioningKey'>;
export const PROVISIONING_KEY_PATTERN: RegExp = /^[a-z0-9][a-z0-9_-]{2,31}$/;
export type CertificateAuthorityId = Brand<string, 'CertificateAuthorityId'>;

/** How often a door refused for one reason. */
export interface AdmissionRefusalCount {
  readonly code: AdmissionRefusal;
  readonly refused: number;
  readonly lastAt: EpochMs;
  readonly lastDeviceId: DeviceId;
}

/** A door with what it has refused so far, the most frequent first. */
export type Counted<Door> = Door & { readonly refusals: readonly AdmissionRefusalCount[] };

/** On what terms devices may make themselves known. */
export interface AdmissionTerms {
  readonly agencyId: AgencyId;
  /** Only devices that staff have put on the stock list. */
  readonly stockListOnly: boolean;
  /** `null`: any number. */
  readonly maximumDevices: number | null;
  /** How many have come in so far. */
  readonly admittedDevices: number;
  readonly enabled: boolean;
}

/** Lets devices register themselves over MQTT with a secret they share. The secret is shown once and kept only as its SHA-256. */
export interface ProvisioningProfile extends AdmissionTerms {
  readonly key: ProvisioningKey;
  readonly name: string;
  /** Models a device may say it is; the first counts when it says nothing. */
  readonly modelIds: readonly DeviceModelId[];
  readonly expiresAt: EpochMs | null;
  readonly createdAt: EpochMs;
  readonly version: number;
}

/** A certificate authority whose certificates let devices in. */
export interface CertificateAuthority extends AdmissionTerms {
  readonly id: CertificateAuthorityId;
  readonly name: string;
  readonly modelId: DeviceModelId;
  readonly certificatePem: string;
  /** Lower-case hex SHA-256 of the certificate's DER form. */
  readonly fingerprintSha256: string;
  readonly subject: string;
  readonly validFrom: EpochMs;
  readonly validTo: EpochMs;
  readonly createdAt: EpochMs;
  /** All that was admitted by it is refused since. */
  readonly revokedAt: EpochMs | null;
  readonly version: number;
}

/** An authority with what goes by it. */
export interface AuthorityInUse extends Counted<CertificateAuthority> {
  /** Devices that can connect by its certificates now, those that were known before included. */
  readonly boundDevices: number;
}

/** Every answer but success that a device can get to `hd/v1/provision/{key}`, and every refusal of a certificate. */
export const ADMISSION_REFUSALS = [
  'MALFORMED',
  'PROFILE_DISABLED',
  'PROFILE_EXPIRED',
  'PROFILE_FULL',
  'MODEL_NOT_ALLOWED',
  'SERIAL_MISMATCH',
  'NOT_ON_STOCK_LIST',
  'ALREADY_REGISTERED',
  'DEVICE_ID_TAKEN',
  'DEVICE_RETIRED',
  'CLAIM_REFUSED',
  'CERTIFICATE_REVOKED',
  'TOO_MANY_REQUESTS',
  'UNAVAILABLE',
] as const;
export type AdmissionRefusal = (typeof ADMISSION_REFUSALS)[number];

/** What a device says of itself. */
export interface RegistrationRequest {
  readonly deviceId: DeviceId;
  readonly modelId: DeviceModelId | null;
  readonly serialNumber: string | null;
}

/** What the registry knows of the device that asks. */
export interface KnownDevice {
  readonly agencyId: AgencyId;
  readonly modelId: DeviceModelId;
  readonly serialNumber: string | null;
  readonly state: DeviceState;
  /** It can connect already: with a credential it has used, or was given in another way than by registering with this profile. */
  readonly hasCredential: boolean;
}

/** `create`: not known so far; `adopt`: known and waiting. */
export interface Admission {
  readonly kind: 'create' | 'adopt';
  readonly modelId: DeviceModelId;
}

/** Terms that hold for whoever asks; the first that fails is told. */
function refusedByTerms(terms: AdmissionTerms, expiresAt: EpochMs | null, now: EpochMs): AdmissionRefusal | null {
  if (!terms.enabled) return 'PROFILE_DISABLED';
  if (expiresAt !== null && expiresAt <= now) return 'PROFILE_EXPIRED';
  if (terms.maximumDevices !== null && terms.admittedDevices >= terms.maximumDevices) return 'PROFILE_FULL';
  return null;
}

/** Whether the known device may be adopted by whoever brings its id: it is the agency's own, alive, and says nothing else of itself. */
function refusedByDevice(
  device: KnownDevice,
  agencyId: AgencyId,
  { modelId, serialNumber }: RegistrationRequest,
): AdmissionRefusal | null {
  if (device.agencyId !== agencyId) return 'DEVICE_ID_TAKEN';
  if (device.state === 'retired') return 'DEVICE_RETIRED';
  if (modelId !== null && modelId !== device.modelId) return 'MODEL_NOT_ALLOWED';
  if (serialNumber !== null && device.serialNumber !== null && serialNumber !== device.serialNumber)
    return 'SERIAL_MISMATCH';
  return null;
}

/**
 * Judges a device that registers itself with a profile's secret. Once a device can connect, nobody gets a second token for its id this way:
 * whoever knows the secret could otherwise take over any device of the agency. A device whose answer was lost on the way may ask again.
 */
export function judgeRegistration(
  profile: ProvisioningProfile,
  request: RegistrationRequest,
  device: KnownDevice | null,
  now: EpochMs,
): Result<Admission, AdmissionRefusal> {
  const refused = refusedByTerms(profile, profile.expiresAt, now);
  if (refused) return err(refused);
  if (device === null) {
    if (profile.stockListOnly) return err('NOT_ON_STOCK_LIST');
    const modelId = request.modelId ?? profile.modelIds[0];
    if (modelId === undefined || !profile.modelIds.includes(modelId)) return err('MODEL_NOT_ALLOWED');
    return ok({ kind: 'create', modelId });
  }
  const unfit = refusedByDevice(device, profile.agencyId, request);
  if (unfit) return err(unfit);
  if (!profile.modelIds.includes(device.modelId)) return err('MODEL_NOT_ALLOWED');
  if (device.hasCredential) return err('ALREADY_REGISTERED');
  return ok({ kind: 'adopt', modelId: device.modelId });
}

/** Judges a device whose certificate the authority has signed, and whose key it has proven to hold. A known device may bring a renewed one. */
export function judgeCertificate(
  authority: CertificateAuthority,
  deviceId: DeviceId,
  device: KnownDevice | null,
  now: EpochMs,
): Result<Admission, AdmissionRefusal> {
  if (authority.revokedAt !== null) return err('CERTIFICATE_REVOKED');
  const { modelId } = authority;
  if (device !== null) {
    const unfit = refusedByDevice(device, authority.agencyId, { deviceId, modelId: null, serialNumber: null });
    if (unfit) return err(unfit);
    if (!authority.enabled) return err('PROFILE_DISABLED');
    return ok({ kind: 'adopt', modelId: device.modelId });
  }
  const refused = refusedByTerms(authority, authority.validTo, now);
  if (refused) return err(refused);
  if (authority.stockListOnly) return err('NOT_ON_STOCK_LIST');
  return ok({ kind: 'create', modelId });
}

/** A device's claim code as it is kept: the code itself is on the label alone. */
export interface ClaimWindow {
  readonly deviceId: DeviceId;
  readonly agencyId: AgencyId;
  readonly madeAt: EpochMs;
  /** The code counts from `opensAt` (inclusive) to `closesAt` (exclusive). */
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
  readonly usedAt: EpochMs | null;
  readonly usedBy: UserId | null;
}

/** Letters and digits that aren't taken for one another on a label (Crockford's base 32). */
const CLAIM_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CLAIM_LENGTH = 12;

/** A code of 60 random bits, e.g. `7G4K-0ZQX-M2VN`, from at least 12 random bytes. */
export function claimCodeFrom(randomBytes: Uint8Array): string {
  const letters = [...randomBytes.subarray(0, CLAIM_LENGTH)].map((byte) => CLAIM_ALPHABET[byte % 32]);
  return [0, 4, 8].map((at) => letters.slice(at, at + 4).join('')).join('-');
}

/** A code as it was typed or scanned, in the form it is hashed in: upper case, O as 0, I and L as 1, without dashes and blanks. */
export const plainClaimCode = (typed: string): string =>
  typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');

/** What is hashed of a code: bound to its device, so that one guess tries one device. */
export const claimPreimage = (deviceId: DeviceId, typed: string): string => `${deviceId}:${plainClaimCode(typed)}`;
