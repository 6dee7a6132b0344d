import type { AgencyId, RuleId, UserId } from '../identifiers.ts';
import type { Rule } from '../rule.ts';
import type { RuleDraft, RuleDraftEvent, RuleFields } from '../rule-review.ts';

/**
 * Drafts of rules under the access of a `RegistryView`: the agency's own, never shared. Whether a step makes sense (a draft that needs a review, a
 * second person) is the caller's to ask of `domain/rule-review.ts`, on the version it read; every step carries that version.
 * Every write leaves an audit row, and a line in the rule's history.
 */
export interface RuleDraftView {
  /** Ordered by rule. */
  list(filter: { readonly agencyId?: AgencyId }): Promise<readonly RuleDraft[]>;
  /** @throws {RegistryError} NOT_FOUND */
  get(id: RuleId): Promise<RuleDraft>;
  /**
   * Of a new rule, or over the one in force.
   * @throws {RegistryError} ALREADY_EXISTS where there is a draft of it, or the rule was withdrawn; REFERENCE_MISSING without such an agency
   */
  create(draft: Pick<RuleDraft, 'ruleId' | 'agencyId' | 'content'>): Promise<RuleDraft>;
  /** Writes it anew, which takes it back from review. */
  save(id: RuleId, version: number, content: RuleDraft['content']): Promise<RuleDraft>;
  submit(id: RuleId, version: number): Promise<RuleDraft>;
  /** @throws {RegistryError} INVALID_STATE unless it is in review */
  reject(id: RuleId, version: number, reason: string): Promise<RuleDraft>;
  discard(id: RuleId, version: number): Promise<void>;
  /**
   * Makes it the rule's next version, by its latest author; the draft goes. `approvedBy`: the second person, if one was needed.
   * @throws {RegistryError} CONFLICT when the rule was edited (or withdrawn) since the draft was made, too
   */
  publish(id: RuleId, version: number, rule: RuleFields, approvedBy: UserId | null): Promise<Rule>;
  /** Everything that was done with drafts of the rule, oldest first; empty for one that never had any. */
  history(id: RuleId): Promise<readonly RuleDraftEvent[]>;
}
