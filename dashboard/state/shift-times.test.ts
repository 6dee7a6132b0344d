import { expect, it } from 'vitest';
import { minutesOf, planOf, timeField } from './shift-times.ts';

it.each([
  [0, '00:00'],
  [360, '06:00'],
  [1_439, '23:59'],
])('writes %i minutes as %s, and reads it again', (minutes, field) => {
  expect(timeField(minutes)).toBe(field);
  expect(minutesOf(field)).toBe(minutes);
});

it('takes nothing else for a time of the day', () => {
  for (const field of ['', '24:00', '6:00', '06:60', 'x']) expect(minutesOf(field)).toBeNull();
});

it('puts the beginnings of shifts in order, and waits while one is missing', () => {
  expect(planOf(['22:00', '06:00', '14:00'])).toEqual([360, 840, 1_320]);
  expect(planOf(['06:00', ''])).toBeNull();
});
