import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { VN_AQI } from '../../config/indices/vn-aqi.ts';
import { AIR_POLLUTANTS } from '../../domain/indices/air-index.ts';
import {
  affectedBy,
  airIndexOfDay,
  airIndexOfHour,
  airIndexSeriesOf,
  type StationMeans,
} from '../../domain/indices/air-index-series.ts';
import type { HourlyMean } from '../../domain/indices/hourly-mean.ts';
import { dateOf, type HourEnd, type LocalDate } from '../../domain/indices/local-hours.ts';
import { BEIJING_TIME, FOLDER, meansOf, plainDay, plainHour, recordingOf, STATIONS } from './beijing-air.ts';

const method = { ...VN_AQI, offset: BEIJING_TIME };

describe.skipIf(!existsSync(`${FOLDER}/air-Dongsi.csv`))(
  `VN_AQI of four Beijing stations, winter 2015/16 (skipped without ${FOLDER})`,
  () => {
    const value = (index: ReturnType<typeof airIndexOfHour>): number | null => (index.ok ? index.value.value : null);
    /** Index of the first 01:00 in the recordings, which begin at 00:00. */
    const FIRST_OF_DAY = 1;

    it.each(STATIONS)('%s: every hour and day is that of the plain computation', (station) => {
      const recording = recordingOf(station);
      const means = meansOf(recording);
      const hourly = recording.hours.map((hour) => value(airIndexOfHour(means, hour, method)));
      expect(hourly).toEqual(recording.hours.map((_, i) => plainHour(recording, i)));
      expect(hourly.filter((each) => each !== null).length).toBeGreaterThan(2_100);
      for (let from = FIRST_OF_DAY; from + 24 <= recording.hours.length; from += 24) {
        const date = dateOf(recording.hours[from]!, BEIJING_TIME);
        expect(value(airIndexOfDay(means, date, method)), date).toBe(plainDay(recording, from));
      }
    });

    it.each(STATIONS)('%s: the two red alerts of December 2015 are Very bad or worse', (station) => {
      const means = meansOf(recordingOf(station));
      const worst = (dates: readonly string[]) =>
        Math.max(...dates.map((date) => value(airIndexOfDay(means, `2015-12-${date}` as LocalDate, method)) ?? 0));
      expect(worst(['08', '09', '10'])).toBeGreaterThan(200);
      expect(worst(['19', '20', '21', '22'])).toBeGreaterThan(200);
      // The wind came between.
      expect(worst(['15', '16'])).toBeLessThan(51);
    });

    it('a day that arrives late, hour by hour, ends in the same series', () => {
      const recording = recordingOf('Dongsi');
      const means = meansOf(recording);
      const late = recording.hours.slice(900, 924);
      const until = recording.hours.at(-1)!;
      const complete = airIndexSeriesOf(means, { hours: recording.hours, dates: [] }, method).hours;

      const arriving: StationMeans = Object.fromEntries(
        AIR_POLLUTANTS.map((pollutant) => [
          pollutant,
          new Map([...means[pollutant]].filter(([hour]) => !late.includes(hour))),
        ]),
      );
      const hours = new Map(airIndexSeriesOf(arriving, { hours: recording.hours, dates: [] }, method).hours);
      expect(hours).not.toEqual(complete);
      let recomputed = 0;
      for (const hour of [...late].reverse()) {
        const changed = AIR_POLLUTANTS.filter((pollutant) => means[pollutant].has(hour)).map((pollutant) => {
          (arriving[pollutant] as Map<HourEnd, HourlyMean>).set(hour, means[pollutant].get(hour)!);
          return { pollutant, hour };
        });
        const again = airIndexSeriesOf(arriving, affectedBy(changed, until, method), method);
        recomputed += again.hours.size;
        for (const [each, index] of again.hours) hours.set(each, index);
      }
      expect(hours).toEqual(complete);
      expect(recomputed).toBeLessThanOrEqual(24 * 12);
    });
  },
);
