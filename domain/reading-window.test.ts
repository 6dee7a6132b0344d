import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadingWindow, WINDOW_READINGS_MAX } from './reading-window.ts';

const steps = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 9 }), value: fc.integer({ min: -999, max: 999 }) }), {
  minLength: 1,
  maxLength: 300,
});

describe('the reading window', () => {
  it('says of the readings since its start what a plain list would', () => {
    fc.assert(
      fc.property(steps, fc.nat(400), fc.integer({ min: 1, max: 100 }), (steps, span, p) => {
        const window = new ReadingWindow();
        let list: { at: number; value: number }[] = [];
        let at = 0;
        for (const { gap, value } of steps) {
          at += gap;
          list = [...list, { at, value }].filter((reading) => reading.at >= at - span);
          window.add(at, value, at - span);
          const values = list.map((reading) => reading.value);
          const sorted = [...values].sort((a, b) => a - b);
          expect(window.length).toBe(list.length);
          expect(window.oldest).toBe(values[0]);
          expect(window.mean).toBe(values.reduce((sum, each) => sum + each, 0) / values.length);
          expect([window.min, window.max]).toEqual([sorted[0], sorted.at(-1)]);
          expect(window.percentile(p)).toBe(sorted[Math.ceil((p / 100) * sorted.length) - 1]);
        }
        expect(ReadingWindow.from(window.toArray()).toArray()).toEqual(list.flatMap((r) => [r.at, r.value]));
      }),
    );
  });

  it('holds so many readings and no more: then the oldest go', () => {
    const window = new ReadingWindow();
    for (let i = 0; i <= WINDOW_READINGS_MAX; i++) window.add(i, i, Number.NEGATIVE_INFINITY);
    expect(window.length).toBe(WINDOW_READINGS_MAX);
    expect(window.oldest).toBe(1);
  });
});
