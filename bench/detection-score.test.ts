import { describe, expect, it } from 'vitest';
import type { PointId, SeriesId, SiteId } from '../domain/identifiers.ts';
import { epochMs, minutes } from '../domain/time.ts';
import {
  type DetectionRun,
  GRACE,
  ONSET,
  placed,
  type RaisedAlarm,
  scoreRun,
  summaryOf,
  type TrueEvent,
} from './detection-score.ts';

const MINUTE = minutes(1);
const at = (minute: number) => epochMs(1_000_000_000_000 + minute * MINUTE);
const point = (id: string) => id as PointId;

/** A flood from minute 600 to 900 at `street`. */
const flood: TrueEvent = { kind: 'street_flood', from: at(600), to: at(900), points: new Set([point('street')]) };
const alarm = (from: number, until: number | null, change: Partial<RaisedAlarm> = {}): RaisedAlarm => ({
  rule: 'depth',
  series: 1 as SeriesId,
  point: point('street'),
  quantity: 'flood_depth',
  at: at(from),
  until: until === null ? null : at(until),
  reach: minutes(3),
  ...change,
});
const score = (alarms: readonly RaisedAlarm[], change: Partial<DetectionRun> = {}) =>
  scoreRun({ events: [flood], alarms, faultless: [], from: at(0), to: at(2_000), sensors: 10, ...change });
const foundAfter = (alarms: readonly RaisedAlarm[]) => score(alarms).events[0]!.alarmedAfter;

describe('an event', () => {
  it.each([
    { it: 'is alarmed by the first alarm in it', given: [alarm(650, 700), alarm(612, null)], after: minutes(12) },
    { it: 'is alarmed at once by one that rose with it and is still there', given: [alarm(590, 610)], after: 0 },
    { it: 'is not alarmed by one that was over when it began', given: [alarm(590, 600)], after: null },
    {
      it: 'is not alarmed by one that was there long before',
      given: [alarm(600 - ONSET / MINUTE - 1, null)],
      after: null,
    },
    { it: 'is not alarmed by one that begins as it ends', given: [alarm(900, null)], after: null },
    { it: 'is not alarmed elsewhere', given: [alarm(612, null, { point: point('other') })], after: null },
    {
      it: 'is not alarmed by a quantity it does not show in',
      given: [alarm(612, null, { quantity: 'ph' })],
      after: null,
    },
    { it: 'is not alarmed by nothing', given: [], after: null },
  ])('$it', ({ given, after }) => expect(foundAfter(given)).toBe(after));

  it('is seen at what its sites contain, and at its signs', () => {
    const site = (id: string) => id as SiteId;
    const { points } = placed(
      {
        kind: 'supply_outage',
        what: { vi: 'a', en: 'a' },
        sites: [site('transformer')],
        from: at(0),
        to: at(1),
        signs: [{ point: point('elsewhere'), quantity: 'voltage', is: 'below', limit: 10 }],
      },
      new Map([
        [point('own'), site('transformer')],
        [point('meter'), site('house')],
        [point('neighbour'), site('street')],
      ]),
      new Map([
        [site('transformer'), site('feeder')],
        [site('house'), site('transformer')],
        [site('street'), site('feeder')],
      ]),
    );
    expect([...points].sort()).toEqual(['elsewhere', 'meter', 'own']);
  });
});

describe('an alarm', () => {
  const late = 900 + (GRACE + minutes(3)) / MINUTE;
  it.each([
    { it: 'in its event is not false', given: alarm(612, 700), wrong: 0 },
    { it: 'of traces that the event left is not false', given: alarm(late - 1, null), wrong: 0 },
    { it: 'longer after the event than its rule reaches is false', given: alarm(late, null), wrong: 1 },
    { it: 'before anything happened is false', given: alarm(100, 110), wrong: 1 },
    { it: 'at another point is false', given: alarm(612, 700, { point: point('other') }), wrong: 1 },
    { it: 'before the judged span is not counted', given: alarm(-1, 10), wrong: 0 },
  ])('$it', ({ given, wrong }) => expect(score([given]).falseAlarms).toBe(wrong));

  it('that faultless devices raise too is false, but not by faulty devices', () => {
    const [mine, theirs] = [alarm(100, 110), alarm(112, 130)];
    expect(score([mine], { faultless: [theirs] })).toMatchObject({ falseAlarms: 1, byFaultyDevices: 0 });
    const elsewhere = { ...theirs, series: 2 as SeriesId };
    const muchLater = alarm(200, 210);
    for (const other of [elsewhere, { ...theirs, rule: 'another' }, muchLater])
      expect(score([mine], { faultless: [other] })).toMatchObject({ falseAlarms: 1, byFaultyDevices: 1 });
  });
});

it('counts sensor-weeks by the judged span', () => {
  expect(score([], { from: at(0), to: at(7 * 24 * 60) }).sensorWeeks).toBe(10);
});

describe('what was found', () => {
  const found = (...after: readonly (number | null)[]) =>
    summaryOf(after.map((n) => ({ kind: 'smog', alarmedAfter: n === null ? null : minutes(n) })));

  it('is the share alarmed and the median of those', () => {
    expect(found(9, null, 1, 2)).toEqual({ events: 4, alarmedShare: 0.75, medianMinutes: 2 });
    expect(found(1, 4)).toEqual({ events: 2, alarmedShare: 1, medianMinutes: 2.5 });
  });
  it('is unknown, not zero, where there was nothing', () => {
    expect(found()).toEqual({ events: 0, alarmedShare: null, medianMinutes: null });
    expect(found(null)).toEqual({ events: 1, alarmedShare: 0, medianMinutes: null });
  });
});
