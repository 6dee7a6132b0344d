import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs } from '../time.ts';
import { localTimeIn, VIETNAM_TIME } from '../time-zone.ts';
import { type QuietHours, quietHoursArePossible, quietUntil } from './quiet-hours.ts';

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const NIGHT: QuietHours = { from: 22 * 60, to: 6 * 60, weekdays: EVERY_DAY, criticalPasses: true };
/** An instant by Hải Phòng's clock. */
const at = (local: string) => epochMs(Date.parse(`${local}+07:00`));

describe('quiet hours', () => {
  it.each([
    { it: 'hold from their first minute', now: '2026-11-26T22:00', until: '2026-11-27T06:00' },
    { it: 'hold over midnight', now: '2026-11-27T03:15', until: '2026-11-27T06:00' },
    { it: 'are over at their last minute', now: '2026-11-27T06:00', until: null },
    { it: 'do not hold before they begin', now: '2026-11-27T21:59', until: null },
  ])('$it', ({ now, until }) => {
    expect(quietUntil(NIGHT, at(now), VIETNAM_TIME)).toBe(until === null ? null : at(until));
  });

  it('belong to the day on which they begin', () => {
    // 27 November 2026 is a Friday.
    const fridays: QuietHours = { ...NIGHT, weekdays: [5] };
    expect(quietUntil(fridays, at('2026-11-28T05:00'), VIETNAM_TIME)).toBe(at('2026-11-28T06:00'));
    expect(quietUntil(fridays, at('2026-11-27T05:00'), VIETNAM_TIME)).toBeNull();
  });

  it('end by the clock on the wall when the clocks change in between', () => {
    // Berlin, 29 March 2026: at 2 o'clock it is 3.
    const berlin = localTimeIn('Europe/Berlin');
    const evening = epochMs(Date.parse('2026-03-28T23:00+01:00'));
    expect(quietUntil(NIGHT, evening, berlin)).toBe(Date.parse('2026-03-29T06:00+02:00'));
  });

  it('always end within a day, at a moment that is not quiet by the same hours', () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(
        fc.record({ from: minute, to: minute, weekdays: fc.uniqueArray(fc.integer({ min: 0, max: 6 })) }),
        fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }),
        (hours, now) => {
          const quiet = { ...hours, criticalPasses: false };
          fc.pre(quietHoursArePossible(quiet));
          const until = quietUntil(quiet, epochMs(now), VIETNAM_TIME);
          if (until === null) return;
          expect(until).toBeGreaterThan(now);
          expect(until - now).toBeLessThanOrEqual(86_400_000);
          expect(quietUntil(quiet, until, VIETNAM_TIME)).toBeNull();
        },
      ),
    );
  });
});
