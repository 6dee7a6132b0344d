import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alarm } from '../../../domain/alarm.ts';
import { compileRule } from '../../../domain/compiled-rule.ts';
import { backtest } from '../../../domain/episode.ts';
import type { AgencyId, SeriesId, UserId } from '../../../domain/identifiers.ts';
import { LASTING, type QualitySpan } from '../../../domain/ports/quality-spans.ts';
import { QUALITY, type Quality } from '../../../domain/quality.ts';
import { effectiveQuality, judgedReadings, VerdictBook } from '../../../domain/quality-verdicts.ts';
import { type Reading, readingAt, toColumns } from '../../../domain/reading.ts';
import { type Condition, type Rule, SEVERITIES } from '../../../domain/rule.ts';
import { epochMs, milliseconds as ms } from '../../../domain/time.ts';
import { decodePayload } from '../../readings-codec.ts';
import { disagreements } from './agreement.ts';
import { aReading, aRule, createMemoryPlatform } from './memory-platform.ts';

const SERIES = 1 as SeriesId;

/** A platform in memory whose readings are judged with verdicts laid over them. */
async function judgedPlatform(rule: Rule) {
  const platform = createMemoryPlatform([rule]);
  const spans: QualitySpan[] = [];
  const book = new VerdictBook();
  const counting = () => spans.filter((span) => span.withdrawnAt === null);
  const store = { ...platform.store, ...judgedReadings(platform.store, async () => counting()) };
  const start = async () => {
    const consumer = platform.consumer(
      { lookEvery: ms(60_000) },
      { store, decodePayload: (payload) => book.over(decodePayload(payload).readings) },
    );
    await consumer.start();
    return consumer;
  };
  let consumer = await start();
  const heed = async (span: QualitySpan): Promise<void> => {
    book.take(counting());
    expect(await consumer.verdictsChanged([span])).toBe(true);
  };
  return {
    platform,
    get consumer() {
      return consumer;
    },
    async restart() {
      await consumer.stop();
      consumer = await start();
    },
    async mark(from: number, to: number, quality: Quality): Promise<void> {
      const span: QualitySpan = {
        id: String(spans.length),
        agencyId: 'water' as AgencyId,
        series: SERIES,
        from: epochMs(from),
        to: epochMs(to),
        quality,
        reason: 'vệ sinh đầu đo',
        by: 'u' as UserId,
        recordedAt: epochMs(spans.length),
        withdrawnAt: null,
      };
      spans.push(span);
      await heed(span);
    },
    async withdraw(which: number): Promise<void> {
      const left = counting();
      if (left.length === 0) return;
      const span = left[which % left.length]!;
      spans[spans.indexOf(span)] = { ...span, withdrawnAt: epochMs(1) };
      await heed(span);
    },
    episodes() {
      const columns = toColumns(platform.all(SERIES));
      const quality = effectiveQuality(columns, spans);
      const judged = Array.from(quality, (_, i) => readingAt({ ...columns, quality }, i));
      return backtest(compileRule(rule), judged);
    },
    alarms: (): readonly Alarm[] => platform.registry.alarms(),
  };
}

const hold = fc.nat(30).map(ms);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant('above' as const),
    levels: fc.tuple(hold, hold).map(([minor, critical]) => [
      { severity: 'minor' as const, limit: 4, hold: minor },
      { severity: 'critical' as const, limit: 7, hold: critical },
    ]),
    hysteresis: fc.nat(2),
  }),
  fc.record({
    kind: fc.constant('above' as const),
    levels: fc.constant([{ severity: 'minor' as const, limit: 4, hold: ms(0) }]),
    hysteresis: fc.nat(2),
    over: fc.constant({ statistic: 'mean' as const, length: ms(40), interval: ms(8), minimumCapture: 0.25 }),
  }),
);
const rule = fc
  .record({ condition, clearHold: hold, judgeSuspect: fc.boolean(), ends: fc.boolean() })
  .map(({ condition, clearHold, judgeSuspect, ends }) =>
    aRule(condition, { clearHold, judgeSuspect, endsUnacknowledged: ends ? SEVERITIES : [] }),
  );
type Step =
  | { readonly kind: 'reading'; readonly lag: number; readonly value: number; readonly quality: Quality }
  | { readonly kind: 'mark'; readonly back: number; readonly length: number; readonly quality: Quality }
  | { readonly kind: 'withdraw'; readonly which: number }
  | { readonly kind: 'restart' | 'settle' };
const reading = fc.record({
  kind: fc.constant('reading' as const),
  lag: fc.oneof(fc.constant(0), fc.constant(0), fc.constant(0), fc.nat(60)),
  value: fc.integer({ min: 0, max: 10 }),
  quality: fc.constantFrom<Quality>(QUALITY.GOOD, QUALITY.GOOD, QUALITY.GOOD, QUALITY.INVALID_OUT_OF_RANGE),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: reading },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('mark' as const),
      back: fc.nat(120),
      length: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constant(LASTING)),
      quality: fc.constantFrom<Quality>(
        QUALITY.GOOD,
        QUALITY.SUSPECT_DECLARED,
        QUALITY.CALIBRATING,
        QUALITY.INVALID_DECLARED,
        QUALITY.INVALID_DECLARED,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'restart' }, { kind: 'settle' }) },
);

/** An occurrence that was taken away and given back twice once kept an end it no longer had: it began after the newest reading, and was not looked at again. */
const givenBackTwice: [Rule, Step[]] = [
  aRule(
    { kind: 'above', levels: [{ severity: 'minor', limit: 4, hold: ms(1) }], hysteresis: 0 },
    { endsUnacknowledged: SEVERITIES },
  ),
  [
    { kind: 'mark', back: 0, length: 1, quality: QUALITY.GOOD },
    { kind: 'reading', lag: 0, value: 4, quality: QUALITY.GOOD },
    { kind: 'withdraw', which: 0 },
    { kind: 'reading', lag: 0, value: 4, quality: QUALITY.GOOD },
    { kind: 'reading', lag: 0, value: 4, quality: QUALITY.GOOD },
    { kind: 'mark', back: 14, length: 8, quality: QUALITY.INVALID_DECLARED },
    { kind: 'mark', back: 7, length: LASTING, quality: QUALITY.GOOD },
    { kind: 'withdraw', which: 3 },
  ],
];

describe('verdicts on readings', () => {
  it('leave live and past alarms together saying what a backtest with the same verdicts says', async () => {
    await fc.assert(
      fc.asyncProperty(rule, fc.array(step, { minLength: 6, maxLength: 50 }), async (rule, steps) => {
        const judged = await judgedPlatform(rule);
        let now = 1_000;
        const used = new Set<number>();
        for (const step of steps) {
          if (step.kind === 'reading') {
            now += 7;
            const at = now - step.lag;
            if (used.has(at)) continue;
            used.add(at);
            await judged.platform.send(aReading(at, step.value, { quality: step.quality }));
          } else if (step.kind === 'mark') {
            const from = now - step.back;
            await judged.mark(from, step.length === LASTING ? LASTING : from + step.length, step.quality);
          } else if (step.kind === 'withdraw') await judged.withdraw(step.which);
          else if (step.kind === 'settle') await judged.consumer.settleLate();
          else await judged.restart();
        }
        // What lasts is over, then a long calm: live and corrected run together.
        for (let i = 0; i < steps.length; i++) await judged.withdraw(0);
        const calm = Array.from({ length: 40 }, (_, i) => aReading(now + 300 + i * 6, 0)) as Reading[];
        await judged.platform.send(...calm);
        for (let i = 0; i < 4; i++) await judged.consumer.settleLate();
        expect(judged.consumer.status()).toMatchObject({ lateSeries: 0 });
        await judged.consumer.stop();
        expect(disagreements(judged.alarms(), judged.episodes())).toEqual([]);
      }),
      { numRuns: 600, examples: [givenBackTwice] },
    );
  });

  const above = aRule({
    kind: 'above',
    levels: [{ severity: 'major', limit: 5, hold: ms(0) }],
    hysteresis: 0,
  });

  it('clear an active alarm whose readings are all found invalid, say so on it, and raise it again when taken back', async () => {
    const judged = await judgedPlatform(above);
    await judged.platform.send(aReading(1_000, 1), aReading(1_010, 8), aReading(1_020, 9));
    await judged.consumer.settleLate();
    expect(judged.alarms()).toMatchObject([{ condition: 'active', startedAt: 1_010, revision: null }]);
    await judged.mark(1_005, 1_030, QUALITY.INVALID_DECLARED);
    expect(judged.alarms()).toMatchObject([
      { condition: 'cleared', clearedAt: 1_020, revision: { kind: 'not_confirmed', cause: 'verdict' } },
    ]);
    await judged.withdraw(0);
    expect(judged.alarms()).toMatchObject([
      { condition: 'active', revision: { kind: 'corrected', startedAt: 1_010, clearedAt: null } },
    ]);
    await judged.consumer.stop();
  });

  it('leave an alarm active that rests on readings still believed', async () => {
    const judged = await judgedPlatform(above);
    await judged.platform.send(aReading(1_000, 1), aReading(1_010, 8), aReading(1_020, 9));
    await judged.mark(1_015, LASTING, QUALITY.CALIBRATING);
    await judged.platform.send(aReading(1_030, 0));
    await judged.consumer.settleLate();
    expect(judged.alarms()).toMatchObject([{ condition: 'active', startedAt: 1_010, revision: null }]);
    await judged.consumer.stop();
  });

  it('keep readings from raising anything while a sensor is calibrated, and make past alarms of them if that was a mistake', async () => {
    const judged = await judgedPlatform(above);
    await judged.platform.send(aReading(1_000, 1));
    await judged.mark(1_005, LASTING, QUALITY.CALIBRATING);
    await judged.platform.send(aReading(1_010, 50), aReading(1_020, 2));
    await judged.consumer.settleLate();
    expect(judged.alarms()).toEqual([]);
    await judged.withdraw(0);
    expect(judged.alarms()).toMatchObject([{ origin: 'past', startedAt: 1_010, clearedAt: 1_020 }]);
    await judged.consumer.stop();
  });
});
