import type { EpochMs } from '../../domain/time.ts';
import { localDayIndex, localHour } from './calendar.ts';
import type { DailyShape } from './daily-shape.ts';

/** Registers count from here: 1 January 2024, local midnight. */
const FIRST_DAY = Date.UTC(2024, 0, 1) / 86_400_000;

/** A rate that follows a day's shape, scaled day by day, and its integral. */
export interface Register {
  /** Rate as a multiple of its long-run mean. */
  rate(instant: EpochMs): number;
  /** Mean hours counted since the registers' beginning: multiply by the mean rate per hour. */
  total(instant: EpochMs): number;
}

/**
 * The integral of day factor × daily shape in closed form, so that a cumulative register is a pure function of the
 * instant and agrees with the rate beside it.
 * @param dayFactor mean rate of a local day as a multiple of the long-run mean; > 0 and the same at every call.
 */
export function createRegister(shape: DailyShape, dayFactor: (dayIndex: number) => number): Register {
  // before[i] = sum of day factors of the days FIRST_DAY … FIRST_DAY+i−1; grown as later days are asked for.
  const before: number[] = [0];
  const daysBefore = (dayIndex: number): number => {
    const wanted = Math.max(0, dayIndex - FIRST_DAY);
    for (let i = before.length; i <= wanted; i += 1)
      before.push((before[i - 1] as number) + dayFactor(FIRST_DAY + i - 1));
    return before[wanted] as number;
  };
  return {
    rate: (instant) => dayFactor(localDayIndex(instant)) * shape.at(localHour(instant)),
    total(instant) {
      const day = localDayIndex(instant);
      return 24 * daysBefore(day) + dayFactor(day) * shape.integral(localHour(instant));
    },
  };
}

/** What is left of a register's total when nothing flowed during the given spans. */
export const totalWithout = (
  register: Register,
  spans: readonly { readonly from: EpochMs; readonly to: EpochMs }[],
  instant: EpochMs,
): number => {
  let total = register.total(instant);
  for (const { from, to } of spans)
    if (instant > from) total -= register.total(Math.min(instant, to) as EpochMs) - register.total(from);
  return total;
};

/** Remembers the last days' values of a function of the day index: models of many points share the same day. */
export function perDay(compute: (dayIndex: number) => number): (dayIndex: number) => number {
  const known = new Map<number, number>();
  return (dayIndex) => {
    const cached = known.get(dayIndex);
    if (cached !== undefined) return cached;
    const value = compute(dayIndex);
    known.set(dayIndex, value);
    return value;
  };
}
