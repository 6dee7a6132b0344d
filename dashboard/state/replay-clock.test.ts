import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  frameEveryMs,
  nextAsk,
  nextSpeed,
  REPLAY_SPEEDS,
  readMoment,
  scrubberRange,
  speedOf,
  stepMsOf,
  writeMoment,
} from './replay-clock.ts';

describe('the clock of the replay', () => {
  it('shows four frames a second, at real speed one', () => {
    expect(REPLAY_SPEEDS.map((speed) => [stepMsOf(speed), frameEveryMs(speed)])).toEqual([
      [1_000, 1_000],
      [2_500, 250],
      [15_000, 250],
      [75_000, 250],
      [150_000, 250],
      [450_000, 250],
      [900_000, 250],
    ]);
  });

  it('goes up and down the speeds and stays at the ends', () => {
    expect([nextSpeed(1, -1), nextSpeed(1, 1), nextSpeed(600, -1), nextSpeed(3_600, 1)]).toEqual([1, 10, 300, 3_600]);
    expect([speedOf('600'), speedOf(undefined), speedOf('7')]).toEqual([600, 60, 60]);
  });

  it('asks for ten seconds more when six or fewer are left, on from what it has', () => {
    expect(nextAsk(0, 24 * 150_000, 600)).toBeNull();
    expect(nextAsk(0, 23 * 150_000, 600)).toEqual({ from: 3_450_000, to: 9_450_000, stepMs: 150_000 });
  });

  it('reads what it writes into an address, and what people may write', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_500_000_000, max: 2_000_000_000 }), (seconds) => {
        expect(readMoment(writeMoment(seconds * 1_000 + 999))).toBe(seconds * 1_000);
      }),
    );
    expect(readMoment('2026-11-20T03:10:00+07:00')).toBe(Date.UTC(2026, 10, 19, 20, 10));
    expect(readMoment('1764000000000')).toBe(1_764_000_000_000);
    expect([readMoment('yesterday'), readMoment(undefined)]).toEqual([null, null]);
  });
});

describe('the scrubber', () => {
  const HOUR = 3_600_000;
  it('holds the moment, never shows what is to come, and stands still while the moment is well inside', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 * HOUR }), fc.integer({ min: 0, max: 500 * HOUR }), (at, ago) => {
        const now = at + ago;
        const range = scrubberRange(at, 24 * HOUR, now, null);
        expect(range.to - range.from).toBe(24 * HOUR);
        expect(range.from <= at && at <= range.to).toBe(true);
        expect(range.to).toBeLessThanOrEqual(now + 60_000);
      }),
    );
    const held = { from: 0, to: 24 * HOUR };
    expect(scrubberRange(20 * HOUR, 24 * HOUR, 100 * HOUR, held)).toBe(held);
    expect(scrubberRange(23 * HOUR, 24 * HOUR, 100 * HOUR, held)).toEqual({ from: 12 * HOUR, to: 36 * HOUR });
    expect(scrubberRange(20 * HOUR, 6 * HOUR, 100 * HOUR, held).to - 6 * HOUR).toBeLessThanOrEqual(20 * HOUR);
  });
});
