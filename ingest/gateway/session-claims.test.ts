import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlatformEvents } from '../../domain/events.ts';
import type { DeviceId, GatewayId } from '../../domain/identifiers.ts';
import type { EventBus, EventName } from '../../domain/ports/live-bus.ts';
import { epochMs } from '../../domain/time.ts';
import { createSessionClaims, type SessionClaims } from './session-claims.ts';

const DEVICE = 'air-1' as DeviceId;

/** Gateways whose clocks differ, on a bus that brings what each says to each other one in order, but only when it is told to. */
function createGateways(clockOffsets: readonly number[]) {
  type Heard = { readonly name: EventName; readonly payload: PlatformEvents[EventName] };
  const listeners = clockOffsets.map(() => new Map<EventName, Set<(payload: never) => void>>());
  const onTheirWay = clockOffsets.map(() => clockOffsets.map((): Heard[] => []));
  const deliver = (to: number, { name, payload }: Heard): void => {
    for (const listener of listeners[to]!.get(name) ?? []) listener(payload as never);
  };
  const busOf = (from: number): EventBus => ({
    publish(name, payload) {
      deliver(from, { name, payload });
      for (const [to, queue] of onTheirWay[from]!.entries()) if (to !== from) queue.push({ name, payload });
    },
    subscribe(name, listener) {
      const those = listeners[from]!.get(name) ?? new Set();
      listeners[from]!.set(name, those.add(listener as (payload: never) => void));
      return () => those.delete(listener as (payload: never) => void);
    },
  });
  let now = 1_000;
  const open = clockOffsets.map(() => false);
  const claims: SessionClaims[] = clockOffsets.map((offset, at) =>
    createSessionClaims({
      gateway: `gw-${at}` as GatewayId,
      bus: busOf(at),
      clock: () => epochMs(now + offset),
      onTakenOver: () => {
        open[at] = false;
      },
      onElsewhere: () => {},
    }),
  );
  for (const claim of claims) claim.start();
  return {
    open,
    claims,
    connect(at: number): void {
      now++;
      claims[at]!.opened(DEVICE);
      open[at] = true;
    },
    async bring(from: number, to: number): Promise<void> {
      await turn();
      const heard = onTheirWay[from]![to]!.shift();
      if (heard) deliver(to, heard);
      await turn();
    },
    /** Until nothing is on its way. */
    async bringAll(): Promise<void> {
      do {
        for (let from = 0; from < clockOffsets.length; from++)
          for (let to = 0; to < clockOffsets.length; to++) if (from !== to) await this.bring(from, to);
      } while (onTheirWay.flat(2).length > 0);
    },
  };
}

const step = (gateways: number) =>
  fc.oneof(
    fc.record({ kind: fc.constant('connect' as const), at: fc.nat(gateways - 1) }),
    fc.record({ kind: fc.constant('bring' as const), from: fc.nat(gateways - 1), to: fc.nat(gateways - 1) }),
  );

describe('connections of one device to several gateways', () => {
  it('end but for exactly one, in whatever order they came and are heard of', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 2, maxLength: 3 }),
        fc.array(step(3), { maxLength: 20 }),
        async (offsets, steps) => {
          const gateways = createGateways(offsets);
          const within = (at: number) => at % offsets.length;
          for (const each of steps) {
            if (each.kind === 'connect') gateways.connect(within(each.at));
            else if (within(each.from) !== within(each.to)) await gateways.bring(within(each.from), within(each.to));
          }
          await gateways.bringAll();
          const connected = steps.some(({ kind }) => kind === 'connect');
          expect(gateways.open.filter(Boolean)).toHaveLength(connected ? 1 : 0);
          // And every gateway knows where.
          for (const [at, claims] of gateways.claims.entries())
            expect(claims.isElsewhere(DEVICE)).toBe(connected && !gateways.open[at]);
        },
      ),
    );
  });

  it('stay where they were made last, when the one before had been heard of, whatever the clocks say', async () => {
    const gateways = createGateways([60_000, -60_000]);
    gateways.connect(0);
    await gateways.bringAll();
    gateways.connect(1);
    await gateways.bringAll();
    expect(gateways.open).toEqual([false, true]);
    gateways.connect(0);
    await gateways.bringAll();
    expect(gateways.open).toEqual([true, false]);
  });

  it('are told to a gateway that has just come, which marks its own above them', async () => {
    const gateways = createGateways([60_000, 0]);
    gateways.connect(0);
    await gateways.bringAll();
    const held = gateways.claims[0]!.of(DEVICE)!;
    expect(gateways.claims[1]!.mark().stamp).toBeGreaterThan(held.stamp);
  });
});
