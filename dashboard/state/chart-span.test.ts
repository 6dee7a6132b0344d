import { describe, expect, it } from 'vitest';
import { CHART_PRESETS, chartSource, windowColumn, zoomedSpan } from './chart-span.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('what a chart asks for', () => {
  it.each([
    [HOUR, 'raw'],
    [6 * HOUR, 'raw'],
    [DAY, 'PT5M'],
    [7 * DAY, 'PT30M'],
    [30 * DAY, 'PT3H'],
    [365 * DAY, 'P1D'],
    [3 * 365 * DAY, 'P1D'],
  ])('is, for %s ms, %s', (span, expected) => {
    const source = chartSource(span);
    expect(source.kind === 'raw' ? 'raw' : source.step).toBe(expected);
  });

  it('never asks for more than 400 windows within a year', () => {
    for (const { spanMs } of CHART_PRESETS) {
      const source = chartSource(spanMs);
      if (source.kind === 'windows') expect(spanMs / source.stepMs).toBeLessThanOrEqual(400);
    }
  });

  it('adds up amounts, takes the last of states and registers and means of the rest', () => {
    expect(windowColumn('interval_total')).toBe('sum');
    expect(windowColumn('cumulative')).toBe('last');
    expect(windowColumn('instantaneous')).toBe('mean');
  });

  it('zooms about the middle, stops at five minutes and never looks past now', () => {
    expect(zoomedSpan(0, 4 * HOUR, 0.5, 100 * HOUR)).toEqual({ from: HOUR, to: 3 * HOUR });
    expect(zoomedSpan(0, 400_000, 0.01, 100 * HOUR)).toEqual({ from: 50_000, to: 350_000 });
    expect(zoomedSpan(0, 4 * HOUR, 2, 4 * HOUR)).toEqual({ from: -4 * HOUR, to: 4 * HOUR });
  });
});
