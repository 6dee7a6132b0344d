import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs } from '../time.ts';
import { localTimeIn, type UtcOffset, VIETNAM_TIME } from '../time-zone.ts';
import { dateOf, hourOf, hoursOfDate, type LocalDate, nextDate, parseLocalDate } from './local-hours.ts';

const HOUR = 3_600_000;
const at = (text: string) => epochMs(Date.parse(text));
const hour = (text: string) => hourOf(at(text), VIETNAM_TIME);

/** Berlin in 2026: summer time from 29 March 01:00Z to 25 October 01:00Z. */
const berlin: UtcOffset = (instant) =>
  instant >= Date.parse('2026-03-29T01:00:00Z') && instant < Date.parse('2026-10-25T01:00:00Z') ? 2 * HOUR : HOUR;
/** Kolkata is half an hour off the hours of UTC. */
const kolkata: UtcOffset = () => 5.5 * HOUR;

describe('an hour of the local clock', () => {
  it('holds its end and not its beginning', () => {
    expect(hour('2026-11-20T01:00:00+07:00')).toBe(at('2026-11-20T01:00:00+07:00'));
    expect(hour('2026-11-20T01:00:00.001+07:00')).toBe(at('2026-11-20T02:00:00+07:00'));
    expect(hour('2026-11-20T00:59:59+07:00')).toBe(at('2026-11-20T01:00:00+07:00'));
  });

  it('labelled 24:00 belongs to the day that it ends', () => {
    expect(dateOf(hour('2026-11-20T23:30:00+07:00'), VIETNAM_TIME)).toBe('2026-11-20');
    expect(dateOf(hour('2026-11-21T00:00:00+07:00'), VIETNAM_TIME)).toBe('2026-11-20');
    expect(dateOf(hour('2026-11-21T00:01:00+07:00'), VIETNAM_TIME)).toBe('2026-11-21');
  });

  it('follows a zone that is half an hour off', () => {
    expect(hourOf(at('2026-11-20T10:10:00Z'), kolkata)).toBe(at('2026-11-20T10:30:00Z'));
  });
});

describe('local time', () => {
  it('is that of a zone by its name', () => {
    const zones = [localTimeIn('Asia/Ho_Chi_Minh'), localTimeIn('Europe/Berlin'), localTimeIn('Asia/Kolkata')];
    const known = [VIETNAM_TIME, berlin, kolkata];
    fc.assert(
      fc.property(
        fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2026-12-31T00:00:00Z') }),
        (ms) => {
          expect(zones.map((zone) => zone(epochMs(ms)))).toEqual(known.map((zone) => zone(epochMs(ms))));
        },
      ),
    );
    expect(localTimeIn('America/St_Johns')(at('2026-01-15T00:00:00Z'))).toBe(-3.5 * HOUR);
    expect(localTimeIn('UTC')(at('2026-01-15T00:00:00Z'))).toBe(0);
    expect(() => localTimeIn('Asia/Hai_Phong')).toThrow(RangeError);
  });
});

describe('a local day', () => {
  it('has the hours 01:00 to 24:00', () => {
    const hours = hoursOfDate('2026-11-20' as LocalDate, VIETNAM_TIME);
    expect(hours).toHaveLength(24);
    expect([hours[0], hours.at(-1)]).toEqual([at('2026-11-20T01:00:00+07:00'), at('2026-11-21T00:00:00+07:00')]);
  });

  it('has 23 or 25 of them where clocks are changed', () => {
    const lengths = ['2026-03-28', '2026-03-29', '2026-10-25', '2026-10-26'].map(
      (date) => hoursOfDate(date as LocalDate, berlin).length,
    );
    expect(lengths).toEqual([24, 23, 25, 24]);
  });

  it.each([
    ['Việt Nam', VIETNAM_TIME],
    ['Berlin', berlin],
    ['Kolkata', kolkata],
  ])('of every instant has the hour of that instant in it, in %s', (_, offset) => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2027-01-01T00:00:00Z') }),
        (ms) => {
          const of = hourOf(epochMs(ms), offset);
          expect(of - ms).toBeGreaterThanOrEqual(0);
          expect(of - ms).toBeLessThan(HOUR);
          expect(hoursOfDate(dateOf(of, offset), offset)).toContain(of);
        },
      ),
    );
  });

  it('is written YYYY-MM-DD and nothing else', () => {
    expect(parseLocalDate('2024-02-29')).toBe('2024-02-29');
    for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', '20261120', '2026-11-20T00:00', ''])
      expect(parseLocalDate(text)).toBeUndefined();
    expect(nextDate('2026-12-31' as LocalDate)).toBe('2027-01-01');
  });
});
