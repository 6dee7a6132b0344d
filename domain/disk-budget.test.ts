import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiskState, diskStateAfter } from './disk-budget.ts';

const BUDGET = { scarce: 0.8, full: 0.98 };
const used = (percent: number) => ({ freeBytes: 1_000 - percent * 10, totalBytes: 1_000 });
const stateAt = (before: DiskState, percent: number): DiskState => diskStateAfter(before, used(percent), BUDGET);

describe('the disk’s budget', () => {
  it('is scarce from its first limit on and full from its second', () => {
    expect([79.9, 80, 97.9, 98, 100].map((percent) => stateAt('ample', percent))).toEqual([
      'ample',
      'scarce',
      'scarce',
      'full',
      'full',
    ]);
  });

  it('is left only when it is clearly below the limit', () => {
    expect([stateAt('full', 97.6), stateAt('full', 97.4)]).toEqual(['full', 'scarce']);
    expect([stateAt('scarce', 79.6), stateAt('scarce', 79.4)]).toEqual(['scarce', 'ample']);
  });

  it('counts a disk of no size as full', () => {
    expect(diskStateAfter('ample', { freeBytes: 0, totalBytes: 0 }, BUDGET)).toBe('full');
  });

  it('stays as it is when nothing changes, whatever is in use', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.constantFrom<DiskState>('ample', 'scarce', 'full'),
        (percent, before) => {
          const now = stateAt(before, percent);
          expect(stateAt(now, percent)).toBe(now);
        },
      ),
    );
  });
});
