import { type EpochMs, epochMs } from '../../domain/time.ts';
import { localTimeIn } from '../../domain/time-zone.ts';
import { TIME_ZONE } from './formatting.ts';

/*
 * Days and moments as fields and addresses hold them, by the city's clock, and the instants they stand for.
 */

const cityOffset = localTimeIn(TIME_ZONE);

/** `2026-09-11T13:10` in the city's time, as date fields have it; empty for no time. */
export const dateField = (at: EpochMs | null): string =>
  at === null ? '' : new Date(at + cityOffset(at)).toISOString().slice(0, 16);

/** The instant of {@link dateField}; `null` when there is none. */
export function instantOf(field: string): EpochMs | null {
  const local = Date.parse(`${field}Z`);
  return Number.isFinite(local) ? epochMs(local - cityOffset(epochMs(local))) : null;
}

/** The city's day of an instant, `YYYY-MM-DD`. */
export const dayOf = (at: number): string => dateField(epochMs(at)).slice(0, 10);

/** The city's midnight at which a day begins; `null` for what is no day. */
export const dayStart = (day: string): EpochMs | null =>
  /^\d{4}-\d{2}-\d{2}$/.test(day) ? instantOf(`${day}T00:00`) : null;
