import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RATE_WINDOW_READINGS, RateWindow } from './rate-window.ts';

describe('the rate window', () => {
  it('gives the oldest value at or after the start of the window, as a plain list would', () => {
    const step = fc.record({ gap: fc.integer({ min: 1, max: 9 }), value: fc.integer() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.nat(400), (steps, span) => {
        const window = new RateWindow();
        let list: { at: number; value: number }[] = [];
        let at = 0;
        for (const { gap, value } of steps) {
          at += gap;
          list = [...list, { at, value }].filter((reading) => reading.at >= at - span);
          expect(window.add(at, value, span)).toBe(list[0]!.value);
          expect(window.length).toBe(list.length);
        }
        expect(RateWindow.from(window.toArray()).toArray()).toEqual(list.flatMap((r) => [r.at, r.value]));
      }),
    );
  });

  it('holds so many readings and no more: then the oldest go', () => {
    const window = new RateWindow();
    for (let i = 0; i <= RATE_WINDOW_READINGS; i++) window.add(i, i, Number.POSITIVE_INFINITY);
    expect(window.length).toBe(RATE_WINDOW_READINGS);
    expect(window.toArray()[0]).toBe(1);
  });
});
