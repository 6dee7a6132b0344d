import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandomWalk, normalAt, seedOf, smoothNoise, unitAt } from './random.ts';

describe('seeded randomness', () => {
  it('gives the same numbers for the same seed, on every machine', () => {
    // Written down once: a change here changes every simulated city.
    expect([seedOf('hai-dang'), seedOf(1, 'wind')]).toEqual([seedOf('hai-dang'), seedOf(1, 'wind')]);
    const walk = createRandomWalk(42);
    const again = createRandomWalk(42);
    expect(Array.from({ length: 5 }, () => walk.unit())).toEqual(Array.from({ length: 5 }, () => again.unit()));
    expect(createRandomWalk(43).unit()).not.toBe(createRandomWalk(42).unit());
  });

  it('keeps names apart that only differ in where they are cut', () => {
    expect(seedOf('ab', 'c')).not.toBe(seedOf('a', 'bc'));
  });

  it('stays in its range for any seed and index', () => {
    fc.assert(
      fc.property(fc.integer(), fc.maxSafeInteger(), (seed, index) => {
        const unit = unitAt(seed, index);
        expect(unit >= 0 && unit < 1).toBe(true);
        expect(Math.abs(normalAt(seed, index))).toBeLessThanOrEqual(3.5);
        expect(Math.abs(smoothNoise(seed, index, 60_000))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is spread evenly over epoch milliseconds a minute apart', () => {
    const n = 20_000;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i += 1) {
      const z = normalAt(9, 1_764_000_000_000 + 60_000 * i);
      sum += z;
      squares += z * z;
    }
    expect(Math.abs(sum / n)).toBeLessThan(0.03);
    expect(Math.sqrt(squares / n)).toBeCloseTo(1, 1);
  });

  it('changes little over little time', () => {
    for (let t = 0; t < 1e6; t += 997)
      expect(Math.abs(smoothNoise(3, t + 600, 60_000) - smoothNoise(3, t, 60_000))).toBeLessThan(0.04);
  });
});
