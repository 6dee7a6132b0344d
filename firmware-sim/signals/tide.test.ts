import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../domain/time.ts';
import { riverTideAt, tideAt } from './tide.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FROM = Date.UTC(2026, 0, 1);

const dailyRange = (day: number): number => {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let t = FROM + day * DAY_MS; t < FROM + (day + 1) * DAY_MS; t += HOUR_MS / 4) {
    const level = tideAt(t as EpochMs);
    low = Math.min(low, level);
    high = Math.max(high, level);
  }
  return high - low;
};
const ranges = Array.from({ length: 365 }, (_, day) => dailyRange(day));

/** Instants of high water over some days. */
const highWaters = (days: number): readonly number[] => {
  const found: number[] = [];
  const step = HOUR_MS / 6;
  for (let t = FROM; t < FROM + days * DAY_MS; t += step) {
    const here = tideAt(t as EpochMs);
    if (here > tideAt((t - step) as EpochMs) && here >= tideAt((t + step) as EpochMs)) found.push(t);
  }
  return found;
};

describe('the tide of Hòn Dáu', () => {
  it('ranges about four metres at springs and under one at neaps', () => {
    expect(Math.max(...ranges)).toBeGreaterThan(3.5);
    expect(Math.max(...ranges)).toBeLessThan(4.5);
    expect(Math.min(...ranges)).toBeLessThan(1);
  });

  it('has one high water on most days: it is diurnal', () => {
    const perDay = highWaters(365).length / 365;
    expect(perDay).toBeGreaterThan(0.95);
    expect(perDay).toBeLessThan(1.25);
  });

  it('goes from springs to springs in half a tropical month, 13.66 days', () => {
    const peaks = ranges.flatMap((range, day) =>
      day > 0 && day < 364 && range > 2.4 && range >= (ranges[day - 1] ?? 0) && range > (ranges[day + 1] ?? 0)
        ? [day]
        : [],
    );
    const gaps = peaks.slice(1).map((day, i) => day - (peaks[i] as number));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(mean).toBeGreaterThan(13.2);
    expect(mean).toBeLessThan(14.2);
  });

  it('comes later and lower the farther up a river', () => {
    const high = (km: number) => {
      let best = FROM;
      for (let t = FROM + 40 * DAY_MS; t < FROM + 41 * DAY_MS; t += HOUR_MS / 6)
        if (riverTideAt(t as EpochMs, km) > riverTideAt(best as EpochMs, km) || best === FROM) best = t;
      return { at: best, level: riverTideAt(best as EpochMs, km) };
    };
    const mouth = high(0);
    const inland = high(38);
    expect(inland.level).toBeLessThan(0.65 * mouth.level);
    expect(inland.level).toBeGreaterThan(0.3 * mouth.level);
    expect((inland.at - mouth.at) / HOUR_MS).toBeCloseTo(1.9, 0);
  });
});
