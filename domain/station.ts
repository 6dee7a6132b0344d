import type { AgencyId, PointId } from './identifiers.ts';
import type { QuantityKey } from './quantity.ts';
import { canonicalSymbol } from './station-file.ts';
import { type EpochMs, epochMs, hours, minutes } from './time.ts';

/** Codes as they stand in file names: one word without the underscore that separates the parts. Compared without regard to case. */
export const STATION_CODE_PATTERN: RegExp = /^[A-Za-z0-9][A-Za-z0-9-]{1,31}$/;
/** Province and facility, as they stand in file names. */
export const STATION_NAME_PART_PATTERN: RegExp = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
/** A folder below the export folder: words and slashes, never up. */
export const EXPORT_FOLDER_PATTERN: RegExp =
  /^(?:[A-Za-z0-9][A-Za-z0-9_-]{0,63}(?:\/[A-Za-z0-9][A-Za-z0-9_-]{0,63}){0,7})?$/;

/** Which of the platform's series a symbol of a station's files is. */
export interface StationParameter {
  /** In the spelling of Table 34 where it is in it; once in a station. */
  readonly symbol: string;
  readonly pointId: PointId;
  readonly quantity: QuantityKey;
  /** As files write it (`mg/L`, `°C`): what exports say, and what an import takes a record without a unit to be in. */
  readonly unit: string;
}

export const EXPORT_INTERVALS_MINUTES = [1, 5, 10, 15, 30, 60] as const;
/** Files that are written for a station as time goes by. */
export interface StationSchedule {
  readonly intervalMinutes: (typeof EXPORT_INTERVALS_MINUTES)[number];
  /** Of its parameters, those that are written; in the order of the file. */
  readonly symbols: readonly string[];
  /** Below the platform's export folder; empty: that folder itself. */
  readonly folder: string;
  /** A folder for station, year, month and day below it, as receiving servers have them. */
  readonly dated: boolean;
}

/** An automatic monitoring station of the national scheme, as an agency has registered it. */
export interface Station {
  readonly code: string;
  readonly agencyId: AgencyId;
  /** First and second part of its files' names. */
  readonly province: string;
  readonly facility: string;
  readonly parameters: readonly StationParameter[];
  readonly schedule: StationSchedule | null;
  /** Files up to this moment have been written; `null` without a schedule. */
  readonly exportedTo: EpochMs | null;
  readonly version: number;
}

/** Stations are found by their codes in any case. */
export const stationKey = (code: string): string => code.toUpperCase();

/** The name under which a station sends its files, beside the ids of devices; no device can have it. */
export const stationSender = (code: string): string => `station:${stationKey(code)}`;

export const parameterOf = (
  { parameters }: Pick<Station, 'parameters'>,
  symbol: string,
): StationParameter | undefined => {
  const wanted = canonicalSymbol(symbol);
  return parameters.find((parameter) => parameter.symbol === wanted);
};

const ZONE_MS = hours(7);
/** The last end of an interval at or before an instant: intervals are counted from local midnight. */
export const intervalEnd = (at: EpochMs, intervalMinutes: number): EpochMs => {
  const length = minutes(intervalMinutes);
  return epochMs(Math.floor((at + ZONE_MS) / length) * length - ZONE_MS);
};

/** Ends of the intervals whose files are to be written: after `exportedTo`, up to `until`, the oldest first; at most `limit`. */
export function dueIntervals(exportedTo: EpochMs, until: EpochMs, intervalMinutes: number, limit: number): EpochMs[] {
  const length = minutes(intervalMinutes);
  const due: EpochMs[] = [];
  for (let end = intervalEnd(exportedTo, intervalMinutes) + length; end <= until && due.length < limit; end += length)
    due.push(epochMs(end));
  return due;
}
