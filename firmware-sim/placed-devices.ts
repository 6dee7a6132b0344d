import type { FactsByPoint } from '../config/city/facts.ts';
import type { Location } from '../domain/asset.ts';
import { distanceMetres } from '../domain/distance.ts';
import type { DeviceId, DeviceModelId, PointId } from '../domain/identifiers.ts';
import type { CitySeed } from '../domain/ports/registry.ts';
import { createFleet, type Fleet, type FleetOptions } from './fleet.ts';
import { createCityDevices } from './hardware/devices.ts';

/** A device that somebody has hung up. */
export interface PlacedDevice {
  readonly id: DeviceId;
  readonly modelId: DeviceModelId;
  readonly pointId: PointId;
  readonly location: Location;
}

export interface PlacedDevicesOptions extends Omit<FleetOptions, 'devices' | 'seed'> {
  readonly city: CitySeed;
  readonly facts: FactsByPoint;
  readonly seed: number;
}

/** Hardware that comes out of its box: it connects and sends once it is placed, and falls silent when it is fetched. */
export interface PlacedDevices {
  /** Also of one that hangs elsewhere already. */
  place(device: PlacedDevice): void;
  fetch(id: DeviceId): void;
  stop(): Promise<void>;
}

/**
 * The street of a city of one point: where the device hangs, with what is known of the nearest point of the city that a device of its model serves.
 * So it measures the weather and the hour of its own place, on a road or at a factory like the next one.
 */
export function cityOfOne(
  city: CitySeed,
  facts: FactsByPoint,
  { id, modelId, pointId, location }: PlacedDevice,
): { readonly city: CitySeed; readonly facts: FactsByPoint } | null {
  const servedBy = new Set(city.devices.filter((each) => each.modelId === modelId).flatMap(({ serves }) => serves));
  const [nearest] = city.points
    .filter((point) => servedBy.has(point.id) && facts.has(point.id))
    .toSorted((a, b) => distanceMetres(a.location, location) - distanceMetres(b.location, location));
  const [known, like] = [nearest && facts.get(nearest.id), city.devices.find((each) => each.modelId === modelId)];
  if (!nearest || !known || !like) return null;
  return {
    city: {
      ...city,
      points: [{ ...nearest, id: pointId, location }],
      devices: [{ ...like, id, serves: [pointId] }],
    },
    facts: new Map([[pointId, known]]),
  };
}

export function createPlacedDevices({ city, facts, seed, ...options }: PlacedDevicesOptions): PlacedDevices {
  const hanging = new Map<DeviceId, { readonly at: string; readonly fleet: Fleet }>();
  const ending = new Set<Promise<void>>();
  const fetch = (id: DeviceId): void => {
    const before = hanging.get(id);
    hanging.delete(id);
    if (!before) return;
    const ended = before.fleet.stop().finally(() => ending.delete(ended));
    ending.add(ended);
  };
  return {
    place(device) {
      const at = JSON.stringify(device);
      if (hanging.get(device.id)?.at === at) return;
      fetch(device.id);
      const alone = cityOfOne(city, facts, device);
      if (!alone) return;
      const world = createCityDevices({ ...alone, seed, from: options.clock(), effects: [], temper: 'real' });
      const fleet = createFleet({ ...options, seed, devices: world.devices });
      hanging.set(device.id, { at, fleet });
      void fleet.start();
    },
    fetch,
    async stop() {
      for (const id of [...hanging.keys()]) fetch(id);
      await Promise.all(ending);
    },
  };
}
