import type { PointFacts, RoadSetting } from '../../config/city/facts.ts';
import { normalAt, smoothNoise, unitAt } from '../random.ts';
import type { DayKind } from './calendar.ts';
import { dailyShape } from './daily-shape.ts';
import type { Moment, Place, Sampler } from './sampler.ts';
import { clamp, rainFrom } from './weather.ts';

type Facts<K extends PointFacts['kind']> = Extract<PointFacts, { kind: K }>;

/** A kind of road. Motorcycles may not use expressways; elsewhere in the city they are 70–90 % of the stream. */
interface RoadClass {
  readonly freeFlowKmh: number;
  /** Vehicles an hour per lane at capacity, of the mix the road carries (motorcycles pass side by side). */
  readonly capacityPerLane: number;
  readonly motorcycleShare: number;
  /** Of the vehicles that are not motorcycles. */
  readonly truckShare: number;
  readonly busShare: number;
  /** Density at the busiest hour of a workday as a share of the critical density. */
  readonly peakDensity: number;
}
const ROADS: Readonly<Record<RoadSetting, RoadClass>> = {
  urban: {
    freeFlowKmh: 36,
    capacityPerLane: 2_900,
    motorcycleShare: 0.82,
    truckShare: 0.05,
    busShare: 0.04,
    peakDensity: 1.22,
  },
  arterial: {
    freeFlowKmh: 48,
    capacityPerLane: 2_500,
    motorcycleShare: 0.7,
    truckShare: 0.22,
    busShare: 0.05,
    peakDensity: 1,
  },
  expressway: {
    freeFlowKmh: 98,
    capacityPerLane: 1_750,
    motorcycleShare: 0,
    truckShare: 0.3,
    busShare: 0.1,
    peakDensity: 0.42,
  },
  port: {
    freeFlowKmh: 50,
    capacityPerLane: 1_500,
    motorcycleShare: 0.38,
    truckShare: 0.68,
    busShare: 0.02,
    peakDensity: 0.8,
  },
  coastal: {
    freeFlowKmh: 52,
    capacityPerLane: 2_000,
    motorcycleShare: 0.68,
    truckShare: 0.1,
    busShare: 0.12,
    peakDensity: 0.5,
  },
  rural: {
    freeFlowKmh: 50,
    capacityPerLane: 2_100,
    motorcycleShare: 0.78,
    truckShare: 0.22,
    busShare: 0.05,
    peakDensity: 0.5,
  },
};

/** Density over the day as a share of the busiest hour, 00:00 … 23:00. Work and school begin at 7–7:30, end at 16:30–17:30. */
const COMMUTE_IN = [5, 3, 2, 3, 7, 28, 84, 100, 74, 56, 54, 66, 56, 58, 56, 56, 66, 80, 62, 46, 38, 30, 19, 10];
const COMMUTE_OUT = [6, 3, 2, 3, 6, 22, 58, 72, 56, 50, 54, 72, 58, 54, 54, 60, 82, 100, 82, 58, 46, 36, 23, 11];
const COMMUTE_BOTH = COMMUTE_IN.map((value, i) => (value + (COMMUTE_OUT[i] as number)) / 2);
const LEISURE = [8, 5, 3, 3, 6, 16, 32, 46, 58, 66, 70, 68, 56, 54, 60, 68, 76, 84, 88, 84, 72, 54, 32, 16];
const FREIGHT = [52, 48, 44, 42, 46, 54, 58, 60, 78, 92, 98, 88, 70, 82, 96, 100, 94, 80, 74, 76, 78, 74, 66, 58];
const asShare = (hourly: readonly number[]) => {
  const shape = dailyShape(hourly);
  const top = Math.max(...hourly.map((_, hour) => shape.at(hour)));
  return (hour: number): number => shape.at(hour) / top;
};
const SHAPES = {
  in: asShare(COMMUTE_IN),
  out: asShare(COMMUTE_OUT),
  both: asShare(COMMUTE_BOTH),
  leisure: asShare(LEISURE),
  freight: asShare(FREIGHT),
};
const DAY_FACTOR: Readonly<Record<DayKind, number>> = {
  workday: 1,
  saturday: 0.9,
  sunday: 0.78,
  holiday: 0.7,
  tet: 0.42,
};
const SEASIDE_FACTOR: Readonly<Record<DayKind, number>> = {
  workday: 0.62,
  saturday: 1,
  sunday: 1.05,
  holiday: 1.35,
  tet: 1.1,
};
const FREIGHT_FACTOR: Readonly<Record<DayKind, number>> = {
  workday: 1,
  saturday: 0.92,
  sunday: 0.68,
  holiday: 0.5,
  tet: 0.15,
};
/** Heavy trucks may not enter the inner city at these hours. */
const truckBan = (hour: number): boolean => (hour >= 6 && hour < 8.5) || (hour >= 16 && hour < 19);

/**
 * Fundamental diagram of Drake, May & Schofer (1967): v = vf·exp(−½(k/kc)²), so flow is highest at the critical density kc. The density is the
 * state; flow and speed both follow from it, in free and in jammed traffic alike.
 */
export const speedAtDensity = (freeFlow: number, relativeDensity: number): number =>
  freeFlow * Math.exp(-0.5 * relativeDensity * relativeDensity);
/** Flow as a share of capacity at density k/kc. */
export const flowAtDensity = (relativeDensity: number): number =>
  relativeDensity * Math.exp(0.5 * (1 - relativeDensity * relativeDensity));

/** Counting statistics of a detector: vehicles an hour seen over a minute or so scatter as √(20·q). */
const counted = (seed: number, t: number, perHour: number): number =>
  perHour <= 0 ? 0 : Math.max(0, Math.round(perHour + normalAt(seed, t) * Math.sqrt(20 * perHour)));

/** Radar counter or travel time segment. */
export function roadSampler(facts: Facts<'road'>, place: Place): Sampler {
  const road = ROADS[facts.setting];
  const capacity = road.capacityPerLane * facts.lanes;
  const freeFlow = road.freeFlowKmh * (0.94 + 0.12 * unitAt(place.seed, 1));
  const busy = road.peakDensity * (0.72 + 0.33 * unitAt(place.seed, 2));
  const motorcycles =
    road.motorcycleShare === 0 ? 0 : clamp(road.motorcycleShare + 0.08 * (unitAt(place.seed, 3) - 0.5), 0, 0.92);
  const congestion = place.effects.congestionOf(place.point);
  const commute = facts.heading === 1 ? SHAPES.in : facts.heading === -1 ? SHAPES.out : SHAPES.both;
  const [shape, factor] =
    facts.setting === 'port'
      ? [SHAPES.freight, FREIGHT_FACTOR]
      : facts.setting === 'coastal'
        ? [SHAPES.leisure, SEASIDE_FACTOR]
        : [commute, DAY_FACTOR];
  // Vehicles per km at critical density: capacity = kc·vf·e^−½.
  const criticalDensity = (capacity * Math.exp(0.5)) / freeFlow;
  return {
    quantities: [
      'vehicle_flow',
      'motorcycle_flow',
      'car_flow',
      'bus_flow',
      'truck_flow',
      'vehicle_speed',
      'occupancy',
      'vehicle_density',
      'travel_time',
    ],
    sample(moment, out) {
      const { t, hour } = moment;
      const rain = rainFrom(moment.weather.cells, place.location, t);
      const wander = 1 + 0.1 * smoothNoise(place.seed, t, 2.1e6) + 0.05 * smoothNoise(place.seed ^ 0x33, t, 4.2e5);
      const usual = busy * shape(hour) * factor[moment.day.kind] * wander * moment.demandFactor;
      // In rain part of the motorcyclists wait it out; who rides, rides slower.
      const free = usual * (1 - 0.18 * Math.min(1, rain / 25));
      const k = Math.min(3.4, congestion === undefined ? free : Math.max(free, congestion(t)));
      const flow = capacity * flowAtDensity(k);
      const speed = speedAtDensity(freeFlow * (1 - 0.14 * Math.min(1, rain / 20)), k);
      const moto = motorcycles * (1 - 0.12 * Math.min(1, rain / 15));
      const rest = flow * (1 - moto);
      const ban = facts.setting === 'urban' && truckBan(hour) ? 0.15 : 1;
      const night = hour >= 22 || hour < 5 ? 1.8 : 1;
      const trucks = Math.min(0.85, road.truckShare * ban * night);
      const buses = road.busShare * (hour >= 5 && hour < 21 ? 1 : 0.25);
      out[1] = counted(place.seed ^ 0x101, t, flow * moto);
      out[3] = counted(place.seed ^ 0x103, t, rest * buses);
      out[4] = counted(place.seed ^ 0x104, t, rest * trucks);
      out[2] = counted(place.seed ^ 0x102, t, rest * Math.max(0, 1 - buses - trucks));
      out[0] = (out[1] as number) + (out[2] as number) + (out[3] as number) + (out[4] as number);
      out[5] = Math.max(1, speed * (1 + 0.03 * normalAt(place.seed ^ 0x105, t)));
      out[6] = clamp(100 * (1 - Math.exp(-0.27 * k ** 1.25)) * (1 + 0.05 * normalAt(place.seed ^ 0x106, t)), 0, 100);
      out[7] = Math.round(k * criticalDensity);
      out[8] = Math.round((Math.max(0.4, facts.lengthKm) * 3600) / (out[5] as number));
    },
  };
}

export function portGateSampler(facts: Facts<'port_gate'>, place: Place): Sampler {
  return {
    quantities: ['vehicle_flow', 'truck_flow', 'queue_length'],
    sample(moment, out) {
      const { t } = moment;
      // A ship at the quay brings its own wave of trucks, some hours long.
      const ship = Math.max(0, smoothNoise(place.seed, t, 4.5e7));
      const storm = moment.weather.windMs > 17 ? 0.1 : 1;
      const level =
        SHAPES.freight(moment.hour) *
        FREIGHT_FACTOR[moment.day.kind] *
        (0.62 + 0.38 * ship) *
        storm *
        moment.demandFactor;
      const trucks = counted(place.seed ^ 0x201, t, facts.trucksPerHour * level);
      out[0] = trucks + counted(place.seed ^ 0x202, t, 260 * SHAPES.both(moment.hour) * storm);
      out[1] = trucks;
      // The queue grows as the gate nears what it can handle.
      const load = Math.min(0.985, level * (0.94 + 0.06 * smoothNoise(place.seed ^ 0x5, t, 2.4e6)));
      out[2] = Math.round(Math.min(1_600, (18 * load) / (1 - load)));
    },
  };
}

/** Shares of places taken, 00:00 … 23:00. */
const PARKED = asShare([
  18, 16, 15, 15, 16, 20, 34, 58, 76, 88, 94, 92, 84, 82, 88, 92, 96, 100, 98, 90, 74, 52, 34, 24,
]);

export function carParkSampler(facts: Facts<'car_park'>, place: Place): Sampler {
  const full = 0.7 + 0.25 * unitAt(place.seed, 1);
  return {
    quantities: ['parking_occupied'],
    sample(moment, out) {
      const share = full * PARKED(moment.hour) * (1 + 0.08 * smoothNoise(place.seed, moment.t, 3e6));
      const week = moment.day.kind === 'workday' ? 0.88 : 1;
      out[0] = Math.round(clamp(share * week * (0.5 + 0.5 * moment.demandFactor), 0, 1) * facts.places);
    },
  };
}

/** Wind over a bridge deck, stronger than in the open for its height. */
export function bridgeWindSampler(_: Facts<'bridge_wind'>, place: Place): Sampler {
  return {
    quantities: ['wind_speed', 'wind_direction'],
    sample(moment: Moment, out) {
      const gust = 1 + 0.16 * normalAt(place.seed, Math.floor(moment.t / 1_000));
      out[0] = Math.max(0, moment.weather.windMs * 1.28 * gust);
      out[1] = (moment.weather.windFromDeg + 360 + 12 * normalAt(place.seed ^ 0x9, moment.t)) % 360;
    },
  };
}

/** Charge left in a cabinet whose supply is gone, percent: what it has when it says its last. */
const EMPTY_PERCENT = 3;
/** The battery behind a roadside cabinet's supply. */
export function gatewaySampler(facts: Facts<'gateway'>, place: Place): Sampler {
  const outages = place.effects.outagesOf([facts.gateway]);
  return {
    quantities: ['battery_level'],
    sample({ t }, out) {
      out[0] = outages.some(({ from, to }) => t >= from && t < to) ? EMPTY_PERCENT : 98 + 2 * unitAt(place.seed, 79);
    },
  };
}
