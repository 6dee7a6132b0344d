import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceStatusChange } from '../../domain/asset.ts';
import type { AgencyId, DeviceId, GatewayId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { epochMs, seconds } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const DEVICE = 'd-env' as DeviceId;
const [NORTH, SOUTH] = ['gw-a', 'gw-b'] as unknown as readonly [GatewayId, GatewayId];
const ever = epochMs(0);

const status = (online: boolean, gateway: GatewayId, stamp: number, at = stamp): DeviceStatusChange => ({
  deviceId: DEVICE,
  agencyId: 'env' as AgencyId,
  online,
  reason: online ? 'connected' : 'lost',
  eventTime: epochMs(at),
  recordedAt: epochMs(at),
  session: { gateway, stamp },
});

/** What every registry promises of several gateways. */
export function describeGateways(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps several gateways apart`, () => {
    let registry: Registry;
    beforeEach(async () => {
      registry = await newPlace()();
      await registry.seed({ kind: 'system', name: 'test' }, city());
    });
    afterEach(() => registry.close());

    const beat = (id: GatewayId, at = 1) =>
      registry.gateways.beat({ id, name: `Gateway ${id}`, ttl: seconds(5), held: at }, epochMs(at));
    const known = async () =>
      (await registry.gateways.list(ever)).map(({ id, state, beats }) => `${id} ${state} ${beats}`);

    it('counts the beats of each, and knows who stopped in good order', async () => {
      expect([await beat(SOUTH), await beat(NORTH), await beat(NORTH, 7)]).toEqual([false, false, false]);
      expect(await registry.gateways.list(ever)).toEqual([
        { id: NORTH, name: 'Gateway gw-a', state: 'here', beats: 2, ttl: 5_000, held: 7, seenAt: 7 },
        { id: SOUTH, name: 'Gateway gw-b', state: 'here', beats: 1, ttl: 5_000, held: 1, seenAt: 1 },
      ]);
      await registry.gateways.stopped(SOUTH, 0, epochMs(9));
      expect(await known()).toEqual(['gw-a here 2', 'gw-b stopped 1']);
      expect((await registry.gateways.list(epochMs(7))).map(({ id }) => id)).toEqual([SOUTH]);
      expect(await beat(SOUTH)).toBe(false);
    });

    it('settles one that stood still together with its devices, once, and tells it when it comes back', async () => {
      await beat(NORTH);
      await registry.deviceLog.recordStatus([status(true, NORTH, 10)]);
      const settle = (beats: number) => registry.gateways.settle(NORTH, beats, epochMs(50));
      const offline = { ...status(false, NORTH, 10, 50), reason: 'platform_restart' };
      expect(await settle(2)).toEqual([]);
      const both = await Promise.all([settle(1), settle(1)]);
      expect(both.toSorted((a, b) => b.length - a.length)).toEqual([[offline], []]);
      expect(await registry.deviceLog.currentStatus()).toEqual([offline]);
      expect(await known()).toEqual(['gw-a gone 1']);
      expect(await beat(NORTH)).toBe(true);
      expect(await beat(NORTH)).toBe(false);
      await registry.deviceLog.recordStatus([status(true, NORTH, 10, 60)]);
      expect(await registry.deviceLog.currentStatus()).toEqual([status(true, NORTH, 10, 60)]);
    });

    it('leaves the devices of a gateway that is gone alone that have connected to another', async () => {
      await beat(NORTH);
      await registry.deviceLog.recordStatus([status(true, NORTH, 10), status(true, SOUTH, 11)]);
      expect(await registry.gateways.settle(NORTH, 1, epochMs(50))).toEqual([]);
      expect(await registry.deviceLog.currentStatus()).toEqual([status(true, SOUTH, 11)]);
    });

    it.each([
      { order: 'before', batches: [[status(false, NORTH, 10, 30)], [status(true, SOUTH, 20)]] },
      { order: 'after', batches: [[status(true, SOUTH, 20)], [status(false, NORTH, 10, 30)]] },
      { order: 'together with', batches: [[status(true, SOUTH, 20), status(false, NORTH, 10, 30)]] },
    ])('holds a device for online whose older connection ends $order the beginning of a newer', async ({ batches }) => {
      await registry.deviceLog.recordStatus([status(true, NORTH, 10)]);
      for (const batch of batches) await registry.deviceLog.recordStatus(batch);
      expect(await registry.deviceLog.currentStatus()).toEqual([status(true, SOUTH, 20)]);
    });

    it('gives back what was superseded, with what stands; of equal stamps the gateways’ names decide', async () => {
      const late = status(true, NORTH, 20);
      expect(await registry.deviceLog.recordStatus([status(true, SOUTH, 20)])).toEqual([]);
      expect(await registry.deviceLog.recordStatus([late])).toEqual([
        { change: late, by: { gateway: SOUTH, stamp: 20 } },
      ]);
    });
  });
}
