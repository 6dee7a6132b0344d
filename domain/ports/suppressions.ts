import type { Notice } from '../events.ts';
import type { AgencyId, UserId } from '../identifiers.ts';
import type { SiteNetworkRows } from '../site-network.ts';
import type {
  SuppressionWindow,
  SuppressionWindowDraft,
  SuppressionWindowId,
  WindowStep,
} from '../suppression-window.ts';
import type { EpochMs } from '../time.ts';
import type { Page, PageRequest } from './registry.ts';

/** One version of a window: what was done, by whom and when. Append-only. */
export interface SuppressionWindowVersion {
  readonly step: 'open' | WindowStep['kind'];
  /** `null`: the platform itself. */
  readonly by: UserId | null;
  readonly at: EpochMs;
  readonly window: SuppressionWindow;
}

/** Windows of an agency, under the access of a `RegistryView`: its own, never shared. */
export interface SuppressionsView {
  /** Newest first. `over`: only those that are over at the registry's clock, or only those that are not. */
  list(
    filter: { readonly agencyId?: AgencyId; readonly over?: boolean },
    page: PageRequest,
  ): Promise<Page<SuppressionWindow>>;
  get(id: SuppressionWindowId): Promise<SuppressionWindow>;
  /** Oldest first. */
  versions(id: SuppressionWindowId): Promise<readonly SuppressionWindowVersion[]>;
  /**
   * The agency is that of the device, point, site or rule.
   * @throws {RegistryError} NOT_FOUND for a scope that isn't to be seen, NOT_ALLOWED for one that may only be read; a code of `WINDOW_REFUSAL_CODES`.
   */
  open(draft: Omit<SuppressionWindowDraft, 'agencyId'>): Promise<SuppressionWindow>;
  /** @throws {RegistryError} CONFLICT when `version` isn't the current one; a code of `WINDOW_REFUSAL_CODES`. */
  step(id: SuppressionWindowId, version: number, step: WindowStep): Promise<SuppressionWindow>;
}

/** What judging needs, under nobody's access; and the passing of time. */
export interface SuppressionLog {
  /** Those that end after `since`, or have no end; planned ones among them. */
  windows(since: EpochMs): Promise<readonly SuppressionWindow[]>;
  network(): Promise<SiteNetworkRows>;
  /** Those in force that end by `before` and whose owners have not been told of that end. */
  endingSoon(now: EpochMs, before: EpochMs): Promise<readonly SuppressionWindow[]>;
  /** Keeps `notice` and notes that owners were told of this end, in one. False, and nothing, when somebody else did, or the end is another by now. */
  remind(window: SuppressionWindow, notice: Notice): Promise<boolean>;
}
