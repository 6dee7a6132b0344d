import type { Location } from '../asset.ts';
import type { Brand } from '../brand.ts';
import type { AgencyId, AlarmId, UserId, WardCode } from '../identifiers.ts';
import type { Localized } from '../localized.ts';
import type { EpochMs } from '../time.ts';
import type {
  CapCategory,
  CapCertainty,
  CapNamedValue,
  CapReference,
  CapResponseType,
  CapSeverity,
  CapUrgency,
  Circle,
} from './cap.ts';

export type WarningId = Brand<string, 'WarningId'>;

/** Where a warning is for: any mix of outlines and circles. */
export interface WarningArea {
  readonly description: Localized;
  /** Corners in order, the last joined to the first by itself. */
  readonly outlines: readonly (readonly Location[])[];
  readonly circles: readonly Circle[];
  /** National codes of the wards it lies in, for receivers that know them. */
  readonly wards: readonly WardCode[];
}

/** What a warning says, in both languages. A draft may still lack texts, area and end. */
export interface WarningContent {
  readonly event: Localized;
  readonly headline: Localized;
  readonly description: Localized;
  readonly instruction: Localized;
  readonly categories: readonly CapCategory[];
  readonly responseTypes: readonly CapResponseType[];
  readonly urgency: CapUrgency;
  readonly severity: CapSeverity;
  readonly certainty: CapCertainty;
  /** `null`: from the moment it is sent. */
  readonly onset: EpochMs | null;
  /** Until when it holds; `null` only in a draft. */
  readonly expires: EpochMs | null;
  readonly area: WarningArea;
  readonly contact: string;
  readonly parameters: readonly CapNamedValue[];
}

/** The messages of a warning's life: the first, its changes, and the one that takes it back. */
export const PROPOSAL_KINDS = ['alert', 'update', 'cancel'] as const;
export type ProposalKind = (typeof PROPOSAL_KINDS)[number];

/** A message that somebody wants to be published. */
export interface Proposal {
  readonly kind: ProposalKind;
  readonly stage: 'draft' | 'submitted' | 'rejected';
  readonly content: WarningContent;
  /** Why it is changed or taken back, told to the public; `null` for the first message. */
  readonly reason: Localized | null;
  /** Everybody who wrote in it, the first author first: none of them may approve it. */
  readonly authors: readonly UserId[];
  /** The newest refusal; kept while it is worked over. */
  readonly rejection: { readonly by: UserId; readonly at: EpochMs; readonly reason: string } | null;
}

/** A message that was published. */
export interface IssuedMessage extends CapReference {
  readonly kind: ProposalKind;
  readonly content: WarningContent;
  readonly reason: Localized | null;
  readonly authors: readonly UserId[];
  readonly approvedBy: UserId;
}

/** Where a warning stands. What is in force may have a change or its end waiting; what is over has nothing waiting. */
export type WarningLife =
  | { readonly kind: 'unpublished'; readonly proposal: Proposal }
  | { readonly kind: 'in_force'; readonly proposal: Proposal | null }
  | { readonly kind: 'cancelled' | 'expired' | 'discarded'; readonly at: EpochMs };

/** One official warning with all its messages. */
export interface Warning {
  readonly id: WarningId;
  readonly agencyId: AgencyId;
  /** `Exercise`: nobody is to act on it. */
  readonly status: 'Actual' | 'Exercise';
  /** The alarm it was drafted from. */
  readonly alarmId: AlarmId | null;
  readonly life: WarningLife;
  /** Oldest first. */
  readonly issued: readonly IssuedMessage[];
  readonly createdAt: EpochMs;
  readonly changedAt: EpochMs;
  readonly version: number;
}

/** For lists: a warning is in exactly one of these at any moment. */
export const WARNING_PHASES = [
  'draft',
  'submitted',
  'rejected',
  'in_force',
  'cancelled',
  'expired',
  'discarded',
] as const;
export type WarningPhase = (typeof WARNING_PHASES)[number];

/** The newest message that says what holds: not the one that took the warning back. */
export const currentMessage = (warning: Warning): IssuedMessage | undefined =>
  warning.issued.findLast(({ kind }) => kind !== 'cancel');

/** The message that somebody wants published, if any. */
export const proposalOf = ({ life }: Warning): Proposal | null =>
  life.kind === 'unpublished' || life.kind === 'in_force' ? life.proposal : null;

/** Whether what was published has come to its end at `now`; the end itself belongs to what is over. */
export function isOver(warning: Warning, now: EpochMs): boolean {
  const expires = currentMessage(warning)?.content.expires ?? null;
  return expires !== null && expires <= now;
}

/** Where the warning stands at `now`: what has run out is expired from that moment, whether or not somebody has noted it yet. */
export function phaseAt(warning: Warning, now: EpochMs): WarningPhase {
  const { life } = warning;
  switch (life.kind) {
    case 'unpublished':
      return life.proposal.stage;
    case 'in_force':
      return isOver(warning, now) ? 'expired' : 'in_force';
    case 'cancelled':
    case 'expired':
    case 'discarded':
      return life.kind;
  }
}

/** When it ended, at `now`; `null` while it has not. */
export function endedAt(warning: Warning, now: EpochMs): EpochMs | null {
  const { life } = warning;
  if (life.kind === 'unpublished') return null;
  if (life.kind === 'in_force') return isOver(warning, now) ? (currentMessage(warning)?.content.expires ?? null) : null;
  return life.at;
}
