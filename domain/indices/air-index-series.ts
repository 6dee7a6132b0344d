import { err, type Result } from '../result.ts';
import type { UtcOffset } from '../time-zone.ts';
import { averageOfDay, averageOfHour, type CaptureRule, HOURS_LOOKED_AT, HOURS_OF_DAY_BEFORE } from './air-averages.ts';
import {
  type AirColumn,
  type AirIndexOutcome,
  type AirIndexTable,
  type AirPollutant,
  type Averaged,
  type AverageGap,
  airIndexOf,
} from './air-index.ts';
import type { HourlyMeans } from './hourly-mean.ts';
import { dateOf, type HourEnd, hoursBefore, hoursOfDate, type LocalDate } from './local-hours.ts';

/** A station's hourly means, µg/m³; pollutants it doesn't measure are absent. */
export type StationMeans = Readonly<Partial<Record<AirPollutant, HourlyMeans>>>;

export interface AirIndexMethod<Key extends string> {
  readonly table: AirIndexTable<Key>;
  readonly capture: CaptureRule;
  readonly offset: UtcOffset;
}

/** The index of one hour. */
export function airIndexOfHour<Key extends string>(
  means: StationMeans,
  hour: HourEnd,
  { table, capture }: AirIndexMethod<Key>,
): AirIndexOutcome<Key> {
  return indexFrom(table, means, ({ ofHour }) =>
    ofHour === null ? undefined : (of) => averageOfHour(of, hour, ofHour, capture),
  );
}

/** The index of one local day. Of a day that is not over it is the index so far, once enough hours are in. */
export function airIndexOfDay<Key extends string>(
  means: StationMeans,
  date: LocalDate,
  { table, capture, offset }: AirIndexMethod<Key>,
): AirIndexOutcome<Key> {
  return indexFrom(table, means, ({ ofDay }) =>
    ofDay === null ? undefined : (of) => averageOfDay(of, date, ofDay, capture, offset),
  );
}

type Averaging = (means: HourlyMeans) => Result<Averaged, AverageGap>;

function indexFrom<Key extends string>(
  table: AirIndexTable<Key>,
  means: StationMeans,
  averagingOf: (column: AirColumn<Key>) => Averaging | undefined,
): AirIndexOutcome<Key> {
  const averages: Partial<Record<Key, Result<Averaged, AverageGap>>> = {};
  for (const column of table.columns) {
    const averaging = averagingOf(column);
    if (averaging === undefined) continue;
    const ofPollutant = means[column.pollutant];
    averages[column.key] = ofPollutant === undefined ? err('NOT_MEASURED') : averaging(ofPollutant);
  }
  return airIndexOf(table, averages);
}

/** An hourly mean that is new or has become another. */
export interface ChangedHour {
  readonly pollutant: AirPollutant;
  readonly hour: HourEnd;
}
/** Hours and days whose index may no longer be what it was; each ascending. */
export interface Affected {
  readonly hours: readonly HourEnd[];
  readonly dates: readonly LocalDate[];
}

/**
 * What a change of hourly means reaches: an hour of PM2.5 the NowCasts of twelve hours, an hour of ozone the running means of
 * eight and with them, in the evening, the next day. Hours after `until`, the latest that there is to be an index for, are left out.
 */
export function affectedBy(
  changed: Iterable<ChangedHour>,
  until: HourEnd,
  { table, offset }: AirIndexMethod<string>,
): Affected {
  const hours = new Set<HourEnd>();
  const dates = new Set<LocalDate>();
  // A backlog is the same hours for every pollutant: each is looked up in the calendar once.
  const dateByHour = new Map<HourEnd, LocalDate>();
  const dateAt = (hour: HourEnd): LocalDate => {
    const known = dateByHour.get(hour);
    if (known !== undefined) return known;
    const date = dateOf(hour, offset);
    dateByHour.set(hour, date);
    return date;
  };
  const lastDate = dateOf(until, offset);
  for (const { pollutant, hour } of changed) {
    for (const column of table.columns) {
      if (column.pollutant !== pollutant) continue;
      const ahead = column.ofHour === null ? 0 : HOURS_LOOKED_AT[column.ofHour];
      for (let i = 0; i < ahead; i++) {
        const reached = hoursBefore(hour, -i);
        if (reached <= until) hours.add(reached);
      }
      if (column.ofDay === null) continue;
      for (const reached of [hour, hoursBefore(hour, -HOURS_OF_DAY_BEFORE[column.ofDay])]) {
        const date = dateAt(reached);
        if (date <= lastDate) dates.add(date);
      }
    }
  }
  return { hours: [...hours].sort((a, b) => a - b), dates: [...dates].sort() };
}

/** The first and last hour whose means must be at hand to work out what is affected; `null` when nothing is. */
export function hoursNeededFor(
  { hours, dates }: Affected,
  { table, offset }: AirIndexMethod<string>,
): { readonly from: HourEnd; readonly to: HourEnd } | null {
  const lookedAt = Math.max(0, ...table.columns.map(({ ofHour }) => (ofHour === null ? 0 : HOURS_LOOKED_AT[ofHour])));
  const before = Math.max(0, ...table.columns.map(({ ofDay }) => (ofDay === null ? 0 : HOURS_OF_DAY_BEFORE[ofDay])));
  const bounds: HourEnd[] = [];
  if (hours.length > 0) bounds.push(hoursBefore(hours[0]!, Math.max(0, lookedAt - 1)), hours.at(-1)!);
  if (dates.length > 0) {
    bounds.push(hoursBefore(hoursOfDate(dates[0]!, offset)[0]!, before), hoursOfDate(dates.at(-1)!, offset).at(-1)!);
  }
  if (bounds.length === 0) return null;
  return { from: Math.min(...bounds) as HourEnd, to: Math.max(...bounds) as HourEnd };
}

/** The index of a station by hour and by day. */
export interface AirIndexSeries<Key extends string> {
  readonly hours: ReadonlyMap<HourEnd, AirIndexOutcome<Key>>;
  readonly dates: ReadonlyMap<LocalDate, AirIndexOutcome<Key>>;
}

/** The indices of the given hours and days. `means` must hold the hours of {@link hoursNeededFor}, more do no harm. */
export const airIndexSeriesOf = <Key extends string>(
  means: StationMeans,
  { hours, dates }: Affected,
  method: AirIndexMethod<Key>,
): AirIndexSeries<Key> => ({
  hours: new Map(hours.map((hour) => [hour, airIndexOfHour(means, hour, method)])),
  dates: new Map(dates.map((date) => [date, airIndexOfDay(means, date, method)])),
});
