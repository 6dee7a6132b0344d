import type { PointId, SiteId } from '../../domain/identifiers.ts';

/*
 * What is known of the places beyond their names: capacities, distances, classes. People read them nowhere yet; the
 * simulated street makes its signals from them, as an engineer would make a design estimate.
 */

export type RoadSetting = 'urban' | 'arterial' | 'expressway' | 'port' | 'coastal' | 'rural';
export type LoadClass = 'residential' | 'commercial' | 'industrial';
export type AirSetting = 'roadside' | 'urban' | 'industrial' | 'coastal' | 'rural';
export type NoiseSetting = 'roadside' | 'residential' | 'special' | 'nightlife' | 'port' | 'airport';

export type PointFacts =
  | {
      readonly kind: 'road';
      readonly setting: RoadSetting;
      /** Lanes in the measured direction. */
      readonly lanes: number;
      /** +1 towards the centre (fuller in the morning), −1 away from it, 0 both. */
      readonly heading: 1 | -1 | 0;
      /** Length over which travel time is taken; 0 for a cross-section. */
      readonly lengthKm: number;
      /** The cabinet that its data travels by; absent: a line of its own. */
      readonly gateway?: SiteId;
    }
  /** A roadside cabinet that the data of detectors around it travels by. */
  | { readonly kind: 'gateway'; readonly gateway: SiteId }
  | { readonly kind: 'port_gate'; readonly trucksPerHour: number }
  | { readonly kind: 'car_park'; readonly places: number }
  | { readonly kind: 'bridge_wind' }
  | { readonly kind: 'river'; readonly kmFromSea: number; readonly meanLevelM: number }
  /** Levels over chart datum, which lies `chartDatumM` below the national one. */
  | { readonly kind: 'tide'; readonly chartDatumM: number }
  | { readonly kind: 'rain' }
  | { readonly kind: 'flood_spot'; readonly drainedMmPerHour: number; readonly groundLevelM: number }
  | { readonly kind: 'sluice'; readonly kmFromSea: number }
  | { readonly kind: 'pumping_station'; readonly pumps: number; readonly m3PerHourEach: number }
  | { readonly kind: 'plant_outlet'; readonly m3PerHour: number }
  | { readonly kind: 'plant_quality' }
  | { readonly kind: 'raw_water'; readonly kmFromSea: number }
  | { readonly kind: 'dma_inlet'; readonly dma: SiteId; readonly connections: number }
  /** Share of the head loss between inlet and here that demand causes, 0 … 1 (1: the critical point). */
  | {
      readonly kind: 'dma_pressure';
      readonly dma: SiteId;
      readonly connections: number;
      readonly remoteness: number;
    }
  | { readonly kind: 'water_customer'; readonly dma: SiteId; readonly m3PerDay: number }
  | { readonly kind: 'substation'; readonly substation: SiteId; readonly peakKw: number }
  | {
      readonly kind: 'feeder';
      readonly substation: SiteId;
      readonly feeder: SiteId;
      readonly load: LoadClass;
      readonly peakKw: number;
    }
  | {
      readonly kind: 'transformer';
      readonly substation: SiteId;
      readonly feeder: SiteId;
      readonly transformer: SiteId;
      readonly load: LoadClass;
      readonly ratedKva: number;
    }
  | {
      readonly kind: 'electricity_meter';
      readonly substation: SiteId;
      readonly feeder: SiteId;
      readonly transformer: SiteId;
      readonly load: LoadClass;
      readonly meanKw: number;
      /** Electrical distance from the transformer, 0 … 1 of the longest allowed. */
      readonly remoteness: number;
    }
  | { readonly kind: 'air'; readonly setting: AirSetting }
  | { readonly kind: 'noise'; readonly setting: NoiseSetting }
  /** Exposure to sea wind, 0 … 1. */
  | { readonly kind: 'weather'; readonly exposure: number };

export type FactsByPoint = ReadonlyMap<PointId, PointFacts>;
