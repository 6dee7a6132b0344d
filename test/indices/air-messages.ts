import type { SeriesId } from '../../domain/identifiers.ts';
import { AIR_POLLUTANTS } from '../../domain/indices/air-index.ts';
import type { Reading } from '../../domain/reading.ts';
import { INTERVAL, reading, START } from './indexed-street.ts';

const SCALE: Readonly<Record<string, number>> = { pm2_5: 90, pm10: 140, o3: 150, no2: 120, so2: 90, co: 9_000 };

/** The same pseudo-random number in [0, 1) for the same place and time. */
function chance(a: number, b: number): number {
  let x = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  return ((x ^ (x >>> 13)) >>> 0) / 2 ** 32;
}

/**
 * Message `n` of the air station, one of every ten minutes: made of its number alone, so that it can be told afterwards what was said. Some hours are
 * missing, some come up to half a day late, some come again with another value.
 */
export function airMessage(n: number, series: Readonly<Record<string, SeriesId>>): Reading[] {
  const at = START + (n + 1) * INTERVAL;
  const silent = chance(7, Math.floor(n / 40)) < 0.15;
  const messages: Reading[] = [];
  AIR_POLLUTANTS.forEach((pollutant, i) => {
    const value = (slot: number, salt: number) =>
      Math.round(SCALE[pollutant]! * (0.2 + chance(i, Math.floor(slot / 36)) + 0.3 * chance(i + salt, slot)) * 10) / 10;
    if (!silent) messages.push(reading(series[pollutant]!, at, value(n, 11)));
    // Late, for a time that was silent or that had another value.
    if (n % 13 === 0 && n > 72) {
      const slot = n - 6 - Math.floor(chance(i, n) * 66);
      messages.push(reading(series[pollutant]!, START + (slot + 1) * INTERVAL, value(slot, 19)));
    }
  });
  return messages;
}

/** The readings of messages 0 … count − 1, by pollutant, in order of arrival. */
export function airReadings(count: number): Readonly<Record<string, readonly Reading[]>> {
  const names = Object.fromEntries(AIR_POLLUTANTS.map((pollutant, i) => [pollutant, i as SeriesId]));
  const all = Array.from({ length: count }, (_, n) => airMessage(n, names)).flat();
  return Object.fromEntries(
    AIR_POLLUTANTS.map((pollutant) => [pollutant, all.filter(({ series }) => series === names[pollutant])]),
  );
}
