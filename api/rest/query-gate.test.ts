import { describe, expect, it } from 'vitest';
import { QueryGate } from './query-gate.ts';

/** Work that ends when told to. */
const held = () => {
  let finish: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { work: () => promise, finish };
};

describe('the gate before the store', () => {
  it('lets so many through at once, the rest in order, and refuses beyond what may wait', async () => {
    const gate = new QueryGate(1, 2);
    const first = held();
    const order: string[] = [];
    const running = gate.run(first.work);
    const waiting = ['a', 'b'].map((name) => gate.run(async () => order.push(name)));
    await expect(gate.run(async () => 0)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect([gate.running, gate.waiting, gate.refused]).toEqual([1, 2, 1]);
    first.finish();
    await Promise.all([running, ...waiting]);
    expect(order).toEqual(['a', 'b']);
    expect([gate.running, gate.waiting]).toEqual([0, 0]);
  });

  it('gives a place back when a query fails', async () => {
    const gate = new QueryGate(1, 1);
    await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await gate.run(async () => 1)).toBe(1);
  });
});
