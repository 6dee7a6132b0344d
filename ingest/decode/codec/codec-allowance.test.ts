import { describe, expect, it } from 'vitest';
import { CodecAllowance } from './codec-allowance.ts';

const OPTIONS = { capacityMs: 150, refillMsPerSecond: 5, resumeAtMs: 50 };

describe('the allowance of a codec', () => {
  it('lets slow calls run until it is used up', () => {
    const allowance = new CodecAllowance(OPTIONS, 0);
    for (let call = 0; call < 2; call++) allowance.spend(50, 0);
    expect(allowance.mayRun(0)).toBe(true);
    allowance.spend(50, 0);
    expect(allowance.mayRun(0)).toBe(false);
  });

  it('lets it run again once it has as much as one call may take', () => {
    const allowance = new CodecAllowance(OPTIONS, 0, 150);
    expect(allowance.mayRun(9_999)).toBe(false);
    expect(allowance.mayRun(10_000)).toBe(true);
  });

  it('takes in the long run no more than it gets back', () => {
    const allowance = new CodecAllowance(OPTIONS, 0);
    let taken = 0;
    for (let now = 0; now < 3_600_000; now += 100) {
      if (!allowance.mayRun(now)) continue;
      allowance.spend(50, now);
      taken += 50;
    }
    expect(taken).toBeLessThanOrEqual(150 + 5 * 3_600);
  });

  it('never saves up more than its capacity', () => {
    const allowance = new CodecAllowance(OPTIONS, 0);
    allowance.spend(150, 3_600_000);
    expect(allowance.mayRun(3_600_000)).toBe(false);
  });

  it('remembers what is owed for a call that had to be ended', () => {
    const allowance = new CodecAllowance(OPTIONS, 0, 500);
    expect(allowance.mayRun(60_000)).toBe(false);
    expect(allowance.mayRun(80_000)).toBe(true);
  });
});
