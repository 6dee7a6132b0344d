import { z } from 'zod';
import { RULE_DRAFT_STATES, RULE_DRAFT_STEPS } from '../../domain/rule-review.ts';
import { rule, ruleProblem, selection } from './rules.ts';
import {
  agencyId,
  instant,
  localized,
  location,
  note,
  pointId,
  quantityKey,
  ruleId,
  siteId,
  userId,
  version,
  wardCode,
} from './wire.ts';

/** Characters of a draft's JSON: a rule with 5,000 points listed fits in. */
const CONTENT_LENGTH_MAX = 600_000;

const draftContent = z
  .record(z.string(), z.unknown())
  .refine((content) => JSON.stringify(content).length <= CONTENT_LENGTH_MAX, 'refusal.draftTooLong')
  .meta({ description: 'The rule’s fields as written; kept whether or not they make sense' });

const fieldChange = z
  .object({
    path: z.string().meta({ description: 'Dotted; levels by severity, e.g. condition.levels.major.limit' }),
    before: z.unknown().exactOptional(),
    after: z.unknown().exactOptional(),
  })
  .meta({ id: 'FieldChange', description: 'Absent on the side that has no such field' });

export const ruleDraft = z
  .object({
    ruleId,
    agencyId,
    basedOn: z
      .number()
      .int()
      .min(0)
      .meta({ description: 'Version of the rule in force it was made over; 0: a new rule' }),
    content: z.record(z.string(), z.unknown()),
    state: z.enum(RULE_DRAFT_STATES),
    authors: z.array(userId).readonly(),
    rejection: z.object({ by: userId.nullable(), at: instant, reason: z.string() }).nullable(),
    createdAt: instant,
    changedAt: instant,
    version,
    problems: z.array(ruleProblem).readonly().meta({ description: 'Why it can’t go live as it is' }),
    reviewNeeded: z
      .boolean()
      .nullable()
      .meta({ description: 'Whether a second person is needed; null while that can’t be told' }),
    stale: z
      .boolean()
      .meta({ description: 'The rule was edited or withdrawn since: to be written again over what is in force' }),
    changes: z.array(fieldChange).readonly().meta({ description: 'Against the version in force; of a new rule none' }),
  })
  .meta({ id: 'RuleDraft' });
export type RuleDraftWire = z.infer<typeof ruleDraft>;

export const ruleDraftCreate = z.strictObject({
  ruleId: ruleId.exactOptional().meta({ description: 'Of a rule in force: its next version; else of the rule to be' }),
  agencyId,
  content: draftContent,
});
export const ruleDraftEdit = z.strictObject({ content: draftContent });
export const ruleDraftReject = z.strictObject({ reason: note });

export const ruleHistory = z
  .object({
    versions: z
      .array(z.object({ rule, changes: z.array(fieldChange).readonly() }))
      .readonly()
      .meta({ description: 'Oldest first, each with what it changed' }),
    steps: z
      .array(
        z.object({
          step: z.enum(RULE_DRAFT_STEPS),
          at: instant,
          by: userId.nullable(),
          note: z.string().nullable(),
          ruleVersion: version.nullable(),
        }),
      )
      .readonly()
      .meta({ description: 'What was done with drafts; only for the agency itself' }),
  })
  .meta({ id: 'RuleHistory' });

/** Points answered of a selection; all are counted. */
export const MATCHING_POINTS_MAX = 2_000;
export const matchingOrder = z.strictObject({
  agencyId,
  quantity: quantityKey.exactOptional().meta({ description: 'Absent: whatever the points measure' }),
  selection,
});
export const matchingPoints = z
  .object({
    count: z.number().int(),
    items: z
      .array(z.object({ id: pointId, name: localized, siteId, wardCode: wardCode.nullable(), location }))
      .readonly()
      .meta({ description: `The first ${MATCHING_POINTS_MAX} by id` }),
  })
  .meta({ id: 'MatchingPoints' });
