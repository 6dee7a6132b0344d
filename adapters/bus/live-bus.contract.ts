import { describe, expect, it, vi } from 'vitest';
import type { DeviceId, GatewayId, QuarantineId } from '../../domain/identifiers.ts';
import type { LiveBus, OnListenerError } from '../../domain/ports/live-bus.ts';
import { QUESTIONS_AT_ONCE_MAX } from '../../domain/ports/requests.ts';
import { seconds } from '../../domain/time.ts';

/** What every live bus does. `open` gets the function that is told of throwing listeners. */
export function describeLiveBus(
  name: string,
  open: (onListenerError: OnListenerError) => LiveBus | Promise<LiveBus>,
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

    const [north, south, gone] = ['north', 'south', 'gone'] as unknown as readonly [GatewayId, GatewayId, GatewayId];
    const id = 'q-1' as QuarantineId;
    /** An answer that comes when it is let. */
    const gate = () => Promise.withResolvers<boolean>();

    it('asks every gateway, and gives what each of them answers', async () => {
      const bus = await open(() => {});
      const asked = vi.fn(() => true);
      bus.answer('quarantine.discard', north, asked);
      bus.answer('quarantine.discard', south, async () => false);
      bus.answer('directory.settled', south, () => null);
      const patience = { expected: [north, south], deadline: seconds(10) };
      const { answers, failed, silent } = await bus.ask('quarantine.discard', { id }, patience);
      expect(answers.toSorted((a, b) => a.from.localeCompare(b.from))).toEqual([
        { from: north, answer: true },
        { from: south, answer: false },
      ]);
      expect([failed, silent]).toEqual([[], []]);
      expect(asked).toHaveBeenCalledExactlyOnceWith({ id });
      expect(bus.requestCounts()).toMatchObject({ asked: 1, answered: 2, failed: 0, silent: 0, waiting: 0 });
      await bus.close();
    });

    it('names the gateways that are silent when the deadline is over, with the answers of the others', async () => {
      const bus = await open(() => {});
      const slow = gate();
      bus.answer('quarantine.discard', north, () => true);
      bus.answer('quarantine.discard', south, () => slow.promise);
      const patience = { expected: [north, south, gone], deadline: seconds(0.05) };
      expect(await bus.ask('quarantine.discard', { id }, patience)).toEqual({
        answers: [{ from: north, answer: true }],
        failed: [],
        silent: [south, gone],
      });
      slow.resolve(true);
      expect(bus.requestCounts()).toMatchObject({ answered: 1, silent: 2, waiting: 0 });
      await bus.close();
    });

    it('says which gateway failed, and reports why; one that left is not asked', async () => {
      const report = vi.fn();
      const bus = await open(report);
      bus.answer('directory.settled', north, () => {
        throw new Error('broken');
      });
      const leave = bus.answer('directory.settled', south, () => null);
      leave();
      const patience = { expected: [north], deadline: seconds(10) };
      expect(await bus.ask('directory.settled', null, patience)).toEqual({
        answers: [],
        failed: [{ from: north, why: 'FAILED' }],
        silent: [],
      });
      expect(report).toHaveBeenCalledWith('directory.settled', expect.objectContaining({ message: 'broken' }));
      await bus.close();
    });

    it('refuses more questions than may wait, and ends those that wait when it closes', async () => {
      const bus = await open(() => {});
      const never = gate();
      bus.answer('quarantine.discard', north, () => never.promise);
      const ask = () => bus.ask('quarantine.discard', { id }, { expected: [north, south], deadline: seconds(60) });
      const waiting = Array.from({ length: QUESTIONS_AT_ONCE_MAX }, ask);
      await expect(ask()).rejects.toMatchObject({ code: 'TOO_MANY_QUESTIONS' });
      expect(bus.requestCounts()).toMatchObject({ asked: QUESTIONS_AT_ONCE_MAX, refused: 1 });
      await bus.close();
      // Beyond what one gateway works on at once it says so.
      const ends = await Promise.all(waiting);
      expect(ends.flatMap(({ failed }) => failed).some(({ why }) => why === 'BUSY')).toBe(true);
      expect(ends.every(({ silent }) => silent.includes(south))).toBe(true);
    });
  });
}
