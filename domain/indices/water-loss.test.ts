import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cusumStep, median, robustZOf } from './burst-detection.ts';
import { hourDayFactor, leakageAtPressure, leastRunningMean, legitimateNightUse } from './night-flow.ts';
import { leakageIndex, unavoidableLosses, waterBalanceOf } from './water-balance.ts';

const cusum = (z: readonly number[], slack: number): readonly number[] => {
  let sum = 0;
  return z.map((each) => {
    sum = cusumStep(sum, each, slack);
    return sum;
  });
};
const amount = fc.double({ min: 0, max: 1e6, noNaN: true });
const volumes = fc.record({
  systemInput: amount,
  billedMetered: amount,
  billedUnmetered: amount,
  unbilledMetered: amount,
  unbilledUnmetered: amount,
  unauthorised: amount,
  meterErrors: amount,
});

describe('a water balance', () => {
  it('adds up: what came in is what was authorised, apparently lost and really lost', () => {
    fc.assert(
      fc.property(volumes, (given) => {
        const { authorised, apparentLosses, realLosses } = waterBalanceOf(given);
        expect(authorised + apparentLosses + realLosses).toBeCloseTo(given.systemInput, 6);
      }),
    );
  });

  it('has no share of nothing', () => {
    const none = {
      billedMetered: 0,
      billedUnmetered: 0,
      unbilledMetered: 0,
      unbilledUnmetered: 0,
      unauthorised: 0,
      meterErrors: 0,
    };
    expect(waterBalanceOf({ systemInput: 0, ...none }).nonRevenuePercent).toBeNull();
    expect(leakageIndex(10, { mainsKm: 0, connections: 0, privatePipeKm: 0, pressureMetres: 30 })).toBeNull();
  });
});

describe('night flow', () => {
  it('makes 24 hours of leakage a day at constant pressure, fewer where pressure falls by day', () => {
    const flat = Array.from({ length: 24 }, () => 42);
    expect(hourDayFactor(flat, [2, 3], 1.5)).toBeCloseTo(24, 9);
    expect(
      hourDayFactor(
        flat.map((p, hour) => (hour > 5 ? p - 10 : p)),
        [2, 3],
        1.5,
      )!,
    ).toBeLessThan(24);
    expect(hourDayFactor(flat, [], 1)).toBeNull();
    expect(
      hourDayFactor(
        flat.map(() => 0),
        [2, 3],
        1,
      ),
    ).toBeNull();
  });

  it('is the least hour of the night', () => {
    expect(leastRunningMean([14.2, 13.1, 11.0, 9.9, 9.6, 9.7, 10.4, 12.8, 16.0], 4)).toEqual({
      mean: expect.closeTo(9.9, 9),
      start: 3,
    });
    expect(leastRunningMean([1, 2], 3)).toBeNull();
  });
});

describe('a burst', () => {
  it('is unusual against the same time of earlier weeks', () => {
    expect(robustZOf(37, [30, 31, 29, 30, 32, 30, 31], 0.1)).toMatchObject({
      median: 30,
      deviation: 1,
      z: expect.closeTo(4.721435, 6),
    });
    expect(robustZOf(37, [], 0.1)).toBeNull();
  });

  it('is not found in a meter that moves by its least step', () => {
    expect(robustZOf(31, [30, 30, 30, 30], 1)!.z).toBe(1);
  });

  it('piles up and drains', () => {
    expect(cusum([0.1, -0.3, 1.6, 2.1, -9], 0.5)).toEqual([0, 0, 1.1, expect.closeTo(2.7, 9), 0]);
  });

  it('has a median that half of the values lie on either side of', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1 }), (values) => {
        const middle = median(values)!;
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });
});

const VECTORS = '../shared/reference/vectors/water.json';
describe.skipIf(!existsSync(VECTORS))(`the water-supply vectors (skipped without ${VECTORS})`, () => {
  // Each operation has inputs of its own; `never` fits whatever the check hands them to.
  type Vector = { readonly id: string; readonly op: string } & Readonly<Record<string, never>>;
  const { vectors } = (existsSync(VECTORS) ? JSON.parse(readFileSync(VECTORS, 'utf8')) : { vectors: [] }) as {
    vectors: Vector[];
  };

  const networkOf = (v: Vector) => ({
    mainsKm: v['Lm_km']!,
    connections: v['Nc']!,
    privatePipeKm: v['Lp_km']!,
    pressureMetres: v['P_m']!,
  });
  const close = (expected: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, expect.closeTo(value, 4)]));

  const checks: Readonly<Record<string, (v: Vector) => void>> = {
    balance: (v) => {
      const { nonRevenue_pct, ...expected } = v['expected']! as Record<string, number>;
      expect(waterBalanceOf(v['inputs_m3']!)).toMatchObject(close({ ...expected, nonRevenuePercent: nonRevenue_pct! }));
    },
    uarl: (v) => {
      const losses = unavoidableLosses(networkOf(v));
      expect(losses).toBeCloseTo(v['expected_L_per_day']!, 6);
      expect(losses / v['Nc']!).toBeCloseTo(v['expected_L_per_conn_day']!, 4);
    },
    ili: (v) => expect(leakageIndex(v['CARL_m3_year']!, networkOf(v))).toBeCloseTo(v['expected']!, 3),
    favad: (v) => expect(leakageAtPressure(v['L0']!, v['P0_m']!, v['P1_m']!, v['N1']!)).toBeCloseTo(v['expected']!, 6),
    nightLeakage: (v) => {
      const expected = v['expected']! as Record<string, number>;
      const use = legitimateNightUse({
        population: v['population']!,
        activeShare: v['active_fraction']!,
        litresPerUse: v['cistern_L']!,
        otherM3PerHour: v['nonDomesticNightUse_m3_h']!,
      });
      const net = v['MNF_m3_h']! - use;
      const factor = hourDayFactor(v['pressure_m_hourly_0_to_23']!, v['night_hours']!, v['N1']!)!;
      expect({
        legitimateNightUse_m3_h: use,
        netNightFlow_m3_h: net,
        hourDayFactor: factor,
        dailyLeakage_m3: net * factor,
      }).toEqual(close(expected));
    },
    minimumNightFlow: (v) =>
      expect(leastRunningMean(v['flows_m3_h']!, v['window_intervals']!)).toEqual({
        mean: expect.closeTo(v['expected']!, 6),
        start: v['start_index'],
      }),
    cusumUpper: (v) => {
      const series = cusum(v['z']!, v['k']!);
      expect(series).toEqual((v['expected_series']! as number[]).map((each) => expect.closeTo(each, 6)));
      expect(series.findIndex((sum) => sum > v['h']!)).toBe(v['alarm_index']);
    },
    robustZ: (v) => {
      const { median: middle, mad, z } = v['expected']! as Record<string, number>;
      expect(robustZOf(v['value']!, v['baseline']!, 1e-6)).toEqual({
        median: middle,
        deviation: mad,
        z: expect.closeTo(z!, 5),
      });
    },
  };

  it.each(vectors)('$id', (vector) => checks[vector.op]!(vector));
});
