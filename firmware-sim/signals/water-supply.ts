import type { PointFacts } from '../../config/city/facts.ts';
import type { EpochMs } from '../../domain/time.ts';
import { normalAt, seedOf, smoothNoise, unitAt } from '../random.ts';
import { localDay } from './calendar.ts';
import { dailyShape } from './daily-shape.ts';
import { createRegister, perDay, type Register } from './register.ts';
import type { Moment, Place, Sampler } from './sampler.ts';
import { clamp, dailyMeanTemperature } from './weather.ts';

type Facts<K extends PointFacts['kind']> = Extract<PointFacts, { kind: K }>;

/** Mean use with its share of small shops, m³ a day and connection. */
const M3_PER_CONNECTION_DAY = 0.62;
/** Leakage as a share of the mean use; it flows day and night. */
const LEAK_SHARE = 0.22;
/** Households draw least at three in the morning, most before work and after it. */
const DEMAND = dailyShape([
  0.42, 0.32, 0.27, 0.26, 0.38, 0.95, 1.6, 1.68, 1.35, 1.12, 1.08, 1.18, 1.12, 0.92, 0.88, 0.95, 1.12, 1.38, 1.55, 1.5,
  1.3, 1.05, 0.8, 0.58,
]);

/** One register for all zones of a street: demand follows heat and weekday. */
const demandRegisters = new WeakMap<object, Register>();
function demandOf(place: Place): Register {
  const known = demandRegisters.get(place.climate);
  if (known !== undefined) return known;
  const { climate } = place;
  const register = createRegister(
    DEMAND,
    perDay((day) => {
      const heat = Math.max(0, dailyMeanTemperature(climate, day) - 22);
      const { kind } = localDay(day);
      const week = kind === 'workday' ? 1 : kind === 'tet' ? 0.82 : 1.05;
      return (0.94 + 0.016 * heat) * week * (0.98 + 0.04 * unitAt(seedOf(place.citySeed, 'demand'), day));
    }),
  );
  demandRegisters.set(climate, register);
  return register;
}

interface Zone {
  readonly meanM3PerHour: number;
  readonly leakM3PerHour: number;
  readonly demand: Register;
  /** Flow into the zone, m³/h. */
  flow(moment: Moment): number;
  /** Head lost to demand at the zone's critical point, bar. */
  lossBar(moment: Moment): number;
  readonly inletBar: (moment: Moment) => number;
}

function zoneOf(dma: string, connections: number, place: Place): Zone {
  const seed = seedOf(place.citySeed, dma);
  const meanM3PerHour = (connections * M3_PER_CONNECTION_DAY) / 24;
  const leakM3PerHour = meanM3PerHour * LEAK_SHARE * (0.6 + 0.8 * unitAt(seed, 1));
  const demand = demandOf(place);
  const burst = place.effects.burstOf(dma as Parameters<Place['effects']['burstOf']>[0]);
  const flow = (moment: Moment): number =>
    meanM3PerHour * demand.rate(moment.t) * (1 + 0.05 * smoothNoise(seed, moment.t, 1.5e6)) +
    leakM3PerHour +
    (burst?.(moment.t) ?? 0);
  const setBar = 2.9 + 0.5 * unitAt(seed, 2);
  return {
    meanM3PerHour,
    leakM3PerHour,
    demand,
    flow,
    // Hazen–Williams: head loss grows with flow to the power 1.85.
    lossBar: (moment) => 0.36 * (flow(moment) / (meanM3PerHour * 1.25)) ** 1.85,
    inletBar: (moment) =>
      setBar - 0.2 * (flow(moment) / (meanM3PerHour * 1.25)) + 0.04 * smoothNoise(seed ^ 9, moment.t, 6e5),
  };
}

export function dmaInletSampler(facts: Facts<'dma_inlet'>, place: Place): Sampler {
  const zone = zoneOf(facts.dma, facts.connections, place);
  const burst = place.effects.burstOf(facts.dma);
  const installed = Math.floor(20_000 * unitAt(place.seed, 3));
  // A burst's water passed the meter too; its extra volume is summed from the quarter hours it ran.
  const extra = burst === undefined ? undefined : createBurstVolume(burst);
  return {
    quantities: ['water_flow', 'water_pressure', 'water_volume'],
    sample(moment, out) {
      out[0] = zone.flow(moment) * (1 + 0.006 * normalAt(place.seed, moment.t));
      out[1] = zone.inletBar(moment) + 0.01 * normalAt(place.seed ^ 2, moment.t);
      out[2] =
        installed +
        zone.meanM3PerHour * zone.demand.total(moment.t) +
        zone.leakM3PerHour * hoursSinceRegisters(moment.t) +
        (extra?.(moment.t) ?? 0);
    },
  };
}

const REGISTERS_FROM_MS = Date.UTC(2024, 0, 1) - 7 * 3_600_000;
const hoursSinceRegisters = (t: number): number => (t - REGISTERS_FROM_MS) / 3_600_000;

const BURST_STEP_MS = 60_000;
const BURST_LOOKBACK_STEPS = 40 * 24 * 60;
function createBurstVolume(burst: (t: number) => number): (t: EpochMs) => number {
  // Minute by minute, remembered, from the first minute asked for that lies within a burst's reach.
  let from: number | undefined;
  const sums: number[] = [0];
  return (t) => {
    const minute = Math.floor(t / BURST_STEP_MS);
    from ??= minute - BURST_LOOKBACK_STEPS;
    for (let i = sums.length; i <= minute - from; i += 1)
      sums.push((sums[i - 1] as number) + burst((from + i) * BURST_STEP_MS) / 60);
    return sums[Math.max(0, minute - from)] ?? 0;
  };
}

export function dmaPressureSampler(facts: Facts<'dma_pressure'>, place: Place): Sampler {
  const zone = zoneOf(facts.dma, facts.connections, place);
  const fresh = 3.64 - 0.1 * unitAt(place.seed, 77);
  return {
    quantities: ['water_pressure', 'battery_voltage'],
    sample(moment, out) {
      const bar = zone.inletBar(moment) - 0.35 * facts.remoteness - zone.lossBar(moment) * facts.remoteness;
      out[0] = Math.max(0.1, bar + 0.012 * normalAt(place.seed, moment.t));
      out[1] = fresh + 0.004 * normalAt(place.seed ^ 0xce, moment.t);
    },
  };
}

export function waterCustomerSampler(facts: Facts<'water_customer'>, place: Place): Sampler {
  const demand = demandOf(place);
  const installed = Math.floor(900 * unitAt(place.seed, 3));
  const level = 55 + 40 * unitAt(place.seed, 4);
  return {
    quantities: ['water_flow', 'water_volume', 'battery_level'],
    sample(moment, out) {
      const perHour = facts.m3PerDay / 24;
      out[0] = Math.max(0, perHour * demand.rate(moment.t) * (1 + 0.5 * smoothNoise(place.seed, moment.t, 1.2e6)));
      out[1] = installed + perHour * demand.total(moment.t);
      out[2] = Math.round(level);
    },
  };
}

export function plantOutletSampler(facts: Facts<'plant_outlet'>, place: Place): Sampler {
  const demand = demandOf(place);
  return {
    quantities: ['water_flow', 'water_pressure', 'tank_level'],
    sample(moment, out) {
      const rate = demand.rate(moment.t);
      // The network smooths what the households draw; the tank makes up the difference.
      const sent = 0.45 + 0.55 * rate;
      out[0] = facts.m3PerHour * sent * (1 + 0.012 * smoothNoise(place.seed, moment.t, 4e5));
      out[1] = 4.3 - 0.35 * (sent - 1) + 0.05 * smoothNoise(place.seed ^ 2, moment.t, 7e5);
      // Emptiest after the evening, fullest before dawn.
      out[2] = clamp(
        3.4 + 1.25 * Math.cos(((moment.hour - 4.6) * Math.PI) / 12) + 0.15 * smoothNoise(place.seed ^ 3, moment.t, 4e7),
        0.8,
        5.6,
      );
    },
  };
}

export function plantQualitySampler(_: Facts<'plant_quality'>, place: Place): Sampler {
  const dose = 0.52 + 0.12 * unitAt(place.seed, 1);
  return {
    quantities: ['free_chlorine', 'turbidity', 'ph', 'conductivity'],
    sample(moment, out) {
      const slow = smoothNoise(place.seed, moment.t, 8e7);
      const muddy = Math.min(1.2, 0.6 * moment.riverFloodM);
      out[0] = clamp(dose + 0.07 * slow + 0.012 * normalAt(place.seed, moment.t) - 0.05 * muddy, 0.05, 2);
      out[1] = clamp(0.42 + 0.14 * slow + muddy + 0.02 * normalAt(place.seed ^ 2, moment.t), 0.05, 15);
      out[2] = 7.3 + 0.12 * slow + 0.01 * normalAt(place.seed ^ 3, moment.t);
      out[3] = 285 + 45 * slow + 2 * normalAt(place.seed ^ 4, moment.t);
    },
  };
}
