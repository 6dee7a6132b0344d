import type { Device } from '../asset.ts';
import type { CommissioningRecord, DevicePhoto, PhotoId } from '../commissioning.ts';
import type { DeviceId, PointId } from '../identifiers.ts';
import type { EpochMs } from '../time.ts';

/**
 * Signed records, pictures and notes of the work on devices; under the access of a `RegistryView`. They name people and show places: like
 * credentials, they are the agency's own and never shared.
 */
export interface CommissioningView {
  /** Newest first. */
  records(device: DeviceId): Promise<readonly CommissioningRecord[]>;
  record(device: DeviceId, id: string): Promise<CommissioningRecord>;
  /**
   * Keeps the record and takes the device's `commission` step, in one transaction.
   * @throws {RegistryError} a code of `STEP_REFUSAL_CODES`; CONFLICT when the device serves other points than those that were looked at;
   * REFERENCE_MISSING for a photo that isn't the device's.
   */
  sign(
    record: Omit<
      CommissioningRecord,
      'agencyId' | 'modelId' | 'serialNumber' | 'pointIds' | 'signedBy' | 'signedName'
    > & { readonly pointsLookedAt: readonly PointId[] },
  ): Promise<{ readonly record: CommissioningRecord; readonly device: Device }>;
  /** Newest first. */
  photos(device: DeviceId): Promise<readonly DevicePhoto[]>;
  photo(device: DeviceId, id: PhotoId): Promise<DevicePhoto>;
  /** The same picture again gives the row there is. @throws {RegistryError} PHOTOS_FULL when the device has `limit` already. */
  addPhoto(photo: Omit<DevicePhoto, 'agencyId' | 'recordedAt' | 'by'>, limit: number): Promise<DevicePhoto>;
  /** Something to remember in the device's life. */
  note(device: DeviceId, text: string, at: EpochMs): Promise<void>;
}

/** Where the bytes of pictures are kept. */
export interface PhotoFiles {
  /** True: they are on disk. The same id again changes nothing. False: there is no room for them; what is kept stays. */
  keep(id: PhotoId, bytes: Uint8Array): Promise<boolean>;
  read(id: PhotoId): Promise<Uint8Array | undefined>;
  /** `refused`: pictures there was no room for, since the start. */
  status(): { readonly bytes: number; readonly capacityBytes: number; readonly refused: number };
}
