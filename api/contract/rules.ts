import { z } from 'zod';
import type { DurationMs } from '../../domain/time.ts';
import { severity } from './alarms.ts';
import { agencyId, instant, localized, pointId, quantityKey, ruleId, siteId, tag, userId, version } from './wire.ts';

/** A year: no hold, window or silence is watched for longer. */
const DURATION_MAX_MS = 366 * 86_400_000;
const durationMs = z.number().int().min(0).max(DURATION_MAX_MS) as unknown as z.ZodType<DurationMs, DurationMs>;
const finite = z.number();

const limitLevel = z.object({ severity, hold: durationMs, limit: finite });
const bandLevel = z.object({ severity, hold: durationMs, low: finite, high: finite });
const silenceLevel = z.object({ severity, hold: durationMs });
const levels = <T extends z.ZodType>(level: T) => z.array(level).min(1).max(4).readonly();

const windowFields = {
  length: durationMs.meta({ description: 'Milliseconds; the window is (at − length, at]' }),
  interval: durationMs.meta({ description: 'How often readings are expected, in milliseconds' }),
  minimumCapture: z.number().min(0).max(1).meta({ description: 'Least share of the expected readings' }),
};
const over = z
  .discriminatedUnion('statistic', [
    z.object({ statistic: z.enum(['mean', 'max', 'min']), ...windowFields }),
    z.object({ statistic: z.literal('percentile'), percentile: z.number(), ...windowFields }),
  ])
  .exactOptional()
  .meta({ description: 'What is judged in place of each reading' });

/** The domain's `Condition`: what makes sense beyond its shape is said by `POST /rules/validate`. */
export const condition = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('above'), levels: levels(limitLevel), hysteresis: finite.min(0), over }),
    z.object({ kind: z.literal('below'), levels: levels(limitLevel), hysteresis: finite.min(0), over }),
    z.object({ kind: z.literal('outside'), levels: levels(bandLevel), hysteresis: finite.min(0), over }),
    z.object({
      kind: z.literal('rate_of_change'),
      direction: z.enum(['rising', 'falling', 'either']),
      window: durationMs,
      levels: levels(limitLevel),
      hysteresis: finite.min(0),
    }),
    z.object({
      kind: z.literal('frozen'),
      tolerance: finite.min(0),
      within: z.object(windowFields),
      levels: levels(silenceLevel),
    }),
    z.object({ kind: z.literal('no_data'), levels: levels(silenceLevel) }),
  ])
  .meta({ id: 'Condition' });

const selection = z
  .object({
    points: z.array(pointId).max(5_000).readonly().exactOptional(),
    sites: z.array(siteId).max(5_000).readonly().exactOptional(),
    tags: z.array(tag).max(50).readonly().exactOptional(),
  })
  .meta({
    id: 'PointSelection',
    description: 'Every part given must match; empty matches all points with the quantity',
  });

export const ruleFields = {
  name: localized,
  advice: localized.nullable(),
  enabled: z.boolean(),
  quantity: quantityKey,
  selection,
  condition,
  clearHold: durationMs,
  judgeSuspect: z.boolean(),
  endsUnacknowledged: z.array(severity).max(4).readonly(),
};

export const rule = z
  .object({ id: ruleId, agencyId, version, ...ruleFields, createdBy: userId.nullable(), createdAt: instant })
  .meta({ id: 'Rule' });
export type RuleWire = z.infer<typeof rule>;
export const ruleCreate = z.strictObject({ id: ruleId.exactOptional(), agencyId, ...ruleFields });
export const ruleEdit = z.strictObject(ruleFields);
export type RuleEdit = z.infer<typeof ruleEdit>;

export const ruleProblem = z.object({
  path: z.string().meta({ description: 'Dotted path in the rule, e.g. condition.levels.0.limit' }),
  code: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  message: z.string().meta({ description: 'In the caller’s language' }),
});
export const ruleVerdict = z
  .object({ valid: z.boolean(), problems: z.array(ruleProblem), seriesWatched: z.number().int() })
  .meta({ id: 'RuleVerdict' });
export type RuleVerdict = z.infer<typeof ruleVerdict>;
