import { describe, expect, it } from 'vitest';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { DisplayView } from '../../domain/display.ts';
import { anAlarm } from './alarm-fixture.ts';
import { troublesOf, type WallFacts } from './wall-health.ts';
import { CALM_AFTER_MS, RENEW_AFTER_MS, RETRY_AFTER_MS, type ReloadFacts, reloadDecision } from './wall-reload.ts';
import { CALL_MS, progressOf, type Rotation, startRotation, stepRotation } from './wall-rotation.ts';

const VIEWS: readonly DisplayView[] = [
  { kind: 'alarms', seconds: 10 },
  { kind: 'air', seconds: 20 },
];
const critical = (id: string, given: Partial<AlarmWire> = {}): AlarmWire =>
  anAlarm({ id: id as AlarmWire['id'], severity: 'critical', ...given });

describe('the rotation of a wall screen', () => {
  /** Steps each second from `from` to `to`. */
  const run = (
    state: Rotation,
    from: number,
    to: number,
    alarms: (second: number) => readonly AlarmWire[] = () => [],
  ): Rotation => {
    let next = state;
    for (let second = from; second <= to; second++) next = stepRotation(next, second * 1_000, VIEWS, alarms(second));
    return next;
  };

  it('shows each picture as long as it is to be shown, and begins again', () => {
    const at = (second: number) => run(startRotation(0), 0, second).index;
    expect([0, 9, 10, 29, 30, 40].map(at)).toEqual([0, 0, 1, 1, 0, 1]);
    expect(progressOf(run(startRotation(0), 0, 5), 5_000, VIEWS)).toBe(0.5);
  });

  it('stops for a new critical alarm, shows it, and goes on where it was', () => {
    const alarms = (second: number) => (second >= 4 ? [critical('a')] : []);
    const during = run(startRotation(0), 0, 20, alarms);
    expect(during).toMatchObject({ index: 0, call: { id: 'a' } });
    expect(progressOf(during, 20_000, VIEWS)).toBe(0.4);
    const after = run(during, 21, 34, alarms);
    expect(after).toMatchObject({ index: 0, call: null, shownAt: CALL_MS });
    expect(run(after, 35, 40, alarms).index).toBe(1);
  });

  it('goes on at once when somebody acknowledges it, and shows it again when it is active again', () => {
    const called = run(startRotation(0), 0, 6, (second) => (second >= 4 ? [critical('a')] : []));
    const seen = stepRotation(called, 7_000, VIEWS, [critical('a', { work: 'acknowledged' })]);
    expect(seen.call).toBeNull();
    expect(stepRotation(seen, 8_000, VIEWS, [critical('a', { activationCount: 2 })]).call).toMatchObject({ id: 'a' });
  });

  it('takes nothing for news that was open before it began, that is not critical, or that is hidden', () => {
    const old = [critical('old')];
    const began = stepRotation(stepRotation(startRotation(0), 0, VIEWS, null), 1_000, VIEWS, old);
    expect(began.call).toBeNull();
    const hidden = critical('h', {
      suppression: { kind: 'shelved', reason: '', by: null, since: 0, until: null } as never,
    });
    expect(stepRotation(began, 2_000, VIEWS, [...old, hidden, anAlarm({ severity: 'major' })]).call).toBeNull();
  });

  it('shows a few of a flood one after the other, and remembers only what is open', () => {
    const flood = Array.from({ length: 500 }, (_, i) => critical(`f${i}`));
    const first = run(startRotation(0), 0, 1, (second) => (second === 0 ? [] : flood));
    expect([first.call === null, first.waiting.length]).toEqual([false, 2]);
    const over = stepRotation(first, 2_000, VIEWS, []);
    expect(over).toMatchObject({ call: null, waiting: [] });
    expect(over.known?.size).toBe(0);
  });

  it('begins at the first picture when it is given fewer', () => {
    const second = run(startRotation(0), 0, 12);
    expect(stepRotation(second, 13_000, VIEWS.slice(0, 1), []).index).toBe(0);
  });
});

describe('what a wall screen says of itself', () => {
  const now = 1_000_000;
  const well: WallFacts = {
    now,
    answeredAt: now - 5_000,
    staleness: { kind: 'fresh' },
    readingsAt: now - 1_000,
    clockOffsetMs: 40,
  };
  const kinds = (given: Partial<WallFacts>) => troublesOf({ ...well, ...given }).map(({ kind }) => kind);
  const stale = (cause: 'disconnected' | 'silent') => ({ kind: 'stale' as const, since: now - 6_000, cause });

  it('is nothing while all is well', () => expect(kinds({})).toEqual([]));
  it.each([
    { it: 'the platform does not answer', given: { answeredAt: now - 12_001 }, expected: ['server_away'] },
    { it: 'the line is down', given: { staleness: stale('disconnected') }, expected: ['line_down'] },
    { it: 'nothing comes over the line', given: { staleness: stale('silent') }, expected: ['data_silent'] },
    {
      it: 'no device has said anything for ten minutes',
      given: { readingsAt: now - 600_001 },
      expected: ['readings_old'],
    },
    { it: 'its clock is five seconds wrong', given: { clockOffsetMs: -5_001 }, expected: ['clock_wrong'] },
    {
      it: 'the platform is away and the clock wrong, and the line is not told twice',
      given: { answeredAt: 0, staleness: stale('disconnected'), clockOffsetMs: 60_000 },
      expected: ['server_away', 'clock_wrong'],
    },
    { it: 'nothing of readings where not all are sent', given: { readingsAt: null }, expected: [] },
    { it: 'nothing of a clock that is not known yet', given: { clockOffsetMs: null }, expected: [] },
  ])('tells that $it', ({ given, expected }) => expect(kinds(given)).toEqual(expected));
});

describe('loading the page anew', () => {
  const now = 10_000_000;
  const upgraded: ReloadFacts = {
    now,
    loadedAt: now - 1,
    ownBuild: 'a',
    servedBuild: 'b',
    tried: null,
    calledAt: null,
    isTroubled: false,
  };
  it.each([
    { it: 'loads when another page is served', given: {}, expected: 'load' },
    { it: 'does nothing while the page is the one served', given: { servedBuild: 'a' }, expected: 'current' },
    {
      it: 'loads the same page once it has stood for a day',
      given: { servedBuild: 'a', loadedAt: now - RENEW_AFTER_MS },
      expected: 'load',
    },
    {
      it: 'does nothing in the day before',
      given: { servedBuild: 'a', loadedAt: now - RENEW_AFTER_MS + 1 },
      expected: 'current',
    },
    { it: 'does nothing while it is not known what is served', given: { servedBuild: '' }, expected: 'current' },
    { it: 'does nothing in development', given: { ownBuild: '' }, expected: 'current' },
    {
      it: 'waits while a critical alarm is shown, and a minute after',
      given: { calledAt: now - CALM_AFTER_MS + 1 },
      expected: 'wait',
    },
    { it: 'loads when it is calm again', given: { calledAt: now - CALM_AFTER_MS }, expected: 'load' },
    { it: 'waits while something is wrong', given: { isTroubled: true }, expected: 'wait' },
    { it: 'never loads in a loop', given: { tried: { build: 'b', at: now - RETRY_AFTER_MS + 1 } }, expected: 'wait' },
    {
      it: 'tries again after ten minutes',
      given: { tried: { build: 'b', at: now - RETRY_AFTER_MS } },
      expected: 'load',
    },
    { it: 'loads for the next upgrade at once', given: { tried: { build: 'x', at: now } }, expected: 'load' },
  ])('$it', ({ given, expected }) => expect(reloadDecision({ ...upgraded, ...given })).toBe(expected));
});
