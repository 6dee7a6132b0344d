import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { QualitySpan } from '../../domain/ports/registry.ts';
import { QUALITY, type Quality, UNUSABLE_FROM } from '../../domain/quality.ts';
import { effectiveQuality } from '../../domain/quality-verdicts.ts';
import { toColumns } from '../../domain/reading.ts';
import { epochMs, milliseconds } from '../../domain/time.ts';
import { aggregate } from './quality-overlay.ts';

const span = (from: number, to: number, quality: Quality, recordedAt: number, isWithdrawn = false): QualitySpan =>
  ({
    id: `${from}-${to}-${recordedAt}`,
    from: epochMs(from),
    to: epochMs(to),
    quality,
    recordedAt: epochMs(recordedAt),
    withdrawnAt: isWithdrawn ? epochMs(recordedAt) : null,
  }) as QualitySpan;
const readingsAt = (times: readonly number[], quality: Quality = QUALITY.GOOD) =>
  toColumns(
    times.map((time) => ({
      series: 1 as SeriesId,
      eventTime: epochMs(time),
      arrivalTime: epochMs(time),
      value: time,
      quality,
    })),
  );

describe('people’s verdicts over recorded quality', () => {
  it('hold from the beginning, inclusive, to the end, exclusive', () => {
    const quality = effectiveQuality(readingsAt([1, 2, 3, 4]), [span(2, 4, QUALITY.INVALID_DECLARED, 1)]);
    expect([...quality]).toEqual([0, QUALITY.INVALID_DECLARED, QUALITY.INVALID_DECLARED, 0]);
  });

  it('leave what was recorded as it was', () => {
    const readings = readingsAt([1]);
    effectiveQuality(readings, [span(0, 9, QUALITY.CALIBRATING, 1)]);
    expect(readings.quality[0]).toBe(QUALITY.GOOD);
  });

  it('are for every reading the newest recorded that is not withdrawn, whatever their order', () => {
    const spans = fc.array(
      fc
        .tuple(
          fc.integer({ min: 0, max: 20 }),
          fc.integer({ min: 1, max: 10 }),
          fc.constantFrom<Quality>(QUALITY.GOOD, QUALITY.CALIBRATING, QUALITY.INVALID_DECLARED),
          fc.integer({ min: 0, max: 1_000 }),
          fc.boolean(),
        )
        .map(([from, length, quality, at, isWithdrawn]) => span(from, from + length, quality, at, isWithdrawn)),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 }), spans, (times, given) => {
        fc.pre(new Set(given.map((one) => one.recordedAt)).size === given.length);
        const sorted = times.toSorted((a, b) => a - b);
        const quality = effectiveQuality(readingsAt(sorted), given);
        sorted.forEach((time, i) => {
          const [newest] = given
            .filter((one) => one.withdrawnAt === null && one.from <= time && time < one.to)
            .sort((a, b) => b.recordedAt - a.recordedAt);
          expect(quality[i]).toBe(newest?.quality ?? QUALITY.GOOD);
        });
      }),
    );
  });
});

describe('windows made from raw readings', () => {
  it('hold what a naive count of each window holds, without unusable readings and empty windows', () => {
    const times = fc
      .uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 40 })
      .map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: -30, max: 30 }),
        fc.infiniteStream(fc.boolean()),
        (list, step, align, coin) => {
          const readings = readingsAt(list);
          const quality = Uint8Array.from(list, () => (coin.next().value ? QUALITY.GOOD : QUALITY.INVALID_DECLARED));
          const got = aggregate(readings, quality, { step: milliseconds(step), align: epochMs(align) });
          const windows = Map.groupBy(
            list.filter((_, i) => (quality[i] as number) < UNUSABLE_FROM),
            (time) => align + Math.floor((time - align) / step) * step,
          );
          expect(got.start).toEqual([...windows.keys()]);
          [...windows.values()].forEach((values, i) => {
            const sum = values.reduce((a, b) => a + b, 0);
            expect([got.count[i], got.sum[i], got.min[i], got.max[i], got.last[i]]).toEqual([
              values.length,
              sum,
              Math.min(...values),
              Math.max(...values),
              values.at(-1),
            ]);
            expect(got.mean[i]).toBeCloseTo(sum / values.length);
          });
        },
      ),
    );
  });
});
