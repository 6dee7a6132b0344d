import { z } from 'zod';
import { CLOCK_TIME, MONTH_DAY, type Weekday } from '../../domain/active-times.ts';
import { LIMIT_SIDES } from '../../domain/joint-condition.ts';
import type { Position } from '../../domain/rule.ts';
import type { DurationMs } from '../../domain/time.ts';
import { severity } from './alarms.ts';
import {
  agencyId,
  deviceModelId,
  instant,
  localized,
  pointId,
  quantityKey,
  ruleId,
  siteId,
  tag,
  userId,
  version,
  wardCode,
} from './wire.ts';

/** A year: no hold, window or silence is watched for longer. */
const DURATION_MAX_MS = 366 * 86_400_000;
const durationMs = z.number().int().min(0).max(DURATION_MAX_MS) as unknown as z.ZodType<DurationMs, DurationMs>;
const finite = z.number();
/** Corners of a drawn area; each point is compared with each side of it. */
export const OUTLINE_CORNERS_MAX = 500;
const MESSAGE_LENGTH_MAX = 1_000;
const NEIGHBOURHOOD_METRES_MAX = 200_000;
const COMBINED_PARTS_MAX = 6;

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

const grid = z
  .object({
    step: durationMs.meta({ description: 'Milliseconds between the instants at which inputs are put together' }),
    maximumAge: durationMs.meta({ description: 'How old a reading may be and still count, milliseconds' }),
    settle: durationMs.meta({ description: 'How long after an instant readings are waited for, milliseconds' }),
  })
  .meta({ id: 'JudgingGrid' });
const side = z.enum(LIMIT_SIDES);
const partLimit = z.union([z.strictObject({ limit: finite }), z.strictObject({ low: finite, high: finite })]);

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
    z.object({
      kind: z.literal('combination'),
      join: z.enum(['all', 'any']),
      parts: z
        .array(z.object({ quantity: quantityKey, side, hysteresis: finite.min(0), over }))
        .min(2)
        .max(COMBINED_PARTS_MAX)
        .readonly()
        .meta({ description: 'Quantities of one point, the rule’s own among them' }),
      levels: levels(
        z.object({
          severity,
          hold: durationMs,
          limits: z
            .array(partLimit)
            .min(1)
            .max(COMBINED_PARTS_MAX)
            .readonly()
            .meta({ description: 'One for each part, in order' }),
        }),
      ),
      at: grid,
    }),
    z.object({
      kind: z.literal('area_count'),
      each: z.object({ side, limit: partLimit, hysteresis: finite.min(0), over }),
      minimumHeard: z.number().min(0).max(1).meta({ description: 'Least share of the points that must be heard' }),
      levels: levels(z.object({ severity, hold: durationMs, points: z.number().int().min(1).max(5_000) })),
      at: grid,
    }),
    z.object({
      kind: z.literal('neighbours'),
      measure: z.enum(['absolute', 'percent']),
      direction: z.enum(['above', 'below', 'either']),
      withinMetres: finite.min(1).max(NEIGHBOURHOOD_METRES_MAX),
      minimumNeighbours: z.number().int().min(1).max(1_000),
      levels: levels(limitLevel),
      hysteresis: finite.min(0),
      at: grid,
    }),
  ])
  .meta({ id: 'Condition' });

const position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]) as unknown as z.ZodType<
  Position,
  Position
>;
export const selection = z
  .object({
    points: z.array(pointId).max(5_000).readonly().exactOptional(),
    sites: z.array(siteId).max(5_000).readonly().exactOptional(),
    tags: z.array(tag).max(50).readonly().exactOptional(),
    models: z.array(deviceModelId).max(500).readonly().exactOptional(),
    wards: z.array(wardCode).max(500).readonly().exactOptional(),
    polygon: z
      .array(position)
      .min(3)
      .max(OUTLINE_CORNERS_MAX)
      .readonly()
      .exactOptional()
      .meta({ description: 'Outline of an area as [longitude, latitude]; joined to its beginning' }),
  })
  .meta({
    id: 'PointSelection',
    description: 'Every part given must match; empty matches all points with the quantity',
  });

const clockTime = z.string().regex(CLOCK_TIME);
const monthDay = z.string().regex(MONTH_DAY);
const weekday = z.number().int().min(1).max(7) as unknown as z.ZodType<Weekday, Weekday>;
export const weeklyHours = z.object({
  days: z.array(weekday).min(1).max(7).readonly(),
  from: clockTime,
  to: clockTime,
});
const activeTimes = z
  .object({
    weekly: z
      .array(weeklyHours)
      .max(50)
      .readonly()
      .meta({ description: 'Local times [from, to) of ISO weekdays; none: at all hours' }),
    seasons: z
      .array(z.object({ from: monthDay, to: monthDay }))
      .max(20)
      .readonly()
      .meta({ description: 'Local dates MM-DD, both inclusive; none: all year' }),
  })
  .meta({ id: 'ActiveTimes' });
const messageTemplate = z.object({
  vi: z.string().min(1).max(MESSAGE_LENGTH_MAX),
  en: z.string().min(1).max(MESSAGE_LENGTH_MAX),
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
  quietsBehind: z
    .literal(true)
    .exactOptional()
    .meta({ description: 'Its alarm says that the site is down: silence of what is behind it is kept quiet' }),
  active: activeTimes.exactOptional().meta({ description: 'When it applies, on the site’s calendar; absent: always' }),
  message: messageTemplate
    .exactOptional()
    .meta({ description: 'Text of its alarms, with placeholders such as {point}' }),
};

export const rule = z
  .object({
    id: ruleId,
    agencyId,
    version,
    ...ruleFields,
    approvedBy: userId.exactOptional(),
    createdBy: userId.nullable(),
    createdAt: instant,
  })
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
