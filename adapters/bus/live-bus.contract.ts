import { describe, expect, it, vi } from 'vitest';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { EventName, LiveBus } from '../../domain/ports/live-bus.ts';

/** What every live bus does. `open` gets the function that is told of throwing listeners. */
export function describeLiveBus(
  name: string,
  open: (onListenerError: (name: EventName, error: unknown) => void) => LiveBus | Promise<LiveBus>,
): void {
  const changed = (id: string) => ({ deviceId: id as DeviceId });

  describe(`${name} keeps the LiveBus contract`, () => {
    it('gives an event to every listener of its name and to no other', async () => {
      const bus = await open(() => {});
      const [first, second, other] = [vi.fn(), vi.fn(), vi.fn()];
      bus.subscribe('device.changed', first);
      bus.subscribe('device.changed', second);
      bus.subscribe('rule.changed', other);
      bus.publish('device.changed', changed('a-1'));
      await vi.waitFor(() => expect(second).toHaveBeenCalledWith({ deviceId: 'a-1' }));
      expect(first).toHaveBeenCalledTimes(1);
      expect(other).not.toHaveBeenCalled();
      await bus.close();
    });

    it('reports a listener that throws, and the others still hear', async () => {
      const report = vi.fn();
      const bus = await open(report);
      const heard = vi.fn();
      bus.subscribe('device.changed', () => {
        throw new Error('broken');
      });
      bus.subscribe('device.changed', heard);
      bus.publish('device.changed', changed('a-1'));
      await vi.waitFor(() => expect(heard).toHaveBeenCalled());
      expect(report).toHaveBeenCalledWith('device.changed', expect.objectContaining({ message: 'broken' }));
      await bus.close();
    });

    it('is silent to a listener that unsubscribed, even the same function subscribed twice', async () => {
      const bus = await open(() => {});
      const heard = vi.fn();
      const leave = bus.subscribe('device.changed', heard);
      bus.subscribe('device.changed', heard);
      leave();
      bus.publish('device.changed', changed('a-1'));
      await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));
      await bus.close();
    });
  });
}
