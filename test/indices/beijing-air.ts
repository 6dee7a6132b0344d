import { readFileSync } from 'node:fs';
import { AIR_POLLUTANTS, type AirPollutant } from '../../domain/indices/air-index.ts';
import type { HourlyMean } from '../../domain/indices/hourly-mean.ts';
import type { HourEnd } from '../../domain/indices/local-hours.ts';
import type { UtcOffset } from '../../domain/time-zone.ts';

/** Where the recordings of four stations are, if they are. */
export const FOLDER = '../shared/data/real';
export const STATIONS = ['Aotizhongxin', 'Changping', 'Dongsi', 'Wanliu'] as const;
const HOUR_MS = 3_600_000;
export const BEIJING_TIME: UtcOffset = () => 8 * HOUR_MS;

/** Hours in a row from the first; `null` where nothing was measured. */
export type Recording = Readonly<Record<AirPollutant, readonly (number | null)[]>> & {
  readonly hours: readonly HourEnd[];
};

export function recordingOf(station: string): Recording {
  const [header, ...rows] = readFileSync(`${FOLDER}/air-${station}.csv`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.replaceAll('"', '').split(','));
  const column = (name: string): number => header!.indexOf(name);
  const numbers = (name: string): (number | null)[] =>
    rows.map((row) => (row[column(name)] === 'NA' ? null : Number(row[column(name)])));
  const [year, month, day, hour] = ['year', 'month', 'day', 'hour'].map(numbers) as number[][];
  return {
    hours: rows.map((_, i) => (Date.UTC(year![i]!, month![i]! - 1, day![i]!, hour![i]!) - 8 * HOUR_MS) as HourEnd),
    pm2_5: numbers('PM2.5'),
    pm10: numbers('PM10'),
    o3: numbers('O3'),
    no2: numbers('NO2'),
    so2: numbers('SO2'),
    co: numbers('CO'),
  };
}
export const meansOf = ({
  hours,
  ...pollutants
}: Recording): Readonly<Record<AirPollutant, Map<HourEnd, HourlyMean>>> =>
  Object.fromEntries(
    AIR_POLLUTANTS.map((pollutant) => [
      pollutant,
      new Map(
        hours.flatMap((hour, i) => {
          const mean = pollutants[pollutant][i] ?? null;
          return mean === null ? [] : [[hour, { mean, capture: 1 }] as const];
        }),
      ),
    ]),
  ) as Readonly<Record<AirPollutant, Map<HourEnd, HourlyMean>>>;

/*
 * VN_AQI once more, straight from the text of the decision, over arrays and without any of the code above: what the series is held to.
 */
const LEVELS = [0, 50, 100, 150, 200, 300, 400, 500];
const TABLE_2: Readonly<Record<string, readonly number[]>> = {
  o3_1h: [0, 160, 200, 300, 400, 800, 1000, 1200],
  o3_8h: [0, 100, 120, 170, 210, 400],
  co: [0, 10000, 30000, 45000, 60000, 90000, 120000, 150000],
  so2: [0, 125, 350, 550, 800, 1600, 2100, 2630],
  no2: [0, 100, 200, 700, 1200, 2350, 3100, 3850],
  pm10: [0, 50, 150, 250, 350, 420, 500, 600],
  pm2_5: [0, 25, 50, 80, 150, 250, 350, 500],
};
function plainSubIndex(column: string, c: number | null): number {
  if (c === null) return -1;
  const breakpoints = TABLE_2[column]!;
  for (let i = 0; i + 1 < breakpoints.length; i++)
    if (c <= breakpoints[i + 1]!)
      return (
        ((LEVELS[i + 1]! - LEVELS[i]!) / (breakpoints[i + 1]! - breakpoints[i]!)) * (c - breakpoints[i]!) + LEVELS[i]!
      );
  return column === 'o3_8h' ? -1 : 500;
}
function plainNowCast(values: readonly (number | null)[], i: number): number | null {
  const c = Array.from({ length: 12 }, (_, back) => values[i - back] ?? null);
  if (c.slice(0, 3).filter((value) => value !== null).length < 2) return null;
  const there = c.filter((value) => value !== null);
  const least = Math.min(...there) / Math.max(...there);
  const w = Math.max(least, 0.5);
  let above = 0;
  let under = 0;
  for (let k = 0; k < 12; k++) {
    above += w ** k * (c[k] ?? 0);
    under += c[k] === null ? 0 : w ** k;
  }
  return above / under;
}
const mean = (values: readonly (number | null)[], atLeast: number): number | null => {
  const there = values.filter((value) => value !== null);
  return there.length < atLeast || there.length === 0 ? null : there.reduce((a, b) => a + b, 0) / there.length;
};
const greatest = (values: readonly (number | null)[], atLeast: number): number | null => {
  const there = values.filter((value) => value !== null);
  return there.length < atLeast || there.length === 0 ? null : Math.max(...there);
};
const published = (particles: readonly number[], gases: readonly number[]): number | null => {
  const raw = Math.max(...particles, ...gases);
  return Math.max(...particles) < 0 ? null : Math.floor(raw + 0.5 + 1e-9);
};
export const plainHour = (r: Recording, i: number): number | null =>
  published(
    [plainSubIndex('pm2_5', plainNowCast(r.pm2_5, i)), plainSubIndex('pm10', plainNowCast(r.pm10, i))],
    [
      plainSubIndex('o3_1h', r.o3[i]!),
      plainSubIndex('no2', r.no2[i]!),
      plainSubIndex('so2', r.so2[i]!),
      plainSubIndex('co', r.co[i]!),
    ],
  );
/** Of the day whose hours 01:00 … 24:00 are at `from` … `from + 23`. */
export function plainDay(r: Recording, from: number): number | null {
  const day = (values: readonly (number | null)[]) => Array.from({ length: 24 }, (_, k) => values[from + k] ?? null);
  const eightHours = Array.from({ length: 24 }, (_, k) =>
    mean(
      Array.from({ length: 8 }, (_, back) => r.o3[from + k - back] ?? null),
      6,
    ),
  );
  return published(
    [plainSubIndex('pm2_5', mean(day(r.pm2_5), 18)), plainSubIndex('pm10', mean(day(r.pm10), 18))],
    [
      plainSubIndex('o3_1h', greatest(day(r.o3), 18)),
      plainSubIndex('o3_8h', greatest(eightHours, 18)),
      plainSubIndex('no2', greatest(day(r.no2), 18)),
      plainSubIndex('so2', greatest(day(r.so2), 18)),
      plainSubIndex('co', greatest(day(r.co), 18)),
    ],
  );
}
