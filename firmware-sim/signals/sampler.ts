import type { CatalogueKey } from '../../config/quantities.ts';
import type { Location } from '../../domain/asset.ts';
import type { PointId } from '../../domain/identifiers.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Effects } from '../scenarios/effects.ts';
import type { LocalDay } from './calendar.ts';
import type { CityWeather, WeatherSeeds } from './weather.ts';

/** What all places share at one instant. */
export interface Moment {
  readonly t: EpochMs;
  readonly day: LocalDay;
  /** Local, with fraction. */
  readonly hour: number;
  /** Scenarios included. */
  readonly weather: CityWeather;
  /** Sea level over its mean: tide and surge, metres. */
  readonly seaLevelM: number;
  readonly surgeM: number;
  readonly riverFloodM: number;
  readonly smogFactor: number;
  readonly demandFactor: number;
}

/** What a model knows of the place it is made for. */
export interface Place {
  readonly point: PointId;
  readonly location: Location;
  /** The street's seed and the point's id, hashed. */
  readonly seed: number;
  /** The street's seed alone, for what neighbours share. */
  readonly citySeed: number;
  readonly climate: WeatherSeeds;
  readonly effects: Effects;
}

/** Signals of one point: a pure function of the moment. */
export interface Sampler {
  /** What `sample` writes, in this order. */
  readonly quantities: readonly CatalogueKey[];
  /** Writes one value per quantity, in the catalogue's units, to out[0 … quantities.length). */
  sample(moment: Moment, out: Float64Array): void;
}
