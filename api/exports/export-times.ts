import { epochMs } from '../../domain/time.ts';
import { localTimeIn } from '../../domain/time-zone.ts';

export interface TimeWords {
  /** `2026-01-31 23:55:00`, with milliseconds where there are any. */
  local(ms: number): string;
  /** `2026-01-31T16:55:00Z`, likewise. */
  utc(ms: number): string;
  /** How far local time is ahead at a moment, ms. */
  offset(ms: number): number;
}

const trimmed = (iso: string): string => (iso.endsWith('.000Z') ? iso.slice(0, 19) : iso.slice(0, 23));

export function timeWords(timeZone: string): TimeWords {
  const offsetAt = localTimeIn(timeZone);
  const offset = (ms: number): number => offsetAt(epochMs(ms));
  return {
    local: (ms) => trimmed(new Date(ms + offset(ms)).toISOString()).replace('T', ' '),
    utc: (ms) => `${trimmed(new Date(ms).toISOString())}Z`,
    offset,
  };
}
