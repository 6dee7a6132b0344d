import { arithmeticMean, type HourlyMeans } from '../../domain/indices/hourly-mean.ts';
import { type HourEnd, hourOf } from '../../domain/indices/local-hours.ts';
import { energyMean } from '../../domain/indices/sound-levels.ts';
import { UNUSABLE_FROM } from '../../domain/quality.ts';
import type { DurationMs, EpochMs } from '../../domain/time.ts';
import type { UtcOffset } from '../../domain/time-zone.ts';

/** First code that a strict mean leaves out besides the unusable ones: everything that is not plainly good. */
const SUSPECT_FROM = 0x10;
const HOUR_MS = 3_600_000;

export interface HourlyMeanMethod {
  /** How often the series reports; > 0. */
  readonly interval: DurationMs;
  /** Sound levels are averaged as energy, never as decibels. */
  readonly average: 'arithmetic' | 'energy';
  readonly offset: UtcOffset;
  /** Whether suspect readings count. */
  readonly useSuspect: boolean;
}

export interface MeanedReading {
  readonly eventTime: EpochMs;
  readonly value: number;
  /** `Quality` code. */
  readonly quality: number;
}

/**
 * Means of whole local hours from readings in any order. Two readings of one instant are one, the later given, as in the store; so an
 * hour comes out the same however its readings arrived.
 */
export function hourlyMeansOf(readings: Iterable<MeanedReading>, method: HourlyMeanMethod): HourlyMeans {
  const unusableFrom = method.useSuspect ? UNUSABLE_FROM : SUSPECT_FROM;
  const byInstant = new Map<EpochMs, MeanedReading>();
  for (const reading of readings) byInstant.set(reading.eventTime, reading);
  const values = new Map<HourEnd, number[]>();
  for (const at of [...byInstant.keys()].sort((a, b) => a - b)) {
    const { value, quality } = byInstant.get(at)!;
    if (quality >= unusableFrom || !Number.isFinite(value)) continue;
    const hour = hourOf(at, method.offset);
    const ofHour = values.get(hour);
    if (ofHour) ofHour.push(value);
    else values.set(hour, [value]);
  }
  const average = method.average === 'energy' ? energyMean : arithmeticMean;
  return new Map(
    [...values].map(([hour, ofHour]) => [
      hour,
      // Not null: an hour is only there with a value.
      { mean: average(ofHour)!, capture: captureOf(ofHour.length, method.interval) },
    ]),
  );
}

/** Share of an hour that so many usable readings are, for a series that reports every `interval` (> 0). */
const captureOf = (readings: number, interval: DurationMs): number =>
  Math.min(1, readings / Math.max(1, HOUR_MS / interval));
