import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import { type Lease, LeaseLostError, type WorkerId } from '../../domain/ports/leases.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { epochMs, hours, milliseconds } from '../../domain/time.ts';

const [here, there] = ['here', 'there'] as unknown as readonly [WorkerId, WorkerId];
const LONG = hours(1);
/** Over at once. */
const SHORT = milliseconds(1);
const at = (sequence: number) => sequence as JournalSequence;
const span = { series: 1 as SeriesId, from: epochMs(0), to: epochMs(10) };

/** What workers that share a registry are promised. */
export function describeLeases(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps who does what`, () => {
    let registry: Registry;
    beforeEach(async () => {
      registry = await newPlace()();
    });
    afterEach(() => registry.close());
    /** Once it has run out, somebody else's. */
    const takenBy = async (worker: WorkerId): Promise<Lease> =>
      vi.waitFor(async () => {
        const lease = await registry.leases.acquire('rules', worker, LONG);
        if (lease === null) throw new Error('it is held');
        return lease;
      });

    it('gives a duty to one worker at a time, and to the next once it is released', async () => {
      const { leases } = registry;
      const first = await leases.acquire('rules', here, LONG);
      expect(first).toMatchObject({ duty: 'rules' });
      expect(await leases.acquire('rules', there, LONG)).toBeNull();
      expect(await leases.acquire('rules', here, LONG)).toBeNull();
      expect(await leases.acquire('store', there, LONG)).not.toBeNull();
      await leases.release(first!);
      const second = await leases.acquire('rules', there, LONG);
      expect(second!.epoch).toBeGreaterThan(first!.epoch);
      // Whoever had it before has no say in it any more.
      await leases.release(first!);
      expect(await leases.acquire('rules', here, LONG)).toBeNull();
    });

    it('leaves a lease that has run out to its holder until somebody takes it, and tells the holder then', async () => {
      const { leases } = registry;
      const first = (await leases.acquire('rules', here, SHORT))!;
      await vi.waitFor(async () => expect((await leases.roster()).holders.size).toBe(0));
      expect(await leases.renew(here, [{ ...first, passed: [] }], SHORT)).toEqual([]);
      const second = await takenBy(there);
      const held = { ...first, passed: [] };
      expect(await leases.renew(here, [held], LONG)).toEqual([held]);
      expect((await leases.roster()).holders).toEqual(new Map([['rules', there]]));
      expect(second.epoch).toBeGreaterThan(first.epoch);
    });

    it('names the workers heard of in time, what each holds, and how far the journal was passed, which never goes back', async () => {
      const { leases } = registry;
      const rules = (await leases.acquire('rules', here, LONG))!;
      const store = (await leases.acquire('store', there, LONG))!;
      await leases.renew(
        here,
        [
          {
            ...rules,
            passed: [
              ['rules', at(7)],
              ['indices', at(3)],
            ],
          },
        ],
        LONG,
      );
      await leases.renew(there, [{ ...store, passed: [['store', at(9)]] }], LONG);
      await leases.renew(here, [{ ...rules, passed: [['rules', at(5)]] }], LONG);
      expect(await leases.roster()).toEqual({
        workers: [here, there],
        holders: new Map([
          ['rules', here],
          ['store', there],
        ]),
        passed: new Map([
          ['rules', 7],
          ['indices', 3],
          ['store', 9],
        ]),
      });
      await leases.leave(here);
      expect(await leases.roster()).toMatchObject({ workers: [there], holders: new Map([['store', there]]) });
      await leases.renew(there, [{ ...store, passed: [] }], SHORT);
      await vi.waitFor(async () => expect(await leases.roster()).toMatchObject({ workers: [], holders: new Map() }));
    });

    it('does not believe how far somebody has come who has lost the duty', async () => {
      const { leases } = registry;
      const first = (await leases.acquire('rules', here, SHORT))!;
      await takenBy(there);
      await leases.renew(here, [{ ...first, passed: [['rules', at(7)]] }], LONG);
      expect((await leases.roster()).passed).toEqual(new Map());
    });

    it('writes under a lease while it is held, and nothing of it once it is another’s', async () => {
      const first = (await registry.leases.acquire('rules', here, SHORT))!;
      const mine = registry.during(first);
      await mine.indexWork.add([span]);
      const second = await takenBy(there);
      await expect(mine.indexWork.add([span, span])).rejects.toThrow(LeaseLostError);
      const commit = { cursor: at(4), states: [], jointStates: [], changes: [], outbox: [] };
      await expect(mine.ruleState.commit(commit)).rejects.toMatchObject({ code: 'LEASE_LOST', lease: first });
      await expect(mine.outbox.delivered('no such message', epochMs(0))).rejects.toThrow(LeaseLostError);
      // It may still look.
      expect(await mine.indexWork.changes(10)).toHaveLength(1);
      await registry.during(second).ruleState.commit(commit);
      expect((await mine.ruleState.load()).cursor).toBe(4);
    });
  });
}
