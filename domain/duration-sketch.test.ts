import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDurationSketch } from './duration-sketch.ts';

describe('a sketch of lengths of time', () => {
  it('knows every percentile within 1 %, whatever the lengths', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e10, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.01, 0.5, 0.95, 1),
        (lengths, share) => {
          const sketch = createDurationSketch();
          for (const length of lengths) sketch.add(length);
          const exact = [...lengths].sort((a, b) => a - b)[
            Math.max(1, Math.ceil(share * lengths.length)) - 1
          ] as number;
          const found = sketch.percentile(share) as number;
          if (exact < 1) expect(found).toBe(0);
          else expect(Math.abs(found - exact) / exact).toBeLessThanOrEqual(0.01);
        },
      ),
    );
  });

  it('knows nothing of nothing', () => {
    expect(createDurationSketch().percentile(0.5)).toBeNull();
  });
});
