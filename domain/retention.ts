import type { RetentionLimits, Retired } from './ports/time-series-store.ts';
import type { QuantityKey } from './quantity.ts';
import { type DurationMs, type EpochMs, epochMs } from './time.ts';
import type { UtcOffset } from './time-zone.ts';

/** How long something is kept; `null`: for ever. Readings no longer than hourly values, those no longer than daily ones. */
export interface Keeping {
  readonly raw: DurationMs | null;
  readonly hourly: DurationMs | null;
  readonly daily: DurationMs | null;
}

/** Quantities whose readings are kept alike. */
export interface RetentionClass<K extends string = string> {
  readonly key: K;
  readonly quantities: ReadonlySet<QuantityKey>;
  readonly keeping: Keeping;
}

const DAY_MS = 86_400_000;
/** 1970-01-05 was a Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** Beginning of the site's week that holds `instant`: Monday midnight by the offset from UTC of the zone's standard time. */
export function weekStart(instant: EpochMs, utcOffset: DurationMs): EpochMs {
  const origin = FIRST_MONDAY_MS - utcOffset;
  return epochMs(Math.floor((instant - origin) / (7 * DAY_MS)) * 7 * DAY_MS + origin);
}

/**
 * Before when nothing need be kept at `now`. Whole weeks go, so that no file is written anew more than once for each class: what has just outlived its time
 * stays for up to a week more.
 */
export function retentionLimits({ raw, hourly, daily }: Keeping, now: EpochMs, utcOffset: DurationMs): RetentionLimits {
  const limit = (kept: DurationMs | null): EpochMs | null =>
    kept === null ? null : weekStart(epochMs(now - kept), utcOffset);
  return { raw: limit(raw), hourly: limit(hourly), daily: limit(daily) };
}

/** Standard time's offset from UTC in whole hours rounded down: where days and weeks of stores begin. */
export function standardOffset(offset: UtcOffset): DurationMs {
  const [january, july] = [offset(epochMs(Date.UTC(2026, 0, 15))), offset(epochMs(Date.UTC(2026, 6, 15)))];
  const hour = 3_600_000;
  return (Math.floor(Math.min(january, july) / hour) * hour) as DurationMs;
}

/** Of one class: what is kept since when, and what was deleted since the start of the process. */
export interface RetentionState {
  readonly key: string;
  readonly series: number;
  readonly limits: RetentionLimits;
  readonly deleted: Retired;
}
export interface RetentionStatus {
  /** When a round was last finished; null: none yet. */
  readonly finishedAt: EpochMs | null;
  readonly failing: boolean;
  readonly classes: readonly RetentionState[];
}
