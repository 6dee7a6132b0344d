import { days, type EpochMs, epochMs, minutes } from '../time.ts';
import type { UtcOffset } from '../time-zone.ts';

/** Hours in which somebody is not to be disturbed, in local time; over midnight when `from` > `to`. */
export interface QuietHours {
  /** Minutes after local midnight, 0 … 1439; quiet from here on. `from` ≠ `to`. */
  readonly from: number;
  /** Minutes after local midnight, 0 … 1439; no longer quiet at this minute. */
  readonly to: number;
  /** Days on which they begin, 0 = Sunday … 6. */
  readonly weekdays: readonly number[];
  /** Critical alarms are told all the same. */
  readonly criticalPasses: boolean;
}

const DAY_MS = days(1);

/** When the quiet hours that hold at `at` are over; `null` when none hold. A change of the clocks moves the end with it. */
export function quietUntil(quiet: QuietHours, at: EpochMs, offset: UtcOffset): EpochMs | null {
  const local = at + offset(at);
  const today = Math.floor(local / DAY_MS);
  const length = minutes((quiet.to - quiet.from + 1440) % 1440);
  // Those that began yesterday may still hold.
  for (const day of [today, today - 1]) {
    // 1970-01-01 was a Thursday.
    if (!quiet.weekdays.includes((((day + 4) % 7) + 7) % 7)) continue;
    const begin = day * DAY_MS + minutes(quiet.from);
    if (local >= begin && local < begin + length) {
      const end = begin + length;
      const guess = epochMs(end - offset(at));
      return offset(guess) === offset(at) ? guess : epochMs(end - offset(guess));
    }
  }
  return null;
}

/** Whether the hours can be: two different minutes of the day, some day of the week. */
export const quietHoursArePossible = ({ from, to, weekdays }: QuietHours): boolean =>
  [from, to].every((minute) => Number.isInteger(minute) && minute >= 0 && minute < 1440) &&
  from !== to &&
  weekdays.length > 0 &&
  weekdays.every((day) => Number.isInteger(day) && day >= 0 && day < 7);
