import { describe, expect, it } from 'vitest';
import type { Alarm } from '../../../domain/alarm.ts';
import { compileRule } from '../../../domain/compiled-rule.ts';
import { backtest, type JudgedReading } from '../../../domain/episode.ts';
import type { PointId, RuleId, SeriesId } from '../../../domain/identifiers.ts';
import { isJoint } from '../../../domain/joint-condition.ts';
import { QUALITY } from '../../../domain/quality.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import type { Reading } from '../../../domain/reading.ts';
import { type Rule, SEVERITIES } from '../../../domain/rule.ts';
import { SeriesIndex } from '../../../domain/rule-scopes.ts';
import { jointReadings, storedReadings } from '../../../domain/stored-readings.ts';
import { type EpochMs, epochMs, hours, minutes, seconds } from '../../../domain/time.ts';
import { disagreements, said } from './agreement.ts';
import { aReading, aRule, createMemoryPlatform, seriesEntry } from './memory-platform.ts';

const LEVEL = 'water_level' as QuantityKey;
const FLOW = 'water_flow' as QuantityKey;
const DAY = epochMs(Date.parse('2026-11-23T00:00:00+07:00'));
const GAUGES = 8;
const CITY = Array.from({ length: GAUGES }, (_, n) => [
  seriesEntry(n + 1, {
    pointId: `p${n}` as PointId,
    location: { longitude: 106.6 + n / 200, latitude: 20.8 },
    wardCode: n < 5 ? ('11311' as never) : null,
  }),
  seriesEntry(n + 101, { pointId: `p${n}` as PointId, quantity: FLOW }),
]).flat();
const at = { step: minutes(1), maximumAge: minutes(12), settle: seconds(30) };
const RULES: readonly Rule[] = [
  aRule(
    {
      kind: 'area_count',
      each: { side: 'above', limit: { limit: 3 }, hysteresis: 0.3 },
      minimumHeard: 0.5,
      levels: [
        { severity: 'minor', hold: minutes(5), points: 2 },
        { severity: 'critical', hold: minutes(10), points: 4 },
      ],
      at,
    },
    { id: 'area' as RuleId, selection: { wards: ['11311' as never] } },
  ),
  aRule(
    {
      kind: 'combination',
      join: 'all',
      parts: [
        { quantity: LEVEL, side: 'above', hysteresis: 0.2 },
        {
          quantity: FLOW,
          side: 'below',
          hysteresis: 5,
          over: { statistic: 'mean', length: minutes(30), interval: minutes(5), minimumCapture: 0.5 },
        },
      ],
      levels: [{ severity: 'major', hold: minutes(3), limits: [{ limit: 2.6 }, { limit: 60 }] }],
      at,
    },
    { id: 'both' as RuleId },
  ),
  aRule(
    {
      kind: 'neighbours',
      measure: 'percent',
      direction: 'either',
      withinMetres: 1_200,
      minimumNeighbours: 2,
      levels: [{ severity: 'minor', hold: minutes(0), limit: 60 }],
      hysteresis: 10,
      at,
    },
    { id: 'near' as RuleId },
  ),
  aRule(
    { kind: 'above', hysteresis: 0.2, levels: [{ severity: 'minor', hold: minutes(10), limit: 2.8 }] },
    {
      id: 'night' as RuleId,
      active: { weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '19:00', to: '05:30' }], seasons: [] },
    },
  ),
];

/** mulberry32: the same day each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A tide over two levels with noise, every five minutes at each gauge's own second; some late by hours, sent twice, or corrected. */
function simulatedDay(seed: number): readonly Reading[] {
  const next = random(seed);
  const sent: Reading[] = [];
  for (const { series } of CITY) {
    const gauge = series % 100;
    for (let minute = 0; minute < 1_440; minute += 5) {
      const eventTime = epochMs(DAY + minutes(minute) + gauge * 7_001 + Math.floor(next() * 900));
      const tide = Math.sin((minute / 720) * 2 * Math.PI + gauge / 6);
      const flow = 60 - 30 * tide + 10 * (next() - 0.5);
      const stuck = gauge === 3 && minute > 600 && minute < 700 ? 7 : 2 + 1.2 * tide + 0.4 * (next() - 0.5);
      const value = series > 100 ? flow : stuck;
      const quality =
        next() < 0.02 ? QUALITY.INVALID_OUT_OF_RANGE : next() < 0.05 ? QUALITY.SUSPECT_RATE : QUALITY.GOOD;
      const lag = next() < 0.06 ? hours(4) * next() : 20_000 * next();
      const reading = aReading(eventTime, value, {
        series,
        quality,
        arrivalTime: epochMs(Math.floor(eventTime + lag)),
      });
      if (next() < 0.03) sent.push({ ...reading, value: value + 1 });
      sent.push({
        ...reading,
        arrivalTime: epochMs(reading.arrivalTime + Math.floor(hours(1) * next() * (next() < 0.05 ? 1 : 0))),
      });
      if (next() < 0.04) sent.push({ ...reading, arrivalTime: epochMs(reading.arrivalTime + hours(1)) });
    }
  }
  return sent.sort((a, b) => a.arrivalTime - b.arrivalTime || a.series - b.series);
}

/** After the day all is calm and alike for two hours. */
const CALM: readonly Reading[] = Array.from(
  { length: 40 },
  (_, i) => DAY + hours(24) + hours(5) + i * minutes(3),
).flatMap((time) => CITY.map(({ series }) => aReading(time, series > 100 ? 100 : 1, { series })));
const END: EpochMs = epochMs(CALM.at(-1)!.eventTime + 1);

const scopeKey = (rule: RuleId, scope: string): string => `${rule} ${scope}`;
const keyOf = ({ ruleId, area, pointId }: Alarm): string => scopeKey(ruleId, area ? 'area' : pointId);

describe('a simulated day with late, repeated and corrected readings', () => {
  it.each([1, 4, 7])('has live and past alarms that equal its backtest, to the millisecond (day %i)', async (seed) => {
    const platform = createMemoryPlatform(
      [...RULES.map((rule) => ({ ...rule, endsUnacknowledged: SEVERITIES }))],
      CITY,
    );
    const sent = simulatedDay(seed);
    let consumer = platform.consumer({ lookEvery: minutes(60) });
    await consumer.start();
    for (let i = 0; i < sent.length; i += 8) {
      await platform.send(...sent.slice(i, i + 8));
      if (i % 1_600 === 800) await consumer.settleLate();
      if (i % 1_600 === 1_200) {
        await consumer.stop();
        consumer = platform.consumer({ lookEvery: minutes(60) });
        await consumer.start();
      }
    }
    for (let i = 0; i < CALM.length; i += CITY.length) await platform.send(...CALM.slice(i, i + CITY.length));
    for (let i = 0; i < 3; i++) await consumer.settleLate();
    expect(consumer.status()).toMatchObject({ lateSeries: 0, lateApproximate: 0 });
    await consumer.stop();

    const alarms = Map.groupBy(platform.registry.alarms(), keyOf);
    const index = new SeriesIndex(CITY);
    const seen = new Map<string, number>();
    for (const rule of RULES) {
      const compiled = compileRule(rule);
      const scopes: [string, AsyncIterable<JudgedReading>][] = isJoint(rule.condition)
        ? index.jointScopes(rule).map((scope) => [
            scope.kind === 'area' ? 'area' : scope.anchor.pointId,
            jointReadings(
              platform.store,
              compiled,
              scope.inputs.map(({ series }) => series as SeriesId),
              DAY,
              END,
            ),
          ])
        : index
            .watchedBy(rule)
            .map(({ series, pointId }) => [pointId, storedReadings(platform.store, series, DAY, END)]);
      for (const [scope, readings] of scopes) {
        const judged: JudgedReading[] = [];
        for await (const reading of readings) judged.push(reading);
        const episodes = backtest(compiled, judged);
        const those = alarms.get(scopeKey(rule.id, scope)) ?? [];
        expect(disagreements(those, episodes)).toEqual([]);
        alarms.delete(scopeKey(rule.id, scope));
        seen.set(rule.id, (seen.get(rule.id) ?? 0) + said(those).length);
      }
    }
    expect([...alarms.keys()]).toEqual([]);
    // Each kind of rule had something to say.
    for (const rule of RULES) expect(seen.get(rule.id), rule.id).toBeGreaterThan(0);
    expect(platform.registry.alarms().some(({ origin, revision }) => origin === 'past' || revision !== null)).toBe(
      true,
    );
  });
});
