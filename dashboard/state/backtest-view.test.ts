import { describe, expect, it } from 'vitest';
import type { BacktestWire } from '../../api/contract/backtests.ts';
import { epochMs, minutes } from '../../domain/time.ts';
import { alarmsPerSeriesWeek, shareDone, sweepOf } from './backtest-view.ts';

const hold = minutes(0);
const done = (alarms: number, days: number): BacktestWire => ({
  id: 'b',
  orderedAt: epochMs(0),
  state: 'done',
  progress: { series: 4, seriesDone: 4, readings: 9 },
  omits: [],
  tookMs: 1,
  report: {
    alarms,
    alarmsAtNight: 0,
    inAlarmMs: 0,
    readings: 9,
    days: Array.from({ length: days }, (_, i) => ({ date: `2026-11-${i + 1}`, alarms: 0, inAlarmMs: 0 })),
    points: [],
    listed: [],
  },
  sweep: [],
});

describe('limits to try', () => {
  it('lie in round steps around the mildest level’s, which is in the middle', () => {
    const sweep = sweepOf({
      kind: 'above',
      hysteresis: 0,
      levels: [
        { severity: 'critical', limit: 80, hold },
        { severity: 'minor', limit: 50, hold },
      ],
    });
    expect(sweep?.severity).toBe('minor');
    expect(sweep?.limits).toHaveLength(41);
    expect(sweep?.limits.slice(19, 22)).toEqual([49, 50, 51]);
  });

  it('have no dust of binary fractions', () => {
    const sweep = sweepOf({ kind: 'below', hysteresis: 0, levels: [{ severity: 'major', limit: 1.5, hold }] });
    expect(sweep?.limits.slice(20, 24)).toEqual([1.5, 1.52, 1.54, 1.56]);
  });

  it('go around zero, too, but never below it for a change', () => {
    const levels = [{ severity: 'major' as const, limit: 0, hold }];
    expect(sweepOf({ kind: 'below', hysteresis: 0, levels })?.limits[0]).toBe(-0.4);
    const change = {
      kind: 'rate_of_change' as const,
      direction: 'either' as const,
      window: minutes(10),
      hysteresis: 0,
    };
    const limits = sweepOf({ ...change, levels: [{ severity: 'major', limit: 0.1, hold }] })?.limits ?? [];
    expect(Math.min(...limits)).toBeGreaterThan(0);
  });

  it('are none where there is no one limit', () => {
    expect(sweepOf({ kind: 'no_data', levels: [{ severity: 'minor', hold: minutes(5) }] })).toBeNull();
  });
});

describe('a backtest as it is shown', () => {
  it('is as far as its series are', () => {
    const running: BacktestWire = { ...done(0, 7), state: 'running', report: null };
    expect(shareDone({ ...running, progress: { series: 4, seriesDone: 1, readings: 5 } })).toBe(0.25);
    expect(shareDone({ ...running, progress: { series: 0, seriesDone: 0, readings: 0 } })).toBe(0);
    expect(shareDone(done(0, 7))).toBe(1);
  });

  it('says how often the rule would have called, a series and week', () => {
    expect(alarmsPerSeriesWeek(done(56, 14))).toBe(7);
    expect(alarmsPerSeriesWeek({ ...done(1, 7), report: null })).toBeNull();
  });
});
