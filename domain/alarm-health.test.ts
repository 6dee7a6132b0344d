import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AlarmActivation,
  createAlarmHealth,
  createStandingCount,
  HEALTH_WINDOW,
  isStanding,
  STANDING_AFTER,
} from './alarm-health.ts';
import type { PointId, RuleId } from './identifiers.ts';
import { days, type EpochMs, epochMs, hours, minutes } from './time.ts';

const activation = (atSeconds: number, tag = 'A', given: Partial<AlarmActivation> = {}): AlarmActivation => ({
  ruleId: 'r' as RuleId,
  pointId: tag as PointId,
  severity: 'minor',
  at: epochMs(atSeconds * 1000),
  recordedAt: epochMs(atSeconds * 1000),
  clearedAt: null,
  acknowledgedAt: null,
  ...given,
});
const healthOf = (activations: readonly AlarmActivation[], { spanSeconds = 3_600, operators = 1 } = {}) => {
  const health = createAlarmHealth({ from: epochMs(0), to: epochMs(spanSeconds * 1000), operators });
  for (const each of activations) health.add(each);
  return health.result();
};
const perWindow = (...counts: number[]) =>
  counts.flatMap((count, window) => Array.from({ length: count }, (_, i) => activation(window * 600 + i, `p${i}`)));

describe('the health of alarms', () => {
  // Published with the reference of this project; wall-clock windows of 600 s, empty ones counted.
  const HOUR = [
    0, 30, 70, 100, 130, 200, 240, 300, 330, 400, 450, 500, 590, 700, 800, 1300, 1310, 1320, 1335, 1350, 2500,
  ];

  it('counts an hour’s activations by windows of ten minutes, empty ones too', () => {
    const health = healthOf(HOUR.map((at) => activation(at, `p${at}`)));
    expect([...health.perWindow]).toEqual([13, 2, 5, 0, 1, 0]);
    expect(health.perHour).toBe(21);
    expect(health.perTenMinutes).toBe(3.5);
    expect(health.mostInWindow).toBe(13);
    expect(health.mostAt).toBe(0);
    expect(health.windowsOver).toBe(1);
    expect((100 * health.windowsOver) / health.windows).toBeCloseTo(16.666667, 5);
  });

  it('shares the load among the operators', () => {
    const health = healthOf(
      HOUR.map((at) => activation(at, `p${at}`)),
      { operators: 2 },
    );
    expect(health.perHour).toBe(10.5);
    expect(health.mostInWindow).toBe(6.5);
    expect(health.windowsOver).toBe(0);
  });

  it('lets a flood begin above ten in a window and end with the first window below five', () => {
    const { floods, shareInFlood } = healthOf(perWindow(10, 11, 7, 5, 4, 12), { spanSeconds: 3_600 });
    expect(floods).toEqual([
      { from: 600_000, to: 2_400_000, activations: 23, peak: 11, peakAt: 600_000 },
      { from: 3_000_000, to: null, activations: 12, peak: 12, peakAt: 3_000_000 },
    ]);
    expect(shareInFlood).toBe(4 / 6);
  });

  it.each([
    { it: 'three within a minute, both ends included', at: [0, 20, 59], chatters: 1 },
    { it: 'the third a second too late', at: [0, 30, 61], chatters: 0 },
    { it: 'far apart', at: [100, 400, 700], chatters: 0 },
    { it: 'later ones that are close', at: [10, 70, 71, 72], chatters: 1 },
    { it: 'twice with a pause between', at: [0, 1, 2, 3, 500, 501, 502], chatters: 2 },
  ])('calls it chattering: $it → $chatters', ({ at, chatters }) => {
    const { chattering } = healthOf(at.map((second) => activation(second)));
    expect(chattering[0]?.chatters ?? 0).toBe(chatters);
  });

  it('does not call it chattering when different points alarm', () => {
    expect(healthOf([activation(0, 'A'), activation(1, 'B'), activation(2, 'C')]).chattering).toEqual([]);
  });

  it('calls fleeting what went by itself within ten seconds, and not what somebody acknowledged first', () => {
    const { fleeting } = healthOf([
      activation(0, 'gone', { clearedAt: epochMs(10_000) }),
      activation(1, 'stayed', { clearedAt: epochMs(11_001) }),
      activation(2, 'seen', { clearedAt: epochMs(9_000), acknowledgedAt: epochMs(5_000) }),
      activation(3, 'seen later', { clearedAt: epochMs(9_000), acknowledgedAt: epochMs(60_000) }),
    ]);
    expect(fleeting.map(({ pointId }) => pointId).sort()).toEqual(['gone', 'seen later']);
  });

  it('names the ten worst actors and their share', () => {
    const many = Array.from({ length: 12 }, (_, tag) =>
      Array.from({ length: tag === 11 ? 20 : 1 }, (_, i) =>
        activation(tag + 100 * i, `p${String(tag).padStart(2, '0')}`),
      ),
    ).flat();
    const { badActors, badActorsShare, activations } = healthOf(many.sort((a, b) => a.at - b.at));
    expect(activations).toBe(31);
    expect(badActors).toHaveLength(10);
    expect(badActors[0]).toMatchObject({ pointId: 'p11', activations: 20 });
    expect(badActorsShare).toBe(29 / 31);
  });

  it('tells how long acknowledging takes, from when the alarm could be seen', () => {
    const took = (seconds: number, severity: AlarmActivation['severity']) =>
      activation(0, `p${seconds}`, {
        severity,
        recordedAt: epochMs(5_000),
        acknowledgedAt: epochMs(5_000 + seconds * 1000),
      });
    const { acknowledgement } = healthOf([
      took(10, 'critical'),
      took(20, 'critical'),
      took(300, 'major'),
      activation(9, 'nobody'),
    ]);
    expect(acknowledgement.all).toMatchObject({ acknowledged: 3, unacknowledged: 1 });
    expect((acknowledgement.all.median ?? 0) / 20_000).toBeCloseTo(1, 1);
    expect((acknowledgement.critical.p95 ?? 0) / 20_000).toBeCloseTo(1, 1);
    expect(acknowledgement.notice).toEqual({ acknowledged: 0, unacknowledged: 0, median: null, p95: null });
  });

  it('leaves out what lies before the period or at its end', () => {
    expect(healthOf([activation(-1), activation(3_600)]).activations).toBe(0);
  });

  const anyActivations = fc
    .array(fc.record({ at: fc.integer({ min: 0, max: 35_999 }), tag: fc.constantFrom('A', 'B', 'C') }), {
      maxLength: 300,
    })
    .map((list) => list.sort((a, b) => a.at - b.at));
  it('agrees with counting it all over again, whatever comes', () => {
    fc.assert(
      fc.property(anyActivations, fc.integer({ min: 1, max: 4 }), (list, operators) => {
        const health = healthOf(
          list.map(({ at, tag }) => activation(at, tag)),
          { spanSeconds: 36_000, operators },
        );
        const counts = Array.from({ length: 60 }, (_, w) => list.filter(({ at }) => Math.floor(at / 600) === w).length);
        expect([...health.perWindow]).toEqual(counts);
        expect(health.badActors.reduce((sum, { activations }) => sum + activations, 0)).toBe(list.length);
        // In a flood exactly from a window above ten to the first below five.
        let inFlood = false;
        const flooded = counts.map((count) => {
          const each = count / operators;
          inFlood = each > 10 || (inFlood && each >= 5);
          return inFlood;
        });
        expect(health.shareInFlood).toBeCloseTo(flooded.filter(Boolean).length / 60, 10);
        expect(health.floods.reduce((sum, { activations }) => sum + activations, 0)).toBe(
          counts.reduce((sum, count, w) => sum + (flooded[w] ? count : 0), 0),
        );
        // Chattering exactly where three of one point lie within a minute.
        for (const tag of ['A', 'B', 'C']) {
          const mine = list.filter((each) => each.tag === tag).map(({ at }) => at);
          const close = mine.some((at, i) => i >= 2 && at - (mine[i - 2] as number) <= 60);
          expect(health.chattering.some(({ pointId }) => pointId === tag)).toBe(close);
        }
      }),
    );
  });
});

describe('standing alarms', () => {
  it.each([
    { it: 'still active after more than a day', clearedAt: null, after: days(1) + 1000, stands: true },
    { it: 'exactly a day', clearedAt: null, after: days(1), stands: false },
    { it: 'cleared before', clearedAt: epochMs(hours(23)), after: days(4), stands: false },
  ])('$it: $stands', ({ clearedAt, after, stands }) => {
    expect(isStanding({ at: epochMs(0), clearedAt }, epochMs(after))).toBe(stands);
  });

  it('count on each day on which they stood at some moment', () => {
    const starts = [0, 1, 2, 3, 4].map((day) => epochMs(days(day)));
    const count = createStandingCount(starts, epochMs(days(5)));
    count.add({ at: epochMs(hours(12)), clearedAt: epochMs(days(3)) });
    count.add({ at: epochMs(0), clearedAt: epochMs(days(1)) });
    count.add({ at: epochMs(days(2)), clearedAt: null });
    expect(count.perDay().map((day) => day.count)).toEqual([0, 1, 1, 1, 1]);
  });

  it('agree with looking at every minute of every day', () => {
    const starts = [0, 1, 2, 3].map((day) => epochMs(days(day)));
    const minute = fc.integer({ min: -4_320, max: 5_760 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(minute, fc.option(fc.integer({ min: 1, max: 6_000 }))), { maxLength: 8 }),
        (list) => {
          const spans = list.map(([at, lasts]) => ({
            at: epochMs(minutes(at)),
            clearedAt: lasts === null ? null : epochMs(minutes(at + lasts)),
          }));
          const count = createStandingCount(starts, epochMs(days(4)));
          for (const span of spans) count.add(span);
          const expected = starts.map(
            (start) =>
              spans.filter(({ at, clearedAt }) => {
                const from = Math.max(start, at + STANDING_AFTER);
                return from < Math.min(start + days(1), clearedAt ?? Number.POSITIVE_INFINITY);
              }).length,
          );
          expect(count.perDay().map((day) => day.count)).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('keep to windows that start with the clock', () => {
    const health = createAlarmHealth({ from: 0 as EpochMs, to: epochMs(HEALTH_WINDOW + 1), operators: 1 });
    expect(health.result().windows).toBe(2);
  });
});
