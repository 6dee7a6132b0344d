import { may } from '../../domain/access.ts';
import type { RuleId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import type { RegistryView } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import type { Rule } from '../../domain/rule.ts';
import { needsReview } from '../../domain/rule-review.ts';
import { watches } from '../../domain/rule-selection.ts';
import { type CheckedRule, problemsOf, type RuleProblem } from '../../domain/rule-validation.ts';
import { type Caller, requirePermission, rolesOf } from '../auth/caller.ts';
import type { RuleVerdict } from '../contract/rules.ts';
import { ApiError, inputRefused } from '../errors.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts } from './handler-ports.ts';
import { liveRule } from './live-rule.ts';
import { RULE_PROBLEM_TEXTS } from './rule-problem-texts.ts';

type RuleRoutes =
  | 'GET /rules'
  | 'POST /rules'
  | 'POST /rules/validate'
  | 'GET /rules/{ruleId}'
  | 'PUT /rules/{ruleId}'
  | 'DELETE /rules/{ruleId}'
  | 'GET /rules/{ruleId}/versions';

/** Problems with the place in the rule they belong to. */
export function ruleProblems(rule: CheckedRule, language: Language): RuleVerdict['problems'] {
  return problemsOf(rule).map((problem) => {
    const { code, ...params } = problem;
    const text = RULE_PROBLEM_TEXTS[code][language];
    return {
      path: pathOf(rule, problem),
      code,
      params,
      message: problem.placeholder === undefined ? text : text.replace('{placeholder}', `{${problem.placeholder}}`),
    };
  });
}

/** A quantity that the catalogue doesn't know. */
export const quantityProblem = (quantity: QuantityKey, language: Language): RuleVerdict['problems'][number] => ({
  path: 'quantity',
  code: 'QUANTITY_UNKNOWN',
  params: { quantity },
  message: inputRefused('quantity', 'refusal.quantityUnknown', language).inputErrors[0]?.message ?? '',
});

type Reviewed = Pick<Rule, 'agencyId' | 'condition'>;

function pathOf({ condition }: CheckedRule, { code, severity, part, language }: RuleProblem): string {
  if (language !== undefined) return `message.${language}`;
  const level = severity === undefined ? -1 : condition.levels.findLastIndex((one) => one.severity === severity);
  if (level >= 0) return `condition.levels.${level}${part === undefined ? '' : `.limits.${part}`}`;
  if (part !== undefined) return `condition.parts.${part}`;
  if (code.startsWith('GRID_')) return 'condition.at';
  if (code === 'CLEAR_HOLD_NEGATIVE') return 'clearHold';
  return code === 'OUTLINE_TOO_FEW_CORNERS' ? 'selection.polygon' : 'condition';
}

export function ruleHandlers(ports: HandlerPorts): Handlers<RuleRoutes> {
  const { bus, catalogue, index, newId, settings } = ports;
  const changed = (ruleId: RuleId): void => bus.publish('rule.changed', { ruleId });

  const requireSense = (rule: CheckedRule & { readonly quantity: QuantityKey }, language: Language): void => {
    if (!catalogue.has(rule.quantity)) throw inputRefused('quantity', 'refusal.quantityUnknown', language);
    const problems = ruleProblems(rule, language);
    if (problems.length > 0) throw new ApiError('RULE_INVALID', {}, problems);
  };
  /** @throws {ApiError} RULE_NEEDS_REVIEW for a rule that somebody who doesn't administer the agency may only draft */
  const requireReviewed = async (
    view: RegistryView,
    caller: Caller,
    rule: Reviewed,
    id: RuleId | null,
  ): Promise<void> => {
    const live = id === null ? null : await liveRule(view, id);
    if (may(rolesOf(caller), 'agency.administer', live?.agencyId ?? rule.agencyId)) return;
    if (needsReview(rule, live, settings.ruleReviewFrom)) throw new ApiError('RULE_NEEDS_REVIEW');
  };
  const watchedBy = (rule: Pick<Rule, 'agencyId' | 'quantity' | 'selection'>): number =>
    index.series.filter((entry) => entry !== undefined && watches(rule, index.directoryEntry(entry))).length;

  return {
    async 'GET /rules'({ view, query }) {
      return {
        items: await view.rules.list({
          ...given('agencyId', query.agency),
          ...given('enabled', query.enabled),
          ...given('quantity', query.quantity),
        }),
      };
    },
    async 'POST /rules'({ view, body, caller, language }) {
      requireSense(body, language);
      requirePermission(caller, 'rules.write', body.agencyId);
      await requireReviewed(view, caller, body, null);
      const rule = await view.rules.create({ ...body, id: body.id ?? (newId() as RuleId) });
      changed(rule.id);
      return rule;
    },
    async 'POST /rules/validate'({ body, language }) {
      const problems = ruleProblems(body, language);
      if (!catalogue.has(body.quantity)) {
        problems.push(quantityProblem(body.quantity, language));
      }
      return { valid: problems.length === 0, problems, seriesWatched: watchedBy(body) };
    },
    async 'GET /rules/{ruleId}'({ view, params }) {
      return view.rules.get(params.ruleId);
    },
    async 'PUT /rules/{ruleId}'({ view, params, body, version, caller, language }) {
      requireSense(body, language);
      const { id, agencyId, createdAt, createdBy } = await view.rules.get(params.ruleId);
      requirePermission(caller, 'rules.write', agencyId);
      await requireReviewed(view, caller, { ...body, agencyId }, id);
      // What the body leaves out (active times, a message) goes with the version before.
      const rule = await view.rules.update({ ...body, id, agencyId, createdAt, createdBy, version });
      changed(rule.id);
      return rule;
    },
    async 'DELETE /rules/{ruleId}'({ view, params, version }) {
      await view.rules.withdraw(params.ruleId, version);
      changed(params.ruleId);
    },
    async 'GET /rules/{ruleId}/versions'({ view, params }) {
      return { items: await view.rules.versions(params.ruleId) };
    },
  };
}
