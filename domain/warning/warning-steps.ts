import type { UserId } from '../identifiers.ts';
import type { Localized } from '../localized.ts';
import { err, ok, type Result, unreachable } from '../result.ts';
import type { EpochMs } from '../time.ts';
import type { CapReference } from './cap.ts';
import {
  currentMessage,
  isOver,
  type Proposal,
  type Warning,
  type WarningContent,
  type WarningLife,
} from './warning.ts';
import { contentProblems } from './warning-content.ts';

export type WarningStep =
  /** What was submitted or refused goes back to being a draft. */
  | { readonly kind: 'edit'; readonly by: UserId; readonly content: WarningContent }
  | { readonly kind: 'submit'; readonly by: UserId }
  | { readonly kind: 'approve'; readonly by: UserId; readonly message: CapReference }
  | { readonly kind: 'reject'; readonly by: UserId; readonly reason: string }
  /** A change of what is in force, or its end: a proposal like the first message. */
  | { readonly kind: 'propose_update'; readonly by: UserId; readonly reason: Localized }
  | { readonly kind: 'propose_cancel'; readonly by: UserId; readonly reason: Localized }
  /** Takes the proposal away; what is in force stays. */
  | { readonly kind: 'discard'; readonly by: UserId }
  /** Time has passed. */
  | { readonly kind: 'expire' };

export const WARNING_REFUSAL_CODES = [
  /** Not possible where the warning stands. */
  'INVALID_STATE',
  /** A second person approves or refuses, never one who wrote in it. */
  'WARNING_OWN',
  /** Something is still missing: `contentProblems` says what. */
  'WARNING_INCOMPLETE',
] as const;
export type WarningRefusal = (typeof WARNING_REFUSAL_CODES)[number];

/**
 * The warning after one step at `now`; its version is one higher. Pure: whoever calls it keeps the result whole, or nothing.
 */
export function takeWarningStep(warning: Warning, step: WarningStep, now: EpochMs): Result<Warning, WarningRefusal> {
  const { life } = warning;
  const become = (next: WarningLife, issued = warning.issued): Result<Warning, WarningRefusal> =>
    ok({ ...warning, life: next, issued, changedAt: now, version: warning.version + 1 });
  const refuse = (code: WarningRefusal): Result<Warning, WarningRefusal> => err(code);

  if (life.kind !== 'unpublished' && life.kind !== 'in_force') return refuse('INVALID_STATE');
  if (life.kind === 'in_force' && isOver(warning, now) && step.kind !== 'expire') return refuse('INVALID_STATE');
  const { proposal } = life;
  const propose = (next: Proposal): Result<Warning, WarningRefusal> => become({ ...life, proposal: next });

  switch (step.kind) {
    case 'edit': {
      // What takes a warning back has nothing of its own to edit.
      if (proposal === null || proposal.kind === 'cancel') return refuse('INVALID_STATE');
      const authors = proposal.authors.includes(step.by) ? proposal.authors : [...proposal.authors, step.by];
      return propose({ ...proposal, stage: 'draft', content: step.content, authors });
    }
    case 'submit': {
      if (proposal === null || proposal.stage !== 'draft') return refuse('INVALID_STATE');
      return isComplete(proposal, now) ? propose({ ...proposal, stage: 'submitted' }) : refuse('WARNING_INCOMPLETE');
    }
    case 'reject': {
      if (proposal?.stage !== 'submitted') return refuse('INVALID_STATE');
      if (proposal.authors.includes(step.by)) return refuse('WARNING_OWN');
      return propose({ ...proposal, stage: 'rejected', rejection: { by: step.by, at: now, reason: step.reason } });
    }
    case 'approve': {
      if (proposal?.stage !== 'submitted') return refuse('INVALID_STATE');
      if (proposal.authors.includes(step.by)) return refuse('WARNING_OWN');
      // Its end may have passed while it waited.
      if (!isComplete(proposal, now)) return refuse('WARNING_INCOMPLETE');
      const { kind, content, reason, authors } = proposal;
      const { sender, identifier, sent } = step.message;
      const issued = [
        ...warning.issued,
        { kind, sender, identifier, sent, content, reason, authors, approvedBy: step.by },
      ];
      return become(kind === 'cancel' ? { kind: 'cancelled', at: now } : { kind: 'in_force', proposal: null }, issued);
    }
    case 'propose_update':
    case 'propose_cancel': {
      const current = currentMessage(warning);
      if (life.kind !== 'in_force' || proposal !== null || current === undefined) return refuse('INVALID_STATE');
      const kind = step.kind === 'propose_update' ? 'update' : 'cancel';
      return propose({
        kind,
        // There is nothing to write in a cancellation: it waits for the second person at once.
        stage: kind === 'cancel' ? 'submitted' : 'draft',
        content: current.content,
        reason: step.reason,
        authors: [step.by],
        rejection: null,
      });
    }
    case 'discard': {
      if (proposal === null) return refuse('INVALID_STATE');
      return become(life.kind === 'unpublished' ? { kind: 'discarded', at: now } : { ...life, proposal: null });
    }
    case 'expire': {
      const expires = currentMessage(warning)?.content.expires ?? null;
      if (life.kind !== 'in_force' || expires === null || expires > now) return refuse('INVALID_STATE');
      return become({ kind: 'expired', at: expires });
    }
    default:
      return unreachable(step);
  }
}

/** A cancellation says no more than that: what it takes back need not be publishable again. */
const isComplete = ({ kind, content }: Proposal, now: EpochMs): boolean =>
  kind === 'cancel' || contentProblems(content, now).length === 0;
