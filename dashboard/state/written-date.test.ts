import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../domain/localized.ts';
import { readDate, writeDate } from './written-date.ts';

describe('a date as people write it', () => {
  it.each([
    { value: '2026-11-26', vi: '26/11/2026', en: '26 Nov 2026' },
    { value: '2026-01-05T07:03', vi: '05/01/2026 07:03', en: '5 Jan 2026 07:03' },
    { value: '21:05', vi: '21:05', en: '21:05' },
    { value: '', vi: '', en: '' },
  ])('$value is $vi and $en', ({ value, vi, en }) => {
    expect([writeDate(value, 'vi'), writeDate(value, 'en')]).toEqual([vi, en]);
  });

  it.each([
    { text: '26/11/2026', kind: 'day', value: '2026-11-26' },
    { text: ' 5-1-2026 ', kind: 'day', value: '2026-01-05' },
    { text: '26.11.2026 9h30', kind: 'moment', value: '2026-11-26T09:30' },
    { text: '26/11/2026, 2105', kind: 'moment', value: '2026-11-26T21:05' },
    { text: '26/11/2026', kind: 'moment', value: '2026-11-26T00:00' },
    { text: '26 november 2026 21:05', kind: 'moment', value: '2026-11-26T21:05' },
    { text: '2026-11-26T21:05:30', kind: 'moment', value: '2026-11-26T21:05' },
    { text: '9h', kind: 'time', value: '09:00' },
    { text: '21 h 05', kind: 'time', value: '21:05' },
  ] as const)('"$text" is understood', ({ text, kind, value }) => {
    expect(readDate(text, kind)).toBe(value);
  });

  it.each([
    { text: '31/04/2026', kind: 'day' },
    { text: '29/02/2026', kind: 'day' },
    { text: '11/26/2026', kind: 'day' },
    { text: '26/11/26', kind: 'day' },
    { text: '26/11/2026 21:05', kind: 'day' },
    { text: '26/11/2026 24:00', kind: 'moment' },
    { text: '26 foo 2026', kind: 'day' },
    { text: '21:60', kind: 'time' },
    { text: '', kind: 'day' },
  ] as const)('"$text" is not a $kind', ({ text, kind }) => {
    expect(readDate(text, kind)).toBeNull();
  });

  it('is read back as what was written, in both languages', () => {
    const moment = fc.date({ min: new Date('1970-01-01'), max: new Date('2999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(moment, fc.constantFrom(...LANGUAGES), (at, language) => {
        const value = at.toISOString().slice(0, 16);
        expect(readDate(writeDate(value, language), 'moment')).toBe(value);
        expect(readDate(writeDate(value.slice(0, 10), language), 'day')).toBe(value.slice(0, 10));
        expect(readDate(writeDate(value.slice(11), language), 'time')).toBe(value.slice(11));
      }),
    );
  });
});
