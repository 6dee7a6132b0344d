import type { Location } from '../../domain/asset.ts';
import type { EpochMs } from '../../domain/time.ts';
import { seedOf, smoothNoise, unitAt } from '../random.ts';
import { type LocalDay, localDay, localDayIndex, localHour, monthly } from './calendar.ts';

/*
 * Weather of the Red River delta's coast. Monthly normals of Phù Liễn, rounded; the rest is noise of the right size.
 */
const TEMPERATURE_C = [16.5, 17.2, 19.7, 23.4, 26.9, 28.8, 28.9, 28.3, 27.2, 24.7, 21.4, 18.1];
const RAIN_MM_PER_MONTH = [25, 28, 48, 75, 170, 220, 255, 320, 250, 125, 45, 25];
/** Mean of the highest intensity of a shower at its centre, mm/h: drizzle in late winter, thunderstorms in summer. */
const PEAK_MM_PER_HOUR = [2, 1.8, 3, 8, 17, 21, 23, 23, 20, 14, 6, 3];
const PRESSURE_HPA = [1020.5, 1018.5, 1015.5, 1012, 1008, 1004.5, 1004, 1004.5, 1008.5, 1013.5, 1017.5, 1020.5];
/** Synoptic swing of temperature, °C: cold surges in winter, little in summer. */
const SYNOPTIC_C = [4.2, 4.4, 4, 3.2, 2.2, 1.7, 1.5, 1.4, 1.6, 2.4, 3.4, 4];

const HOUR_MS = 3_600_000;
const BLOCK_MS = 3 * HOUR_MS;
const BLOCKS_PER_MONTH = 243.5;
const MEAN_DURATION_HOURS = 1.5;
const MEAN_RADIUS_KM = 13;
/** Area showers are drawn over: the city and the land west of it. */
const AREA = { west: 106.22, east: 107.1, south: 20.58, north: 21.15 };
const KM_PER_DEGREE_LATITUDE = 110.6;
const KM_PER_DEGREE_LONGITUDE = 103.5;
const AREA_KM2 = (AREA.east - AREA.west) * KM_PER_DEGREE_LONGITUDE * (AREA.north - AREA.south) * KM_PER_DEGREE_LATITUDE;
/** Showers older than this no longer stand in the streets. */
const RECENT_BLOCKS = 4;

/** A shower: a bell over space that moves and swells and fades over time. */
export interface RainCell {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly centre: Location;
  readonly radiusKm: number;
  readonly peakMmPerHour: number;
  /** Degrees an hour. */
  readonly drift: { readonly longitude: number; readonly latitude: number };
}

/** State of the air over the whole city. */
export interface CityWeather {
  readonly temperatureC: number;
  readonly relativeHumidityPercent: number;
  readonly pressureHpa: number;
  /** 10-minute mean in the open. */
  readonly windMs: number;
  /** Where it comes from, degrees. */
  readonly windFromDeg: number;
  /** 0 clear … 1 overcast. */
  readonly cloud: number;
  readonly irradianceWm2: number;
  /** How well the air mixes, 0.25 (night inversion) … 2 (windy noon). */
  readonly ventilation: number;
  /** Showers of now and of the last hours. */
  readonly cells: readonly RainCell[];
}

export interface WeatherSeeds {
  readonly synoptic: number;
  readonly gust: number;
  readonly cloud: number;
  readonly shower: number;
}
export const weatherSeeds = (seed: number): WeatherSeeds => ({
  synoptic: seedOf(seed, 'synoptic'),
  gust: seedOf(seed, 'wind'),
  cloud: seedOf(seed, 'cloud'),
  shower: seedOf(seed, 'shower'),
});

/** Daily mean temperature, °C, for what depends on the day as a whole (cooling load). */
export function dailyMeanTemperature(seeds: WeatherSeeds, dayIndex: number): number {
  const { dayOfYear } = localDay(dayIndex);
  const noon = (dayIndex + 0.5) * 86_400_000 - 7 * HOUR_MS;
  return monthly(TEMPERATURE_C, dayOfYear) + monthly(SYNOPTIC_C, dayOfYear) * synopticAt(seeds, noon);
}
/** Passing of highs and lows, −1 … 1. */
const synopticAt = (seeds: WeatherSeeds, instantMs: number): number =>
  0.75 * smoothNoise(seeds.synoptic, instantMs, 4.2 * 24 * HOUR_MS) +
  0.25 * smoothNoise(seeds.synoptic ^ 0x51ed27, instantMs, 1.6 * 24 * HOUR_MS);

/** The weather of an instant, without scenarios. */
export function weatherAt(seeds: WeatherSeeds, instant: EpochMs): CityWeather {
  const day = localDay(localDayIndex(instant));
  const hour = localHour(instant);
  const cells = showersAround(seeds, instant);
  const wetness = cells.some((cell) => cell.from <= instant && instant < cell.to) ? 1 : 0;
  const synoptic = synopticAt(seeds, instant);
  const cloud = clamp(0.5 + 0.55 * smoothNoise(seeds.cloud, instant, 9 * HOUR_MS) + 0.35 * wetness, 0.05, 1);
  const sun = Math.max(0, Math.sin(solarElevation(day, hour)));
  // Warmest at two in the afternoon; clouds flatten the day.
  const diurnal = (4.1 - 1.5 * cloud) * Math.cos(((hour - 14) * Math.PI) / 12);
  const temperatureC =
    monthly(TEMPERATURE_C, day.dayOfYear) + monthly(SYNOPTIC_C, day.dayOfYear) * synoptic + diurnal - 1.8 * wetness;
  // 1 in midwinter, 0 in midsummer.
  const winter = 0.5 + 0.5 * Math.cos(((day.dayOfYear - 15) / 365.25) * 2 * Math.PI);
  const breeze = Math.max(0, Math.sin(((hour - 10) / 9) * Math.PI)) * (hour > 10 && hour < 19 ? 1 : 0);
  const windMs = Math.max(
    0.3,
    2.6 + 1.3 * breeze + 1.6 * smoothNoise(seeds.gust, instant, 7 * HOUR_MS) - 1.1 * synoptic * winter + 2.2 * wetness,
  );
  const windFromDeg =
    (360 + 55 * winter + 150 * (1 - winter) + 45 * smoothNoise(seeds.gust ^ 0x77, instant, 14 * HOUR_MS)) % 360;
  return {
    temperatureC,
    relativeHumidityPercent: clamp(84 - 4.2 * diurnal - 9 * winter * synoptic + 8 * wetness - 6 * winter, 30, 100),
    pressureHpa:
      monthly(PRESSURE_HPA, day.dayOfYear) -
      (2 + 5 * winter) * synoptic +
      1.1 * Math.cos(((hour - 10) * Math.PI) / 6) -
      0.8 * wetness,
    windMs,
    windFromDeg,
    cloud,
    irradianceWm2: 1_020 * sun * (1 - 0.72 * cloud ** 1.6),
    ventilation: clamp((0.35 + 0.9 * sun * (1 - 0.4 * cloud)) * (0.45 + windMs / 5), 0.25, 2),
    cells,
  };
}

/** Elevation of the sun over Hải Phòng (20.86° N), radians; Cooper's declination, local noon at 11:53. */
function solarElevation(day: LocalDay, hour: number): number {
  const declination = 0.40928 * Math.sin((2 * Math.PI * (284 + day.dayOfYear + 1)) / 365);
  const latitude = (20.86 * Math.PI) / 180;
  const hourAngle = ((hour - 11.88) * Math.PI) / 12;
  return Math.asin(
    Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle),
  );
}

function showersAround(seeds: WeatherSeeds, instant: EpochMs): readonly RainCell[] {
  const block = Math.floor(instant / BLOCK_MS);
  const cells: RainCell[] = [];
  for (let b = block - RECENT_BLOCKS; b <= block; b += 1) {
    const cell = showerOf(seeds.shower, b);
    if (cell !== null && cell.from <= instant) cells.push(cell);
  }
  return cells;
}

/** At most one shower a block; how often follows from the month's rain and what one shower brings. */
function showerOf(seed: number, block: number): RainCell | null {
  const start = block * BLOCK_MS;
  const { dayOfYear } = localDay(localDayIndex(start as EpochMs));
  const peakMean = monthly(PEAK_MM_PER_HOUR, dayOfYear);
  // A sine-squared course over time has mean 1/2, a bell over space covers 2πr²; r² has mean 1.1·(mean r)².
  const meanDepthMm =
    (peakMean * MEAN_DURATION_HOURS * 0.5 * 2 * Math.PI * 1.1 * MEAN_RADIUS_KM * MEAN_RADIUS_KM) / AREA_KM2;
  // About a quarter of the bells' rain falls outside the area they are drawn over.
  const insideMm = meanDepthMm * 0.74;
  const probability = Math.min(0.9, monthly(RAIN_MM_PER_MONTH, dayOfYear) / BLOCKS_PER_MONTH / insideMm);
  // Thunderstorms of summer prefer late afternoon and the small hours at the coast.
  const hour = localHour(start as EpochMs);
  const hourly = 1 + 0.35 * Math.cos(((hour - 16.5) * Math.PI) / 6);
  const draw = (k: number): number => unitAt(seed + Math.imul(k, 0x9e3779b1), block);
  if (draw(0) >= probability * hourly) return null;
  const from = start + draw(1) * BLOCK_MS;
  const duration = HOUR_MS * MEAN_DURATION_HOURS * (0.35 + 1.3 * draw(2));
  return {
    from: from as EpochMs,
    to: (from + duration) as EpochMs,
    centre: {
      longitude: AREA.west + (AREA.east - AREA.west) * draw(3),
      latitude: AREA.south + (AREA.north - AREA.south) * draw(4),
    },
    radiusKm: MEAN_RADIUS_KM * (0.5 + draw(5)),
    // Exponential, cut where a cloudburst of the city's records ends.
    peakMmPerHour: Math.min(110, -peakMean * Math.log(1 - draw(6))),
    drift: { longitude: 0.16 * (draw(7) - 0.5), latitude: 0.16 * (draw(8) - 0.5) },
  };
}

/** Rain at a place and instant, mm/h, from the cells given. */
export function rainFrom(cells: readonly RainCell[], at: Location, instant: number): number {
  let total = 0;
  for (const cell of cells) {
    if (instant < cell.from || instant >= cell.to) continue;
    const phase = (instant - cell.from) / (cell.to - cell.from);
    const hoursIn = (instant - cell.from) / HOUR_MS;
    const dx = (at.longitude - cell.centre.longitude - cell.drift.longitude * hoursIn) * KM_PER_DEGREE_LONGITUDE;
    const dy = (at.latitude - cell.centre.latitude - cell.drift.latitude * hoursIn) * KM_PER_DEGREE_LATITUDE;
    const s = Math.sin(Math.PI * phase);
    const bell = Math.exp(-(dx * dx + dy * dy) / (2 * cell.radiusKm * cell.radiusKm));
    total += cell.peakMmPerHour * s * s * bell;
  }
  return total < 0.05 ? 0 : total;
}

export const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));
