import { describe, expect, it } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDate,
  formatDateTime,
  formatDuration,
  formatNumber,
  formatTime,
  formatWhen,
} from './formatting.ts';

/** 23 November 2026, 21:05:09 in Hải Phòng. */
const EVENING = Date.UTC(2026, 10, 23, 14, 5, 9);

describe('formatting for people', () => {
  it.each([
    [34.2, 1, '34,2', '34.2'],
    [0, 1, '0,0', '0.0'],
    [-0.04, 1, '0,0', '0.0'],
    [-3.25, 2, '−3,25', '−3.25'],
    [12345.6, 1, '12.345,6', '12,345.6'],
  ])('writes %s with %s decimals the way the language does', (value, decimals, vi, en) => {
    expect(formatNumber(value, decimals, 'vi')).toBe(vi);
    expect(formatNumber(value, decimals, 'en')).toBe(en);
  });

  it('groups the digits of a count', () => {
    expect(formatCount(12345, 'vi')).toBe('12.345');
    expect(formatCount(12345, 'en')).toBe('12,345');
  });

  it("writes dates and times of the city's clock, whatever the machine's time zone", () => {
    expect(formatDateTime(EVENING, 'vi')).toBe('23/11/2026 21:05');
    expect(formatDateTime(EVENING, 'en')).toBe('23 Nov 2026 21:05');
    expect(formatTime(EVENING, true)).toBe('21:05:09');
    expect(formatDate(Date.UTC(2026, 10, 23, 17, 0), 'vi')).toBe('24/11/2026');
    expect(formatTime(Date.UTC(2026, 10, 23, 17, 0))).toBe('00:00');
  });

  it('leaves out the date for an instant of the same local day', () => {
    expect(formatWhen(EVENING, EVENING + 3_600_000, 'vi')).toBe('21:05:09');
    expect(formatWhen(EVENING, EVENING + 12 * 3_600_000, 'vi')).toBe('23/11/2026 21:05');
  });

  it.each([
    [0, '0 giây trước', '0 seconds ago'],
    [-4_000, '0 giây trước', '0 seconds ago'],
    [12_400, '12 giây trước', '12 seconds ago'],
    [119_000, '119 giây trước', '119 seconds ago'],
    [125_000, '2 phút trước', '2 minutes ago'],
    [3 * 3_600_000, '3 giờ trước', '3 hours ago'],
    [50 * 3_600_000, '2 ngày trước', '2 days ago'],
  ])('says how long %s ms ago is', (age, vi, en) => {
    expect(formatAge(age, 'vi')).toBe(vi);
    expect(formatAge(age, 'en')).toBe(en);
  });

  it('names a length of time in its largest fitting unit', () => {
    expect(formatDuration(300_000, 'vi')).toBe('5 phút');
    expect(formatDuration(300_000, 'en')).toBe('5 minutes');
    expect(formatDuration(60_000, 'en')).toBe('60 seconds');
  });

  it('writes sizes in thousands of bytes', () => {
    expect(formatBytes(512, 'vi')).toBe('512 B');
    expect(formatBytes(4_194_304, 'vi')).toBe('4,2 MB');
    expect(formatBytes(268_435_456, 'en')).toBe('268 MB');
  });
});
