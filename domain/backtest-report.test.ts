import { describe, expect, it } from 'vitest';
import { BacktestTally, omissionsOf } from './backtest-report.ts';
import type { Episode } from './episode.ts';
import type { PointId, SeriesId } from './identifiers.ts';
import { type EpochMs, epochMs, hours } from './time.ts';

const local = (text: string): EpochMs => epochMs(Date.parse(`${text}+07:00`));
const VIETNAM = () => hours(7);
const SPAN = { from: local('2026-11-01T00:00'), to: local('2026-11-04T00:00') };
const [S, P] = [1 as SeriesId, 'p' as PointId];
const episode = (from: string, to: string | null): Episode => ({
  activatedAt: local(from),
  clearedAt: to === null ? null : local(to),
  worstSeverity: 'major',
  triggerValue: 60,
  worstValue: 80,
  limit: 50,
  onSuspectData: false,
});

describe('a report of a backtest', () => {
  it('counts alarms on the local day they began, and time in alarm on each day it lasted', () => {
    const tally = new BacktestTally(SPAN, VIETNAM, 10);
    tally.take(S, P, [
      episode('2026-11-01T22:30', '2026-11-02T01:00'),
      episode('2026-11-02T12:00', '2026-11-02T13:00'),
    ]);
    const { report } = tally;
    expect(report.days).toEqual([
      { date: '2026-11-01', alarms: 1, inAlarmMs: hours(1.5) },
      { date: '2026-11-02', alarms: 1, inAlarmMs: hours(2) },
      { date: '2026-11-03', alarms: 0, inAlarmMs: 0 },
    ]);
    expect(report).toMatchObject({ alarms: 2, alarmsAtNight: 1, inAlarmMs: hours(3.5) });
  });

  it('takes 22:00 as night and 06:00 as day', () => {
    const tally = new BacktestTally(SPAN, VIETNAM, 10);
    for (const at of ['21:59', '22:00', '23:59']) tally.take(S, P, [episode(`2026-11-01T${at}`, `2026-11-02T00:00`)]);
    for (const at of ['00:00', '05:59', '06:00']) tally.take(S, P, [episode(`2026-11-02T${at}`, `2026-11-02T07:00`)]);
    expect(tally.report.alarmsAtNight).toBe(4);
  });

  it('counts only the time within the span of what began before it or is not over', () => {
    const tally = new BacktestTally(SPAN, VIETNAM, 10);
    tally.take(S, P, [episode('2026-10-31T00:00', '2026-11-01T02:00'), episode('2026-11-03T23:00', null)]);
    tally.take(S, 'other' as PointId, [episode('2026-10-01T00:00', '2026-10-02T00:00')]);
    expect(tally.report).toMatchObject({ alarms: 1, inAlarmMs: hours(3) });
    expect(tally.report.points).toEqual([{ pointId: P, alarms: 1, inAlarmMs: hours(3) }]);
  });

  it('lists the earliest alarms, however many there are, and counts all', () => {
    const tally = new BacktestTally(SPAN, VIETNAM, 3);
    for (let series = 500; series > 0; series--) {
      tally.take(series as SeriesId, P, [episode('2026-11-01T10:00', '2026-11-01T11:00')]);
    }
    expect(tally.report.alarms).toBe(500);
    expect(tally.report.listed.map((alarm) => alarm.series)).toEqual([1, 2, 3]);
  });

  it('says what it does not simulate', () => {
    expect(omissionsOf({ kind: 'no_data', levels: [] })).toEqual(['no_data']);
    expect(omissionsOf({ kind: 'above', levels: [], hysteresis: 0 })).toContain('work');
  });
});
