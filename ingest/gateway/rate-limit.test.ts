import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../domain/time.ts';
import { createRateLimiter } from './rate-limit.ts';

const limit = { messagesPerSecond: 10, burstMessages: 100 };
const make = () => createRateLimiter(seconds(30), minutes(5));

describe('the rate limit of a device', () => {
  it('lets a burst through, then slows, then cuts off and names the rate', () => {
    const limiter = make();
    for (let i = 0; i < 100; i++) expect(limiter.message('d', limit, 0).kind).toBe('pass');
    expect(limiter.message('d', limit, 0)).toEqual({ kind: 'slow', delayMs: 100 });
    let verdict = limiter.message('d', limit, 0);
    for (let t = 0; verdict.kind === 'slow'; t += 50) verdict = limiter.message('d', limit, t);
    expect(verdict).toMatchObject({ kind: 'cut' });
    expect((verdict as { messagesPerSecond: number }).messagesPerSecond).toBeCloseTo(20, 0);
    const until = (verdict as { until: number }).until;
    expect(limiter.refusedUntil('d', until - 1)).toBe(until);
    expect(limiter.refusedUntil('d', until)).toBeNull();
  });

  it('never bothers a device that keeps to its rate, however its messages fall', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { maxLength: 400 }), (jitter) => {
        const limiter = make();
        const times = jitter.map((j, i) => i * 100 + j).sort((a, b) => a - b);
        for (const t of times) expect(limiter.message('d', limit, t).kind).toBe('pass');
      }),
    );
  });

  it('takes nothing from a device when the clock is set back, and refuses it no longer', () => {
    const limiter = make();
    const [ahead, back] = [minutes(10), 0];
    for (let i = 0; i < 5; i++) limiter.message('d', limit, ahead);
    for (let i = 0; i < 95; i++) expect(limiter.message('d', limit, back).kind).toBe('pass');
    for (let i = 0; limiter.message('loud', limit, ahead + i * 50).kind !== 'cut'; i++);
    expect(limiter.refusedUntil('loud', ahead + minutes(1))).not.toBeNull();
    expect(limiter.refusedUntil('loud', back)).toBeNull();
  });

  it('does not let one device pay for another', () => {
    const limiter = make();
    for (let i = 0; i < 500; i++) limiter.message('loud', limit, i);
    expect(limiter.message('quiet', limit, 500).kind).toBe('pass');
  });
});
