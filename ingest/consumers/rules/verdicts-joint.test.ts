import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileRule } from '../../../domain/compiled-rule.ts';
import { backtest, type JudgedReading } from '../../../domain/episode.ts';
import type { AgencyId, SeriesId, UserId } from '../../../domain/identifiers.ts';
import { LASTING, type QualitySpan } from '../../../domain/ports/quality-spans.ts';
import { QUALITY, type Quality } from '../../../domain/quality.ts';
import { judgedReadings, VerdictBook } from '../../../domain/quality-verdicts.ts';
import { SEVERITIES } from '../../../domain/rule.ts';
import { jointReadings } from '../../../domain/stored-readings.ts';
import { epochMs, milliseconds as ms } from '../../../domain/time.ts';
import { decodePayload } from '../../readings-codec.ts';
import { disagreements } from './agreement.ts';
import { aReading, aRule, createMemoryPlatform, seriesEntry } from './memory-platform.ts';

const CITY = [seriesEntry(1), seriesEntry(2)];
const SERIES = CITY.map(({ series }) => series);

type Step =
  | { readonly kind: 'readings'; readonly values: readonly [number, number]; readonly lag: number }
  | {
      readonly kind: 'mark';
      readonly which: number;
      readonly back: number;
      readonly length: number;
      readonly quality: Quality;
    }
  | { readonly kind: 'withdraw'; readonly which: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('readings' as const),
      values: fc.tuple(fc.nat(10), fc.nat(10)),
      lag: fc.oneof(fc.constant(0), fc.constant(0), fc.nat(40)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('mark' as const),
      which: fc.nat(1),
      back: fc.nat(120),
      length: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constant(LASTING as number)),
      quality: fc.constantFrom<Quality>(QUALITY.GOOD, QUALITY.CALIBRATING, QUALITY.INVALID_DECLARED),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), which: fc.nat(9) }) },
);
const rule = fc
  .record({ points: fc.integer({ min: 1, max: 2 }), hold: fc.nat(30).map(ms), clearHold: fc.nat(30).map(ms) })
  .map(({ points, hold, clearHold }) =>
    aRule(
      {
        kind: 'area_count',
        each: { side: 'above', limit: { limit: 5 }, hysteresis: 2 },
        minimumHeard: 0,
        levels: [{ severity: 'minor', hold, points }],
        at: { step: ms(10), maximumAge: ms(40), settle: ms(0) },
      },
      { clearHold, endsUnacknowledged: SEVERITIES },
    ),
  );

it('are heeded at once beside late readings that wait for live to agree with them', async () => {
  const rule = aRule(
    {
      kind: 'area_count',
      each: { side: 'above', limit: { limit: 5 }, hysteresis: 2 },
      minimumHeard: 0,
      levels: [{ severity: 'minor', hold: ms(0), points: 1 }],
      at: { step: ms(10), maximumAge: ms(40), settle: ms(0) },
    },
    { clearHold: ms(30) },
  );
  const platform = createMemoryPlatform([rule], CITY);
  const consumer = platform.consumer({ lookEvery: ms(60_000) });
  await consumer.start();
  const [series = 1 as SeriesId] = SERIES;
  const send = (eventTime: number, arrived: number, value: number) =>
    platform.send(aReading(eventTime, value, { series, arrivalTime: epochMs(arrived) }));
  await send(1_007, 1_007, 0);
  await send(1_014, 1_014, 0);
  // It came after the instant that it belongs to: by it the area would be in alarm still.
  await send(1_009, 1_021, 9);
  await consumer.settleLate();
  expect(consumer.status()).toMatchObject({ lateSeries: 1 });
  expect(await consumer.verdictsChanged([{ series, from: epochMs(1_025), to: epochMs(LASTING) }])).toBe(true);
  expect(consumer.status()).toMatchObject({ lateSeries: 1 });
  await consumer.stop();
});

it('leave live and past alarms of an area together saying what a backtest with the same verdicts says', async () => {
  let raised = 0;
  await fc.assert(
    fc.asyncProperty(rule, fc.array(step, { minLength: 6, maxLength: 40 }), async (rule, steps) => {
      const platform = createMemoryPlatform([rule], CITY);
      const spans: QualitySpan[] = [];
      const counting = () => spans.filter((span) => span.withdrawnAt === null);
      const book = new VerdictBook();
      const unsettled: QualitySpan[] = [];
      const verdictsOn = async (series: readonly SeriesId[]) =>
        counting().filter((span) => series.includes(span.series));
      const store = { ...platform.store, ...judgedReadings(platform.store, verdictsOn) };
      const consumer = platform.consumer(
        { lookEvery: ms(60_000) },
        { store, decodePayload: (payload) => book.over(decodePayload(payload).readings) },
      );
      await consumer.start();
      const heed = async (span: QualitySpan) => {
        book.take(counting());
        // What can't be settled yet is asked for again, as the watch over verdicts does.
        if (!(await consumer.verdictsChanged([span]))) unsettled.push(span);
      };
      const withdraw = async (which: number) => {
        const left = counting();
        if (left.length === 0) return;
        const span = left[which % left.length]!;
        spans[spans.indexOf(span)] = { ...span, withdrawnAt: epochMs(1) };
        await heed(span);
      };
      let now = 1_000;
      const send = (values: readonly [number, number], lag: number) =>
        platform.send(
          ...SERIES.map((series, i) => aReading(now - lag, values[i]!, { series, arrivalTime: epochMs(now) })),
        );
      for (const step of steps) {
        if (step.kind === 'readings') {
          now += 7;
          await send(step.values, step.lag);
        } else if (step.kind === 'withdraw') await withdraw(step.which);
        else {
          const from = now - step.back;
          const span: QualitySpan = {
            id: String(spans.length),
            agencyId: 'water' as AgencyId,
            series: SERIES[step.which]!,
            from: epochMs(from),
            to: epochMs(step.length === LASTING ? LASTING : from + step.length),
            quality: step.quality,
            reason: 'vệ sinh đầu đo',
            by: 'u' as UserId,
            recordedAt: epochMs(spans.length),
            withdrawnAt: null,
          };
          spans.push(span);
          await heed(span);
        }
      }
      for (let i = 0; i < steps.length; i++) await withdraw(0);
      for (let i = 0; i < 60; i++) {
        now += 7;
        await send([0, 0], 0);
      }
      if (unsettled.length > 0) expect(await consumer.verdictsChanged(unsettled)).toBe(true);
      for (let i = 0; i < 4; i++) await consumer.settleLate();
      expect(consumer.status()).toMatchObject({ lateSeries: 0 });
      await consumer.stop();
      const compiled = compileRule(rule);
      const instants: JudgedReading[] = [];
      for await (const instant of jointReadings(store, compiled, SERIES, 0, now)) instants.push(instant);
      raised += platform.registry.alarms().length;
      expect(disagreements(platform.registry.alarms(), backtest(compiled, instants))).toEqual([]);
    }),
    { numRuns: 300 },
  );
  expect(raised).toBeGreaterThan(50);
});
