import type { AgencyId } from '../identifiers.ts';
import type { DutyStep, ShiftPlan } from '../shift.ts';
import type { Handover, HandoverContent, HandoverId, HandoverLine, HandoverReceipt } from '../shift-handover.ts';
import type { LogPart, ShiftNote, ShiftNoteId } from '../shift-log.ts';
import type { ShiftFacts } from '../shift-summary.ts';
import type { EpochMs } from '../time.ts';
import type { Page, PageRequest } from './registry.ts';

/** Most entries of each kind in one part of a log; the oldest are left out, and counted. */
export interface LogBounds {
  readonly alarms: number;
  readonly others: number;
}

/** The shifts of an agency's control room, under the access of a `RegistryView`: its own, never shared. */
export interface ShiftsView {
  plan(agencyId: AgencyId): Promise<ShiftPlan>;
  /** @throws {RegistryError} CONFLICT when `version` isn't the current one; a code of `PLAN_REFUSAL_CODES`. */
  setPlan(plan: ShiftPlan): Promise<ShiftPlan>;
  /** Steps of duty since `since`, oldest first. */
  duty(agencyId: AgencyId, since: EpochMs): Promise<readonly DutyStep[]>;
  /** The actor takes up duty or leaves it. */
  takeDuty(agencyId: AgencyId, step: DutyStep['step']): Promise<void>;
  /** @throws {RegistryError} REFERENCE_MISSING when `corrects` is no note of the agency. A correction of a correction is one of the first note. */
  note(
    agencyId: AgencyId,
    note: Pick<ShiftNote, 'noteId' | 'text' | 'happenedAt'> & { readonly corrects: ShiftNoteId | null },
  ): Promise<ShiftNote>;
  /** What was recorded in [from, to): alarms, maintenance, official warnings, devices lost and back, notes, duty; newest first. */
  log(agencyId: AgencyId, span: { readonly from: EpochMs; readonly to: EpochMs }, bounds: LogBounds): Promise<LogPart>;
  /** How things stand now, and what was counted in [from, to); at most `listed` open alarms and devices, the worst and longest. */
  facts(
    agencyId: AgencyId,
    span: { readonly from: EpochMs; readonly to: EpochMs },
    listed: number,
  ): Promise<Omit<ShiftFacts, 'log'>>;
  readonly handovers: {
    /** Newest first. */
    list(agencyId: AgencyId, page: PageRequest): Promise<Page<HandoverLine>>;
    get(id: HandoverId): Promise<Handover>;
    /**
     * Writes the record down for ever; whoever signs leaves duty. `basedOn`: the beginning that the signer was shown.
     * @throws {RegistryError} a code of `HANDOVER_REFUSAL_CODES`.
     */
    sign(id: HandoverId, content: HandoverContent, basedOn: EpochMs): Promise<Handover>;
    /** Whoever receives takes up duty; who came on duty before the signing leaves it. @throws {RegistryError} as `sign`. */
    receive(id: HandoverId, by: HandoverReceipt['receivedBy'], remark: string): Promise<Handover>;
  };
}
