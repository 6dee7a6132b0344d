import type { ClaimWindow } from '../../domain/provisioning.ts';
import { days, type EpochMs, epochMs } from '../../domain/time.ts';
import { localTimeIn } from '../../domain/time-zone.ts';
import { TIME_ZONE } from './formatting.ts';

/** Where the devices to be labelled are looked for. */
export const LABEL_SOURCES = ['stock', 'all', 'import'] as const;

/** What the label printed last for a device is good for now. */
export type LabelState = 'never' | 'early' | 'open' | 'expired' | 'used';
export function labelState(window: ClaimWindow | undefined, now: number): LabelState {
  if (!window) return 'never';
  if (window.usedAt !== null) return 'used';
  if (now >= window.closesAt) return 'expired';
  return now < window.opensAt ? 'early' : 'open';
}
/** Whether printing again takes something from whoever holds the label there is. */
export const labelStillWorks = (state: LabelState): boolean => state === 'open' || state === 'early';

const offsetAt = localTimeIn(TIME_ZONE);
const DAY_MS = days(1);

/** Of a day as `<input type="date">` writes it: the city's midnight at its beginning; `null` for anything else. */
export function startOfDay(day: string): EpochMs | null {
  const midnight = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00Z`) : Number.NaN;
  return Number.isNaN(midnight) ? null : epochMs(midnight - offsetAt(epochMs(midnight)));
}
/** The end of that day, exclusive. The city's days are all of 24 hours. */
export function endOfDay(day: string): EpochMs | null {
  const at = startOfDay(day);
  return at === null ? null : epochMs(at + DAY_MS);
}
/** The city's day of an instant, as `<input type="date">` writes it. */
export const dayOf = (instant: number): string =>
  new Date(instant + offsetAt(epochMs(instant))).toISOString().slice(0, 10);

/** The server takes a year; one day of it is left to the difference of the clocks. */
const WINDOW_MAX = days(365);
/** From the first day's beginning (now, if that is today) to the last day's end; `null` where that is no window. */
export function claimTimes(
  firstDay: string,
  lastDay: string,
  now: number,
): { readonly opensAt: EpochMs; readonly closesAt: EpochMs } | null {
  const [from, to] = [startOfDay(firstDay), endOfDay(lastDay)];
  if (from === null || to === null) return null;
  const opensAt = Math.max(from, now) as EpochMs;
  return to <= opensAt || to > now + WINDOW_MAX ? null : { opensAt, closesAt: to };
}
