/** Numbers and times of a rule as people say them: exact, since a rule means what it says to the minute. */
import type { Season, Weekday, WeeklyHours } from '../../domain/active-times.ts';
import type { Language } from '../../domain/localized.ts';
import { formatDayMonth, formatNumber } from './formatting.ts';

const DECIMALS_MOST = 6;
const decimalsOf = (value: number): number => {
  const [, fraction = ''] = Number(value.toFixed(DECIMALS_MOST)).toString().split('.');
  return fraction.includes('e') ? DECIMALS_MOST : fraction.length;
};
/** With as many decimals as it has, at least `decimals` (≥ 0): `34,25`. */
export const exactNumber = (value: number, language: Language, decimals = 0): string =>
  formatNumber(value, Math.max(decimals, decimalsOf(value)), language);

/** Which states are at or beyond a limit, by name, in the order of their codes. */
export const statesBeyond = (names: readonly string[], side: 'above' | 'below', limit: number): readonly string[] =>
  names.filter((_, code) => (side === 'above' ? code >= limit : code <= limit));

const UNITS = [
  ['day', 1440],
  ['hour', 60],
  ['minute', 1],
] as const;
function inExactUnit(minutes: number): readonly [count: number, unit: 'day' | 'hour' | 'minute' | 'second'] {
  // A day is said as 24 hours: that is how limits are written.
  for (const [unit, length] of UNITS) {
    if (minutes % length === 0 && minutes >= (unit === 'day' ? 2 * length : length)) return [minutes / length, unit];
  }
  return minutes > 1 && Number.isInteger(minutes * 4) ? [minutes, 'minute'] : [minutes * 60, 'second'];
}

/** In the largest unit that says it exactly: `1 giờ`, `90 phút`, `24 giờ`, `2 ngày`; `90 seconds`. */
export function exactDuration(minutes: number, language: Language): string {
  const [count, unit] = inExactUnit(minutes);
  const names = new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB', {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: 3,
  });
  return names.format(count);
}
/** As {@link exactDuration}, before a noun: `1-hour`; in Vietnamese the same as alone. */
export function durationAdjective(minutes: number, language: Language): string {
  if (language === 'vi') return exactDuration(minutes, language);
  const [count, unit] = inExactUnit(minutes);
  return `${exactNumber(count, language)}-${unit}`;
}

/** A Monday: the first of the days of {@link Weekday}. */
const MONDAY = Date.UTC(2024, 0, 1, 5);
export const weekdayName = (day: Weekday, language: Language, weekday: 'short' | 'long' = 'short'): string =>
  new Intl.DateTimeFormat(language === 'vi' ? 'vi-VN' : 'en-GB', { weekday, timeZone: 'UTC' }).format(
    MONDAY + (day - 1) * 86_400_000,
  );

/** `Mon–Fri`, `Sat, Sun`; three or more in a row as a span. */
function daysText(days: readonly Weekday[], language: Language): string {
  const spans: Weekday[][] = [];
  for (const day of [...new Set(days)].sort((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last?.at(-1) === day - 1) last.push(day);
    else spans.push([day]);
  }
  return spans
    .flatMap((span) =>
      span.length > 2
        ? [`${weekdayName(span[0]!, language)}–${weekdayName(span.at(-1)!, language)}`]
        : span.map((day) => weekdayName(day, language)),
    )
    .join(', ');
}
/** `Mon–Fri 06:00–22:00`; without the days when it is all of them. */
export function hoursText({ days, from, to }: WeeklyHours, language: Language): string {
  const times = `${from || '…'}–${from === to && to === '00:00' ? '24:00' : to || '…'}`;
  return days.length === 7 ? times : `${days.length === 0 ? '…' : daysText(days, language)} ${times}`;
}
/** `1 May – 31 Oct`, `01/05 – 31/10`. */
export function seasonText({ from, to }: Season, language: Language): string {
  const dayText = (date: string) => {
    // A leap year, so that 29 February is a day.
    const at = Date.parse(`2024-${date}T05:00:00Z`);
    return Number.isFinite(at) ? formatDayMonth(at, language) : '…';
  };
  return `${dayText(from)} – ${dayText(to)}`;
}
