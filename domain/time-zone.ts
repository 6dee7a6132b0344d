import { type EpochMs, hours, minutes } from './time.ts';

/** How far local time is ahead of UTC at an instant, ms. */
export type UtcOffset = (at: EpochMs) => number;

/** Việt Nam keeps UTC+7 all year. */
export const VIETNAM_TIME: UtcOffset = () => hours(7);

/** Offsets remembered for a zone; then it begins anew. Nearly three years of half hours. */
const REMEMBERED = 50_000;
/** Clocks are changed on the half hour of UTC, if not on the hour. */
const HALF_HOUR_MS = minutes(30);

/** Local time of an IANA zone such as `Asia/Ho_Chi_Minh`; what was worked out for a half hour is remembered. @throws {RangeError} for a name that is no zone. */
export function localTimeIn(timeZone: string): UtcOffset {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const known = new Map<number, number>();
  return (at) => {
    const halfHour = Math.floor(at / HALF_HOUR_MS);
    let offset = known.get(halfHour);
    if (offset === undefined) {
      if (known.size >= REMEMBERED) known.clear();
      offset = offsetIn(format, at);
      known.set(halfHour, offset);
    }
    return offset;
  };
}

function offsetIn(format: Intl.DateTimeFormat, at: EpochMs): number {
  const name = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  // "GMT" alone is UTC itself.
  const parts = /GMT([+-])(\d{2}):(\d{2})/.exec(name);
  if (!parts) return 0;
  return (parts[1] === '-' ? -1 : 1) * (hours(Number(parts[2])) + minutes(Number(parts[3])));
}
