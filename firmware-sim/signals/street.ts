import type { FactsByPoint, PointFacts } from '../../config/city/facts.ts';
import { type CatalogueKey, QUANTITY_CATALOGUE } from '../../config/quantities.ts';
import type { PointId } from '../../domain/identifiers.ts';
import type { CitySeed } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { unreachable } from '../../domain/result.ts';
import type { EpochMs } from '../../domain/time.ts';
import { seedOf } from '../random.ts';
import { createEffects, type Effect, type Effects } from '../scenarios/effects.ts';
import { localDay, localDayIndex, localHour } from './calendar.ts';
import { airSampler, noiseSampler, weatherSampler } from './environment.ts';
import { feederSampler, meterSampler, substationSampler, transformerSampler } from './power.ts';
import type { Moment, Place, Sampler } from './sampler.ts';
import {
  floodSpotSampler,
  pumpingSampler,
  rainSampler,
  rawWaterSampler,
  riverSampler,
  sluiceSampler,
  tideSampler,
} from './surface-water.ts';
import { tideAt } from './tide.ts';
import { bridgeWindSampler, carParkSampler, gatewaySampler, portGateSampler, roadSampler } from './traffic.ts';
import {
  dmaInletSampler,
  dmaPressureSampler,
  plantOutletSampler,
  plantQualitySampler,
  waterCustomerSampler,
} from './water-supply.ts';
import { clamp, type WeatherSeeds, weatherAt, weatherSeeds } from './weather.ts';

/** A point with its signals. */
export interface StreetPoint {
  readonly id: PointId;
  readonly quantities: readonly QuantityKey[];
  /** Writes the values of `quantities`, in their order, rounded to what an instrument tells, to out[0 … quantities.length). */
  measure(moment: Moment, out: Float64Array): void;
}

/** The city as its sensors feel it: what is true at every place and instant. */
export interface Street {
  readonly points: ReadonlyMap<PointId, StreetPoint>;
  moment(instant: EpochMs): Moment;
}

export interface StreetOptions {
  readonly city: CitySeed;
  readonly facts: FactsByPoint;
  readonly seed: number;
  /** What scenarios do; none by default. */
  readonly effects?: readonly Effect[];
}

/** Makes the signals of every point of a city that has facts. The same options give the same values, for ever and in any order. */
export function createStreet({ city, facts, seed, effects: list = [] }: StreetOptions): Street {
  const effects = createEffects(list);
  const climate = weatherSeeds(seed);
  const points = new Map<PointId, StreetPoint>();
  for (const { id, location, quantities } of city.points) {
    const known = facts.get(id);
    if (known === undefined) continue;
    const place: Place = { point: id, location, seed: seedOf(seed, id), citySeed: seed, climate, effects };
    points.set(id, streetPoint(id, quantities, samplerFor(known, place)));
  }
  return { points, moment: (instant) => momentAt(instant, climate, effects) };
}

function streetPoint(id: PointId, quantities: readonly QuantityKey[], sampler: Sampler): StreetPoint {
  const made = new Float64Array(sampler.quantities.length);
  const from = quantities.map((quantity) => {
    const index = sampler.quantities.indexOf(quantity as string as CatalogueKey);
    if (index < 0) throw new Error(`no signal model gives ${quantity} at ${id}`);
    return index;
  });
  const scale = quantities.map((quantity) => 10 ** (QUANTITY_CATALOGUE.get(quantity)?.decimals ?? 3));
  return {
    id,
    quantities,
    measure(moment, out) {
      sampler.sample(moment, made);
      for (let i = 0; i < from.length; i += 1) {
        const s = scale[i] as number;
        out[i] = Math.round((made[from[i] as number] as number) * s) / s;
      }
    },
  };
}

function momentAt(t: EpochMs, climate: WeatherSeeds, effects: Effects): Moment {
  const calm = weatherAt(climate, t);
  const gale = effects.windMs(t);
  const cells =
    effects.rainCells.length === 0
      ? calm.cells
      : [...calm.cells, ...effects.rainCells.filter((cell) => cell.from <= t && t < cell.to + 8 * 3_600_000)];
  const surgeM = effects.surgeM(t);
  const smogFactor = effects.smogFactor(t);
  const overcast = gale > 0 ? clamp(gale / 12, 0, 1) : 0;
  return {
    t,
    day: localDay(localDayIndex(t)),
    hour: localHour(t),
    weather: {
      ...calm,
      cells,
      windMs: calm.windMs * (gale > 0 ? 0.5 : 1) + gale,
      pressureHpa: calm.pressureHpa - effects.pressureDropHpa(t),
      cloud: Math.max(calm.cloud, overcast),
      irradianceWm2: calm.irradianceWm2 * (1 - 0.75 * overcast),
      // Smog lies under an inversion; a gale mixes everything.
      ventilation: clamp(calm.ventilation / Math.sqrt(smogFactor) + gale / 8, 0.25, 2),
      relativeHumidityPercent: Math.max(calm.relativeHumidityPercent, 96 * overcast),
    },
    seaLevelM: tideAt(t) + surgeM,
    surgeM,
    riverFloodM: effects.riverFloodM(t),
    smogFactor,
    demandFactor: effects.demandFactor(t),
  };
}

function samplerFor(facts: PointFacts, place: Place): Sampler {
  switch (facts.kind) {
    case 'road':
      return roadSampler(facts, place);
    case 'port_gate':
      return portGateSampler(facts, place);
    case 'car_park':
      return carParkSampler(facts, place);
    case 'bridge_wind':
      return bridgeWindSampler(facts, place);
    case 'river':
      return riverSampler(facts, place);
    case 'tide':
      return tideSampler(facts, place);
    case 'rain':
      return rainSampler(facts, place);
    case 'flood_spot':
      return floodSpotSampler(facts, place);
    case 'sluice':
      return sluiceSampler(facts, place);
    case 'pumping_station':
      return pumpingSampler(facts, place);
    case 'raw_water':
      return rawWaterSampler(facts, place);
    case 'plant_outlet':
      return plantOutletSampler(facts, place);
    case 'plant_quality':
      return plantQualitySampler(facts, place);
    case 'dma_inlet':
      return dmaInletSampler(facts, place);
    case 'dma_pressure':
      return dmaPressureSampler(facts, place);
    case 'water_customer':
      return waterCustomerSampler(facts, place);
    case 'substation':
      return substationSampler(facts, place);
    case 'feeder':
      return feederSampler(facts, place);
    case 'transformer':
      return transformerSampler(facts, place);
    case 'electricity_meter':
      return meterSampler(facts, place);
    case 'air':
      return airSampler(facts, place);
    case 'gateway':
      return gatewaySampler(facts, place);
    case 'noise':
      return noiseSampler(facts, place);
    case 'weather':
      return weatherSampler(facts, place);
    default:
      return unreachable(facts);
  }
}
