import { z } from 'zod';
import { instant, quantityKey, seriesId } from './wire.ts';

/** Raw readings of one answer. */
export const READINGS_LIMIT_DEFAULT = 10_000;
export const READINGS_LIMIT_MAX = 100_000;
/** Windows of one answer, over all series. */
export const WINDOWS_MAX = 500_000;
export const WINDOW_SERIES_MAX = 5_000;
export const LATEST_SERIES_MAX = 50_000;

/** Before when something of a series is gone by the retention; null: nothing is. */
export const keptSince = z
  .object({
    raw: instant.nullable().meta({ description: 'Readings before it are gone; hourly and daily values are left' }),
    hourly: instant.nullable().meta({ description: 'Hourly values before it are gone; daily ones are left' }),
    daily: instant.nullable().meta({ description: 'Nothing before it is left' }),
  })
  .meta({ id: 'KeptSince' });
export type KeptSince = z.infer<typeof keptSince>;

/**
 * Raw readings of one series in columns, ascending by event time; all columns are equally long.
 * `quality` holds the codes of `domain/quality.ts`, with people's verdicts (quality spans) laid over what was recorded;
 * `recordedQuality` only where the two differ, as index → code.
 */
export const readingsAnswer = z
  .object({
    series: seriesId,
    quantity: quantityKey,
    eventTime: z.array(instant),
    arrivalTime: z.array(instant),
    value: z.array(z.number()),
    quality: z.array(z.number().int()),
    recordedQuality: z.record(z.string(), z.number().int()),
    /** Ask again with `from` = this when the answer was cut at `limit`; null when it is whole. */
    next: instant.nullable(),
    kept: keptSince,
  })
  .meta({ id: 'Readings' });
export type ReadingsAnswer = z.infer<typeof readingsAnswer>;

/** Aggregates of one series over windows that hold usable readings; empty windows are absent; all columns equally long. */
export const windowSeries = z.object({
  series: seriesId,
  quantity: quantityKey,
  /** Start of each window, inclusive. */
  start: z.array(instant),
  count: z.array(z.number().int()),
  good: z
    .array(z.number().int().nullable())
    .meta({ description: 'How many of the readings are good without doubt; null where that was not counted' }),
  mean: z.array(z.number()),
  min: z.array(z.number()),
  max: z.array(z.number()),
  sum: z.array(z.number()),
  last: z.array(z.number()),
  kept: keptSince,
});
export type WindowSeries = z.infer<typeof windowSeries>;
export const windowsAnswer = z
  .object({
    from: instant,
    to: instant,
    stepMs: z.number(),
    /** Windows start at align + k·step; local midnight of the site. */
    align: instant,
    items: z.array(windowSeries),
  })
  .meta({ id: 'Windows' });

/** `[series, event time, value, quality code]` */
export const latestTuple = z.tuple([seriesId, instant, z.number(), z.number().int()]);
export type LatestTuple = z.infer<typeof latestTuple>;
export const latestAnswer = z
  .object({ at: instant, readings: z.array(latestTuple) })
  .meta({ id: 'Latest', description: 'Newest reading of each series by event time; series without one are absent' });
