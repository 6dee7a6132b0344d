import type { Language } from '../../domain/localized.ts';
import { MONTHS_EN } from './formatting.ts';

/**
 * What a field of a form holds, by the city's clock and with '' for none: a day (`2026-11-26`), a moment (`2026-11-26T21:05`) or a time of day (`21:05`).
 */
export type DateKind = 'day' | 'moment' | 'time';

const two = (number: number): string => String(number).padStart(2, '0');

/** As people write it: `26/11/2026 21:05` in Vietnamese, `26 Nov 2026 21:05` in English. */
export function writeDate(value: string, language: Language): string {
  const [, year = '', month = '', day = '', time] = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d))?/.exec(value) ?? [];
  if (year === '') return value;
  const date = language === 'vi' ? `${day}/${month}/${year}` : `${Number(day)} ${MONTHS_EN[Number(month) - 1]} ${year}`;
  return time === undefined ? date : `${date} ${time}`;
}

/** `21:05`, `21h05`, `2105`, `9h`: hours 0 … 23, minutes 0 … 59; seconds are left out. */
function readTime(text: string): string | null {
  const found = /^(\d{1,2})(?:[:.h](\d{2})?|(\d{2}))(?::\d{2})?$/i.exec(text.replaceAll(' ', ''));
  if (!found) return null;
  const [hour, minute] = [Number(found[1]), Number(found[2] ?? found[3] ?? 0)];
  return hour < 24 && minute < 60 ? `${two(hour)}:${two(minute)}` : null;
}

const monthNamed = (name: string): number =>
  1 + MONTHS_EN.findIndex((month) => name.toLowerCase().startsWith(month.toLowerCase()));

const WRITTEN: readonly { readonly pattern: RegExp; readonly read: (parts: string[]) => readonly number[] }[] = [
  // As it is kept: what is copied from elsewhere.
  { pattern: /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]+(.+))?$/, read: ([y, m, d]) => [Number(y), Number(m), Number(d)] },
  // Day before month, in both languages.
  {
    pattern: /^(\d{1,2})[/.\s-]+(\d{1,2})[/.\s-]+(\d{4})(?:,?\s+(.+))?$/,
    read: ([d, m, y]) => [Number(y), Number(m), Number(d)],
  },
  {
    pattern: /^(\d{1,2})\s*([a-z]{3,9})\.?\s*(\d{4})(?:,?\s+(.+))?$/i,
    read: ([d, m = '', y]) => [Number(y), monthNamed(m), Number(d)],
  },
];

/** What somebody has written, in either language's way; a moment without a time is the day's beginning. `null`: not (yet) understood. */
export function readDate(text: string, kind: DateKind): string | null {
  const written = text.trim();
  if (kind === 'time') return readTime(written);
  for (const { pattern, read } of WRITTEN) {
    const parts = pattern.exec(written);
    if (!parts) continue;
    const [year = 0, month = 0, day = 0] = read(parts.slice(1));
    const date = new Date(Date.UTC(year, month - 1, day));
    // The 31st of a month of thirty days is no day.
    if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
    const iso = `${year}-${two(month)}-${two(day)}`;
    const time = parts[4];
    if (kind === 'day') return time === undefined ? iso : null;
    const read24 = time === undefined ? '00:00' : readTime(time);
    return read24 === null ? null : `${iso}T${read24}`;
  }
  return null;
}
