import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isWithinBand,
  voltageDeviation,
  voltageUnbalance,
  weeklyVoltageOf,
} from '../../domain/indices/supply-voltage.ts';
import { EN_50160_LOW_VOLTAGE, NOMINAL_PHASE_VOLTS, NORMAL_OPERATION } from './supply-voltage.ts';

const week = (runs: readonly (readonly [volts: number, times: number])[]): readonly number[] =>
  runs.flatMap(([volts, times]) => Array.from({ length: times }, () => volts));

describe('the voltage of a supply', () => {
  it('is in order from 209 to 231 V, both ends included, in spite of binary floats', () => {
    const within = [208.9, 209, 220, 231, 231.1].map((volts) =>
      isWithinBand(volts, NOMINAL_PHASE_VOLTS, NORMAL_OPERATION),
    );
    expect(within).toEqual([false, true, true, true, false]);
    expect(isWithinBand(23.1, 22, NORMAL_OPERATION)).toBe(true);
  });

  it('may leave the usual band one time in twenty of a week, and the wider band never', () => {
    const judged = (runs: Parameters<typeof week>[0]) => weeklyVoltageOf(week(runs), 230, EN_50160_LOW_VOLTAGE);
    expect(
      judged([
        [230, 950],
        [206, 50],
      ]),
    ).toMatchObject({ withinUsual: 0.95, complies: true });
    expect(
      judged([
        [230, 949],
        [206, 51],
      ]),
    ).toMatchObject({ withinAlways: 1, complies: false });
    expect(
      judged([
        [230, 1_007],
        [194, 1],
      ]),
    ).toMatchObject({ complies: false });
    expect(judged([])).toBeNull();
  });

  it('is unbalanced by nothing when its lines are equal, and by no more than twice the mean', () => {
    const volts = fc.double({ min: 1, max: 500, noNaN: true });
    fc.assert(
      fc.property(volts, volts, volts, (a, b, c) => {
        expect(voltageUnbalance([a, a, a])).toBeCloseTo(0, 9);
        expect(voltageUnbalance([a, b, c])).toBeGreaterThanOrEqual(0);
        expect(voltageUnbalance([a, b, c])).toBeLessThanOrEqual(200);
        expect(voltageUnbalance([a, b, c])).toBeCloseTo(voltageUnbalance([c, a, b]), 9);
      }),
    );
  });
});

const VECTORS = '../shared/reference/vectors/voltage.json';
describe.skipIf(!existsSync(VECTORS))(`the voltage vectors (skipped without ${VECTORS})`, () => {
  interface Vector {
    readonly id: string;
    readonly rule: string;
    readonly nominal: number;
    readonly value: number;
    readonly values: [number, number, number];
    readonly values_rle: [number, number][];
    readonly expected: Record<string, number | boolean>;
  }
  const { vectors } = (existsSync(VECTORS) ? JSON.parse(readFileSync(VECTORS, 'utf8')) : { vectors: [] }) as {
    vectors: Vector[];
  };

  it.each(vectors)('$id', ({ rule, nominal, value, values, values_rle, expected }) => {
    if (rule === 'EN50160-LV') {
      const judged = weeklyVoltageOf(week(values_rle), nominal, EN_50160_LOW_VOLTAGE)!;
      expect(judged.withinUsual).toBeCloseTo(expected['within_10pct_share'] as number, 5);
      expect(judged.withinAlways).toBeCloseTo(expected['within_plus10_minus15_share'] as number, 5);
      expect(judged.complies).toBe(expected['pass']);
    } else if (rule === 'VN-normal-5pct') {
      expect(voltageDeviation(value, nominal)).toBeCloseTo(expected['deviation_pct'] as number, 4);
      expect(isWithinBand(value, nominal, NORMAL_OPERATION)).toBe(expected['ok']);
    } else {
      expect(voltageUnbalance(values)).toBeCloseTo(expected['unbalance_pct'] as number, 5);
    }
  });
});
