import { err, ok, type Result } from '../result.ts';
import { type BreakpointColumn, type ColumnGap, subIndexOf } from './breakpoints.ts';
import { categoryOf, type IndexCategory } from './index-category.ts';
import { roundHalfUp } from './rounding.ts';

/** What air-quality indices are made of, by their keys in the catalogue of quantities. */
export const AIR_POLLUTANTS = ['pm2_5', 'pm10', 'o3', 'no2', 'so2', 'co'] as const;
export type AirPollutant = (typeof AIR_POLLUTANTS)[number];

/** How a column's concentration for an hour is made from the hourly means up to it. */
export type HourAverage = 'nowcast' | 'mean_1h' | 'mean_8h' | 'mean_24h';
/** The same for a day: its mean, or the greatest of its 1-hour or running 8-hour means. */
export type DayAverage = 'mean_24h' | 'maximum_1h' | 'maximum_8h';

/** One column of an index: a pollutant averaged in one way. */
export interface AirColumn<Key extends string> extends BreakpointColumn {
  readonly key: Key;
  readonly pollutant: AirPollutant;
  /** µg/m³ (25 °C, 1 atm) times this is the unit of the table. */
  readonly perMicrogram: number;
  /** `null`: the column has no part in the hourly index. */
  readonly ofHour: HourAverage | null;
  /** `null`: the column has no part in the daily index. */
  readonly ofDay: DayAverage | null;
}

/** A whole index as data. */
export interface AirIndexTable<Key extends string> {
  /** Of columns with equal sub-indices the earlier determines. */
  readonly columns: readonly AirColumn<Key>[];
  /** Ascending, without gaps between whole numbers, from 0 to the top of the index. */
  readonly categories: readonly IndexCategory[];
  /** Without any of these there is no index; empty: any pollutant will do. */
  readonly requiresOneOf: readonly AirPollutant[];
}

/** A concentration made from several hours. */
export interface Averaged {
  /** µg/m³. */
  readonly concentration: number;
  /** Share of the hours (day maximum of running means: of the running means) that were there, in (0, 1]. */
  readonly capture: number;
}
/** Why a concentration could not be had. `TOO_FEW_READINGS`: there were readings, but in no hour enough for its mean to count. */
export type AverageGap = 'NOT_MEASURED' | 'NO_DATA' | 'TOO_FEW_READINGS' | 'TOO_FEW_HOURS' | 'RECENT_HOURS_MISSING';

export type ColumnOutcome =
  | (Averaged & {
      readonly defined: true;
      /** Sub-index, rounded half up. */
      readonly value: number;
      readonly raw: number;
      readonly beyondTable: boolean;
    })
  | { readonly defined: false; readonly gap: AverageGap | ColumnGap };

export type ColumnOutcomes<Key extends string> = Readonly<Partial<Record<Key, ColumnOutcome>>>;

export interface AirIndex<Key extends string> {
  /** The greatest sub-index, rounded half up. */
  readonly value: number;
  /** Before rounding. */
  readonly raw: number;
  /** Key of the category of `value`. */
  readonly category: string;
  /** The column with the greatest sub-index, and its pollutant. */
  readonly determining: Key;
  readonly pollutant: AirPollutant;
  /** Of the determining column. */
  readonly capture: number;
  /** The concentration lies above the table; the index says "at least". */
  readonly beyondTable: boolean;
  readonly columns: ColumnOutcomes<Key>;
}

export interface AirIndexGap<Key extends string> {
  /** `REQUIRED_POLLUTANT_MISSING`: none of those the method insists on (VN_AQI: PM2.5 or PM10). */
  readonly code: 'REQUIRED_POLLUTANT_MISSING' | 'NO_POLLUTANT';
  /** What there was; may be shown, but makes no index. */
  readonly columns: ColumnOutcomes<Key>;
}
export type AirIndexOutcome<Key extends string> = Result<AirIndex<Key>, AirIndexGap<Key>>;

/** The index of averaged concentrations; columns not given have no part in it. */
export function airIndexOf<Key extends string>(
  table: AirIndexTable<Key>,
  averages: Readonly<Partial<Record<Key, Result<Averaged, AverageGap>>>>,
): AirIndexOutcome<Key> {
  const columns: Partial<Record<Key, ColumnOutcome>> = {};
  let greatest: { readonly column: AirColumn<Key>; readonly outcome: ColumnOutcome & { defined: true } } | null = null;
  let required = table.requiresOneOf.length === 0;
  for (const column of table.columns) {
    const average = averages[column.key];
    if (average === undefined) continue;
    const outcome = columnOutcomeOf(column, average);
    columns[column.key] = outcome;
    if (!outcome.defined) continue;
    required ||= table.requiresOneOf.includes(column.pollutant);
    if (greatest === null || outcome.raw > greatest.outcome.raw) greatest = { column, outcome };
  }
  if (!required) return err({ code: 'REQUIRED_POLLUTANT_MISSING', columns });
  if (greatest === null) return err({ code: 'NO_POLLUTANT', columns });
  const { column, outcome } = greatest;
  return ok({
    value: outcome.value,
    raw: outcome.raw,
    category: categoryOf(table.categories, outcome.value).key,
    determining: column.key,
    pollutant: column.pollutant,
    capture: outcome.capture,
    beyondTable: outcome.beyondTable,
    columns,
  });
}

function columnOutcomeOf(column: AirColumn<string>, average: Result<Averaged, AverageGap>): ColumnOutcome {
  if (!average.ok) return { defined: false, gap: average.error };
  const sub = subIndexOf(column, average.value.concentration * column.perMicrogram);
  if (!sub.defined) return sub;
  return { ...average.value, ...sub, value: roundHalfUp(sub.raw) };
}
