import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../../../domain/compiled-rule.ts';
import { backtest } from '../../../domain/episode.ts';
import type { UserId } from '../../../domain/identifiers.ts';
import { QUALITY, type Quality } from '../../../domain/quality.ts';
import type { Reading } from '../../../domain/reading.ts';
import { type Condition, type Rule, SEVERITIES } from '../../../domain/rule.ts';
import { epochMs, milliseconds as ms } from '../../../domain/time.ts';
import { disagreements, said } from './agreement.ts';
import { aReading, aRule, createMemoryPlatform } from './memory-platform.ts';
import type { RulesConsumer } from './rules-consumer.ts';

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

/** What happens between two messages. */
const between = fc.constantFrom('nothing', 'nothing', 'nothing', 'settle', 'restart', 'acknowledge', 'wait');
type Between = typeof between extends fc.Arbitrary<infer T> ? T : never;

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

async function live(story: {
  rule: Rule;
  sent: readonly Reading[];
  sizes: readonly number[];
  between: readonly Between[];
}) {
  const platform = createMemoryPlatform([story.rule]);
  const start = async (): Promise<RulesConsumer> => {
    const consumer = platform.consumer({ lookEvery: ms(60_000) });
    await consumer.start();
    return consumer;
  };
  let consumer = await start();
  const send = async (readings: readonly Reading[]): Promise<void> => {
    await platform.send(...readings);
  };
  let at = 0;
  for (let i = 0; at < story.sent.length; i++) {
    const size = story.sizes[i % story.sizes.length]!;
    await send(story.sent.slice(at, at + size));
    at += size;
    const next = story.between[i % story.between.length]!;
    if (next === 'settle') await consumer.settleLate();
    if (next === 'wait') await judged(consumer, platform.journal.head());
    if (next === 'restart') {
      await consumer.stop();
      consumer = await start();
    }
    if (next === 'acknowledge') {
      const open = platform.registry.alarms().find((a) => a.endedAt === null);
      if (open) {
        const step = { kind: 'acknowledge' as const, by: 'u' as UserId };
        const result = platform.registry.work(open.id, step, epochMs(platform.clock.now++));
        if (result.ok) platform.bus.publish('alarm.changed', result.value);
      }
    }
  }
  await send(calm(story.rule));
  for (let i = 0; i < 3; i++) await consumer.settleLate();
  expect(consumer.status()).toMatchObject({ lateSeries: 0, lateApproximate: 0 });
  return { platform, consumer, start };
}

const judged = async (consumer: RulesConsumer, head: number): Promise<void> => {
  while (consumer.status().cursor < head) await new Promise((resolve) => setImmediate(resolve));
};

describe('live and past alarms together', () => {
  it('say what a backtest of the same readings says, whatever order they arrive in, and whatever happens in between', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (story) => {
        const { platform, consumer } = await live(story);
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
        const { platform, consumer } = await live({ ...story, rule, sent: story.list });
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
        const { platform, consumer, start } = await live(story);
        await consumer.stop();
        const before = platform.registry.alarms();
        const messages = platform.registry.messages().length;
        platform.registry.forgetJudging();
        const second = await start();
        for (let i = 0; i < 3; i++) await second.settleLate();
        await second.stop();
        expect(platform.registry.alarms()).toEqual(before);
        expect(platform.registry.messages()).toHaveLength(messages);
      }),
      { numRuns: 500 },
    );
  });

  it('do not depend on how readings are divided over messages, nor on restarts', async () => {
    await fc.assert(
      fc.asyncProperty(story, fc.integer({ min: 1, max: 40 }), async (story, size) => {
        const calmly = { ...story, between: ['nothing' as const] };
        const restless = { ...story, sizes: [size], between: ['wait' as const, 'restart' as const] };
        const alarms = [];
        for (const way of [calmly, restless]) {
          const { platform, consumer } = await live(way);
          await consumer.stop();
          alarms.push(platform.registry.alarms());
        }
        expect(alarms[1]).toEqual(alarms[0]);
      }),
      { numRuns: 500 },
    );
  });
});
