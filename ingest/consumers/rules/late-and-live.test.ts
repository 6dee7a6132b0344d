import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../../../domain/compiled-rule.ts';
import { backtest } from '../../../domain/episode.ts';
import { QUALITY, type Quality } from '../../../domain/quality.ts';
import type { Reading } from '../../../domain/reading.ts';
import { type Condition, type Rule, SEVERITIES } from '../../../domain/rule.ts';
import { milliseconds as ms } from '../../../domain/time.ts';
import { disagreements, said } from './agreement.ts';
import { between, expectSameAgain, expectSameOverRestarts, type LiveStory, live } from './live-story.ts';
import { aReading, aRule } from './memory-platform.ts';

const hold = fc.nat(40).map(ms);
const levels = fc
  .record({
    first: fc.integer({ min: 3, max: 6 }),
    further: fc.integer({ min: 0, max: 3 }),
    holds: fc.tuple(hold, hold),
  })
  .map(({ first, further, holds }) => [
    { severity: 'minor' as const, limit: first, hold: holds[0] },
    ...(further > 0 ? [{ severity: 'critical' as const, limit: first + further, hold: holds[1] }] : []),
  ]);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ kind: fc.constant('above' as const), levels, hysteresis: fc.nat(2) }),
  fc.record({
    kind: fc.constant('rate_of_change' as const),
    direction: fc.constantFrom('rising' as const, 'falling' as const, 'either' as const),
    window: fc.integer({ min: 1, max: 60 }).map(ms),
    levels,
    hysteresis: fc.nat(2),
  }),
  fc.record({
    kind: fc.constant('above' as const),
    levels,
    hysteresis: fc.nat(2),
    over: fc.record({
      statistic: fc.constantFrom('mean' as const, 'max' as const, 'min' as const),
      length: fc.integer({ min: 2, max: 80 }).map(ms),
      interval: fc.constant(ms(8)),
      minimumCapture: fc.constantFrom(0, 0.25, 0.5),
    }),
  }),
  fc.record({
    kind: fc.constant('frozen' as const),
    tolerance: fc.nat(2),
    within: fc.record({
      length: fc.integer({ min: 16, max: 80 }).map(ms),
      interval: fc.constant(ms(8)),
      minimumCapture: fc.constantFrom(0, 0.25, 0.5),
    }),
    levels: fc.tuple(hold, hold).map(([minor, more]) => [
      { severity: 'minor' as const, hold: minor },
      { severity: 'critical' as const, hold: ms(minor + more + 1) },
    ]),
  }),
  fc.record({
    kind: fc.constant('outside' as const),
    levels: fc.constant([
      { severity: 'minor' as const, low: 2, high: 7, hold: ms(0) },
      { severity: 'major' as const, low: 1, high: 8, hold: ms(20) },
    ]),
    hysteresis: fc.nat(1),
  }),
);
const rule = fc
  .record({ condition, clearHold: hold, judgeSuspect: fc.boolean(), ends: fc.boolean() })
  .map(({ condition, clearHold, judgeSuspect, ends }) =>
    aRule(condition, { clearHold, judgeSuspect, endsUnacknowledged: ends ? SEVERITIES : [] }),
  );
const quality = fc.constantFrom<Quality>(
  QUALITY.GOOD,
  QUALITY.GOOD,
  QUALITY.GOOD,
  QUALITY.GOOD,
  QUALITY.SUSPECT_STUCK,
  QUALITY.INVALID_OUT_OF_RANGE,
);
const readings = fc
  .uniqueArray(fc.record({ at: fc.nat(300), value: fc.integer({ min: 0, max: 10 }), quality }), {
    selector: (r) => r.at,
    minLength: 5,
    maxLength: 40,
  })
  .map((list) => list.sort((a, b) => a.at - b.at).map((r) => aReading(1_000 + r.at, r.value, { quality: r.quality })));

/** Mostly in order, some far out of it, some sent twice. */
const arrival = (list: readonly Reading[]) =>
  fc
    .array(fc.record({ lag: fc.oneof(fc.constant(0), fc.constant(0), fc.nat(120)), again: fc.boolean() }), {
      minLength: list.length,
      maxLength: list.length,
    })
    .map((ways) =>
      list
        .flatMap((reading, i) => {
          const { lag, again } = ways[i]!;
          const once = { reading, at: reading.eventTime + lag };
          return again && lag > 60 ? [once, { reading, at: reading.eventTime + lag + 5 }] : [once];
        })
        .sort((a, b) => a.at - b.at)
        .map(({ reading }) => reading),
    );

const story = fc.tuple(rule, readings).chain(([rule, list]) =>
  fc.record({
    rule: fc.constant(rule),
    list: fc.constant(list),
    sent: arrival(list),
    sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
    between: fc.array(between, { minLength: 1, maxLength: 20 }),
  }),
);

/** Long after everything: a calm stretch in which live and corrected run together. */
const calm = (rule: Rule): Reading[] => {
  const { kind } = rule.condition;
  // Windows of 80 with half of the readings, one in 8: so many that every window is full.
  return Array.from({ length: 40 }, (_, i) =>
    aReading(2_000 + i * 6, kind === 'frozen' ? (i % 2) * 9 : kind === 'outside' ? 4 : 0),
  );
};

const play = (story: LiveStory) => live(story, [calm(story.rule)]);

describe('live and past alarms together', () => {
  it('say what a backtest of the same readings says, whatever order they arrive in, and whatever happens in between', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (story) => {
        const { platform, consumer } = await play(story);
        await consumer.stop();
        const episodes = backtest(compileRule(story.rule), platform.all(1));
        expect(disagreements(platform.registry.alarms(), episodes)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('are exactly the backtest’s episodes when everything arrives in order', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (story) => {
        const rule = { ...story.rule, endsUnacknowledged: SEVERITIES };
        const { platform, consumer } = await play({ ...story, rule, sent: story.list });
        await consumer.stop();
        const episodes = backtest(compileRule(rule), platform.all(1));
        expect(platform.registry.alarms().every((a) => a.origin === 'live' && a.revision === null)).toBe(true);
        expect(said(platform.registry.alarms())).toEqual(
          episodes.map(({ activatedAt: startedAt, clearedAt, worstSeverity }) => {
            return { startedAt, clearedAt, worstSeverity, activationCount: 1 };
          }),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('do not change when the journal is judged a second time, with the states kept or lost', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (story) => {
        await expectSameAgain(await play(story));
      }),
      { numRuns: 500 },
    );
  });

  it('do not depend on how readings are divided over messages, nor on restarts', async () => {
    await fc.assert(
      fc.asyncProperty(story, fc.integer({ min: 1, max: 40 }), async (story, size) => {
        await expectSameOverRestarts(play, story, { sizes: [size] });
      }),
      { numRuns: 500 },
    );
  });
});
