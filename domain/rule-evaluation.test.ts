import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule } from './compiled-rule.ts';
import { backtest, type JudgedReading } from './episode.ts';
import type { AgencyId, RuleId } from './identifiers.ts';
import { QUALITY } from './quality.ts';
import type { QuantityKey } from './quantity.ts';
import type { Condition, Rule } from './rule.ts';
import { initialConditionState, stepCondition, stepSilence } from './rule-evaluation.ts';
import { type DurationMs, epochMs, milliseconds as ms } from './time.ts';

const aRule = (condition: Condition, more: Partial<Rule> = {}): Rule => ({
  id: 'r' as RuleId,
  agencyId: 'a' as AgencyId,
  version: 1,
  name: { vi: 'Quy tắc', en: 'Rule' },
  advice: null,
  enabled: true,
  quantity: 'water_level' as QuantityKey,
  selection: {},
  condition,
  clearHold: ms(0),
  judgeSuspect: true,
  endsUnacknowledged: [],
  createdBy: null,
  createdAt: epochMs(0),
  ...more,
});
const above = (limit: number, hold = 0, hysteresis = 0) => ({
  kind: 'above' as const,
  levels: [{ severity: 'major' as const, limit, hold: ms(hold) }],
  hysteresis,
});
const at = (eventTime: number, value: number, quality: number = QUALITY.GOOD): JudgedReading => ({
  eventTime,
  value,
  quality,
});
const spans = (rule: Rule, readings: JudgedReading[]) =>
  backtest(compileRule(rule), readings).map((e) => [e.activatedAt, e.clearedAt, e.worstSeverity]);

describe('a rule judged over readings', () => {
  it('is breached at the limit itself and clears below limit − hysteresis only', () => {
    const rule = aRule(above(3, 0, 0.5));
    expect(spans(rule, [at(1, 2.9), at(2, 3), at(3, 2.6), at(4, 2.5), at(5, 2.49)])).toEqual([[2, 5, 'major']]);
  });

  it('waits for the hold time in event time and forgets a breach that ends before it', () => {
    const rule = aRule(above(3, 100));
    expect(spans(rule, [at(0, 4), at(99, 4), at(100, 2), at(200, 4), at(299, 4), at(300, 4), at(301, 1)])).toEqual([
      [300, 301, 'major'],
    ]);
  });

  it('stays active until it has been inside for the clear hold', () => {
    const rule = aRule(above(3), { clearHold: ms(50) });
    expect(spans(rule, [at(0, 4), at(10, 1), at(40, 4), at(50, 1), at(99, 1), at(100, 1)])).toEqual([
      [0, 100, 'major'],
    ]);
  });

  it('goes up at once to the worst level met and down with hysteresis', () => {
    const rule = aRule({
      kind: 'below',
      levels: [
        { severity: 'minor', limit: 10, hold: ms(0) },
        { severity: 'critical', limit: 5, hold: ms(0) },
      ],
      hysteresis: 1,
    });
    expect(spans(rule, [at(0, 9), at(1, 4), at(2, 5.5), at(3, 7), at(4, 11), at(5, 12)])).toEqual([[0, 5, 'critical']]);
  });

  it('comes down through the milder levels whatever their holds', () => {
    const rule = aRule({
      kind: 'above',
      levels: [
        { severity: 'minor', limit: 10, hold: ms(100) },
        { severity: 'critical', limit: 20, hold: ms(0) },
      ],
      hysteresis: 1,
    });
    const compiled = compileRule(rule);
    const state = initialConditionState(compiled);
    const said = [at(0, 25), at(1, 15), at(2, 9.5), at(3, 8)].map(
      (r) => stepCondition(compiled, state, r.eventTime, r.value, r.quality)?.kind ?? null,
    );
    expect(said).toEqual(['activated', 'severity_lowered', null, 'cleared']);
  });

  it('judges by the change, not the level, where the rule watches the change', () => {
    const rule = aRule({
      kind: 'rate_of_change',
      direction: 'falling',
      window: ms(10),
      levels: [{ severity: 'major', limit: 3, hold: ms(0) }],
      hysteresis: 0,
    });
    expect(backtest(compileRule(rule), [at(0, 50), at(5, 46), at(20, 46)])).toMatchObject([
      { activatedAt: 5, clearedAt: 20, triggerValue: 4, worstValue: 4, limit: 3 },
    ]);
  });

  it('watches a band from both sides', () => {
    const rule = aRule({
      kind: 'outside',
      levels: [{ severity: 'minor', low: 198, high: 242, hold: ms(0) }],
      hysteresis: 2,
    });
    expect(spans(rule, [at(0, 220), at(1, 242), at(2, 241), at(3, 239), at(4, 198), at(5, 199), at(6, 201)])).toEqual([
      [1, 3, 'minor'],
      [4, 6, 'minor'],
    ]);
  });

  it.each([
    { direction: 'rising' as const, expected: [[2, 4, 'major']] },
    { direction: 'falling' as const, expected: [[5, null, 'major']] },
  ])('judges the change within the window when $direction', ({ direction, expected }) => {
    const rule = aRule({
      kind: 'rate_of_change',
      direction,
      window: ms(2),
      levels: [{ severity: 'major', limit: 3, hold: ms(0) }],
      hysteresis: 0,
    });
    expect(spans(rule, [at(0, 0), at(1, 1), at(2, 4), at(3, 4), at(4, 4), at(5, 0)])).toEqual(expected);
  });

  it.each([
    { statistic: 'mean' as const, expected: [[3, 4, 'major']] },
    { statistic: 'max' as const, expected: [[1, 5, 'major']] },
    { statistic: 'min' as const, expected: [[3, 4, 'major']] },
  ])('judges the $statistic of the last two readings where the rule asks for it', ({ statistic, expected }) => {
    const rule = aRule({ ...above(6), over: { statistic, length: ms(2), interval: ms(1), minimumCapture: 1 } });
    expect(spans(rule, [at(0, 9), at(1, 0), at(2, 8), at(3, 8), at(4, 3), at(5, 0)])).toEqual(expected);
  });

  it('judges a percentile of the window by nearest rank', () => {
    const rule = aRule({
      ...above(5),
      over: { statistic: 'percentile', percentile: 90, length: ms(10), interval: ms(1), minimumCapture: 1 },
    });
    // Of ten readings the ninth smallest counts: one peak is not enough.
    const readings = Array.from({ length: 12 }, (_, t) => at(t, t === 3 || t === 10 ? 9 : 1));
    expect(spans(rule, readings)).toEqual([[10, null, 'major']]);
  });

  it('says nothing and changes nothing while a window has too few readings', () => {
    const rule = aRule({
      ...above(5),
      over: { statistic: 'mean', length: ms(100), interval: ms(10), minimumCapture: 0.3 },
    });
    // Three of ten: active from 20 on; over the gap it stays, until three readings are there again.
    const readings = [at(0, 9), at(10, 9), at(20, 9), at(200, 0), at(210, 0), at(220, 0)];
    expect(spans(rule, readings)).toEqual([[20, 220, 'major']]);
  });

  it('finds a sensor that says the same again and again, and lets it go when the value moves', () => {
    const rule = aRule({
      kind: 'frozen',
      tolerance: 0.1,
      within: { length: ms(40), interval: ms(10), minimumCapture: 1 },
      levels: [{ severity: 'minor', hold: ms(20) }],
    });
    const readings = [at(0, 5), at(10, 7), at(20, 7), at(30, 7.1), at(40, 7), at(50, 7), at(60, 7), at(70, 8)];
    // [10, 40] is the first still window; it must stay so for 20.
    expect(spans(rule, readings)).toEqual([[60, 70, 'minor']]);
  });

  it('never judges invalid or calibrating readings, and suspect ones only where the rule says so', () => {
    const readings = [
      at(0, 9, QUALITY.INVALID_OUT_OF_RANGE),
      at(1, 9, QUALITY.CALIBRATING),
      at(2, 9, QUALITY.SUSPECT_CLOCK_AHEAD),
      at(3, 0),
    ];
    expect(spans(aRule(above(3)), readings)).toEqual([[2, 3, 'major']]);
    expect(spans(aRule(above(3), { judgeSuspect: false }), readings)).toEqual([]);
  });

  it('raises silence at last heard + duration, escalates, and clears when heard again', () => {
    const compiled = compileRule(
      aRule({
        kind: 'no_data',
        levels: [
          { severity: 'minor', hold: ms(100) },
          { severity: 'major', hold: ms(300) },
        ],
      }),
    );
    const state = initialConditionState(compiled);
    expect(stepSilence(compiled, state, 99, 0, 0)).toBeNull();
    expect(stepSilence(compiled, state, 150, 0, 0)).toMatchObject({ kind: 'activated', at: 100, severity: 'minor' });
    expect(stepSilence(compiled, state, 299, 0, 0)).toBeNull();
    expect(stepSilence(compiled, state, 300, 0, 0)).toMatchObject({
      kind: 'severity_raised',
      at: 300,
      severity: 'major',
    });
    expect(stepSilence(compiled, state, 310, 305, 0)).toMatchObject({ kind: 'cleared', at: 305 });
  });

  it('says the same of silence however late it is asked', () => {
    const compiled = compileRule(
      aRule({
        kind: 'no_data',
        levels: [
          { severity: 'minor', hold: ms(100) },
          { severity: 'major', hold: ms(300) },
        ],
      }),
    );
    const state = initialConditionState(compiled);
    expect(stepSilence(compiled, state, 5_000, 0, 0)).toMatchObject({ kind: 'activated', at: 100, severity: 'minor' });
    expect(stepSilence(compiled, state, 5_000, 0, 0)).toMatchObject({ kind: 'severity_raised', at: 300 });
    expect(stepSilence(compiled, state, 5_000, 0, 0)).toBeNull();
  });

  it('takes an outage of the platform neither for silence nor for a reading', () => {
    const compiled = compileRule(aRule({ kind: 'no_data', levels: [{ severity: 'minor', hold: ms(100) }] }));
    const calm = initialConditionState(compiled);
    expect(stepSilence(compiled, calm, 1_050, 0, 1_000)).toBeNull();
    expect(stepSilence(compiled, calm, 1_100, 0, 1_000)).toMatchObject({ kind: 'activated', at: 1_100 });
    expect(stepSilence(compiled, calm, 2_010, 0, 2_000)).toBeNull();
    expect(calm.active).toBe(0);
  });

  it('clears silence only when it was heard for the clear hold', () => {
    const compiled = compileRule(
      aRule({ kind: 'no_data', levels: [{ severity: 'minor', hold: ms(100) }] }, { clearHold: ms(50) }),
    );
    const state = initialConditionState(compiled);
    stepSilence(compiled, state, 100, 0, 0);
    expect(stepSilence(compiled, state, 110, 110, 0)).toBeNull();
    expect(stepSilence(compiled, state, 215, 110, 0)).toBeNull();
    expect(stepSilence(compiled, state, 220, 220, 0)).toBeNull();
    expect(stepSilence(compiled, state, 280, 275, 0)).toMatchObject({ kind: 'cleared', at: 275 });
  });

  const readings = fc
    .uniqueArray(fc.record({ eventTime: fc.nat(500), value: fc.integer({ min: 0, max: 10 }) }), {
      selector: (r) => r.eventTime,
      maxLength: 60,
    })
    .map((list) => list.map((r) => at(r.eventTime, r.value)).sort((a, b) => a.eventTime - b.eventTime));
  const hold = fc.nat(60) as fc.Arbitrary<DurationMs>;

  it('has episodes in order, apart from each other, each begun by a breach that lasted the hold', () => {
    fc.assert(
      fc.property(
        readings,
        fc.integer({ min: 1, max: 9 }),
        hold,
        fc.nat(3),
        hold,
        (list, limit, holdMs, hysteresis, clearHold) => {
          const episodes = backtest(compileRule(aRule(above(limit, holdMs, hysteresis), { clearHold })), list);
          let end = -1;
          for (const episode of episodes) {
            expect(episode.activatedAt).toBeGreaterThan(end);
            const during = list.filter(
              (r) => r.eventTime >= episode.activatedAt - holdMs && r.eventTime <= episode.activatedAt,
            );
            expect(during.at(-1)!.value).toBeGreaterThanOrEqual(limit);
            end = episode.clearedAt ?? Number.POSITIVE_INFINITY;
            if (episode.clearedAt !== null)
              expect(list.find((r) => r.eventTime === episode.clearedAt)!.value).toBeLessThan(limit - hysteresis);
          }
        },
      ),
    );
  });
});
