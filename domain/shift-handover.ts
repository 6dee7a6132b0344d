import type { Brand } from './brand.ts';
import type { AgencyId, UserId } from './identifiers.ts';
import type { Localized } from './localized.ts';
import { type OnDuty, type Shift, shiftAt } from './shift.ts';
import type { LogPart } from './shift-log.ts';
import type { ShiftSummary } from './shift-summary.ts';
import { before, type DurationMs, type EpochMs, epochMs, hours } from './time.ts';
import type { UtcOffset } from './time-zone.ts';

export type HandoverId = Brand<string, 'HandoverId'>;
/** Lower-case hex SHA-256 of the record as it was written down. */
export type RecordSha256 = Brand<string, 'RecordSha256'>;

/** What an outgoing shift signs: everything the next one, and anybody later, is to read as it was. Names are part of it. */
export interface HandoverContent {
  readonly format: 1;
  readonly agencyId: AgencyId;
  readonly agencyName: Localized;
  readonly shift: Shift;
  /** The time handed over, without gap after the handover before: [from, to). */
  readonly covers: { readonly from: EpochMs; readonly to: EpochMs };
  readonly onDuty: readonly OnDuty[];
  readonly summary: ShiftSummary;
  readonly log: LogPart;
  readonly remark: string;
  readonly signedBy: { readonly userId: UserId; readonly name: string };
  readonly signedAt: EpochMs;
  /** The handover before, so that none can be taken out or exchanged unseen. */
  readonly previous: { readonly id: HandoverId; readonly sha256: RecordSha256 } | null;
}

/** What the next shift signs. */
export interface HandoverReceipt {
  readonly handoverId: HandoverId;
  /** Of the record that was read. */
  readonly sha256: RecordSha256;
  readonly receivedBy: { readonly userId: UserId; readonly name: string };
  readonly receivedAt: EpochMs;
  readonly remark: string;
}

/** A signed record with the receipt, once there is one. `isIntact`: what is kept still has the hash it was signed with. */
export interface Handover {
  readonly id: HandoverId;
  readonly sha256: RecordSha256;
  readonly isIntact: boolean;
  readonly content: HandoverContent;
  readonly receipt: HandoverReceipt | null;
}

/** A row of the list. */
export interface HandoverLine {
  readonly id: HandoverId;
  readonly sha256: RecordSha256;
  readonly shift: Shift;
  readonly covers: HandoverContent['covers'];
  readonly signedByName: string;
  readonly signedAt: EpochMs;
  readonly receivedByName: string | null;
  readonly receivedAt: EpochMs | null;
}

export const HANDOVER_REFUSAL_CODES = [
  'HANDOVER_WAITING',
  'HANDOVER_MOVED_ON',
  'HANDOVER_OWN',
  'HANDOVER_RECEIVED',
] as const;
export type HandoverRefusal = (typeof HANDOVER_REFUSAL_CODES)[number];

/** After a longer time without a handover a record begins with the shift: nobody would read the log of a week. */
export const COVERS_AT_MOST: DurationMs = hours(24);

/** From when on the next record covers: where the one before ended, unless that is too long ago. */
export function coversFrom(shift: Shift, previousTo: EpochMs | null, now: EpochMs): EpochMs {
  if (previousTo === null || previousTo < before(now, COVERS_AT_MOST)) return shift.from;
  return previousTo;
}

/** The shift whose work is handed over: the one that lies in the middle of what is covered, so that a little early or late changes nothing. */
export const handedShift = (
  startMinutes: readonly number[],
  { from, to }: HandoverContent['covers'],
  offset: UtcOffset,
): Shift => shiftAt(startMinutes, epochMs((from + to) / 2), offset);

/**
 * Whether the record may be signed now.
 * `last`: the newest handover of the agency. `basedOn`: the beginning that the signer was shown.
 */
export function signRefusal(
  last: Pick<HandoverLine, 'receivedAt'> | null,
  basedOn: EpochMs,
  from: EpochMs,
): HandoverRefusal | null {
  if (last !== null && last.receivedAt === null) return 'HANDOVER_WAITING';
  return basedOn === from ? null : 'HANDOVER_MOVED_ON';
}

/** Whether `by` may receive: once, and nobody from themselves. */
export function receiveRefusal({ content, receipt }: Handover, by: UserId): HandoverRefusal | null {
  if (receipt !== null) return 'HANDOVER_RECEIVED';
  return content.signedBy.userId === by ? 'HANDOVER_OWN' : null;
}
