import type { DeviceCommand } from '../device-control.ts';
import type {
  FirmwareImage,
  FirmwareImageId,
  FirmwareKey,
  FirmwareKeyId,
  ImageSha256,
} from '../firmware/firmware-image.ts';
import type { ProgressCounts, Rollout, RolloutId, RolloutPlan, RolloutStep } from '../firmware/rollout.ts';
import type { ProgressKind, RolloutDevice } from '../firmware/rollout-device.ts';
import type { AgencyId, DeviceId, DeviceModelId } from '../identifiers.ts';
import type { EpochMs } from '../time.ts';
import type { Page, PageRequest } from './registry.ts';

/** What a rollout of an image would meet now: devices of the model and agency that are in the field or on the way there. */
export interface RolloutPreview {
  readonly devices: number;
  readonly hasVersion: number;
  readonly hasNewer: number;
  /** Of the others: not connected now, never connected included. */
  readonly offline: number;
}
/** A rollout with its counts: over all, and of each stage. */
export interface CountedRollout {
  readonly rollout: Rollout;
  readonly counts: ProgressCounts;
  readonly stages: readonly ProgressCounts[];
}
/** A device's part in a rollout. */
export interface DeviceRollout {
  readonly rollout: Rollout;
  readonly device: RolloutDevice;
}

/** Keys, images and rollouts as people manage them; under the access of a `RegistryView`. They are the agency's own, and never shared. */
export interface FirmwareView {
  readonly keys: {
    list(): Promise<readonly FirmwareKey[]>;
    create(key: Omit<FirmwareKey, 'createdBy' | 'createdAt' | 'revokedAt'>): Promise<FirmwareKey>;
    /** Revoking again changes nothing. */
    revoke(id: FirmwareKeyId): Promise<FirmwareKey>;
  };
  readonly images: {
    /** Newest first, withdrawn ones included. */
    list(filter: { readonly modelId?: DeviceModelId }): Promise<readonly FirmwareImage[]>;
    get(id: FirmwareImageId): Promise<FirmwareImage>;
    /** Whether `create` would be allowed; so that bytes are not taken in vain. @throws {RegistryError} as `create`. */
    mayCreate(agencyId: AgencyId, modelId: DeviceModelId): Promise<void>;
    /**
     * The same image again gives the one that is there.
     * @throws {RegistryError} ALREADY_EXISTS when the version is taken by other bytes; REFERENCE_MISSING for a model the agency doesn't have.
     */
    create(image: Omit<FirmwareImage, 'uploadedBy' | 'uploadedAt' | 'withdrawnAt'>): Promise<FirmwareImage>;
    withdraw(id: FirmwareImageId): Promise<FirmwareImage>;
    preview(id: FirmwareImageId): Promise<RolloutPreview>;
  };
  readonly rollouts: {
    /** Newest first. */
    list(): Promise<readonly CountedRollout[]>;
    get(id: RolloutId): Promise<CountedRollout>;
    /**
     * A draft, with the devices it is for: those of the agency and model in the field now. Later ones come with the next rollout.
     * @throws {RegistryError} FIRMWARE_WITHDRAWN, FIRMWARE_NO_DEVICES
     */
    create(id: RolloutId, imageId: FirmwareImageId, plan: RolloutPlan): Promise<CountedRollout>;
    /** @throws {RegistryError} ROLLOUT_STEP_NOT_ALLOWED; ROLLOUT_OPEN when another one of the model is open; FIRMWARE_WITHDRAWN */
    step(id: RolloutId, step: RolloutStep): Promise<CountedRollout>;
    /** By device id. */
    devices(id: RolloutId, filter: { readonly kind?: ProgressKind }, page: PageRequest): Promise<Page<RolloutDevice>>;
    /** Newest first, at most 20. */
    ofDevice(device: DeviceId): Promise<readonly DeviceRollout[]>;
  };
}

/** What one step of a rollout brought. */
export interface RolloutAdvance {
  /** Devices that a command was given to. */
  readonly offered: readonly DeviceId[];
  /** Commands that were called back. */
  readonly recalled: readonly DeviceCommand[];
  /** Set when it halted by itself just now. */
  readonly halted: Rollout | null;
  /** More devices wait for their turn than were taken in this step. */
  readonly hasMore: boolean;
}

/** The same as whoever carries rollouts out deals with it. Every method is one transaction. */
export interface FirmwareLog {
  /** Those that run, and those of which devices are still under way. */
  followed(): Promise<readonly RolloutId[]>;
  /** Devices under way, of all rollouts: to be looked at after a restart. */
  underway(): Promise<readonly DeviceId[]>;
  /** Looks at what the device reported and answered; gives the rollouts in which that changed something. */
  look(device: DeviceId, at: EpochMs): Promise<readonly RolloutId[]>;
  /**
   * Gives up devices whose time is over, judges the stage, and offers the image to the next devices of a running rollout, at most `limit`; calls back what
   * was offered and not begun when it doesn't run.
   */
  advance(
    id: RolloutId,
    at: EpochMs,
    options: { readonly limit: number; readonly address: (sha256: ImageSha256) => string },
  ): Promise<RolloutAdvance>;
  /** The image when it is offered to this device, or being loaded by it; `null`: the device is to know nothing of it. */
  imageFor(device: DeviceId, sha256: ImageSha256): Promise<FirmwareImage | null>;
  /** Whether any image that is not withdrawn has these bytes. */
  isKept(sha256: ImageSha256): Promise<boolean>;
}

/** Bytes of images. */
export interface FirmwareFiles {
  /**
   * Takes an image in without keeping it: its bytes are on disk when this resolves, under no name yet.
   * @throws {FirmwareFilesError} TOO_LARGE beyond `maximumBytes`, FULL when the folder may hold no more. Nothing is left behind.
   */
  receive(bytes: AsyncIterable<Uint8Array>): Promise<ReceivedImage>;
  /** Bytes from `start` to `end`, both inclusive; `null` when there is no such image. */
  read(sha256: ImageSha256, start: number, end: number): Promise<AsyncIterable<Uint8Array> | null>;
  remove(sha256: ImageSha256): Promise<void>;
  status(): { readonly bytes: number; readonly capacityBytes: number; readonly maximumImageBytes: number };
}
export interface ReceivedImage {
  readonly sha256: ImageSha256;
  readonly sizeBytes: number;
  /** Under its name for good: also after a power cut. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}
export class FirmwareFilesError extends Error {
  override readonly name = 'FirmwareFilesError';
  readonly code: 'TOO_LARGE' | 'FULL';
  readonly limitBytes: number;
  constructor(code: 'TOO_LARGE' | 'FULL', limitBytes: number) {
    super(`${code}: ${limitBytes} bytes`);
    this.code = code;
    this.limitBytes = limitBytes;
  }
}
