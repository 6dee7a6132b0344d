import { days, type EpochMs, hours } from '../../domain/time.ts';

/** Việt Nam keeps UTC+7 all year. */
export const UTC_OFFSET_MS = hours(7);
const DAY_MS = days(1);

/** First day of the lunar year (Tết Nguyên Đán), as local dates. */
const TET: readonly (readonly [year: number, month: number, day: number])[] = [
  [2024, 2, 10],
  [2025, 1, 29],
  [2026, 2, 17],
  [2027, 2, 6],
  [2028, 1, 26],
  [2029, 2, 13],
  [2030, 2, 3],
];
const TET_DAY_INDEX: readonly number[] = TET.map(([year, month, day]) => Date.UTC(year, month - 1, day) / DAY_MS);

/** Month and day of holidays at fixed dates: New Year, Reunification and Labour days, National Day. */
const FIXED_HOLIDAYS: ReadonlySet<number> = new Set([101, 430, 501, 902]);

export type DayKind = 'workday' | 'saturday' | 'sunday' | 'holiday' | 'tet';

/** A local date as the models need it. */
export interface LocalDay {
  /** Days since 1970-01-01, local. */
  readonly index: number;
  readonly kind: DayKind;
  /** 0 … 365. */
  readonly dayOfYear: number;
}

const DAY_CACHE = new Map<number, LocalDay>();
/** Long runs (years at high speed) start the cache anew instead of growing it. */
const DAY_CACHE_LIMIT = 2_000;

/** The local day with the given index. */
export function localDay(index: number): LocalDay {
  const cached = DAY_CACHE.get(index);
  if (cached !== undefined) return cached;
  const date = new Date(index * DAY_MS);
  const weekday = date.getUTCDay();
  const dayOfYear = index - Date.UTC(date.getUTCFullYear(), 0, 1) / DAY_MS;
  const day = { index, kind: dayKind(index, date, weekday), dayOfYear };
  if (DAY_CACHE.size >= DAY_CACHE_LIMIT) DAY_CACHE.clear();
  DAY_CACHE.set(index, day);
  return day;
}

function dayKind(index: number, date: Date, weekday: number): DayKind {
  // The long holiday: from the eve to the fifth day of the lunar year.
  if (TET_DAY_INDEX.some((tet) => index >= tet - 1 && index <= tet + 4)) return 'tet';
  if (FIXED_HOLIDAYS.has((date.getUTCMonth() + 1) * 100 + date.getUTCDate())) return 'holiday';
  if (weekday === 0) return 'sunday';
  return weekday === 6 ? 'saturday' : 'workday';
}

/** Index of the local day an instant falls in. */
export const localDayIndex = (instant: EpochMs): number => Math.floor((instant + UTC_OFFSET_MS) / DAY_MS);

/** Local hour of day, 0 ≤ h < 24, with fraction. */
export function localHour(instant: EpochMs): number {
  const local = instant + UTC_OFFSET_MS;
  return (local - Math.floor(local / DAY_MS) * DAY_MS) / 3_600_000;
}

/** Twelve monthly values read at a day of the year: straight lines between the middles of the months. */
export function monthly(values: readonly number[], dayOfYear: number): number {
  const position = dayOfYear / 30.4375 - 0.5;
  const index = Math.floor(position);
  const fraction = position - index;
  const a = values[(index + 12) % 12] as number;
  const b = values[(index + 13) % 12] as number;
  return a + (b - a) * fraction;
}
