import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeriesId } from '../../domain/identifiers.ts';
import { type Reading, toColumns } from '../../domain/reading.ts';
import { epochMs } from '../../domain/time.ts';
import { LatestTable } from './latest-table.ts';

const reading = (series: number, eventTime: number, value: number): Reading => ({
  series: series as SeriesId,
  eventTime: epochMs(eventTime),
  arrivalTime: epochMs(0),
  value,
  quality: 0,
});
const changedIn = (table: LatestTable): number[] =>
  Array.from(table.changed.subarray(0, table.changedCount)).sort((a, b) => a - b);

describe('the table of newest readings', () => {
  it('keeps the reading with the greatest event time of each series, the later row of two with the same time', () => {
    const readings = fc.array(
      fc.record({
        series: fc.integer({ min: 1, max: 20_000 }),
        eventTime: fc.integer({ min: 0, max: 5 }),
        value: fc.float({ noNaN: true }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(readings, fc.integer({ min: 1, max: 10 }), (given, batch) => {
        const table = new LatestTable();
        const expected = new Map<number, { eventTime: number; value: number }>();
        for (let at = 0; at < given.length; at += batch) {
          table.fold(
            toColumns(given.slice(at, at + batch).map((one) => reading(one.series, one.eventTime, one.value))),
          );
        }
        for (const one of given) {
          if (one.eventTime >= (expected.get(one.series)?.eventTime ?? -1)) expected.set(one.series, one);
        }
        for (const [series, { eventTime, value }] of expected) {
          expect(table.has(series)).toBe(true);
          expect([table.eventTime[series], table.value[series]]).toEqual([eventTime, value]);
        }
        expect(changedIn(table)).toEqual([...expected.keys()].sort((a, b) => a - b));
      }),
    );
  });

  it('knows for every frame what changed in it, and for whoever is behind what changed since', () => {
    const table = new LatestTable();
    table.fold(toColumns([reading(1, 1, 1), reading(2, 1, 1), reading(1, 2, 2)]));
    expect(changedIn(table)).toEqual([1, 2]);
    expect(table.closeFrame()).toBe(1);
    table.fold(toColumns([reading(2, 2, 2)]));
    expect(changedIn(table)).toEqual([2]);
    expect([table.changedIn[1], table.changedIn[2], table.changedIn[3]]).toEqual([1, 2, 0]);
  });

  it('counts late readings and changes nothing for them', () => {
    const table = new LatestTable();
    table.fold(toColumns([reading(1, 10, 1)]));
    table.closeFrame();
    table.fold(toColumns([reading(1, 9, 2)]));
    expect([table.value[1], table.changedCount, table.lateReadings]).toEqual([1, 0, 1]);
  });
});
