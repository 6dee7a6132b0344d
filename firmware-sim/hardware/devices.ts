import type { FactsByPoint, PointFacts } from '../../config/city/facts.ts';
import type { DeviceId, SiteId } from '../../domain/identifiers.ts';
import type { CitySeed } from '../../domain/ports/registry.ts';
import type { EpochMs } from '../../domain/time.ts';
import { createEffects, type Effect } from '../scenarios/effects.ts';
import { createStreet } from '../signals/street.ts';
import { createSimulatedDevice, type SimulatedDevice } from './device.ts';
import type { Temper } from './profile.ts';

export interface CityDevicesOptions {
  readonly city: CitySeed;
  readonly facts: FactsByPoint;
  readonly seed: number;
  readonly from: EpochMs;
  readonly effects: readonly Effect[];
  readonly temper: Temper;
  /**
   * How many devices. Fewer than the city has: its domains in proportion. More: copies beside the originals, named `{id}-x2`, `{id}-x3` …, which
   * a platform knows only if they were registered there. Default: all of the city, once.
   */
  readonly count?: number;
}

/** The devices of a city, each at its place. */
export function createCityDevices({
  city,
  facts,
  seed,
  from,
  effects,
  temper,
  count,
}: CityDevicesOptions): readonly SimulatedDevice[] {
  const street = createStreet({ city, facts, seed, effects });
  const inForce = createEffects(effects);
  const models = new Map(city.models.map((model) => [model.id, model]));
  const served = city.devices.flatMap((device) => {
    const model = models.get(device.modelId);
    const [pointId] = device.serves;
    const point = pointId === undefined ? undefined : street.points.get(pointId);
    const known = pointId === undefined ? undefined : facts.get(pointId);
    return model === undefined || point === undefined || known === undefined ? [] : [{ device, model, point, known }];
  });
  const wanted = count ?? served.length;
  const devices: SimulatedDevice[] = [];
  for (let copy = 1; devices.length < wanted && served.length > 0; copy += 1) {
    const missing = wanted - devices.length;
    // Every k-th of the list keeps the domains in proportion, since the list goes domain by domain.
    const step = Math.max(1, served.length / missing);
    for (let i = 0; i < Math.min(missing, served.length); i += 1) {
      const row = served[Math.floor(i * step)];
      if (row === undefined) break;
      devices.push(
        createSimulatedDevice({
          id: (copy === 1 ? row.device.id : `${row.device.id}-x${copy}`) as DeviceId,
          model: row.model,
          point: row.point,
          facts: row.known,
          street,
          seed,
          from,
          outages: inForce.outagesOf(supplyOf(row.known)),
          temper,
        }),
      );
    }
  }
  return devices;
}

/** Sites whose loss takes the supply of a point. */
const supplyOf = (facts: PointFacts): readonly SiteId[] =>
  facts.kind === 'electricity_meter' || facts.kind === 'transformer'
    ? [facts.transformer, facts.feeder, facts.substation]
    : [];
