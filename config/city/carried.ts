import type { DeviceId, SiteId } from '../../domain/identifiers.ts';
import type { CitySeed } from '../../domain/ports/registry.ts';
import type { FactsByPoint } from './facts.ts';

/** Devices without a line of their own, each with the gateway that it sends by. */
export function carriedDevices(city: Pick<CitySeed, 'devices'>, facts: FactsByPoint): ReadonlyMap<DeviceId, DeviceId> {
  const gateways = new Map<SiteId, DeviceId>();
  const known = city.devices.flatMap(({ id, serves: [point] }) => {
    const of = point === undefined ? undefined : facts.get(point);
    return of === undefined ? [] : [{ id, of }];
  });
  for (const { id, of } of known) if (of.kind === 'gateway') gateways.set(of.gateway, id);
  return new Map(
    known.flatMap(({ id, of }): [DeviceId, DeviceId][] => {
      const by = of.kind === 'road' && of.gateway !== undefined ? gateways.get(of.gateway) : undefined;
      return by === undefined ? [] : [[id, by]];
    }),
  );
}
