import type { AgencyId, DeviceId, UserId } from '../identifiers.ts';
import type { LabelFormat } from '../label-layout.ts';
import type { ClaimWindow } from '../provisioning.ts';
import type { EpochMs } from '../time.ts';
import type { Page, PageRequest } from './registry.ts';

/** Labels of one agency's devices that were printed together. */
export interface LabelPrint {
  readonly id: string;
  readonly agencyId: AgencyId;
  readonly printedAt: EpochMs;
  readonly printedBy: UserId | null;
  readonly format: LabelFormat;
  readonly deviceIds: readonly DeviceId[];
  /** Codes that were made for it: those of devices in stock. */
  readonly codes: number;
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
}

/** An order to print: codes for those in stock, and a note of it. */
export interface LabelOrder {
  readonly format: LabelFormat;
  readonly deviceIds: readonly DeviceId[];
  readonly claims: readonly { readonly deviceId: DeviceId; readonly codeSha256: string }[];
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
}

/** What labels were printed, and when the codes on them count; under the access of a `RegistryView`, the agency's own and never shared. */
export interface LabelPrintView {
  /**
   * Makes the codes anew and notes the print, one note for each agency whose devices they are, in one transaction. Codes printed before are dead.
   * @throws {RegistryError} CLAIM_NOT_IN_STOCK
   */
  print(order: LabelOrder): Promise<readonly LabelPrint[]>;
  /** Newest first. */
  prints(page: PageRequest): Promise<Page<LabelPrint>>;
  /** Of all devices for which codes were made, by id. */
  claimWindows(page: PageRequest): Promise<Page<ClaimWindow>>;
}
