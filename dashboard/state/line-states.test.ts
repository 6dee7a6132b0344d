import { describe, expect, it } from 'vitest';
import type { LineScaleWire, MapLineWire } from '../../api/contract/map-lines.ts';
import type { SeriesId, SiteId } from '../../domain/identifiers.ts';
import { countsOf, judgeLines, keptWhenSame } from './line-states.ts';
import type { LatestReading } from './live-table.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const SCALE: LineScaleWire = {
  ...{ key: 'supply_voltage', layer: 'power', of: 'percent', unit: '%', source: '', evidence: 'unverified' },
  steps: [
    { lineClass: 'outage', from: null, includesFrom: true },
    { lineClass: 'undervoltage', from: 5, includesFrom: true },
    { lineClass: 'energised', from: 95, includesFrom: true },
  ],
};
/** A feeder, its transformer and a meter, measured by the series 1, 2 and 3. */
const lines = ['feeder', 'transformer', 'meter'].map(
  (id, i, all) =>
    ({
      id,
      layer: 'power',
      from: all[i - 1] ?? 'substation',
      measures: [{ series: i + 1, quantity: 'voltage', scale: SCALE.key, whole: 220, staleAfterMs: 60 * MINUTE }],
    }) as unknown as MapLineWire,
);
const read = (...values: readonly (readonly [series: number, value: number, minutesAgo: number, quality?: number])[]) =>
  new Map(
    values.map(([series, value, ago, quality = 0]): [SeriesId, LatestReading] => [
      series as SeriesId,
      { eventTime: NOW - ago * MINUTE, value, quality } as LatestReading,
    ]),
  );
const NO_OUTAGE = new Map<SiteId, number>();
const judged = (readings: ReturnType<typeof read>, outages: ReadonlyMap<SiteId, number> = NO_OUTAGE) =>
  [...judgeLines(lines, [SCALE], readings, NOW, outages).values()].map(
    ({ lineClass, because }) => `${lineClass} ${because}`,
  );

describe('lines are judged', () => {
  it('by their newest readings, and not known without a recent one', () => {
    expect(judged(read([1, 221, 1], [2, 180, 1], [3, 220, 61]))).toEqual([
      'energised reading',
      'undervoltage reading',
      'null null',
    ]);
  });

  it('not by readings that are not to be believed', () => {
    expect(judged(read([1, 3, 1, 255]))[0]).toBe('null null');
  });

  it('as out behind what is out, unless something newer was heard from them', () => {
    expect(judged(read([1, 220, 1], [2, 0, 10], [3, 219, 25]))).toEqual([
      'energised reading',
      'outage reading',
      'outage upstream',
    ]);
    expect(judged(read([1, 220, 1], [2, 0, 10], [3, 219, 5]))[2]).toBe('energised reading');
  });

  it('as out where an open incident has its cause, down to the last that hangs on it', () => {
    const incident = new Map([['transformer' as SiteId, NOW - 5 * MINUTE]]);
    expect(judged(read([1, 220, 1], [2, 220, 20], [3, 219, 30]), incident)).toEqual([
      'energised reading',
      'outage incident',
      'outage upstream',
    ]);
    expect(judged(read([1, 220, 1]), new Map([['substation' as SiteId, NOW - 5 * MINUTE]]))[0]).toBe(
      'energised reading',
    );
    expect(judged(read([1, 220, 9]), new Map([['substation' as SiteId, NOW - 5 * MINUTE]]))[0]).toBe('outage incident');
  });

  it('in a ring once each', () => {
    const ring = lines.map((line, i) => ({ ...line, from: lines.at(i - 1)?.id ?? null }));
    expect(judgeLines(ring, [SCALE], read([2, 0, 1]), NOW, NO_OUTAGE).size).toBe(3);
  });

  it('and counted by class', () => {
    const states = judgeLines(lines, [SCALE], read([1, 220, 1], [2, 219, 1]), NOW, NO_OUTAGE);
    expect(Object.fromEntries(countsOf(lines, states, 'power'))).toEqual({ energised: 2, null: 1 });
    const again = judgeLines(lines, [SCALE], read([1, 220, 1], [2, 219, 1]), NOW, NO_OUTAGE);
    expect(keptWhenSame(states, again)).toBe(states);
  });
});
