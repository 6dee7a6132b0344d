import { type DurationMs, type EpochMs, epochMs, milliseconds } from '../../domain/time.ts';
import type { UtcOffset } from '../../domain/time-zone.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const STEP_MAX_MS = 366 * DAY_MS;
const ISO_DURATION = /^P(?!$)(?:(\d{1,3})W)?(?:(\d{1,3})D)?(?:T(?!$)(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/;

/**
 * A step as text: milliseconds, or an ISO 8601 duration of weeks, days, hours, minutes and seconds (months and years have no
 * one length). `undefined` when it is neither, or not in [1 s, 366 d].
 */
export function parseStep(text: string): DurationMs | undefined {
  let step: number;
  if (/^\d{1,12}$/.test(text)) {
    step = Number(text);
  } else {
    const parts = ISO_DURATION.exec(text);
    if (!parts) return undefined;
    const [weeks, days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    step = (weeks * 7 + days) * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS;
  }
  return step >= SECOND_MS && step <= STEP_MAX_MS ? milliseconds(step) : undefined;
}

/**
 * Where windows of this step begin: local midnight of the site's zone, of a Monday for whole weeks (ISO 8601). In a zone that
 * changes its clocks the offset at `from` holds for the whole answer.
 */
export function windowOrigin(step: DurationMs, offset: UtcOffset, from: EpochMs): EpochMs {
  // 1970-01-01 was a Thursday; the Monday after is day 4.
  const day = step % (7 * DAY_MS) === 0 ? 4 : 0;
  return epochMs(day * DAY_MS - offset(from));
}
