import type { QuantityKey } from '../quantity.ts';
import { err, type Result } from '../result.ts';
import { type DurationMs, type EpochMs, seconds } from '../time.ts';
import type { UtcOffset } from '../time-zone.ts';
import { AIR_POLLUTANTS, type AirIndexOutcome, type AirPollutant } from './air-index.ts';
import {
  type Affected,
  affectedBy,
  airIndexOfDay,
  airIndexOfHour,
  hoursNeededFor,
  type StationMeans,
} from './air-index-series.ts';
import type { HourlyMeans } from './hourly-mean.ts';
import {
  type IndexDefinition,
  inputsOf,
  type NoiseIndexDefinition,
  type WaterIndexDefinition,
} from './index-definition.ts';
import { dateOf, type HourEnd, hourOf, hoursBefore, hoursOfDate, type LocalDate, nextDate } from './local-hours.ts';
import { noiseDateOf, noiseDayOf } from './noise-day.ts';
import {
  type WaterQualityGap,
  type WaterQualityIndex,
  type WaterSample,
  waterQualityIndexOf,
} from './water-quality-index.ts';

/** A point's hourly means by quantity. */
export type MeansByQuantity = ReadonlyMap<QuantityKey, HourlyMeans>;

/** A value of an index as it is kept: stamped with the end of its hour or day. */
export interface IndexValue {
  readonly quantity: QuantityKey;
  readonly at: EpochMs;
  /** `null`: there is none, because too little was measured. */
  readonly value: number | null;
}

/** An hour's indices are worked out this long after its end, so that its last readings have come; what comes later has them worked out again. */
export const SETTLING_TIME: DurationMs = seconds(60);

/** The last hour that is over at an instant. */
export function lastHourOver(at: EpochMs, offset: UtcOffset): HourEnd {
  const current = hourOf(at, offset);
  return current <= at ? current : hoursBefore(current, 1);
}

/** When a day of the index is over: the end of its last hour. */
export function endOfDay(definition: Exclude<IndexDefinition, WaterIndexDefinition>, date: LocalDate): HourEnd {
  return definition.kind === 'air'
    ? hoursOfDate(date, definition.method.offset).at(-1)!
    : noiseHours(definition, date).to;
}

/**
 * The hours and days whose index another mean of these hours can change, as far as they are over at the end of hour `until`: of what is
 * still running there is no index yet.
 */
export function affectedOf(
  definition: IndexDefinition,
  changed: readonly { readonly quantity: QuantityKey; readonly hour: HourEnd }[],
  until: HourEnd,
): Affected {
  const inputs = new Set(inputsOf(definition));
  const ours = changed.filter(({ quantity, hour }) => inputs.has(quantity) && hour <= until);
  switch (definition.kind) {
    case 'air': {
      const pollutants = ours.map(({ quantity, hour }) => ({ pollutant: quantity as string as AirPollutant, hour }));
      const { hours, dates } = affectedBy(pollutants, until, definition.method);
      return { hours, dates: dates.filter((date) => endOfDay(definition, date) <= until) };
    }
    case 'water':
      return { hours: [...new Set(ours.map(({ hour }) => hour))].sort((a, b) => a - b), dates: [] };
    case 'noise': {
      const dates = [...new Set(ours.map(({ hour }) => noiseDateOf(hour, definition.method)))].sort();
      return { hours: [], dates: dates.filter((date) => endOfDay(definition, date) <= until) };
    }
  }
}

/** The hours and days that values of the index are of, by the stamps they are kept under. */
export function hoursAndDatesOf(
  definition: IndexDefinition,
  values: readonly { readonly quantity: QuantityKey; readonly hour: HourEnd }[],
): Affected {
  const stampsOf = (kept: QuantityKey): readonly HourEnd[] =>
    values.flatMap(({ quantity, hour }) => (quantity === kept ? [hour] : []));
  switch (definition.kind) {
    case 'air': {
      const { offset } = definition.method;
      return {
        hours: stampsOf(definition.hourly),
        dates: stampsOf(definition.daily).map((hour) => dateOf(hour, offset)),
      };
    }
    case 'water':
      return { hours: stampsOf(definition.hourly), dates: [] };
    case 'noise':
      return { hours: [], dates: stampsOf(definition.daily).map((hour) => noiseDateOf(hour, definition.method)) };
  }
}

/** Both together, each hour and day once, ascending. */
export const affectedByEither = (one: Affected, other: Affected): Affected => ({
  hours: [...new Set([...one.hours, ...other.hours])].sort((a, b) => a - b),
  dates: [...new Set([...one.dates, ...other.dates])].sort(),
});

/** The hours and days that were not over at the end of hour `after` and are at the end of hour `until`. */
export function dueBetween(definition: IndexDefinition, after: HourEnd, until: HourEnd): Affected {
  const hours: HourEnd[] = [];
  for (let hour = hoursBefore(after, -1); hour <= until; hour = hoursBefore(hour, -1)) hours.push(hour);
  if (hours.length === 0 || definition.kind === 'water') return { hours, dates: [] };
  const dates: LocalDate[] = [];
  const first =
    definition.kind === 'air' ? dateOf(hours[0]!, definition.method.offset) : noiseDateOf(hours[0]!, definition.method);
  for (let date = first; endOfDay(definition, date) <= until; date = nextDate(date)) dates.push(date);
  return { hours: definition.kind === 'noise' ? [] : hours, dates };
}

/** The first and last hour whose means must be at hand; `null` when nothing is affected. */
export function hoursNeeded(
  definition: IndexDefinition,
  affected: Affected,
): { readonly from: HourEnd; readonly to: HourEnd } | null {
  const { hours, dates } = affected;
  switch (definition.kind) {
    case 'air':
      return hoursNeededFor(affected, definition.method);
    case 'water':
      return hours.length === 0 ? null : { from: hours[0]!, to: hours.at(-1)! };
    case 'noise':
      return dates.length === 0
        ? null
        : { from: noiseHours(definition, dates[0]!).from, to: noiseHours(definition, dates.at(-1)!).to };
  }
}

/** The values of what is affected. `means` must hold the hours of {@link hoursNeeded}; more do no harm. */
export function indexValuesOf(definition: IndexDefinition, means: MeansByQuantity, affected: Affected): IndexValue[] {
  const { hours, dates } = affected;
  switch (definition.kind) {
    case 'air': {
      const { method, hourly, daily } = definition;
      const station = stationMeansOf(means);
      const value = (outcome: AirIndexOutcome<string>): number | null => (outcome.ok ? outcome.value.value : null);
      return [
        ...hours.map((at) => kept(hourly, at, value(airIndexOfHour(station, at, method)))),
        ...dates.map((date) => kept(daily, endOfDay(definition, date), value(airIndexOfDay(station, date, method)))),
      ];
    }
    case 'water':
      return hours.map((at) => {
        const index = waterIndexOfHour(definition, means, at);
        return kept(definition.hourly, at, index.ok ? index.value.value : null);
      });
    case 'noise':
      return dates.map((date) => {
        const { lden } = noiseDayOf(means.get(definition.input) ?? new Map(), date, definition.method);
        return kept(definition.daily, endOfDay(definition, date), lden.ok ? toTenth(lden.value.level) : null);
      });
  }
}

/** As the air index takes them. */
export const stationMeansOf = (means: MeansByQuantity): StationMeans =>
  Object.fromEntries(
    AIR_POLLUTANTS.flatMap((pollutant) => {
      const found = means.get(pollutant as string as QuantityKey);
      return found === undefined ? [] : [[pollutant, found] as const];
    }),
  );

/** The water index of one hour. */
export function waterIndexOfHour(
  { inputs, table, hourCapture }: WaterIndexDefinition,
  means: MeansByQuantity,
  hour: HourEnd,
): Result<WaterQualityIndex, WaterQualityGap> {
  const meanOf = (quantity: QuantityKey | undefined): number | undefined => {
    const found = quantity === undefined ? undefined : means.get(quantity)?.get(hour);
    return found === undefined || found.capture < hourCapture ? undefined : found.mean;
  };
  const { DO, water_temperature, ...others } = inputs;
  const values = Object.fromEntries(
    Object.entries(others).flatMap(([parameter, quantity]) => {
      const mean = meanOf(quantity);
      return mean === undefined ? [] : [[parameter, mean] as const];
    }),
  ) as WaterSample['values'];
  const dissolvedOxygen = meanOf(DO);
  const waterTemperature = meanOf(water_temperature);
  if (Object.keys(values).length === 0 && dissolvedOxygen === undefined)
    return err({ code: 'TOO_FEW_IN_GROUP_IV', parameters: {}, oxygenWithoutTemperature: false });
  return waterQualityIndexOf(
    {
      values,
      ...(dissolvedOxygen === undefined ? {} : { dissolvedOxygen }),
      ...(waterTemperature === undefined ? {} : { waterTemperature }),
    },
    table,
  );
}

/** From the morning of `date` to the next: first and last hour. */
function noiseHours(
  { method: { periods, offset } }: NoiseIndexDefinition,
  date: LocalDate,
): { readonly from: HourEnd; readonly to: HourEnd } {
  const today = hoursOfDate(date, offset);
  const tomorrow = hoursOfDate(nextDate(date), offset);
  const { fromHour } = periods.day;
  return { from: today[fromHour]!, to: fromHour === 0 ? today.at(-1)! : tomorrow[fromHour - 1]! };
}

const kept = (quantity: QuantityKey, at: HourEnd, value: number | null): IndexValue => ({
  quantity,
  at: at as number as EpochMs,
  value,
});
/** Sound levels are told to a tenth of a decibel. */
const toTenth = (level: number): number => Math.round(level * 10) / 10;
