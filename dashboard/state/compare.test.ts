import { describe, expect, it } from 'vitest';
import {
  axesOf,
  COMPARE_LINES_MAX,
  lineKey,
  nearestIndex,
  readInstant,
  readLines,
  withLine,
  writeLines,
} from './compare.ts';

describe('the address of a comparison', () => {
  it('names its lines by point and quantity, and reads them back', () => {
    const lines = readLines('p-le-chan~pm2_5 wl.1:a~water_level');
    expect(lines.map(lineKey)).toEqual(['p-le-chan~pm2_5', 'wl.1:a~water_level']);
    expect(readLines(writeLines(lines))).toEqual(lines);
    expect(writeLines([])).toBeUndefined();
  });

  it('passes over what names no line, and keeps each line once', () => {
    expect(readLines('x ~pm2_5 p~PM <script>~a p~pm10 p~pm10').map(lineKey)).toEqual(['p~pm10']);
    expect(readLines(undefined)).toEqual([]);
  });

  it('holds so many lines as can be told apart', () => {
    const many = Array.from({ length: 20 }, (_, i) => `p${i}~pm10`).join(' ');
    const lines = readLines(many);
    expect(lines).toHaveLength(COMPARE_LINES_MAX);
    const [more] = readLines('p99~pm10');
    expect(withLine(lines, more!)).toBeNull();
    expect(withLine(lines.slice(1), more!)).toHaveLength(COMPARE_LINES_MAX);
    expect(withLine(lines.slice(1), lines[1]!)).toBeNull();
  });

  it('reads instants with their zone, and nothing else', () => {
    expect(readInstant('2026-11-25T20:10:00.000Z')).toBe(Date.UTC(2026, 10, 25, 20, 10));
    expect(readInstant('tomorrow')).toBeNull();
    expect(readInstant('5')).toBeNull();
    expect(readInstant(undefined)).toBeNull();
  });
});

describe('the axes of a comparison', () => {
  it('are one for each unit, up to two', () => {
    expect([...axesOf(['µg/m³', 'µg/m³', '°C', 'm', '°C', 'V'])]).toEqual([
      ['µg/m³', 'left'],
      ['°C', 'right'],
      ['m', null],
      ['V', null],
    ]);
  });
});

describe('the cursor over several lines', () => {
  it.each([
    [0, 5, 0],
    [1400, 500, 0],
    [1600, 500, 1],
    [99_000, 500, null],
    [2000, 0, 1],
  ])('at %s ms finds the nearest within %s ms', (at, within, expected) => {
    expect(nearestIndex([1, 2, 5], at, within === 5 ? 1000 : within)).toBe(expected);
  });
  it('finds nothing where there is nothing', () => expect(nearestIndex([], 5, 1e9)).toBeNull());
});
