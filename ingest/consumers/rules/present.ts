import { type DurationMs, days } from '../../../domain/time.ts';

/** Readings are of the present when they are no older than this on arrival; else they were brought afterwards: a file of last month, a logger found again. */
export const PRESENT_AGE_MAX: DurationMs = days(1);

/** True of a reading that says nothing of now: no alarm is raised by it, and no silence ends. Both times in epoch milliseconds. */
export const isOfThePast = (eventTime: number, arrivalTime: number): boolean =>
  arrivalTime - eventTime > PRESENT_AGE_MAX;
