import { describe, expect, it } from 'vitest';
import { ActiveClock, type ActiveTimes } from './active-times.ts';
import { compileRule } from './compiled-rule.ts';
import { backtest } from './episode.ts';
import type { AgencyId, RuleId } from './identifiers.ts';
import type { QuantityKey } from './quantity.ts';
import type { Rule } from './rule.ts';
import { initialConditionState, stepSilence } from './rule-evaluation.ts';
import { epochMs, hours, minutes } from './time.ts';
import { localTimeIn, VIETNAM_TIME } from './time-zone.ts';

const local = (text: string) => epochMs(Date.parse(`${text}+07:00`));
const clock = (times: Partial<ActiveTimes>) => new ActiveClock({ weekly: [], seasons: [], ...times }, VIETNAM_TIME);
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7] as const;

describe('active times', () => {
  // 2026-11-23 is a Monday.
  it.each<{ it: string; times: Partial<ActiveTimes>; inside: string[]; outside: string[] }>([
    {
      it: 'of a day begin with the first instant and end before the last',
      times: { weekly: [{ days: [1], from: '08:00', to: '17:30' }] },
      inside: ['2026-11-23T08:00:00', '2026-11-23T17:29:59.999'],
      outside: ['2026-11-23T07:59:59.999', '2026-11-23T17:30:00', '2026-11-24T12:00:00'],
    },
    {
      it: 'over midnight belong to the day they begin on',
      times: { weekly: [{ days: [7], from: '22:00', to: '06:00' }] },
      inside: ['2026-11-22T22:00:00', '2026-11-23T05:59:59'],
      outside: ['2026-11-22T05:00:00', '2026-11-23T06:00:00', '2026-11-23T22:00:00'],
    },
    {
      it: 'from and to the same are 24 hours',
      times: { weekly: [{ days: [1], from: '06:00', to: '06:00' }] },
      inside: ['2026-11-23T06:00:00', '2026-11-24T05:59:00'],
      outside: ['2026-11-23T05:59:00', '2026-11-24T06:00:00'],
    },
    {
      it: 'of a season take both of its days whole',
      times: { seasons: [{ from: '05-01', to: '10-31' }] },
      inside: ['2026-05-01T00:00:00', '2026-10-31T23:59:59.999'],
      outside: ['2026-04-30T23:59:59.999', '2026-11-01T00:00:00'],
    },
    {
      it: 'of a season may run across the new year, to a leap day',
      times: { seasons: [{ from: '11-15', to: '02-29' }] },
      inside: ['2026-12-31T23:00:00', '2027-02-28T12:00:00', '2028-02-29T12:00:00'],
      outside: ['2026-11-14T23:00:00', '2027-03-01T00:00:00', '2028-03-01T00:00:00'],
    },
    {
      it: 'need both hours and season',
      times: {
        weekly: [{ days: [...EVERY_DAY], from: '22:00', to: '06:00' }],
        seasons: [{ from: '06-01', to: '06-30' }],
      },
      inside: ['2026-06-30T23:59:00', '2026-06-01T03:00:00'],
      outside: ['2026-07-01T01:00:00', '2026-06-15T12:00:00'],
    },
  ])('$it', ({ times, inside, outside }) => {
    const active = clock(times);
    expect(inside.filter((text) => !active.isActive(local(text)))).toEqual([]);
    expect(outside.filter((text) => active.isActive(local(text)))).toEqual([]);
  });

  it('begin next at the first minute inside, a season and years ahead if need be', () => {
    const nights = clock({ weekly: [{ days: [5], from: '22:00', to: '06:00' }] });
    expect(nights.firstActiveFrom(local('2026-11-23T12:00:30'))).toBe(local('2026-11-27T22:00:00'));
    expect(nights.firstActiveFrom(local('2026-11-28T01:00:00.123'))).toBe(local('2026-11-28T01:00:00.123'));
    const summer = clock({
      weekly: [{ days: [1], from: '08:00', to: '09:00' }],
      seasons: [{ from: '06-01', to: '06-30' }],
    });
    expect(summer.firstActiveFrom(local('2026-11-23T12:00:00'))).toBe(local('2027-06-07T08:00:00'));
    const leapDay = clock({ seasons: [{ from: '02-29', to: '02-29' }] });
    expect(leapDay.firstActiveFrom(local('2026-11-23T12:00:00'))).toBe(local('2028-02-29T00:00:00'));
  });

  it('are the site’s, where clocks change too', () => {
    const berlin = new ActiveClock(
      { weekly: [{ days: [...EVERY_DAY], from: '08:00', to: '09:00' }], seasons: [] },
      localTimeIn('Europe/Berlin'),
    );
    expect(berlin.isActive(Date.parse('2026-01-15T07:30:00Z'))).toBe(true);
    expect(berlin.isActive(Date.parse('2026-07-15T06:30:00Z'))).toBe(true);
    expect(berlin.isActive(Date.parse('2026-07-15T07:30:00Z'))).toBe(false);
  });
});

describe('a rule with active times', () => {
  const night: ActiveTimes = { weekly: [{ days: [...EVERY_DAY], from: '22:00', to: '06:00' }], seasons: [] };
  const rule = (holdMinutes: number, clearMinutes: number): Rule => ({
    id: 'r' as RuleId,
    agencyId: 'env' as AgencyId,
    version: 1,
    name: { vi: 'Ồn đêm', en: 'Night noise' },
    advice: null,
    enabled: true,
    quantity: 'sound_level' as QuantityKey,
    selection: {},
    condition: { kind: 'above', hysteresis: 0, levels: [{ severity: 'minor', limit: 45, hold: minutes(holdMinutes) }] },
    clearHold: minutes(clearMinutes),
    judgeSuspect: true,
    endsUnacknowledged: [],
    active: night,
    createdBy: null,
    createdAt: epochMs(0),
  });
  /** 60 dB every ten minutes from noon to noon. */
  const loud = Array.from({ length: 145 }, (_, i) => ({
    eventTime: local('2026-11-23T12:00:00') + i * minutes(10),
    value: 60,
    quality: 0,
  }));
  const times = (holdMinutes: number, clearMinutes = 0) =>
    backtest(compileRule(rule(holdMinutes, clearMinutes)), loud).map(({ activatedAt, clearedAt }) => [
      new Date(activatedAt + hours(7)).toISOString().slice(11, 16),
      clearedAt && new Date(clearedAt + hours(7)).toISOString().slice(11, 16),
    ]);

  it('raises within them, and clears at the first reading after, whatever its value', () => {
    expect(times(0)).toEqual([['22:00', '06:00']]);
  });
  it('counts a hold from their beginning, not from before', () => {
    expect(times(30)).toEqual([['22:30', '06:00']]);
  });
  it('forgets a hold that they end', () => {
    expect(times(8 * 60)).toEqual([]);
  });
  it('clears after the clear hold', () => {
    expect(times(0, 30)).toEqual([['22:00', '06:30']]);
  });

  it('on silence raises when they begin, however late one asks, and clears when heard', () => {
    const silence = compileRule({
      ...rule(0, 0),
      condition: { kind: 'no_data', levels: [{ severity: 'major', hold: minutes(30) }] },
    });
    const state = initialConditionState(silence);
    const heard = local('2026-11-23T18:00:00');
    expect(stepSilence(silence, state, local('2026-11-23T21:59:59'), heard, heard)).toBeNull();
    expect(stepSilence(silence, state, local('2026-11-23T23:40:00'), heard, heard)).toMatchObject({
      kind: 'activated',
      at: local('2026-11-23T22:00:00'),
    });
    const again = local('2026-11-24T12:00:00');
    expect(stepSilence(silence, state, again, again, heard)).toMatchObject({ kind: 'cleared', at: again });
  });
});
