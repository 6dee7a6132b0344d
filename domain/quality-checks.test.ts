import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAtRest, medianOf, RateCheck } from './quality-checks.ts';
import { hours } from './time.ts';

const LIMIT = { step: 3, perMinute: 1 };
const MINUTE = 60_000;

/** What is said of values a minute apart. */
const judged = (values: readonly number[], check = new RateCheck()): readonly boolean[] =>
  values.map((value, i) => check.isTooFast(7, (i + 1) * MINUTE, value, LIMIT));

describe('the check of how fast a value changes', () => {
  it('doubts a spike, and neither what was before nor what comes after', () => {
    expect(judged([20, 21, 45, 21, 22])).toEqual([false, false, true, false, false]);
  });

  it('believes a new level at its third reading', () => {
    expect(judged([20, 45, 45, 45, 46, 20])).toEqual([false, true, true, false, false, true]);
  });

  it('lets a slow sender change by more', () => {
    const check = new RateCheck();
    check.isTooFast(1, MINUTE, 20, LIMIT);
    expect(check.isTooFast(1, 31 * MINUTE, 53, LIMIT)).toBe(false);
    expect(check.isTooFast(1, 61 * MINUTE, 87, LIMIT)).toBe(true);
  });

  it('says of a reading sent again what it said the first time, and nothing of late ones', () => {
    const check = new RateCheck();
    expect(judged([20, 45], check)).toEqual([false, true]);
    expect(check.isTooFast(7, 2 * MINUTE, 45, LIMIT)).toBe(true);
    expect(check.isTooFast(7, MINUTE, 20, LIMIT)).toBe(false);
    expect(check.isTooFast(7, 90_000, 99, LIMIT)).toBe(false);
  });

  it('keeps series apart, however high their numbers', () => {
    const check = new RateCheck();
    expect(check.isTooFast(5_000, MINUTE, 20, LIMIT)).toBe(false);
    expect(check.isTooFast(70_000, 2 * MINUTE, 90, LIMIT)).toBe(false);
    expect(check.isTooFast(5_000, 2 * MINUTE, 90, LIMIT)).toBe(true);
  });

  it('never doubts values that stay within the limit, nor more than two in a row', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 60 }), (values) => {
        const doubts = judged(values);
        expect(doubts.map(Number).join('')).not.toContain('111');
        const calm = values.map((value) => Math.abs(value) % 3);
        expect(judged(calm)).not.toContain(true);
      }),
    );
  });
});

it('takes values at rest for what they are', () => {
  const limit = { after: hours(4), restAtOrBelow: 2, restAtOrAbove: 99 };
  expect([0, 2, 2.1, 98, 99].map((value) => isAtRest(value, limit))).toEqual([true, true, false, false, true]);
});

it('finds the middle of values', () => {
  expect([medianOf([3, 1, 2]), medianOf([4, 1, 2, 3]), medianOf([])]).toEqual([2, 2.5, Number.NaN]);
});
