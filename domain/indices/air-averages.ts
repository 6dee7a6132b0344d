import { err, ok, type Result } from '../result.ts';
import type { UtcOffset } from '../time-zone.ts';
import type { Averaged, AverageGap, DayAverage, HourAverage } from './air-index.ts';
import { arithmeticMean, type HourlyMeans } from './hourly-mean.ts';
import { type HourEnd, hoursOfDate, hoursUpTo, type LocalDate } from './local-hours.ts';
import { NOWCAST_HOURS, nowCast } from './nowcast.ts';

/** Least shares, in [0, 1], of what an average should be made of. Below, there is none. */
export interface CaptureRule {
  /** Of an hour's readings, for its mean to count. */
  readonly hour: number;
  /** Of eight hours. */
  readonly eightHours: number;
  /** Of a day's hours; for the greatest 8-hour mean of a day, of its running means. */
  readonly day: number;
}

/** Hours before the current one that an average of an hour looks back to, the current one included. */
export const HOURS_LOOKED_AT: Readonly<Record<HourAverage, number>> = {
  nowcast: NOWCAST_HOURS,
  mean_1h: 1,
  mean_8h: 8,
  mean_24h: 24,
};
/** Hours of the day before that an average of a day looks back to: the first running mean of a day, at 01:00, begins at 17:00. */
export const HOURS_OF_DAY_BEFORE: Readonly<Record<DayAverage, number>> = {
  mean_24h: 0,
  maximum_1h: 0,
  maximum_8h: 7,
};

/** Concentration for an hour from a series' hourly means. */
export function averageOfHour(
  means: HourlyMeans,
  hour: HourEnd,
  average: HourAverage,
  rule: CaptureRule,
): Result<Averaged, AverageGap> {
  if (average === 'nowcast') {
    const cast = nowCast(hoursUpTo(hour, NOWCAST_HOURS).map((each) => meanAt(means, each, rule)));
    if (cast === null) return err('RECENT_HOURS_MISSING');
    return ok({ concentration: cast.concentration, capture: cast.hoursPresent / NOWCAST_HOURS });
  }
  const needed = { mean_1h: 0, mean_8h: rule.eightHours, mean_24h: rule.day }[average];
  return meanOver(means, hoursUpTo(hour, HOURS_LOOKED_AT[average]), needed, rule);
}

/**
 * Concentration for a day from a series' hourly means. A day has as many running 8-hour means as hours, each named by its last hour:
 * the one of 01:00 begins at 18:00 (the hour so labelled) of the day before (Decision 1459/QĐ-TCMT, section 2.2.2a).
 */
export function averageOfDay(
  means: HourlyMeans,
  date: LocalDate,
  average: DayAverage,
  rule: CaptureRule,
  offset: UtcOffset,
): Result<Averaged, AverageGap> {
  const hours = hoursOfDate(date, offset);
  switch (average) {
    case 'mean_24h':
      return meanOver(means, hours, rule.day, rule);
    case 'maximum_1h':
      return greatestOver(means, hours, (hour) => meanAt(means, hour, rule), rule.day);
    case 'maximum_8h':
      return greatestOver(means, hours, (hour) => eightHoursTo(means, hour, rule), rule.day);
  }
}

function eightHoursTo(means: HourlyMeans, hour: HourEnd, rule: CaptureRule): number | null {
  const mean = meanOver(means, hoursUpTo(hour, 8), rule.eightHours, rule);
  return mean.ok ? mean.value.concentration : null;
}

function meanAt(means: HourlyMeans, hour: HourEnd, rule: CaptureRule): number | null {
  const found = means.get(hour);
  return found === undefined || found.capture < rule.hour ? null : found.mean;
}

function meanOver(
  means: HourlyMeans,
  hours: readonly HourEnd[],
  neededCapture: number,
  rule: CaptureRule,
): Result<Averaged, AverageGap> {
  const present = hours.map((hour) => meanAt(means, hour, rule)).filter((mean) => mean !== null);
  const concentration = arithmeticMean(present);
  if (concentration === null) return err(emptinessOf(means, hours));
  const capture = present.length / hours.length;
  return capture < neededCapture ? err('TOO_FEW_HOURS') : ok({ concentration, capture });
}

/** The greatest of what hours have to say; `null` where one has nothing. */
function greatestOver(
  means: HourlyMeans,
  hours: readonly HourEnd[],
  valueAt: (hour: HourEnd) => number | null,
  neededCapture: number,
): Result<Averaged, AverageGap> {
  const present = hours.map(valueAt).filter((value) => value !== null);
  if (present.length === 0) return err(emptinessOf(means, hours));
  const capture = present.length / hours.length;
  return capture < neededCapture ? err('TOO_FEW_HOURS') : ok({ concentration: Math.max(...present), capture });
}

/** Why no hour had anything to say. */
const emptinessOf = (means: HourlyMeans, hours: readonly HourEnd[]): AverageGap =>
  hours.some((hour) => means.has(hour)) ? 'TOO_FEW_READINGS' : 'NO_DATA';
