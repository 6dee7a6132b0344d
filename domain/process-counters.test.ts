import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GatewayId } from './identifiers.ts';
import { CountersTogether, PATH_COUNTERS, type PathCounts } from './process-counters.ts';
import { epochMs } from './time.ts';

const id = (name: string) => name as GatewayId;
const counted = (count: number): PathCounts =>
  Object.fromEntries(PATH_COUNTERS.map((name) => [name, count])) as PathCounts;
const of = (startedAt: number, count: number) => ({ startedAt: epochMs(startedAt), counts: counted(count) });
const received = (counts: PathCounts): number => counts.hd_messages_received_total;

describe('what processes have counted together', () => {
  it('is the sum of what each has counted', () => {
    const together = new CountersTogether();
    const heard = new Map([
      [id('a'), of(1, 7)],
      [id('b'), of(2, 30)],
    ]);
    expect(together.take(epochMs(10), heard)).toEqual(counted(37));
  });

  it('stays while one of them is away, and goes on when it has begun anew', () => {
    const together = new CountersTogether();
    together.take(epochMs(10), new Map([[id('a'), of(1, 7)]]));
    expect(received(together.take(epochMs(20), new Map()))).toBe(7);
    expect(received(together.take(epochMs(30), new Map([[id('a'), of(25, 2)]])))).toBe(9);
    expect(received(together.take(epochMs(40), new Map([[id('a'), of(25, 5)]])))).toBe(12);
  });

  it('takes of one that is heard of late only what it counts from then on', () => {
    const together = new CountersTogether();
    together.take(epochMs(10), new Map());
    expect(received(together.take(epochMs(20), new Map([[id('late'), of(5, 1_000)]])))).toBe(0);
    expect(received(together.take(epochMs(30), new Map([[id('late'), of(5, 1_004)]])))).toBe(4);
    // One that began since the last look was silent before.
    expect(received(together.take(epochMs(40), new Map([[id('new'), of(35, 6)]])))).toBe(10);
  });

  it('never falls, and is at the end all that was counted, whoever was away or began anew', () => {
    const step = fc.record({
      process: fc.constantFrom('a', 'b', 'c'),
      does: fc.oneof(
        fc.record({ counts: fc.nat(100) }),
        fc.constant({ counts: 0, isAway: true }),
        fc.constant({ counts: 0, begins: true }),
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const together = new CountersTogether();
        const running = new Map(['a', 'b', 'c'].map((name) => [id(name), of(0, 0)]));
        let last = together.take(epochMs(0), running);
        let all = 0;
        for (const [n, { process, does }] of steps.entries()) {
          const at = n + 1;
          const before = running.get(id(process))!;
          // What was counted is heard before the process ends: nobody can tell of the rest.
          if ('begins' in does) running.set(id(process), of(at, 0));
          else running.set(id(process), of(before.startedAt, received(before.counts) + does.counts));
          all += does.counts;
          const heard = new Map(running);
          if ('isAway' in does) heard.delete(id(process));
          const now = together.take(epochMs(at), heard);
          expect(received(now)).toBeGreaterThanOrEqual(received(last));
          last = now;
        }
        expect(received(together.take(epochMs(1_000), running))).toBe(all);
      }),
    );
  });
});
