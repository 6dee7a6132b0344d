import { z } from 'zod';
import type { PointId, SiteId } from '../../domain/identifiers.ts';
import type { EpochMs } from '../../domain/time.ts';

const Instant = z
  .int()
  .nonnegative()
  .transform((n) => n as EpochMs);
const Localized = z.strictObject({ vi: z.string().min(1), en: z.string().min(1) });

export const EVENT_KINDS = [
  'street_flood',
  'river_flood',
  'storm_surge',
  'storm_wind',
  'supply_outage',
  'gateway_outage',
  'pipe_burst',
  'smog',
  'road_crash',
] as const;

/** A sign by which the event can be told from the readings: inside the event's span, at its worst, the value is on this side of the limit. */
const Sign = z.strictObject({
  point: z.string().transform((id) => id as PointId),
  quantity: z.string(),
  is: z.enum(['above', 'below']),
  limit: z.number(),
});

/** One thing that happened: what, where, from when to when (from inclusive, to exclusive, epoch ms). */
export const groundTruthEvent = z.strictObject({
  kind: z.enum(EVENT_KINDS),
  what: Localized,
  sites: z.array(z.string().transform((id) => id as SiteId)).min(1),
  from: Instant,
  to: Instant,
  signs: z.array(Sign).min(1),
});
const GroundTruthEvent = groundTruthEvent.refine((event) => event.from < event.to, {
  message: 'an event ends after it begins',
  path: ['to'],
});
export type GroundTruthEvent = z.infer<typeof GroundTruthEvent>;

/** The ground-truth file: what really happened in a simulated scenario, for judging alarms and detectors by. */
export const GroundTruth = z.strictObject({
  format: z.literal('hai-dang/ground-truth/1'),
  scenario: z.string(),
  name: Localized,
  seed: z.int(),
  from: Instant,
  to: Instant,
  events: z.array(GroundTruthEvent).min(1),
});
export type GroundTruth = z.infer<typeof GroundTruth>;
