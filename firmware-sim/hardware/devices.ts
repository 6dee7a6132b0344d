import type { FactsByPoint, PointFacts } from '../../config/city/facts.ts';
import type { DeviceId, PointId, SiteId } from '../../domain/identifiers.ts';
import type { CitySeed } from '../../domain/ports/registry.ts';
import type { EpochMs } from '../../domain/time.ts';
import { createEffects, type Effect } from '../scenarios/effects.ts';
import { createStreet } from '../signals/street.ts';
import { createSimulatedDevice, type DeviceWorld, type SimulatedDevice } from './device.ts';
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
export interface CityDevices {
  readonly devices: readonly SimulatedDevice[];
  /** Sets what scenarios do from `now` on (all of them, those already running too). */
  setEffects(effects: readonly Effect[], now: EpochMs): void;
}

export function createCityDevices(options: CityDevicesOptions): CityDevices {
  const { city, facts, seed, from, effects, temper } = options;
  const worldsOf = (list: readonly Effect[]): ((point: PointId) => DeviceWorld | undefined) => {
    const street = createStreet({ city, facts, seed, effects: list });
    const inForce = createEffects(list);
    return (id) => {
      const point = street.points.get(id);
      const known = facts.get(id);
      return point === undefined || known === undefined
        ? undefined
        : { point, street, outages: inForce.outagesOf(supplyOf(known)) };
    };
  };
  const models = new Map(city.models.map((model) => [model.id, model]));
  const worldOf = worldsOf(effects);
  const served = city.devices.flatMap((device) => {
    const model = models.get(device.modelId);
    const [pointId] = device.serves;
    const known = pointId === undefined ? undefined : facts.get(pointId);
    const world = pointId === undefined ? undefined : worldOf(pointId);
    return model === undefined || pointId === undefined || known === undefined || world === undefined
      ? []
      : [{ id: device.id, pointId, model, facts: known, world }];
  });
  const made = spread(served, options.count ?? served.length).map(({ row, copy }) => ({
    pointId: row.pointId,
    device: createSimulatedDevice({
      id: (copy === 1 ? row.id : `${row.id}-x${copy}`) as DeviceId,
      model: row.model,
      facts: row.facts,
      ...row.world,
      seed,
      from,
      temper,
    }),
  }));
  return {
    devices: made.map(({ device }) => device),
    setEffects(list, now) {
      const changed = worldsOf(list);
      for (const { device, pointId } of made) {
        const world = changed(pointId);
        if (world !== undefined) device.adopt(world, now);
      }
    },
  };
}

/** `count` rows: the list as often as it fits whole, then every k-th of it, which keeps the domains in proportion. */
function spread<T>(rows: readonly T[], count: number): readonly { readonly row: T; readonly copy: number }[] {
  const out: { row: T; copy: number }[] = [];
  for (let copy = 1; out.length < count && rows.length > 0; copy += 1) {
    const taken = Math.min(count - out.length, rows.length);
    for (let i = 0; i < taken; i += 1) out.push({ row: rows[Math.floor((i * rows.length) / taken)] as T, copy });
  }
  return out;
}

/** Sites whose loss takes the supply of a point, or its line. */
function supplyOf(facts: PointFacts): readonly SiteId[] {
  switch (facts.kind) {
    case 'electricity_meter':
    case 'transformer':
      return [facts.transformer, facts.feeder, facts.substation];
    case 'gateway':
      return [facts.gateway];
    case 'road':
      return facts.gateway === undefined ? [] : [facts.gateway];
    default:
      return [];
  }
}
