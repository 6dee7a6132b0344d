import { describe, expect, it } from 'vitest';
import { epochMs, milliseconds } from '../../domain/time.ts';
import { localTimeIn } from '../../domain/time-zone.ts';
import { parseStep, windowOrigin } from './window-step.ts';

const HOUR = 3_600_000;

describe('a step', () => {
  it.each([
    ['60000', 60_000],
    ['PT1M', 60_000],
    ['PT1H30M', 5_400_000],
    ['P1D', 24 * HOUR],
    ['P1W', 168 * HOUR],
    ['P1DT12H', 36 * HOUR],
  ])('%s is %i ms', (text, expected) => expect(parseStep(text)).toBe(expected));

  it.each(['', 'P', 'PT', 'P1DT', 'P1M', 'P1Y', '1h', '-PT1S', 'PT0S', '999', '99999999999999', 'P367D', ' PT1M'])(
    '%j is none',
    (text) => expect(parseStep(text)).toBeUndefined(),
  );
});

describe('windows', () => {
  const from = epochMs(Date.UTC(2026, 10, 24));

  it('of days begin at the site’s midnight', () => {
    const origin = windowOrigin(milliseconds(24 * HOUR), localTimeIn('Asia/Ho_Chi_Minh'), from);
    expect(new Date(origin + 24 * HOUR).toISOString()).toBe('1970-01-01T17:00:00.000Z');
  });

  it('of weeks begin on a Monday', () => {
    const origin = windowOrigin(milliseconds(7 * 24 * HOUR), localTimeIn('Asia/Ho_Chi_Minh'), from);
    expect(new Date(origin + 7 * HOUR).getUTCDay()).toBe(1);
  });
});
