import { describe, expect, it } from 'vitest';
import type { WindowSeries } from '../../api/contract/readings.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import { QUALITY } from '../../domain/quality.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import {
  chartOfReadings,
  chartOfWindows,
  chartSummary,
  NO_CHART_DATA,
  thinnedAt,
  untilMoment,
  withNewest,
} from './chart-data.ts';
import { stepLeft } from './chart-span.ts';

const readings = (...rows: readonly (readonly [number, number, number?])[]) => ({
  eventTime: rows.map(([at]) => epochMs(at)) as EpochMs[],
  value: rows.map(([, value]) => value),
  quality: rows.map(([, , quality]) => quality ?? QUALITY.GOOD),
});
const windows = (starts: readonly number[]): WindowSeries => ({
  series: 1 as SeriesId,
  quantity: 'pm2_5' as QuantityKey,
  start: starts.map(epochMs),
  count: starts.map(() => 3),
  good: starts.map(() => 3),
  mean: starts.map((_, i) => i + 5),
  min: starts.map((_, i) => i),
  max: starts.map((_, i) => i + 9),
  sum: starts.map(() => 15),
  last: starts.map(() => 7),
  kept: { raw: null, hourly: null, daily: null },
});

describe('what a chart draws', () => {
  it('knows what is left at the beginning of its span, and the step that can still be had', () => {
    const kept = { raw: epochMs(300), hourly: epochMs(200), daily: epochMs(100) };
    expect([50, 150, 250, 350].map((from) => thinnedAt(kept, from)?.left)).toEqual([
      'nothing',
      'daily',
      'hourly',
      undefined,
    ]);
    expect(stepLeft(thinnedAt(kept, 250), 0)?.text).toBe('PT1H');
    expect(stepLeft(thinnedAt(kept, 150), 3_600_000)?.text).toBe('P1D');
    expect(stepLeft(thinnedAt(kept, 250), 3_600_000)).toBeUndefined();
    expect(stepLeft(thinnedAt(kept, 50), 0)).toBeUndefined();
  });

  it('is every reading in its place, broken where the sensor was silent', () => {
    const data = chartOfReadings(readings([1000, 1], [2000, 2], [3000, 3], [9000, 4]), 3000);
    expect(data.time).toEqual([1, 2, 3, 6, 9]);
    expect(data.value).toEqual([1, 2, 3, null, 4]);
  });

  it('joins readings that were recorded at a slower pace than the sensor has now', () => {
    expect(chartOfReadings(readings([0, 1], [6000, 2], [12_000, 3], [30_000, 4]), 3000).value).toEqual([
      1,
      2,
      3,
      null,
      4,
    ]);
  });

  it('never joins invalid readings to the line, and marks stretches of doubt', () => {
    const data = chartOfReadings(
      readings(
        [1000, 1],
        [2000, 999, QUALITY.INVALID_OUT_OF_RANGE],
        [3000, 2, QUALITY.SUSPECT_STUCK],
        [4000, 2, QUALITY.SUSPECT_RATE],
        [5000, 3],
      ),
      60_000,
    );
    expect(data.value).toEqual([1, null, 2, 2, 3]);
    expect(data.invalid).toEqual([null, 999, null, null, null]);
    expect(data.doubtful).toEqual([
      { from: 2000, to: 2000, kind: 'invalid' },
      { from: 3000, to: 4000, kind: 'suspect' },
    ]);
  });

  it('of windows is their middle, with a band, broken at empty windows', () => {
    const data = chartOfWindows(windows([0, 1000, 5000]), 1000, 'mean');
    expect(data.time).toEqual([0.5, 1.5, 2, 5.5]);
    expect(data.value).toEqual([5, 6, null, 7]);
    expect(data.low).toEqual([0, 1, null, 2]);
    expect(data.high).toEqual([9, 10, null, 11]);
  });

  it('of windows joins what was recorded at a slower pace than theirs', () => {
    expect(chartOfWindows(windows([0, 2000, 4000, 9000]), 1000, 'mean').value).toEqual([5, 6, 7, null, 8]);
  });

  it('has no band beside sums', () => {
    expect(chartOfWindows(windows([0]), 1000, 'sum').high).toEqual([null]);
  });

  it('goes on with the newest live reading, within the span shown', () => {
    const data = chartOfReadings(readings([1000, 1]), 60_000);
    expect(withNewest(data, { eventTime: 2000, value: 4, quality: 0 }, 0, 9000).value).toEqual([1, 4]);
    expect(withNewest(data, { eventTime: 1000, value: 4, quality: 0 }, 0, 9000)).toBe(data);
    expect(withNewest(data, { eventTime: 9500, value: 4, quality: 0 }, 0, 9000)).toBe(data);
    expect(withNewest(data, undefined, 0, 9000)).toBe(data);
  });

  it('is summed up in words by lowest, highest and last', () => {
    expect(chartSummary(chartOfWindows(windows([0, 1000]), 1000, 'mean'))).toEqual({ lowest: 0, highest: 10, last: 6 });
    expect(chartSummary(NO_CHART_DATA)).toBeNull();
  });
});

describe('the data of a chart of the past', () => {
  it('ends at the moment shown, its doubtful stretches too', () => {
    const time = [1, 2, 3];
    const data = {
      ...NO_CHART_DATA,
      time,
      value: [10, 20, 30],
      low: [null, null, null],
      high: [null, null, null],
      invalid: [null, null, null],
      doubtful: [
        { from: 1_500, to: 2_800, kind: 'suspect' as const },
        { from: 2_600, to: 2_900, kind: 'suspect' as const },
      ],
    };
    expect(untilMoment(data, 2_000)).toMatchObject({ time: [1, 2], value: [10, 20] });
    expect(untilMoment(data, 2_500).doubtful).toEqual([{ from: 1_500, to: 2_500, kind: 'suspect' }]);
    expect(untilMoment(data, 3_000)).toBe(data);
    expect(untilMoment(data, 999).time).toEqual([]);
  });
});
