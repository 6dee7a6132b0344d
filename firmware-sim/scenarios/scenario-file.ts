import { z } from 'zod';
import type { PointId, SiteId } from '../../domain/identifiers.ts';
import type { EpochMs } from '../../domain/time.ts';
import { epochMs } from '../../domain/time.ts';
import type { Effect } from './effects.ts';
import { GroundTruth, groundTruthEvent } from './ground-truth.ts';
import type { Scenario } from './scenarios.ts';

const HOUR_MS = 3_600_000;
/** Hours after the scenario's beginning. */
const hour = z
  .number()
  .min(0)
  .max(24 * 60);
const span = { fromHours: hour, toHours: hour };
const point = z
  .string()
  .min(1)
  .transform((id) => id as PointId);
const site = z
  .string()
  .min(1)
  .transform((id) => id as SiteId);
const degrees = { longitude: z.number().min(-180).max(180), latitude: z.number().min(-90).max(90) };

/** Each of {@link Effect}, its times in hours. */
const effect = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('rain'),
      ...span,
      centre: z.strictObject(degrees),
      radiusKm: z.number().positive(),
      peakMmPerHour: z.number().positive(),
      /** Degrees an hour. */
      drift: z.strictObject(degrees).default({ longitude: 0, latitude: 0 }),
    }),
    z.strictObject({ kind: z.literal('wind'), ...span, peakMs: z.number().positive() }),
    z.strictObject({ kind: z.literal('low_pressure'), ...span, dropHpa: z.number().positive() }),
    z.strictObject({ kind: z.literal('surge'), ...span, peakM: z.number().positive() }),
    z.strictObject({ kind: z.literal('river_flood'), ...span, peakM: z.number().positive() }),
    z.strictObject({ kind: z.literal('smog'), ...span, factor: z.number().min(1) }),
    z.strictObject({ kind: z.literal('traffic_demand'), ...span, factor: z.number().min(0) }),
    z.strictObject({ kind: z.literal('congestion'), ...span, point, density: z.number().positive() }),
    z.strictObject({ kind: z.literal('outage'), ...span, site }),
    z.strictObject({ kind: z.literal('burst'), ...span, dma: site, m3PerHour: z.number().positive() }),
  ])
  .refine((each) => each.fromHours < each.toHours, { message: 'an effect ends after it begins', path: ['toHours'] });

const scenarioFile = z.strictObject({
  format: z.literal('hai-dang/scenario/1'),
  scenario: z.string().regex(/^[a-z0-9-]{1,64}$/),
  name: z.strictObject({ vi: z.string().min(1), en: z.string().min(1) }),
  /** When it begins, ISO 8601 with offset, where its season matters. */
  at: z.iso.datetime({ offset: true }).optional(),
  effects: z.array(effect).min(1),
  events: z
    .array(
      groundTruthEvent
        .omit({ from: true, to: true })
        .extend(span)
        .refine((event) => event.fromHours < event.toHours, {
          message: 'an event ends after it begins',
          path: ['toHours'],
        }),
    )
    .min(1),
});
export type ScenarioFile = z.infer<typeof scenarioFile>;

/** What a file on scenarios holds: a scenario of its own, or the ground truth of named ones (alone or in a list), which can be played again. */
export type ScenarioFileContent =
  | { readonly kind: 'scenario'; readonly file: ScenarioFile }
  | { readonly kind: 'truths'; readonly truths: readonly GroundTruth[] };

/** @throws {z.ZodError} naming every field that is wrong. */
export function readScenarioFile(content: unknown): ScenarioFileContent {
  const isTruth = (Array.isArray(content) ? content[0] : content)?.format === 'hai-dang/ground-truth/1';
  if (isTruth) return { kind: 'truths', truths: z.array(GroundTruth).min(1).parse([content].flat()) };
  return { kind: 'scenario', file: scenarioFile.parse(content) };
}

/** The file's scenario, beginning at `at`. */
export function scenarioFromFile(
  { scenario, name, effects, events }: ScenarioFile,
  seed: number,
  at: EpochMs,
): Scenario {
  const after = (hours: number): EpochMs => epochMs(Math.round(at + hours * HOUR_MS));
  const placedEffects = effects.map(({ fromHours, toHours, ...rest }): Effect => {
    const when = { from: after(fromHours), to: after(toHours) };
    if (rest.kind !== 'rain') return { ...rest, ...when };
    const { kind, ...cell } = rest;
    return { kind, ...when, cell: { ...cell, ...when } };
  });
  return {
    effects: placedEffects,
    truth: {
      format: 'hai-dang/ground-truth/1',
      scenario,
      name,
      seed,
      from: epochMs(Math.min(...placedEffects.map(({ from }) => from))),
      to: epochMs(Math.max(...placedEffects.map(({ to }) => to))),
      events: events.map(({ fromHours, toHours, ...event }) => ({
        ...event,
        from: after(fromHours),
        to: after(toHours),
      })),
    },
  };
}
