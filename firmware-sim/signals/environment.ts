import type { AirSetting, NoiseSetting, PointFacts } from '../../config/city/facts.ts';
import { normalAt, smoothNoise, unitAt } from '../random.ts';
import { monthly } from './calendar.ts';
import { dailyShape } from './daily-shape.ts';
import type { Moment, Place, Sampler } from './sampler.ts';
import { batteryPercent } from './surface-water.ts';
import { clamp, rainFrom } from './weather.ts';

type Facts<K extends PointFacts['kind']> = Extract<PointFacts, { kind: K }>;

/** Monthly mean of PM2.5 in the delta, µg/m³: north-east monsoon and inversions in winter, sea air in summer. */
const PM25_UG_M3 = [50, 43, 38, 31, 22, 16, 14, 15, 21, 31, 39, 48];
/** Traffic's emissions over the day, mean 1. */
const TRAFFIC = dailyShape([
  25, 18, 14, 15, 28, 62, 125, 160, 138, 118, 112, 118, 104, 104, 108, 112, 128, 160, 152, 124, 100, 80, 58, 38,
]);
interface AirClass {
  /** Share of the city's background that reaches it, and local sources beside it. */
  readonly background: number;
  readonly traffic: number;
  readonly industry: number;
}
const AIR: Readonly<Record<AirSetting, AirClass>> = {
  roadside: { background: 1.04, traffic: 1, industry: 0.15 },
  urban: { background: 1, traffic: 0.45, industry: 0.15 },
  industrial: { background: 1.03, traffic: 0.4, industry: 1 },
  coastal: { background: 0.78, traffic: 0.12, industry: 0.08 },
  rural: { background: 0.92, traffic: 0.15, industry: 0.05 },
};

export function airSampler(facts: Facts<'air'>, place: Place): Sampler {
  const air = AIR[facts.setting];
  const own = 0.92 + 0.16 * unitAt(place.seed, 1);
  /** Where the chimneys stand as seen from here. */
  const plumeFromDeg = 360 * unitAt(place.seed, 2);
  const battery = batteryPercent(place);
  return {
    quantities: [
      'pm2_5',
      'pm10',
      'o3',
      'no2',
      'so2',
      'co',
      'temperature',
      'humidity',
      'cabinet_temperature',
      'door_open',
      'battery_level',
    ],
    sample(moment, out) {
      const { t, weather } = moment;
      const rain = rainFrom(weather.cells, place.location, t);
      const washed = 1 / (1 + 0.09 * rain);
      // Days of stagnation and days of clean sea air, the same over the whole delta.
      const regime = Math.exp(0.62 * smoothNoise(place.citySeed ^ 0xa1, t, 3.4 * 86_400_000));
      const stagnant = 1 / weather.ventilation;
      const background =
        monthly(PM25_UG_M3, moment.day.dayOfYear) * regime * (0.72 + 0.22 * stagnant ** 0.6) * moment.smogFactor;
      const traffic = TRAFFIC.at(moment.hour) * (moment.day.kind === 'workday' ? 1 : 0.8) * moment.demandFactor;
      const plume = plumeShare(weather.windFromDeg, plumeFromDeg);
      const local = (4.5 * air.traffic * traffic + 9 * air.industry * plume) * stagnant ** 0.7;
      const ripple = 1 + 0.06 * smoothNoise(place.seed, t, 2.4e6);
      const pm25 = clamp(
        own * (air.background * background + local) * washed * ripple + 0.5 * normalAt(place.seed, t),
        1,
        480,
      );
      out[0] = pm25;
      out[1] = clamp(pm25 * 1.42 + (9 * air.traffic * traffic + 11 * air.industry) * washed, 2, 780);
      const no2 = clamp(
        (9 + 26 * air.traffic * traffic + 8 * air.industry) * stagnant ** 0.55 * washed * Math.sqrt(moment.smogFactor),
        2,
        420,
      );
      // Ozone is made by sunlight, some hours late, and eaten by fresh exhaust.
      out[2] = clamp(
        (34 +
          0.135 *
            weather.irradianceWm2 *
            (0.75 + 0.25 * smoothNoise(place.citySeed ^ 0xa3, t, 2e8)) *
            afternoon(moment)) *
          (air.background + 0.1) -
          0.42 * no2,
        2,
        390,
      );
      out[3] = no2;
      out[4] = clamp((6 + 5 * regime + 42 * air.industry * plume) * stagnant ** 0.4 * washed, 1, 500);
      out[5] = clamp(
        (330 + 520 * air.traffic * traffic) * stagnant ** 0.6 * Math.sqrt(moment.smogFactor) * ripple,
        120,
        14_000,
      );
      const warmth = facts.setting === 'roadside' || facts.setting === 'urban' ? 0.7 : 0;
      out[6] = weather.temperatureC + warmth + 0.15 * normalAt(place.seed ^ 5, t);
      out[7] = clamp(weather.relativeHumidityPercent - 2 * warmth + 0.6 * normalAt(place.seed ^ 6, t), 25, 100);
      // The cabinet is cooled to 26 °C as well as its fan can.
      out[8] =
        25.5 +
        0.14 * Math.max(0, weather.temperatureC - 20) +
        0.004 * weather.irradianceWm2 +
        0.2 * normalAt(place.seed ^ 7, t);
      // Serviced on some weekday mornings, half an hour at a time.
      const service =
        moment.day.kind === 'workday' &&
        moment.hour >= 9.5 &&
        moment.hour < 10 &&
        unitAt(place.seed ^ 8, moment.day.index) < 0.03;
      out[9] = service ? 1 : 0;
      out[10] = battery(moment);
    },
  };
}

/** Sunlight of the hours before counts more in the afternoon. */
const afternoon = (moment: Moment): number => 0.7 + 0.45 * Math.max(0, Math.sin(((moment.hour - 9) * Math.PI) / 9));
const plumeShare = (windFromDeg: number, plumeFromDeg: number): number => {
  const apart = Math.abs(((windFromDeg - plumeFromDeg + 540) % 360) - 180);
  return Math.exp(-((apart / 38) ** 2));
};

interface NoiseClass {
  /** LAeq by day, evening and night, dB(A). */
  readonly dayDb: number;
  readonly eveningDb: number;
  readonly nightDb: number;
  /** How far traffic's hourly course moves it, dB per decade of flow. */
  readonly traffic: number;
}
const NOISE: Readonly<Record<NoiseSetting, NoiseClass>> = {
  roadside: { dayDb: 74, eveningDb: 72, nightDb: 62, traffic: 7 },
  residential: { dayDb: 61, eveningDb: 59, nightDb: 48, traffic: 4 },
  special: { dayDb: 58.5, eveningDb: 56, nightDb: 47, traffic: 4 },
  nightlife: { dayDb: 66, eveningDb: 73, nightDb: 57, traffic: 3 },
  port: { dayDb: 69, eveningDb: 68, nightDb: 65, traffic: 2 },
  airport: { dayDb: 62, eveningDb: 60, nightDb: 51, traffic: 2 },
};
/** Energy sum of two levels: 10·log₁₀(10^(a/10) + 10^(b/10)). */
const addDb = (a: number, b: number): number => 10 * Math.log10(10 ** (a / 10) + 10 ** (b / 10));

export function noiseSampler(facts: Facts<'noise'>, place: Place): Sampler {
  const level = NOISE[facts.setting];
  const own = 3 * (unitAt(place.seed, 1) - 0.5);
  const battery = batteryPercent(place);
  return {
    quantities: ['noise_level', 'battery_level'],
    sample(moment, out) {
      const { hour, t, weather } = moment;
      const base = blend(hour, level);
      const traffic = level.traffic * Math.log10(Math.max(0.12, TRAFFIC.at(hour) * moment.demandFactor));
      const passing = facts.setting === 'airport' ? aircraftDb(place, t, hour) : 0;
      const rain = rainFrom(weather.cells, place.location, t);
      const patter = rain > 0.5 ? 46 + 8 * Math.log10(rain) : 0;
      const wind = weather.windMs > 5 ? 38 + 2.1 * (weather.windMs - 5) : 0;
      const street = base + own + 0.55 * traffic + 1.1 * normalAt(place.seed, t);
      out[0] = clamp(addDb(addDb(addDb(street, patter), wind), passing), 30, 112);
      out[1] = battery(moment);
    },
  };
}

/** Level of the period of the day, with an hour's passage from one to the next. */
function blend(hour: number, { dayDb, eveningDb, nightDb }: NoiseClass): number {
  if (hour < 5) return nightDb;
  if (hour < 6.5) return nightDb + ((dayDb - nightDb) * (hour - 5)) / 1.5;
  if (hour < 18) return dayDb;
  if (hour < 19) return dayDb + (eveningDb - dayDb) * (hour - 18);
  if (hour < 22) return eveningDb;
  return eveningDb + ((nightDb - eveningDb) * (hour - 22)) / 2;
}

/** Cát Bi flies from six to midnight, about every quarter of an hour, a minute loud. */
function aircraftDb(place: Place, t: number, hour: number): number {
  if (hour < 6) return 0;
  const slot = Math.floor(t / 900_000);
  const start = slot * 900_000 + 780_000 * unitAt(place.citySeed ^ 0xa1f, slot);
  return t >= start && t < start + 70_000 && unitAt(place.citySeed ^ 0xa20, slot) < 0.6
    ? 78 + 6 * unitAt(place.seed, slot)
    : 0;
}

export function weatherSampler(facts: Facts<'weather'>, place: Place): Sampler {
  const altitude = 6 * unitAt(place.seed, 3);
  return {
    quantities: ['temperature', 'humidity', 'air_pressure', 'wind_speed', 'wind_direction', 'solar_irradiance'],
    sample(moment, out) {
      const { t, weather } = moment;
      const sea = facts.exposure;
      const rain = rainFrom(weather.cells, place.location, t);
      out[0] = weather.temperatureC + (1 - sea) * 0.4 - 0.06 * Math.min(25, rain) + 0.12 * normalAt(place.seed, t);
      out[1] = clamp(
        weather.relativeHumidityPercent + 3 * sea + Math.min(8, rain) + 0.5 * normalAt(place.seed ^ 1, t),
        25,
        100,
      );
      out[2] = weather.pressureHpa - 0.12 * altitude + 0.06 * normalAt(place.seed ^ 2, t);
      const gust = 1 + (0.14 + 0.1 * (1 - sea)) * smoothNoise(place.seed ^ 3, t, 240_000);
      out[3] = Math.max(0, weather.windMs * (0.62 + 0.55 * sea) * gust);
      out[4] = (weather.windFromDeg + 360 + 16 * smoothNoise(place.seed ^ 4, t, 300_000)) % 360;
      out[5] = Math.max(
        0,
        weather.irradianceWm2 * (1 + 0.12 * smoothNoise(place.seed ^ 5, t, 420_000)) * (rain > 2 ? 0.55 : 1),
      );
    },
  };
}
