import { type EpochMs, epochMs } from './time.ts';
import type { UtcOffset } from './time-zone.ts';

/** ISO 8601: 1 is Monday, 7 Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Local times of some days of the week: [from, to), `HH:MM`. Where `to` ≤ `from` it runs over midnight into the day after; equal: 24 hours. */
export interface WeeklyHours {
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly to: string;
}
/** Local dates of every year, `MM-DD`, both inclusive; where `to` < `from` across the new year. */
export interface Season {
  readonly from: string;
  readonly to: string;
}

/**
 * When a rule applies, on the site's calendar: at the instants that lie in one of the weekly hours and in one of the seasons. No hours: at all
 * hours; no seasons: all year.
 *
 * Outside, the rule's limits say nothing, so every judged reading counts as inside them, whatever its value:
 * - nothing is raised, and no level goes up;
 * - a breach that began outside counts from the first judged reading inside, and a hold that isn't over when the hours end is forgotten:
 *   a hold never joins time on both sides of a boundary;
 * - an active alarm clears as it would by a value inside: at the first judged reading outside or, with a clear hold, once that has passed
 *   (ISA-18.2's return to normal; suppressing by design would leave it active with nobody told);
 * - windows go on gathering readings, so the first statistic inside may reach back to before.
 *
 * Rules on silence raise at the first instant inside at which the silence has lasted its time; only hearing the series clears them, inside or outside.
 */
export interface ActiveTimes {
  readonly weekly: readonly WeeklyHours[];
  readonly seasons: readonly Season[];
}

export const CLOCK_TIME: RegExp = /^([01]\d|2[0-3]):[0-5]\d$/;
/** A date there is in some year: 02-29 too. */
export const MONTH_DAY: RegExp =
  /^(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|[12]\d))$/;

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
/** 1970-01-01 was a Thursday: days since then + 3 count from a Monday. */
const EPOCH_FROM_MONDAY_DAYS = 3;
/** A season comes within so many days, leap days too, if it comes at all. */
const SEARCHED_DAYS = 8 * 366;

/** {@link ActiveTimes} made ready to be asked at every reading. */
export class ActiveClock {
  /** Minute of the local week → minutes until the hours begin, 0 inside them. `null`: at all hours. */
  readonly #week: Uint16Array | null;
  readonly #seasons: readonly { readonly from: number; readonly to: number }[];
  readonly #offset: UtcOffset;
  /** The local day last asked about, and whether it is in season. */
  #day = Number.NaN;
  #dayInSeason = false;

  constructor({ weekly, seasons }: ActiveTimes, offset: UtcOffset) {
    this.#offset = offset;
    this.#seasons = seasons.map(({ from, to }) => ({ from: monthDayNumber(from), to: monthDayNumber(to) }));
    if (weekly.length === 0) {
      this.#week = null;
      return;
    }
    const inside = new Uint8Array(WEEK_MINUTES);
    for (const { days, from, to } of weekly) {
      const begin = minuteOfDay(from);
      const length = (minuteOfDay(to) - begin + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
      for (const day of days) {
        for (let i = 0; i < length; i++) inside[((day - 1) * DAY_MINUTES + begin + i) % WEEK_MINUTES] = 1;
      }
    }
    this.#week = new Uint16Array(WEEK_MINUTES);
    // Twice round, backwards: what lies after the end of the week is its beginning.
    for (let i = 2 * WEEK_MINUTES - 1, wait = WEEK_MINUTES; i >= 0; i--) {
      wait = inside[i % WEEK_MINUTES] === 1 ? 0 : Math.min(wait + 1, WEEK_MINUTES);
      this.#week[i % WEEK_MINUTES] = wait;
    }
  }

  isActive(at: number): boolean {
    const local = at + this.#offset(at as EpochMs);
    const day = Math.floor(local / DAY_MS);
    return this.#minutesToHours(local, day) === 0 && this.#isInSeason(day);
  }

  #minutesToHours(local: number, day: number): number {
    if (this.#week === null) return 0;
    const minute = Math.floor((local - day * DAY_MS) / MINUTE_MS);
    const weekday = (((day + EPOCH_FROM_MONDAY_DAYS) % 7) + 7) % 7;
    return this.#week[weekday * DAY_MINUTES + minute]!;
  }

  #isInSeason(day: number): boolean {
    if (this.#seasons.length === 0) return true;
    if (day !== this.#day) {
      this.#day = day;
      const date = new Date(day * DAY_MS);
      const number = (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
      this.#dayInSeason = this.#seasons.some(({ from, to }) =>
        from <= to ? number >= from && number <= to : number >= from || number <= to,
      );
    }
    return this.#dayInSeason;
  }

  /** The first active instant ≥ `at`; `null` when there is none in the years to come. */
  firstActiveFrom(at: EpochMs): EpochMs | null {
    for (let from: number = at; from < at + SEARCHED_DAYS * DAY_MS; ) {
      const local = from + this.#offset(from as EpochMs);
      const day = Math.floor(local / DAY_MS);
      if (!this.#isInSeason(day)) {
        from += (day + 1) * DAY_MS - local;
        continue;
      }
      const wait = this.#minutesToHours(local, day);
      if (wait === 0) return epochMs(from);
      from += wait * MINUTE_MS - (local % MINUTE_MS);
    }
    return null;
  }
}

const minuteOfDay = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
const monthDayNumber = (date: string): number => Number(date.slice(0, 2)) * 100 + Number(date.slice(3, 5));
