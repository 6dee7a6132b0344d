import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs } from '../../domain/time.ts';
import { dateField, dayOf, dayStart, instantOf } from './city-dates.ts';

const NOON = epochMs(Date.UTC(2026, 8, 11, 5, 0));

describe('a date in a field', () => {
  it('is the city’s, wherever the browser is', () => {
    expect(dateField(NOON)).toBe('2026-09-11T12:00');
    expect(instantOf('2026-09-11T12:00')).toBe(NOON);
    expect([dateField(null), instantOf('')]).toEqual(['', null]);
  });
  it('is the same instant again, to the minute, since the country has had one clock', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4e6, max: 60e6 }), (minute) => {
        const at = epochMs(minute * 60_000);
        expect(instantOf(dateField(at))).toBe(at);
      }),
    );
  });
  it('begins its day at the city’s midnight, and is no day when there is no such day', () => {
    expect(dayOf(Date.parse('2026-11-26T01:30:00+07:00'))).toBe('2026-11-26');
    expect(dayStart('2026-11-26')).toBe(Date.parse('2026-11-26T00:00:00+07:00'));
    expect([dayStart('2026-13-01'), dayStart('26/11/2026'), dayStart('')]).toEqual([null, null, null]);
  });
});
