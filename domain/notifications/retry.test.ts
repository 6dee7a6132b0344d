import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs, minutes } from '../time.ts';
import { DEFAULT_RETRY, nextAttempt } from './retry.ts';

const NOW = epochMs(1_790_000_000_000);

describe('sending again', () => {
  it('waits longer each time, spread over half of the wait, never longer than the longest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: DEFAULT_RETRY.attempts - 1 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempts, random) => {
          const wait = nextAttempt(DEFAULT_RETRY, attempts, NOW, random)! - NOW;
          const whole = Math.min(DEFAULT_RETRY.longest, DEFAULT_RETRY.first * 2 ** (attempts - 1));
          expect(wait).toBeGreaterThanOrEqual(Math.floor(whole / 2));
          expect(wait).toBeLessThanOrEqual(whole);
        },
      ),
    );
  });

  it('comes not before the other side asked for', () => {
    expect(nextAttempt(DEFAULT_RETRY, 1, NOW, 0, minutes(20))).toBe(NOW + 1_200_000);
  });

  it('does not wait for years because somebody asked for it', () => {
    expect(nextAttempt(DEFAULT_RETRY, 1, NOW, 0, minutes(10_000_000))! - NOW).toBe(86_400_000);
  });

  it('gives up in the end', () => {
    expect(nextAttempt(DEFAULT_RETRY, DEFAULT_RETRY.attempts, NOW, 0)).toBeNull();
  });
});
