import type { Language } from '../../domain/localized.ts';

/** The site's time zone: times on the screen are the city's, wherever the screen is. */
export const TIME_ZONE = 'Asia/Ho_Chi_Minh';
const LOCALE: Readonly<Record<Language, string>> = { vi: 'vi-VN', en: 'en-GB' };

const remembered = new Map<string, unknown>();
/** Building a formatter costs a hundred times what using it does. */
function remember<T>(key: string, make: () => T): T {
  let made = remembered.get(key) as T | undefined;
  if (made === undefined) {
    made = make();
    remembered.set(key, made);
  }
  return made;
}

/** `value` with exactly `decimals` digits (≥ 0) after the decimal sign: `34,2` in Vietnamese, `34.2` in English. */
export function formatNumber(value: number, decimals: number, language: Language): string {
  const format = remember(
    `n${language}${decimals}`,
    () =>
      new Intl.NumberFormat(LOCALE[language], {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
        signDisplay: 'negative',
      }),
  );
  // A hyphen is shorter than the digits it stands before; the true minus lines up with them.
  return format.format(value).replace('-', '−');
}

/** A whole number with grouping: `12.345` in Vietnamese, `12,345` in English. */
export const formatCount = (value: number, language: Language): string => formatNumber(value, 0, language);

type DateParts = Readonly<Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', string>>;
function dateParts(instant: number): DateParts {
  const format = remember(
    'parts',
    () =>
      new Intl.DateTimeFormat('en-GB', {
        timeZone: TIME_ZONE,
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        hourCycle: 'h23',
      }),
  );
  const parts: Record<string, string> = {};
  for (const part of format.formatToParts(instant)) parts[part.type] = part.value;
  return parts as DateParts;
}

export const MONTHS_EN = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Local date: `23/11/2026` in Vietnamese, `23 Nov 2026` in English (where day and month have no settled order). */
export function formatDate(instant: number, language: Language): string {
  const { year, month, day } = dateParts(instant);
  return language === 'vi'
    ? `${day}/${month}/${year}`
    : `${Number(day)} ${MONTHS_EN[Number(month) - 1] ?? month} ${year}`;
}

/** Day and month without the year: `23/11` or `23 Nov`. */
export function formatDayMonth(instant: number, language: Language): string {
  const { month, day } = dateParts(instant);
  return language === 'vi' ? `${day}/${month}` : `${Number(day)} ${MONTHS_EN[Number(month) - 1] ?? month}`;
}

/** Month and year: `11/2026` or `Nov 2026`. */
export function formatMonth(instant: number, language: Language): string {
  const { year, month } = dateParts(instant);
  return language === 'vi' ? `${month}/${year}` : `${MONTHS_EN[Number(month) - 1] ?? month} ${year}`;
}

/** Local time of day, 24 hours: `21:05`, or `21:05:09`. */
export function formatTime(instant: number, withSeconds = false): string {
  const { hour, minute, second } = dateParts(instant);
  return withSeconds ? `${hour}:${minute}:${second}` : `${hour}:${minute}`;
}

/** `23/11/2026 21:05` or `23 Nov 2026 21:05`. */
export const formatDateTime = (instant: number, language: Language, withSeconds = false): string =>
  `${formatDate(instant, language)} ${formatTime(instant, withSeconds)}`;

/** Time alone for an instant of the local day of `now`, else with its date. */
export function formatWhen(instant: number, now: number, language: Language): string {
  return formatDate(instant, 'vi') === formatDate(now, 'vi')
    ? formatTime(instant, true)
    : formatDateTime(instant, language);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type AgeUnit = 'second' | 'minute' | 'hour' | 'day';
/** The largest unit of which at least two fit (so that "1 minute" is not shown for 119 s), in whole numbers rounded down. */
function inLargestUnit(milliseconds: number): { readonly count: number; readonly unit: AgeUnit } {
  const length = Math.max(0, milliseconds);
  if (length < 2 * MINUTE) return { count: Math.floor(length / SECOND), unit: 'second' };
  if (length < 2 * HOUR) return { count: Math.floor(length / MINUTE), unit: 'minute' };
  if (length < 2 * DAY) return { count: Math.floor(length / HOUR), unit: 'hour' };
  return { count: Math.floor(length / DAY), unit: 'day' };
}

/** How long ago: `12 giây trước`, `12 seconds ago`. Negative ages (a clock ahead) read as 0 seconds. */
export function formatAge(ageMilliseconds: number, language: Language): string {
  const { count, unit } = inLargestUnit(ageMilliseconds);
  return remember(`r${language}`, () => new Intl.RelativeTimeFormat(LOCALE[language], { numeric: 'always' })).format(
    -count,
    unit,
  );
}

/** A length of time in its largest fitting unit: `12 phút`, `12 minutes`. */
export function formatDuration(milliseconds: number, language: Language): string {
  const { count, unit } = inLargestUnit(milliseconds);
  return remember(
    `d${language}${unit}`,
    () => new Intl.NumberFormat(LOCALE[language], { style: 'unit', unit, unitDisplay: 'long' }),
  ).format(count);
}

/** A size in bytes, thousands: `4,2 MB`. */
export function formatBytes(bytes: number, language: Language): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${formatNumber(value, unit === 0 || value >= 100 ? 0 : 1, language)} ${units[unit]}`;
}
