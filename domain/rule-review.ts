import type { AgencyId, RuleId, UserId } from './identifiers.ts';
import { type Rule, type Severity, severityRank } from './rule.ts';
import type { EpochMs } from './time.ts';

/** Worked on, or waiting for a second person. */
export const RULE_DRAFT_STATES = ['draft', 'in_review'] as const;
export type RuleDraftState = (typeof RULE_DRAFT_STATES)[number];

/**
 * A rule as somebody is writing it: a new one, or the next version of one in force, which goes on judging meanwhile. At most one for each rule. Only
 * when it is let go live does it judge anything.
 */
export interface RuleDraft {
  /** Of the rule it is to be. */
  readonly ruleId: RuleId;
  readonly agencyId: AgencyId;
  /** Version of the rule it was made over; 0 for a new rule. */
  readonly basedOn: number;
  /** JSON as it was written, whether it makes sense or not: nothing of an edit is lost because it isn't right yet. */
  readonly content: Readonly<Record<string, unknown>>;
  readonly state: RuleDraftState;
  /** Everyone who wrote at it, the latest last. */
  readonly authors: readonly UserId[];
  /** Why it was sent back, until it is submitted again. */
  readonly rejection: { readonly by: UserId | null; readonly at: EpochMs; readonly reason: string } | null;
  readonly createdAt: EpochMs;
  readonly changedAt: EpochMs;
  /** 1, 2, 3 …: every step is a new one. */
  readonly version: number;
}

export const RULE_DRAFT_STEPS = ['created', 'saved', 'submitted', 'rejected', 'approved', 'discarded'] as const;
/** One line of what was done with drafts of a rule. Append-only, and kept when the draft has gone. */
export interface RuleDraftEvent {
  readonly ruleId: RuleId;
  readonly step: (typeof RULE_DRAFT_STEPS)[number];
  readonly at: EpochMs;
  readonly by: UserId | null;
  /** Reason of a rejection. */
  readonly note: string | null;
  /** Of the rule that went live; `null` for other steps. */
  readonly ruleVersion: number | null;
}

/** From which severity on a rule needs a second person; `never`: none does. */
export type ReviewFrom = Severity | 'never';

type Levelled = { readonly condition: { readonly levels: readonly { readonly severity: Severity }[] } };

/**
 * Whether a second person must look at the change: when the new version or the one it replaces (`null`: none) has a level as bad as `from`, since
 * a grave alarm that is lost by an edit is as grave as one that is wrong.
 */
export function needsReview(next: Levelled, live: Levelled | null, from: ReviewFrom): boolean {
  if (from === 'never') return false;
  const grave = ({ condition }: Levelled): boolean =>
    condition.levels.some(({ severity }) => severityRank(severity) <= severityRank(from));
  return grave(next) || (live !== null && grave(live));
}

/**
 * Why somebody may not let the draft go live; `null`: they may. `NOT_SUBMITTED`: it needs a review and was not submitted. `OWN`: it needs a review,
 * and they wrote at it.
 */
export function approvalRefusal(
  { state, authors }: RuleDraft,
  person: UserId | null,
  reviewNeeded: boolean,
): 'NOT_SUBMITTED' | 'OWN' | null {
  if (!reviewNeeded) return null;
  if (state !== 'in_review') return 'NOT_SUBMITTED';
  return person === null || authors.includes(person) ? 'OWN' : null;
}

/** Parts of a rule that its author writes. */
export type RuleFields = Omit<Rule, 'id' | 'agencyId' | 'version' | 'approvedBy' | 'createdBy' | 'createdAt'>;
