import { z } from 'zod';
import { EVIDENCE } from '../../config/legal-limits/legal-limit.ts';
import { ROLLING_STATISTICS } from '../../domain/rule.ts';
import { severity } from './alarms.ts';
import { ruleFields, weeklyHours } from './rules.ts';
import { agencyId, domainName, localized, pointId, quantityKey, tag } from './wire.ts';

/** `YYYY-MM-DD`; whether there is such a day is said by the handler. */
export const dateText = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const presetKey = z
  .string()
  .max(96)
  .regex(/^[a-z0-9]+([._-][a-z0-9_]+)*$/);
const milliseconds = z.number().min(0);

const presetSource = z
  .object({
    document: z.string(),
    clause: z.string(),
    issued: dateText.nullable(),
    evidence: z.enum(EVIDENCE).meta({ description: 'How the number is known; unverified: from memory' }),
  })
  .meta({ id: 'PresetSource' });
const levelFields = {
  severity,
  hold: milliseconds,
  sources: z.array(presetSource).min(1).readonly(),
  evidence: z.enum(EVIDENCE).meta({ description: 'The weakest of its sources' }),
};
const presetLevel = z
  .union([
    z.object({ ...levelFields, limit: z.number() }),
    z.object({ ...levelFields, low: z.number(), high: z.number() }),
  ])
  .meta({ id: 'PresetLevel' });
export type PresetLevelWire = z.infer<typeof presetLevel>;

/** A legal limit, or several, that a rule can be made from. */
export const rulePreset = z
  .object({
    key: presetKey,
    domain: domainName,
    quantity: quantityKey,
    name: localized,
    advice: localized,
    caution: localized.nullable().meta({ description: 'What to know before using it' }),
    usable: z.boolean().meta({ description: 'Whether rules can judge it as it stands' }),
    kind: z.enum(['above', 'below', 'outside', 'falling']),
    within: milliseconds.nullable().meta({ description: 'For falling: over how long' }),
    levels: z.array(presetLevel).min(1).readonly(),
    hysteresis: z.number(),
    clearHold: milliseconds,
    window: z
      .object({
        statistic: z.enum([...ROLLING_STATISTICS, 'energy_mean']),
        percentile: z.number().exactOptional(),
        length: milliseconds,
        minimumCapture: z.number(),
      })
      .nullable(),
    weekly: z.array(weeklyHours).readonly().meta({ description: 'When it applies, local time; none: at all hours' }),
    quietsBehind: z.boolean().meta({ description: 'Its alarm says that the site is down' }),
    points: z.array(pointId).readonly().meta({ description: 'Suggested points; none: all with the quantity' }),
    tags: z.array(tag).readonly(),
    inForce: z.object({ from: dateText.nullable(), until: dateText.nullable() }),
  })
  .meta({ id: 'RulePreset' });
export type RulePresetWire = z.infer<typeof rulePreset>;

export const rulePresetParams = z.object({ presetKey });
export const rulePresetDraftOrder = z.strictObject({
  agencyId,
  date: dateText.exactOptional(),
  confirmed: z.array(severity).max(4).default([]).meta({
    description: 'Unverified levels that a person has compared with the document; others of that kind are left out',
  }),
  interval: z
    .number()
    .int()
    .min(1_000)
    .max(86_400_000)
    .exactOptional()
    .meta({ description: 'How often the series report, ms; told from the agency’s devices when absent' }),
});
export const rulePresetDraft = z.object({ agencyId, ...ruleFields }).meta({
  id: 'RulePresetDraft',
  description: 'A rule that nobody has saved yet, switched off: to be changed and sent to POST /rules',
});
