import type { Brand } from '../brand.ts';
import type { AgencyId, DeviceModelId, UserId } from '../identifiers.ts';
import type { EpochMs } from '../time.ts';

export type FirmwareImageId = Brand<string, 'FirmwareImageId'>;
export type FirmwareKeyId = Brand<string, 'FirmwareKeyId'>;

/** Lower-case hex of the SHA-256 of an image: its name on disk and in its address. */
export type ImageSha256 = Brand<string, 'ImageSha256'>;
export const IMAGE_SHA256_PATTERN: RegExp = /^[0-9a-f]{64}$/;

/** A public key that an agency trusts with its devices. */
export interface FirmwareKey {
  readonly id: FirmwareKeyId;
  readonly agencyId: AgencyId;
  /** Whose it is, in people's words: the maker, the department. */
  readonly name: string;
  /** Models it may sign for; empty: all of the agency's. */
  readonly modelIds: readonly DeviceModelId[];
  /** Ed25519, 32 bytes, base64. */
  readonly publicKey: string;
  readonly createdBy: UserId;
  readonly createdAt: EpochMs;
  /** From here on nothing it signed is given to devices. */
  readonly revokedAt: EpochMs | null;
}

/** What the signature of an image is over, and so what can't be changed without it. */
export interface FirmwareClaim {
  readonly modelId: DeviceModelId;
  readonly version: string;
  readonly sizeBytes: number;
  readonly sha256: ImageSha256;
}

export interface FirmwareImage extends FirmwareClaim {
  readonly id: FirmwareImageId;
  readonly agencyId: AgencyId;
  /** Ed25519 over {@link firmwareManifest}, 64 bytes, base64. */
  readonly signature: string;
  readonly keyId: FirmwareKeyId;
  readonly notes: string;
  readonly uploadedBy: UserId;
  readonly uploadedAt: EpochMs;
  /** From here on it is given to no device. */
  readonly withdrawnAt: EpochMs | null;
}

/**
 * The text that is signed (UTF-8, each line ended by LF). Not the bytes alone: a true signature of an old image, or of one for another model, could then be
 * sent again under a newer version's name. With model, version, size and checksum under one signature a device that compares the version with its
 * own can be neither taken back nor given the firmware of another kind of hardware, whoever holds the platform.
 */
export const firmwareManifest = ({ modelId, version, sizeBytes, sha256 }: FirmwareClaim): string =>
  `hai-dang-firmware/1\nmodel=${modelId}\nversion=${version}\nsize=${sizeBytes}\nsha256=${sha256}\n`;

/** Whether a key may sign for a model. */
export const maySign = (key: Pick<FirmwareKey, 'modelIds' | 'revokedAt'>, modelId: DeviceModelId): boolean =>
  key.revokedAt === null && (key.modelIds.length === 0 || key.modelIds.includes(modelId));

/** Versions of images: up to four numbers, and a word behind `-` for what comes before the release (`1.5.0-rc.2`). At most 32 characters. */
export const FIRMWARE_VERSION_PATTERN: RegExp =
  /^(?=.{1,32}$)\d{1,9}(?:\.\d{1,9}){0,3}(?:-[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*)?$/;

/**
 * Order of two versions: negative when `a` is older, 0 when they are the same, `null` when one of them is in words of its own (devices report what they
 * like). As in Semantic Versioning 2.0.0 §11: numbers by size, absent ones as 0, a version with a word before the one without.
 */
export function compareVersions(a: string, b: string): number | null {
  if (a === b) return 0;
  const [left, right] = [versionParts(a), versionParts(b)];
  if (left === null || right === null) return null;
  for (let i = 0; i < 4; i += 1) {
    const difference = (left.numbers[i] ?? 0) - (right.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.words === null || right.words === null) return Number(left.words === null) - Number(right.words === null);
  for (let i = 0; i < Math.max(left.words.length, right.words.length); i += 1) {
    const difference = compareWords(left.words[i], right.words[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function versionParts(
  text: string,
): { readonly numbers: readonly number[]; readonly words: readonly string[] | null } | null {
  const plain = text.startsWith('v') ? text.slice(1) : text;
  if (!FIRMWARE_VERSION_PATTERN.test(plain)) return null;
  const dash = plain.indexOf('-');
  const numbers = (dash < 0 ? plain : plain.slice(0, dash)).split('.').map(Number);
  return { numbers, words: dash < 0 ? null : plain.slice(dash + 1).split('.') };
}

/** Numbers before words, fewer before more. */
function compareWords(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOtherNumber) return Number(a) - Number(b);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
