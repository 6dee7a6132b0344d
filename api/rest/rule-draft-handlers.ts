import type { RuleId, UserId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import { RegistryError, type RegistryView } from '../../domain/ports/registry.ts';
import { changedFields } from '../../domain/rule-diff.ts';
import { approvalRefusal, needsReview, type RuleDraft } from '../../domain/rule-review.ts';
import { selectedPoints } from '../../domain/rule-scopes.ts';
import type { Caller } from '../auth/caller.ts';
import { requirePermission } from '../auth/caller.ts';
import { MATCHING_POINTS_MAX, type RuleDraftWire } from '../contract/rule-drafts.ts';
import { type RuleEdit, ruleEdit } from '../contract/rules.ts';
import { ApiError, parseInput } from '../errors.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts } from './handler-ports.ts';
import { liveRule } from './live-rule.ts';
import { quantityProblem, ruleProblems } from './rule-handlers.ts';

type RuleDraftRoutes =
  | 'POST /rules/matching'
  | 'GET /rules/{ruleId}/history'
  | 'GET /rule-drafts'
  | 'POST /rule-drafts'
  | 'GET /rule-drafts/{ruleId}'
  | 'PUT /rule-drafts/{ruleId}'
  | 'DELETE /rule-drafts/{ruleId}'
  | 'POST /rule-drafts/{ruleId}/submit'
  | 'POST /rule-drafts/{ruleId}/approve'
  | 'POST /rule-drafts/{ruleId}/reject';

/** What a draft says as a rule, and what stands in its way. `rule` is `null` while its shape is none of a rule's. */
interface Read {
  readonly rule: RuleEdit | null;
  readonly problems: RuleDraftWire['problems'];
}

export function ruleDraftHandlers(ports: HandlerPorts): Handlers<RuleDraftRoutes> {
  const { bus, catalogue, index, newId, settings } = ports;

  const read = ({ content }: RuleDraft, language: Language): Read => {
    try {
      const rule = parseInput(ruleEdit, content, language);
      const problems = [...ruleProblems(rule, language)];
      if (!catalogue.has(rule.quantity)) problems.push(quantityProblem(rule.quantity, language));
      return { rule, problems };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { rule: null, problems: error.inputErrors.map((each) => ({ params: {}, ...each })) };
    }
  };
  const wire = async (view: RegistryView, draft: RuleDraft, language: Language): Promise<RuleDraftWire> => {
    const { rule, problems } = read(draft, language);
    const live = await liveRule(view, draft.ruleId);
    return {
      ...draft,
      problems,
      reviewNeeded: rule === null ? null : needsReview(rule, live, settings.ruleReviewFrom),
      stale: (live?.version ?? 0) !== draft.basedOn,
      changes: live === null ? [] : changedFields(live, draft.content),
    };
  };
  /** @throws {ApiError} RULE_INVALID naming all that is wrong */
  const sensible = (draft: RuleDraft, language: Language): RuleEdit => {
    const { rule, problems } = read(draft, language);
    if (rule === null || problems.length > 0) throw new ApiError('RULE_INVALID', {}, problems);
    return rule;
  };

  return {
    async 'POST /rules/matching'({ body, caller }) {
      requirePermission(caller, 'rules.write', body.agencyId);
      const { quantity } = body;
      const directory = index.directory().filter((entry) => quantity === undefined || entry.quantity === quantity);
      const matching = selectedPoints(body, directory);
      const ids = matching.map(({ pointId }) => pointId).sort();
      return {
        count: ids.length,
        items: ids.slice(0, MATCHING_POINTS_MAX).flatMap((pointId) => {
          const known = index.points.get(pointId)?.point;
          if (known === undefined) return [];
          const { id, name, siteId, wardCode, location } = known;
          return [{ id, name, siteId, wardCode, location }];
        }),
      };
    },
    async 'GET /rules/{ruleId}/history'({ view, params }) {
      const steps = await view.ruleDrafts.history(params.ruleId);
      // A draft that has never been in use has steps and no version yet.
      const versions = await view.rules.versions(params.ruleId).catch((error: unknown) => {
        if (steps.length > 0 && error instanceof RegistryError && error.code === 'NOT_FOUND') return [];
        throw error;
      });
      return {
        versions: versions.map((rule, i) => {
          const before = versions[i - 1];
          return {
            rule,
            changes: before === undefined ? [] : changedFields(before, rule),
          };
        }),
        steps: steps.map(({ step, at, by, note, ruleVersion }) => ({ step, at, by, note, ruleVersion })),
      };
    },
    async 'GET /rule-drafts'({ view, query, language }) {
      const drafts = await view.ruleDrafts.list(given('agencyId', query.agency));
      return { items: await Promise.all(drafts.map((draft) => wire(view, draft, language))) };
    },
    async 'POST /rule-drafts'({ view, body, language }) {
      const { agencyId, content } = body;
      const ruleId = body.ruleId ?? (newId() as RuleId);
      return wire(view, await view.ruleDrafts.create({ ruleId, agencyId, content }), language);
    },
    async 'GET /rule-drafts/{ruleId}'({ view, params, language }) {
      return wire(view, await view.ruleDrafts.get(params.ruleId), language);
    },
    async 'PUT /rule-drafts/{ruleId}'({ view, params, body, version, language }) {
      return wire(view, await view.ruleDrafts.save(params.ruleId, version, body.content), language);
    },
    async 'DELETE /rule-drafts/{ruleId}'({ view, params, version }) {
      await view.ruleDrafts.discard(params.ruleId, version);
    },
    async 'POST /rule-drafts/{ruleId}/submit'({ view, params, version, language }) {
      sensible(await view.ruleDrafts.get(params.ruleId), language);
      return wire(view, await view.ruleDrafts.submit(params.ruleId, version), language);
    },
    async 'POST /rule-drafts/{ruleId}/approve'({ view, params, version, caller, language }) {
      const draft = await view.ruleDrafts.get(params.ruleId);
      const rule = sensible(draft, language);
      const live = await liveRule(view, params.ruleId);
      const reviewNeeded = needsReview(rule, live, settings.ruleReviewFrom);
      const person = personOf(caller);
      const refusal = approvalRefusal(draft, person, reviewNeeded);
      if (refusal === 'OWN') throw new ApiError('RULE_DRAFT_OWN', { id: params.ruleId });
      if (refusal === 'NOT_SUBMITTED') throw new ApiError('RULE_NEEDS_REVIEW', { id: params.ruleId });
      const second = person !== null && !draft.authors.includes(person) ? person : null;
      const made = await view.ruleDrafts.publish(params.ruleId, version, rule, second);
      bus.publish('rule.changed', { ruleId: made.id });
      return made;
    },
    async 'POST /rule-drafts/{ruleId}/reject'({ view, params, body, version, language }) {
      return wire(view, await view.ruleDrafts.reject(params.ruleId, version, body.reason), language);
    },
  };
}

const personOf = (caller: Caller): UserId | null => (caller.kind === 'person' ? caller.userId : null);
