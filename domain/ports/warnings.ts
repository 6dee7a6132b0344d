import type { AgencyId, AlarmId, UserId } from '../identifiers.ts';
import type { EpochMs } from '../time.ts';
import type { Warning, WarningContent, WarningId } from '../warning/warning.ts';
import type { WarningStep } from '../warning/warning-steps.ts';
import type { Page, PageRequest } from './registry.ts';

/** One version of a warning: what was done, by whom and when. Append-only. */
export interface WarningVersion {
  readonly version: number;
  readonly step: WarningStep['kind'] | 'create';
  /** `null`: the platform itself. */
  readonly by: UserId | null;
  readonly at: EpochMs;
  readonly warning: Warning;
}

/** Official warnings of an agency, under the access of a `RegistryView`. Drafts are the agency's own and never shared. */
export interface WarningsView {
  /** Newest first; every phase, or only what has not ended. */
  list(filter: { readonly agencyId?: AgencyId; readonly open?: boolean }, page: PageRequest): Promise<Page<Warning>>;
  get(id: WarningId): Promise<Warning>;
  /** Oldest first. */
  versions(id: WarningId): Promise<readonly WarningVersion[]>;
  create(warning: {
    readonly id: WarningId;
    readonly agencyId: AgencyId;
    readonly status: Warning['status'];
    readonly alarmId: AlarmId | null;
    readonly content: WarningContent;
    readonly author: UserId;
  }): Promise<Warning>;
  /**
   * Takes a step from `version`, whole: the new version, its audit row, and for an approval the message that was published.
   * @throws {RegistryError} CONFLICT when `version` isn't the current one; a code of `WARNING_REFUSAL_CODES`; ALREADY_EXISTS for a message's
   * identifier that was given before.
   */
  step(id: WarningId, version: number, step: WarningStep, xml?: string): Promise<Warning>;
}

/** What is published, for everybody; and the passing of time. Under nobody's access: whoever calls it shows only `issued`. */
export interface PublishedWarnings {
  /** In force, and ended at `endedSince` or later (by the end they were given, noted or not); newest first, at most `limit`. */
  recent(endedSince: EpochMs, limit: number): Promise<readonly Warning[]>;
  /** The published message, word for word. */
  message(identifier: string): Promise<{ readonly xml: string; readonly sent: EpochMs } | undefined>;
  /** Ends what has run out at `now`, each with its version and audit row; those that ended. */
  expireDue(now: EpochMs): Promise<readonly Warning[]>;
}

/** The schema of CAP 1.2, as a library reads it. */
export interface CapSchema {
  /**
   * What is wrong with the document, in the library's words; empty when nothing is.
   * @throws {CapSchemaBusyError} when too many documents wait to be looked at.
   */
  problems(xml: string): Promise<readonly string[]>;
}

/** Too many documents wait for the schema. */
export class CapSchemaBusyError extends Error {
  override readonly name = 'CapSchemaBusyError';
}
