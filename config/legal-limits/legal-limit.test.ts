import { describe, expect, it } from 'vitest';
import type { LocalDate } from '../../domain/indices/local-hours.ts';
import { AMBIENT_AIR_LIMITS } from './ambient-air.ts';
import { FLOOD_DEPTHS } from './flood-depth.ts';
import {
  firstBreach,
  isInForce,
  type LegalLimitRow,
  legalLimitSchema,
  legalLimits,
  limitValue,
} from './legal-limit.ts';
import { NOISE_LIMITS } from './noise.ts';
import { RIVER_STATIONS } from './river-alerts.ts';
import { FEEDER_VOLTAGE_LIMITS, phaseVoltageLimits } from './supply-voltage.ts';
import { SERVICE_PRESSURE } from './water-supply.ts';

const row: LegalLimitRow = {
  quantity: 'pm2_5',
  bound: 'maximum',
  value: 45,
  unit: 'ug/m3',
  averagingHours: 24,
  edge: 'allowed',
  inForce: { from: '2026-01-01', until: null },
  source: { document: 'QCVN 05:2023/BTNMT', clause: 'Bảng 1', issued: '2023-03-13', evidence: 'text' },
};
const breachOf = (change: Partial<LegalLimitRow>): number => firstBreach(legalLimits([{ ...row, ...change }])[0]!);

describe('a legal limit', () => {
  it.each<{ it: string; change: object }>([
    { it: 'a quantity that the catalogue hasn’t', change: { quantity: 'unobtainium' } },
    { it: 'a unit of another kind', change: { unit: 'm' } },
    { it: 'a unit that nobody knows', change: { unit: 'smoot' } },
    { it: 'a value that is no number', change: { value: Number.NaN } },
    { it: 'a day that there isn’t', change: { inForce: { from: '2026-02-30', until: null } } },
    { it: 'an end before its beginning', change: { inForce: { from: '2026-01-01', until: '2025-01-01' } } },
    { it: 'no source', change: { source: { ...row.source, document: '' } } },
    { it: 'a misspelt field', change: { averagingHour: 24 } },
  ])('is refused with $it', ({ change }) => {
    expect(legalLimitSchema.safeParse({ ...row, ...change }).success).toBe(false);
  });

  it('is in force from its first day to the day before its last', () => {
    const inForce = { from: '2023-09-12' as LocalDate, until: '2026-01-01' as LocalDate };
    const on = ['2023-09-11', '2023-09-12', '2025-12-31', '2026-01-01'].map((date) =>
      isInForce(inForce, date as LocalDate),
    );
    expect(on).toEqual([false, true, true, false]);
    expect(isInForce({ from: null, until: null }, '1900-01-01' as LocalDate)).toBe(true);
  });

  it('is first broken one shown digit beyond a value that is still allowed', () => {
    expect(breachOf({})).toBe(45.1);
    expect(breachOf({ bound: 'minimum' })).toBe(44.9);
    expect(breachOf({ quantity: 'co', value: 30, unit: 'mg/m3' })).toBe(30_001);
    expect(breachOf({ value: 45.04 })).toBe(45.1);
    expect(breachOf({ bound: 'minimum', value: 45.04 })).toBe(45);
  });

  it('is broken at its value where reaching it counts', () => {
    expect(breachOf({ quantity: 'water_level', unit: 'm', value: 2.3, edge: 'reached' })).toBe(2.3);
    expect(breachOf({ quantity: 'flood_depth', unit: 'cm', value: 15, edge: 'reached' })).toBe(0.15);
    expect(breachOf({ bound: 'minimum', edge: 'reached' })).toBe(45);
  });

  it('converts to the unit of its quantity', () => {
    expect(limitValue(SERVICE_PRESSURE)).toBeCloseTo(0.980665, 9);
    expect(firstBreach(SERVICE_PRESSURE)).toBe(0.98);
    expect([FEEDER_VOLTAGE_LIMITS.low, FEEDER_VOLTAGE_LIMITS.high].map(limitValue)).toEqual([20_900, 23_100]);
  });
});

describe('the tables of limits', () => {
  const dayLimits = (date: string) =>
    Object.fromEntries(
      AMBIENT_AIR_LIMITS.filter(
        ({ averagingHours, inForce }) => averagingHours === 24 && isInForce(inForce, date as LocalDate),
      ).map(({ quantity, value }) => [quantity, value]),
    );

  it('have 50 µg/m³ of PM2.5 a day until the end of 2025, and 45 since', () => {
    expect(dayLimits('2025-12-31')).toEqual({ so2: 125, no2: 100, pm10: 100, pm2_5: 50 });
    expect(dayLimits('2026-01-01')).toEqual({ so2: 125, no2: 100, pm10: 100, pm2_5: 45 });
  });

  it('are stricter over longer times', () => {
    const now = AMBIENT_AIR_LIMITS.filter(({ inForce }) => inForce.until === null);
    for (const a of now)
      for (const b of now)
        if (a.quantity === b.quantity && a.averagingHours! < b.averagingHours!)
          expect(a.value, `${a.quantity} ${a.averagingHours} h and ${b.averagingHours} h`).toBeGreaterThan(b.value);
  });

  it('have 209 to 231 V allowed, both ends included', () => {
    const { low, high } = phaseVoltageLimits('voltage').normal;
    expect([limitValue(low), limitValue(high), firstBreach(low), firstBreach(high)]).toEqual([209, 231, 208.9, 231.1]);
  });

  it('have noise quieter at night and in special areas, whose hours make a day', () => {
    const value = (area: string, period: string) =>
      NOISE_LIMITS.find((each) => each.area === area && each.period === period)!.limit.value;
    for (const area of ['special', 'ordinary']) expect(value(area, 'night')).toBeLessThan(value(area, 'day'));
    for (const period of ['day', 'night']) expect(value('special', period)).toBeLessThan(value('ordinary', period));
    const [day, night] = NOISE_LIMITS.map(({ hours }) => hours);
    expect([day!.to, night!.to]).toEqual([night!.from, day!.from]);
  });

  it('have river grades that rise, and say nothing where nothing is known', () => {
    for (const { levels } of RIVER_STATIONS) {
      const known = levels.filter((limit) => limit !== null).map(({ value }) => value);
      expect(known).toEqual([...known].sort((a, b) => a - b));
      expect(new Set(known).size).toBe(known.length);
    }
    expect(RIVER_STATIONS.find(({ slug }) => slug === 'cua-cam')!.levels).toEqual([null, null, null]);
    expect(FLOOD_DEPTHS.map(limitValue)).toEqual([0.05, 0.15, 0.3, 0.5]);
  });
});
