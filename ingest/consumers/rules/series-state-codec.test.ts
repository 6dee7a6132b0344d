import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RuleId } from '../../../domain/identifiers.ts';
import { ReadingWindow } from '../../../domain/reading-window.ts';
import { RecentReadings } from '../../../domain/recent-readings.ts';
import {
  decodeJointState,
  decodeSeriesState,
  type JointState,
  type SeriesState,
  SeriesStateEncoder,
} from './series-state-codec.ts';

const time = fc.integer({ min: 0, max: 4e12 });
const value = fc.double({ noNaN: true });
const maybe = fc.oneof(time, fc.constant(Number.NaN));
const state = fc
  .record({
    active: fc.integer({ min: 0, max: 3 }),
    breachedSince: fc.array(maybe, { minLength: 4, maxLength: 4 }),
    insideSince: maybe,
    worstValue: fc.oneof(value, fc.constant(Number.NaN)),
    suspect: fc.boolean(),
    recent: fc.array(value, { maxLength: 40 }).map((list) => list.slice(0, list.length - (list.length % 2))),
  })
  .map((s) => ({
    ...s,
    quiet: false,
    breachedSince: new Float64Array(s.breachedSince),
    recent: s.recent.length === 0 ? null : ReadingWindow.from(s.recent),
  }));
const recentReadings = fc.array(fc.tuple(time, value, fc.nat(255)), { maxLength: 40 }).map((list) => {
  const recent = new RecentReadings();
  for (const [at, v, quality] of list) recent.put(at, v, quality, Number.NEGATIVE_INFINITY);
  return recent;
});
const listed = (recent: RecentReadings) => {
  const list: number[][] = [];
  recent.forEach((...reading) => {
    list.push(reading);
  });
  return list;
};
/** A window shows what it holds only when asked. */
const opened = (series: SeriesState) => ({
  ...series,
  recent: series.recent && listed(series.recent),
  rules: series.rules.map((rule) => ({ ...rule, recent: rule.state.recent?.toArray() ?? null })),
});
const span = fc.oneof(fc.constant(null), fc.record({ from: time, to: time, seenAt: time }));
const rule = fc.record({
  ruleId: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).map((id) => id as RuleId),
  fingerprint: fc.nat(0xffffffff),
  state,
});
const series: fc.Arbitrary<SeriesState> = fc.record({
  judgedThrough: fc.nat(),
  newest: fc.oneof(time, fc.constant(Number.NEGATIVE_INFINITY)),
  newestValue: value,
  newestQuality: fc.nat(255),
  heardAt: fc.oneof(time, fc.constant(Number.NEGATIVE_INFINITY)),
  late: span,
  recent: fc.oneof(fc.constant(null), recentReadings),
  rules: fc.array(rule, { maxLength: 5 }),
});
const joint: fc.Arbitrary<JointState> = fc.record({
  steppedTo: fc.oneof(time, fc.constant(Number.NEGATIVE_INFINITY)),
  judgedThrough: fc.nat(),
  late: span,
  rule,
});

describe('the kept state of a series', () => {
  it('reads back as it was written', () => {
    const encoder = new SeriesStateEncoder();
    fc.assert(
      fc.property(series, (given) => {
        expect(opened(decodeSeriesState(encoder.encode(given)))).toEqual(opened(given));
      }),
    );
  });

  it('of several series together reads back, too', () => {
    const encoder = new SeriesStateEncoder();
    const windowless = joint.map((j) => ({ ...j, rule: { ...j.rule, state: { ...j.rule.state, recent: null } } }));
    fc.assert(
      fc.property(windowless, (given) => {
        expect(decodeJointState(encoder.encodeJoint(given))).toEqual(given);
      }),
    );
  });

  it('takes little room while nothing is going on', () => {
    const calm: SeriesState = {
      judgedThrough: 9,
      newest: 1,
      newestValue: 2,
      newestQuality: 0,
      heardAt: 1,
      late: null,
      recent: null,
      rules: [],
    };
    expect(new SeriesStateEncoder().encode(calm)).toHaveLength(35);
  });

  it('refuses what is not such a state', () => {
    expect(() => decodeSeriesState(new Uint8Array([9, 9, 9]))).toThrow(RangeError);
    expect(() => decodeSeriesState(new Uint8Array([1, 0, 0]))).toThrow(RangeError);
  });
});
