import type { Brand } from '../brand.ts';
import { type EpochMs, epochMs, hours } from '../time.ts';
import type { UtcOffset } from '../time-zone.ts';

/**
 * An hour of the local clock, named by the instant it ends, as environmental agencies label it: the hour "01:00" is (00:00, 01:00]. Open at
 * its start because readings that are means are stamped with the end of their interval: one of 01:00 tells about the minutes before it.
 */
export type HourEnd = Brand<number, 'HourEnd'>;

/** A day of the local calendar, `YYYY-MM-DD`. Its hours are labelled 01:00 … 24:00 (00:00 of the next day). */
export type LocalDate = Brand<string, 'LocalDate'>;

const HOUR_MS = hours(1);
const DAY_MS = hours(24);

/** `YYYY-MM-DD` of the proleptic Gregorian calendar, or `undefined` for a text that is no such day. */
export function parseLocalDate(text: string): LocalDate | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!parts) return undefined;
  const midnight = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(midnight) || dateText(midnight) !== text ? undefined : (text as LocalDate);
}

/** The hour that an instant falls into. */
export function hourOf(at: EpochMs, offset: UtcOffset): HourEnd {
  const ahead = offset(at);
  return (Math.ceil((at + ahead) / HOUR_MS) * HOUR_MS - ahead) as HourEnd;
}

/** The hour `count` hours before (negative: after). */
export const hoursBefore = (hour: HourEnd, count: number): HourEnd => (hour - count * HOUR_MS) as HourEnd;

/** The `count` hours that end with `hour`, newest first. */
export function hoursUpTo(hour: HourEnd, count: number): readonly HourEnd[] {
  const hours: HourEnd[] = [];
  for (let i = 0; i < count; i++) hours.push(hoursBefore(hour, i));
  return hours;
}

/** The day that an hour belongs to: the one labelled 24:00 to the day that it ends. */
export function dateOf(hour: HourEnd, offset: UtcOffset): LocalDate {
  const begin = epochMs(hour - HOUR_MS);
  return dateText(begin + offset(begin)) as LocalDate;
}

/** The hours of a day, oldest first: 24, or 23 or 25 where clocks are changed. */
export function hoursOfDate(date: LocalDate, offset: UtcOffset): readonly HourEnd[] {
  const midnight = instantOfMidnight(Date.parse(`${date}T00:00:00Z`), offset);
  const next = instantOfMidnight(Date.parse(`${date}T00:00:00Z`) + DAY_MS, offset);
  return Array.from(
    { length: Math.round((next - midnight) / HOUR_MS) },
    (_, i) => (midnight + (i + 1) * HOUR_MS) as HourEnd,
  );
}

/** The day after. */
export const nextDate = (date: LocalDate): LocalDate => dateText(Date.parse(`${date}T00:00:00Z`) + DAY_MS) as LocalDate;

/** From `localMidnight`, the midnight's reading of a clock taken for UTC; the second step settles a midnight near a change of clocks. */
function instantOfMidnight(localMidnight: number, offset: UtcOffset): number {
  const near = localMidnight - offset(epochMs(localMidnight));
  return localMidnight - offset(epochMs(near));
}

const dateText = (localMs: number): string => new Date(localMs).toISOString().slice(0, 10);
