import { err, ok, type Result } from '../result.ts';
import type { UtcOffset } from '../time-zone.ts';
import type { HourlyMeans } from './hourly-mean.ts';
import { dateOf, type HourEnd, hoursBefore, hoursOfDate, type LocalDate, nextDate } from './local-hours.ts';
import { energyMean, type WeightedPeriod, weightedEnergy, weightedLevel } from './sound-levels.ts';

export const NOISE_PERIODS = ['day', 'evening', 'night'] as const;
export type NoisePeriod = (typeof NOISE_PERIODS)[number];

export interface PeriodRule {
  /** Local hour of the clock at which it begins, 0 … 23; it lasts until the next period begins. */
  readonly fromHour: number;
  /** Added to the level, dB, because the same noise disturbs more. */
  readonly penalty: number;
}

export interface NoiseDayMethod {
  /** A day of noise begins with `day`, and its night runs into the next date. Begins ascend: day < evening < night. */
  readonly periods: Readonly<Record<NoisePeriod, PeriodRule>>;
  /** Least share of an hour's readings, and of a period's hours. */
  readonly capture: { readonly hour: number; readonly period: number };
  readonly offset: UtcOffset;
}

export interface PeriodLevel {
  /** Equivalent level of the period, dB(A), without penalty. */
  readonly level: number;
  /** Share of its hours that were there, in (0, 1]. */
  readonly capture: number;
}
export type NoiseGap = 'NO_DATA' | 'TOO_FEW_HOURS';

export interface NoiseDay {
  /** Ld, Le, Ln. */
  readonly periods: Readonly<Record<NoisePeriod, Result<PeriodLevel, NoiseGap>>>;
  /** Lden, dB(A), and the period that brings the most to it; when a period is missing: which. */
  readonly lden: Result<
    { readonly level: number; readonly determining: NoisePeriod; readonly capture: number },
    { readonly code: 'PERIOD_MISSING'; readonly periods: readonly NoisePeriod[] }
  >;
}

/** The date whose day of noise an hour is part of: before the day begins in the morning it is still the night of the date before. */
export function noiseDateOf(hour: HourEnd, { periods, offset }: NoiseDayMethod): LocalDate {
  return dateOf(hoursBefore(hour, periods.day.fromHour), offset);
}

/**
 * Noise of the day that begins on `date`, from hourly equivalent levels (means by energy): Ld, Le, Ln and Lden of Directive 2002/49/EC, Annex I. The
 * night is the one that begins in the evening of `date`.
 */
export function noiseDayOf(levels: HourlyMeans, date: LocalDate, method: NoiseDayMethod): NoiseDay {
  const hours = hoursByPeriod(date, method);
  const periods = {
    day: levelOf(levels, hours.day, method),
    evening: levelOf(levels, hours.evening, method),
    night: levelOf(levels, hours.night, method),
  };
  return { periods, lden: ldenOf(periods, hours, method) };
}

function ldenOf(
  periods: NoiseDay['periods'],
  hours: Readonly<Record<NoisePeriod, readonly HourEnd[]>>,
  method: NoiseDayMethod,
): NoiseDay['lden'] {
  const parts: (WeightedPeriod & { readonly period: NoisePeriod; readonly capture: number })[] = [];
  const missing: NoisePeriod[] = [];
  for (const period of NOISE_PERIODS) {
    const found = periods[period];
    if (!found.ok) missing.push(period);
    else parts.push({ period, ...found.value, hours: hours[period].length, penalty: method.periods[period].penalty });
  }
  if (missing.length > 0) return err({ code: 'PERIOD_MISSING', periods: missing });
  const loudest = parts.reduce((most, part) => (weightedEnergy(part) > weightedEnergy(most) ? part : most));
  return ok({
    level: weightedLevel(parts),
    determining: loudest.period,
    capture: Math.min(...parts.map(({ capture }) => capture)),
  });
}

function levelOf(
  levels: HourlyMeans,
  hours: readonly HourEnd[],
  { capture }: NoiseDayMethod,
): Result<PeriodLevel, NoiseGap> {
  const present = hours.flatMap((hour) => {
    const found = levels.get(hour);
    return found === undefined || found.capture < capture.hour ? [] : [found.mean];
  });
  const level = energyMean(present);
  if (level === null) return err('NO_DATA');
  const share = present.length / hours.length;
  return share < capture.period ? err('TOO_FEW_HOURS') : ok({ level, capture: share });
}

/** By the number of hours since midnight, so that a period keeps its length where clocks are changed within another. */
function hoursByPeriod(
  date: LocalDate,
  { periods, offset }: NoiseDayMethod,
): Readonly<Record<NoisePeriod, readonly HourEnd[]>> {
  const { day, evening, night } = periods;
  const today = hoursOfDate(date, offset);
  const tomorrow = hoursOfDate(nextDate(date), offset);
  return {
    day: today.slice(day.fromHour, evening.fromHour),
    evening: today.slice(evening.fromHour, night.fromHour),
    night: [...today.slice(night.fromHour), ...tomorrow.slice(0, day.fromHour)],
  };
}
