import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../../../domain/compiled-rule.ts';
import { backtest, type Episode, type JudgedReading } from '../../../domain/episode.ts';
import type { PointId, SeriesId } from '../../../domain/identifiers.ts';
import type { JointCondition, JudgingGrid } from '../../../domain/joint-condition.ts';
import { QUALITY, type Quality } from '../../../domain/quality.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import type { Reading } from '../../../domain/reading.ts';
import { type Rule, SEVERITIES } from '../../../domain/rule.ts';
import { SeriesIndex } from '../../../domain/rule-scopes.ts';
import { jointReadings } from '../../../domain/stored-readings.ts';
import { epochMs, milliseconds as ms } from '../../../domain/time.ts';
import { disagreements } from './agreement.ts';
import { between, expectSameAgain, expectSameOverRestarts, type LiveStory, live } from './live-story.ts';
import { aReading, aRule, type MemoryPlatform, seriesEntry } from './memory-platform.ts';

const LEVEL = 'water_level' as QuantityKey;
const FLOW = 'water_flow' as QuantityKey;
/** Three gauges beside each other, the first two with a flow. */
const ENTRIES = [1, 2, 3].map((n) =>
  seriesEntry(n, { pointId: `p${n}` as PointId, location: { longitude: 106.6 + n / 1_000, latitude: 20.8 } }),
);
const CITY = [
  ...ENTRIES,
  seriesEntry(4, { pointId: 'p1' as PointId, quantity: FLOW }),
  seriesEntry(5, { pointId: 'p2' as PointId, quantity: FLOW }),
];

const grid: fc.Arbitrary<JudgingGrid> = fc.record({
  step: fc.constantFrom(5, 10).map(ms),
  maximumAge: fc.constantFrom(12, 40).map(ms),
  settle: fc.constantFrom(0, 7).map(ms),
});
const hold = fc.nat(30).map(ms);
const over = fc.record({
  statistic: fc.constantFrom('mean' as const, 'max' as const, 'min' as const),
  length: fc.integer({ min: 10, max: 60 }).map(ms),
  interval: fc.constant(ms(8)),
  minimumCapture: fc.constantFrom(0, 0.25),
});
const maybeOver = fc.oneof(
  fc.constant({}),
  over.map((o) => ({ over: o })),
);
const condition: fc.Arbitrary<JointCondition> = fc.oneof(
  fc
    .record({
      at: grid,
      holds: fc.tuple(hold, hold),
      k: fc.integer({ min: 1, max: 2 }),
      more: maybeOver,
      heard: fc.constantFrom(0, 0.5, 1),
    })
    .map(({ at, holds, k, more, heard }) => ({
      kind: 'area_count' as const,
      each: { side: 'above' as const, limit: { limit: 5 }, hysteresis: 2, ...more },
      minimumHeard: heard,
      levels: [
        { severity: 'minor' as const, hold: holds[0], points: k },
        { severity: 'critical' as const, hold: holds[1], points: k + 1 },
      ],
      at,
    })),
  fc
    .record({
      at: grid,
      join: fc.constantFrom('all' as const, 'any' as const),
      holds: fc.tuple(hold, hold),
      more: maybeOver,
    })
    .map(({ at, join, holds, more }) => ({
      kind: 'combination' as const,
      join,
      parts: [
        { quantity: LEVEL, side: 'above' as const, hysteresis: 1, ...more },
        { quantity: FLOW, side: 'below' as const, hysteresis: 2 },
      ],
      levels: [
        { severity: 'minor' as const, hold: holds[0], limits: [{ limit: 4 }, { limit: 6 }] },
        { severity: 'critical' as const, hold: holds[1], limits: [{ limit: 7 }, { limit: 3 }] },
      ],
      at,
    })),
  fc
    .record({
      at: grid,
      direction: fc.constantFrom('above' as const, 'below' as const, 'either' as const),
      minimumNeighbours: fc.integer({ min: 1, max: 2 }),
      holds: fc.tuple(hold, hold),
    })
    .map(({ at, direction, minimumNeighbours, holds }) => ({
      kind: 'neighbours' as const,
      measure: 'absolute' as const,
      direction,
      withinMetres: 1_000,
      minimumNeighbours,
      levels: [
        { severity: 'minor' as const, hold: holds[0], limit: 3 },
        { severity: 'critical' as const, hold: holds[1], limit: 6 },
      ],
      hysteresis: 1,
      at,
    })),
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
  QUALITY.SUSPECT_STUCK,
  QUALITY.INVALID_OUT_OF_RANGE,
);
const readings = fc
  .uniqueArray(
    fc.record({
      series: fc.integer({ min: 1, max: 5 }),
      at: fc.nat(200),
      value: fc.integer({ min: 0, max: 10 }),
      quality,
    }),
    { selector: (r) => `${r.series} ${r.at}`, minLength: 10, maxLength: 60 },
  )
  .map((list) =>
    list
      .sort((a, b) => a.at - b.at)
      .map((r) => aReading(1_000 + r.at, r.value, { quality: r.quality, series: r.series as SeriesId })),
  );

/** Mostly soon, some late, some twice, some first with another value. */
const arrival = (list: readonly Reading[]) =>
  fc
    .array(
      fc.record({
        lag: fc.oneof(fc.nat(6), fc.nat(6), fc.nat(150)),
        again: fc.boolean(),
        corrected: fc.boolean(),
      }),
      { minLength: list.length, maxLength: list.length },
    )
    .map((ways) =>
      list
        .flatMap((reading, i) => {
          const { lag, again, corrected } = ways[i]!;
          const once = { ...reading, arrivalTime: epochMs(reading.eventTime + lag) };
          if (!again || lag < 60) return [once];
          const wrong = corrected ? { ...once, value: 10 - once.value } : once;
          return [wrong, { ...once, arrivalTime: epochMs(once.arrivalTime + 5) }];
        })
        .sort((a, b) => a.arrivalTime - b.arrivalTime),
    );

const story = fc.tuple(rule, readings).chain(([rule, list]) =>
  fc.record({
    rule: fc.constant(rule),
    sent: arrival(list),
    sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
    between: fc.array(between, { minLength: 1, maxLength: 20 }),
  }),
);

const CALM_FROM = 2_000;
const END = 2_400;
/** Long after everything: levels are low and alike, flows are high. */
const CALM: readonly Reading[] = Array.from({ length: 80 }, (_, i) => CALM_FROM + i * 5).flatMap((at) =>
  CITY.map(({ series }) => aReading(at, series > 3 ? 10 : 0, { series })),
);

const CALM_MESSAGES = Array.from({ length: CALM.length / CITY.length }, (_, i) =>
  CALM.slice(i * CITY.length, (i + 1) * CITY.length),
);
const play = (story: LiveStory) => live(story, CALM_MESSAGES, CITY);

/** What a backtest of what is stored says, by point; of an area under `area`. */
async function episodesByScope(rule: Rule, platform: MemoryPlatform): Promise<Map<string, readonly Episode[]>> {
  const compiled = compileRule(rule);
  const episodes = new Map<string, readonly Episode[]>();
  for (const scope of new SeriesIndex(CITY).jointScopes(rule)) {
    const instants: JudgedReading[] = [];
    const inputs = scope.inputs.map(({ series }) => series);
    for await (const instant of jointReadings(platform.store, compiled, inputs, 0, END)) instants.push(instant);
    episodes.set(scope.kind === 'area' ? 'area' : scope.anchor.pointId, backtest(compiled, instants));
  }
  return episodes;
}

async function expectAgreement(rule: Rule, platform: MemoryPlatform): Promise<void> {
  const alarms = Map.groupBy(platform.registry.alarms(), ({ area, pointId }) => (area ? 'area' : pointId));
  const episodes = await episodesByScope(rule, platform);
  for (const [scope, those] of episodes) expect(disagreements(alarms.get(scope as PointId) ?? [], those)).toEqual([]);
}

describe('live and past alarms of rules over several series together', () => {
  it('say what a backtest says, whatever order readings arrive in, corrected or twice, and whatever happens in between', async () => {
    let raised = 0;
    let past = 0;
    await fc.assert(
      fc.asyncProperty(story, async (story) => {
        const { platform, consumer } = await play(story);
        await consumer.stop();
        raised += platform.registry.alarms().length;
        past += platform.registry.alarms().filter(({ origin, revision }) => origin === 'past' || revision).length;
        await expectAgreement(story.rule, platform);
      }),
      { numRuns: 600 },
    );
    expect(raised).toBeGreaterThan(200);
    expect(past).toBeGreaterThan(50);
  });

  it('do not change when the journal is judged a second time, with the states kept or lost', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (story) => {
        await expectSameAgain(await play(story));
      }),
      { numRuns: 200 },
    );
  });

  it('do not depend on restarts', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (story) => {
        await expectSameOverRestarts(play, story);
      }),
      { numRuns: 200 },
    );
  });
});
