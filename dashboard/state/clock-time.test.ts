import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clockTime, minuteOfDay } from './clock-time.ts';

it('a time of day is written and read the same', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1439 }), (minute) => minuteOfDay(clockTime(minute)) === minute));
});

it.each(['', '24:00', '7:30', '12:60'])('"%s" is no time of day', (text) => {
  expect(minuteOfDay(text)).toBeNull();
});
