import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DUTIES, type DutyName, shareOf } from './duties.ts';

/** One round of every worker, in order. A duty that is given up is free for whoever comes after. */
function round(workers: readonly string[], holders: Map<DutyName, string>): void {
  for (const worker of workers) {
    const { give, take } = shareOf(worker, workers, holders);
    if (give !== null) holders.delete(give);
    for (const duty of take) holders.set(duty, worker);
  }
}
const countsOf = (workers: readonly string[], holders: ReadonlyMap<DutyName, string>): readonly number[] =>
  workers.map((worker) => [...holders.values()].filter((holder) => holder === worker).length);

describe('the share of a worker', () => {
  it('is everything when it is alone, whether it is named already or not', () => {
    expect(shareOf('a', [], new Map())).toEqual({ give: null, take: DUTIES });
    expect(shareOf('a', ['a'], new Map())).toEqual({ give: null, take: DUTIES });
  });

  it('leaves rules where they are as long as there is something else to give', () => {
    const holders = new Map(DUTIES.map((duty) => [duty, 'a']));
    expect(shareOf('a', ['a', 'b'], holders).give).toBe(DUTIES.at(-1));
  });

  it('comes to be even from anywhere, with every duty done, and then stays as it is', () => {
    const worker = fc.constantFrom<string>('a', 'b', 'c', 'd', 'e', 'gone');
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e'), { minLength: 1 }),
        fc.array(fc.option(worker), { minLength: DUTIES.length, maxLength: DUTIES.length }),
        (workers, given) => {
          const holders = new Map<DutyName, string>();
          DUTIES.forEach((duty, i) => {
            const holder = given[i] ?? null;
            // A lease of one that is gone has run out.
            if (holder !== null && workers.includes(holder)) holders.set(duty, holder);
          });
          for (let i = 0; i < 2 * DUTIES.length; i++) round(workers, holders);
          expect(holders.size).toBe(DUTIES.length);
          const counts = countsOf(workers, holders);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          const settled = [...holders];
          round(workers, holders);
          expect([...holders]).toEqual(settled);
        },
      ),
    );
  });
});
