import type { PointFacts } from '../../config/city/facts.ts';
import type { EpochMs } from '../../domain/time.ts';
import { normalAt, smoothNoise, unitAt } from '../random.ts';
import { monthly } from './calendar.ts';
import type { Moment, Place, Sampler } from './sampler.ts';
import { riverTideAt } from './tide.ts';
import { clamp, type RainCell, rainFrom } from './weather.ts';

type Facts<K extends PointFacts['kind']> = Extract<PointFacts, { kind: K }>;

/** Height of the river 60 km from the sea over its dry-season level, by month, metres: the flood season is July to September. */
const SEASON_M = [0.05, 0, 0, 0.1, 0.35, 0.8, 1.35, 1.6, 1.15, 0.6, 0.3, 0.15];
const WATER_TEMPERATURE_C = [18.4, 18.6, 20.4, 23.6, 27, 29.2, 29.9, 29.6, 28.6, 26.4, 23.2, 20.1];
/** How much of the sea's salt the dry season lets in, 0 … 1. */
const DRYNESS = [1, 1, 0.95, 0.8, 0.45, 0.2, 0.1, 0.05, 0.1, 0.35, 0.65, 0.9];
const SEA_PSU = 29;

/** River level over national datum, metres: the season's stage, the tide as far as it reaches, surge, and a flood wave. */
export function riverLevelM(moment: Moment, kmFromSea: number, meanLevelM: number, basinSeed: number): number {
  const inland = Math.min(1.3, kmFromSea / 60);
  const stage = monthly(SEASON_M, moment.day.dayOfYear) * inland;
  const swing = 0.25 * inland * smoothNoise(basinSeed, moment.t, 5.5 * 86_400_000);
  // A higher river lets less of the tide in.
  const tide = riverTideAt(moment.t, kmFromSea) * (1 - 0.25 * Math.min(1, moment.riverFloodM));
  return (
    meanLevelM +
    stage +
    swing +
    tide +
    moment.surgeM * Math.exp(-kmFromSea / 45) +
    moment.riverFloodM * Math.min(1, kmFromSea / 40)
  );
}

/** Salinity of a river reach, PSU: falls with distance, rises with the tide and in the dry season. */
export function salinityPsu(moment: Moment, kmFromSea: number): number {
  const dryness = monthly(DRYNESS, moment.day.dayOfYear);
  const reachKm = 5 + 11 * dryness;
  const tide = riverTideAt(moment.t, kmFromSea);
  const washed = 1 / (1 + 2.5 * moment.riverFloodM);
  return Math.max(0.03, SEA_PSU * washed * Math.exp(-(kmFromSea - 3 * tide) / reachKm));
}

const basinSeed = (place: Place): number => place.citySeed ^ 0x0a5e;

export function riverSampler(facts: Facts<'river'>, place: Place): Sampler {
  const cell = cellVoltage(place);
  // Width of the section follows from how far inland it lies; metres.
  const widthM = 320 - 2 * facts.kmFromSea;
  return {
    quantities: ['water_level', 'battery_voltage', 'river_discharge', 'water_temperature'],
    sample(moment, out) {
      const level = riverLevelM(moment, facts.kmFromSea, facts.meanLevelM, basinSeed(place));
      out[0] = level + 0.008 * normalAt(place.seed, moment.t);
      out[1] = cell(moment);
      // Fresh water flows down with the stage; the tide drives a flow back and forth, ahead of its level.
      const depthM = 4.5 + level;
      const before = riverTideAt((moment.t - 1_800_000) as EpochMs, facts.kmFromSea);
      const after = riverTideAt((moment.t + 1_800_000) as EpochMs, facts.kmFromSea);
      const fresh =
        widthM * depthM * (0.16 + 0.28 * monthly(SEASON_M, moment.day.dayOfYear) + 0.45 * moment.riverFloodM);
      const ebb = -(after - before) * widthM * 7;
      out[2] = Math.round(fresh + ebb + 4 * normalAt(place.seed ^ 2, moment.t));
      out[3] = waterTemperatureC(moment, place);
    },
  };
}

const waterTemperatureC = (moment: Moment, place: Place): number =>
  monthly(WATER_TEMPERATURE_C, moment.day.dayOfYear) +
  0.5 * Math.cos(((moment.hour - 16) * Math.PI) / 12) +
  0.7 * smoothNoise(place.seed ^ 0x7e, moment.t, 3 * 86_400_000);

/** A lithium cell falls slowly over its five or so years, and a little in the cold. */
const cellVoltage = (place: Place) => {
  const fresh = 3.66 - 0.12 * unitAt(place.seed, 77);
  return (moment: Moment): number =>
    fresh + 0.002 * (moment.weather.temperatureC - 22) + 0.004 * normalAt(place.seed ^ 0xce, moment.t);
};

export function tideSampler(facts: Facts<'tide'>, place: Place): Sampler {
  return {
    quantities: ['water_level', 'water_temperature', 'salinity'],
    sample(moment, out) {
      out[0] = moment.seaLevelM + facts.chartDatumM + 0.01 * normalAt(place.seed, moment.t);
      out[1] = waterTemperatureC(moment, place) - 0.6;
      out[2] = clamp(
        SEA_PSU +
          2 * monthly(DRYNESS, moment.day.dayOfYear) -
          3 * moment.riverFloodM +
          0.4 * smoothNoise(place.seed, moment.t, 4e7),
        8,
        34,
      );
    },
  };
}

/** Tipping bucket of 0.2 mm; totals are of the ten minutes that end at the reading. */
export function rainSampler(_: Facts<'rain'>, place: Place): Sampler {
  const cell = cellVoltage(place);
  return {
    quantities: ['rain', 'rain_intensity', 'battery_voltage'],
    sample(moment, out) {
      const { cells } = moment.weather;
      let sum = 0;
      for (let k = 0; k < 5; k += 1) sum += rainFrom(cells, place.location, moment.t - 60_000 - 120_000 * k);
      const mm = sum / 5 / 6;
      out[0] = Math.floor(mm / 0.2 + unitAt(place.seed, moment.t)) * 0.2;
      out[1] = mm === 0 ? 0 : mm * 6;
      out[2] = cell(moment);
    },
  };
}

const FLOOD_STEP_MS = 10 * 60_000;
const FLOOD_STEPS = 30;

/** Water standing over the street, mm of rain kept: what fell less what the drains took, over the last five hours. */
function standingMm(cells: readonly RainCell[], place: Place, t: number, drainedMmPerHour: number): number {
  let kept = 0;
  for (let k = FLOOD_STEPS; k >= 1; k -= 1) {
    const rain = rainFrom(cells, place.location, t - (k - 0.5) * FLOOD_STEP_MS);
    kept = Math.max(0, kept + (rain - drainedMmPerHour) / 6);
  }
  return kept;
}

export function floodSpotSampler(facts: Facts<'flood_spot'>, place: Place): Sampler {
  // The street lies in a bowl: it gathers the rain of several times its own area.
  const gatherMPerMm = 0.004 + 0.004 * unitAt(place.seed, 5);
  const kmFromSea = facts.groundLevelM < 1.95 ? 3 : facts.groundLevelM > 2.9 ? 70 : 16;
  const battery = batteryPercent(place);
  return {
    quantities: ['flood_depth', 'battery_level'],
    sample(moment, out) {
      const river = riverLevelM(moment, kmFromSea, kmFromSea > 50 ? 0.8 : 0.1, basinSeed(place));
      // Drains that run out by gravity slow down as the river rises to the street.
      const outfall = clamp((facts.groundLevelM + 0.4 - river) / 1.6, 0.12, 1);
      const rained =
        moment.weather.cells.length === 0
          ? 0
          : standingMm(moment.weather.cells, place, moment.t, facts.drainedMmPerHour * outfall);
      const depth = rained * gatherMPerMm + Math.max(0, river - facts.groundLevelM);
      // The radar tells depths under a centimetre from ripples no better than from dust: it reports 0.
      const seen = depth < 0.01 ? 0 : depth + 0.004 * normalAt(place.seed, moment.t);
      out[0] = clamp(seen, 0, 1.75);
      out[1] = battery(moment);
    },
  };
}

/** Solar-charged battery: a few percent lower before dawn and after dull weeks; a few neglected ones are low. */
export function batteryPercent(place: Place): (moment: Moment) => number {
  const health = unitAt(place.seed, 78);
  const base = health < 0.02 ? 24 : 72 + 24 * health;
  return (moment) =>
    Math.round(
      clamp(
        base -
          4 * Math.cos(((moment.hour - 6) * Math.PI) / 12) +
          3 * smoothNoise(place.seed ^ 0xba, moment.t, 9 * 86_400_000),
        1,
        100,
      ),
    );
}

/** Gate open on the ebb to drain, shut against the flood tide. */
export function sluiceSampler(facts: Facts<'sluice'>, place: Place): Sampler {
  const mean = Math.min(0.9, facts.kmFromSea / 60);
  const full = 1.6 + 1.8 * unitAt(place.seed, 2);
  return {
    quantities: ['water_level', 'gate_opening', 'salinity'],
    sample(moment, out) {
      const level = riverLevelM(moment, facts.kmFromSea, mean, basinSeed(place));
      out[0] = level + 0.008 * normalAt(place.seed, moment.t);
      const wish = (mean + 0.35 - level) / 1.2;
      // The keeper moves the gate in steps of ten centimetres.
      out[1] = Math.round(clamp(wish, 0, 1) * full * 10) / 10;
      out[2] = salinityPsu(moment, facts.kmFromSea);
    },
  };
}

export function pumpingSampler(facts: Facts<'pumping_station'>, place: Place): Sampler {
  return {
    quantities: ['pump_running', 'water_flow', 'water_level', 'active_power'],
    sample(moment, out) {
      const standing = moment.weather.cells.length === 0 ? 0 : standingMm(moment.weather.cells, place, moment.t, 9);
      const sewage =
        0.25 + 0.2 * Math.sin(((moment.hour - 8) * Math.PI) / 8) + 0.15 * smoothNoise(place.seed, moment.t, 5e6);
      const pumps = Math.round(clamp(Math.max(sewage * 1.6, standing / 9), 0, facts.pumps));
      out[0] = pumps;
      out[1] = pumps * facts.m3PerHourEach * (0.96 + 0.03 * smoothNoise(place.seed ^ 4, moment.t, 9e5));
      out[2] = clamp(
        -0.6 + 0.035 * standing + 0.35 * sewage - 0.12 * pumps + 0.01 * normalAt(place.seed, moment.t),
        -1.4,
        2.2,
      );
      // 4.5 m of head at 68 % efficiency.
      out[3] = ((out[1] as number) * 9.81 * 4.5) / 3600 / 0.68;
    },
  };
}

export function rawWaterSampler(facts: Facts<'raw_water'>, place: Place): Sampler {
  // Irrigation rivers behind sluices (Đa Độ, Rế, Giá) stay fresh; the open rivers do not.
  const shelteredKm = facts.kmFromSea >= 30 ? 34 : 0;
  return {
    quantities: ['water_temperature', 'ph', 'conductivity', 'turbidity', 'dissolved_oxygen', 'ammonium', 'salinity'],
    sample(moment, out) {
      const temperature = waterTemperatureC(moment, place);
      const slow = smoothNoise(place.seed, moment.t, 2.6 * 86_400_000);
      const rain = rainFrom(moment.weather.cells, place.location, moment.t);
      const salt = salinityPsu(moment, facts.kmFromSea + shelteredKm) + 0.08;
      out[0] = temperature;
      out[1] = 7.25 + 0.2 * slow + 0.12 * Math.cos(((moment.hour - 15) * Math.PI) / 12);
      out[2] = 190 + 1_750 * salt + 25 * slow;
      out[3] = clamp(28 + 22 * slow + 5 * rain + 120 * moment.riverFloodM + normalAt(place.seed ^ 3, moment.t), 3, 700);
      // Algae lift oxygen in the afternoon; warm water holds less.
      out[4] = clamp(
        8.6 - 0.13 * temperature + 0.9 * Math.cos(((moment.hour - 15) * Math.PI) / 12) - 0.6 * slow,
        1.2,
        12,
      );
      out[5] = clamp(0.45 + 0.35 * slow + 0.02 * rain, 0.03, 4);
      out[6] = salt;
    },
  };
}
