import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { converted, isUnit, unitConversion } from './unit.ts';

const VECTORS = new URL('../../shared/reference/vectors/ucum.json', import.meta.url);
const vectors = existsSync(VECTORS)
  ? (JSON.parse(readFileSync(VECTORS, 'utf8')) as { units: { quantity: string; code: string }[] }).units
  : [];
const convert = (value: number, from: string, to: string): number => {
  const conversion = unitConversion(from, to);
  if (!conversion.ok) throw new Error(conversion.error);
  return converted(value, conversion.value);
};

describe('units', () => {
  it.skipIf(vectors.length === 0)('reads every code of the reference list (skipped where ../shared is absent)', () =>
    expect(vectors.filter(({ code }) => !isUnit(code))).toEqual([]),
  );

  it.each([
    [25, 'Cel', 'K', 298.15],
    [77, '[degF]', 'Cel', 25],
    [101_325, 'Pa', 'hPa', 1013.25],
    [10, 'm[H2O]', 'bar', 0.980665],
    [1, '[psi]', 'kPa', 6.894757293168361],
    [36, 'km/h', 'm/s', 10],
    [1, 'm3/s', 'L/s', 1000],
    [3.6, 'm3/h', 'L/s', 1],
    [250, 'mS/m', 'uS/cm', 2500],
    [1, 'kW.h', 'MJ', 3.6],
    [0.03, 'mg/m3', 'ug/m3', 30],
    [0.45, '1', '%', 45],
    [180, 'deg', 'rad', Math.PI],
    [2, 'ug/(100.mL)', 'ug/L', 20],
    [60, '/min', 'Hz', 1],
    [5, 'm/s2', 'm.s-2', 5],
    [3, 'g/kg', '[ppth]', 3],
  ])('makes %d %s in %s', (value, from, to, expected) => expect(convert(value, from, to)).toBeCloseTo(expected, 9));

  it.each([
    ['kV.A.h{reactive}', 'kV.A.h', 'UNIT_MISMATCH'],
    ['{vehicle}/h', '/h', 'UNIT_MISMATCH'],
    ['m', 's', 'UNIT_MISMATCH'],
    ['dB[SPL]{A}', 'dB[SPL]', 'UNIT_MISMATCH'],
    ['[pH]', '1', 'UNIT_MISMATCH'],
    ['°C', 'Cel', 'UNIT_UNKNOWN'],
    ['Cel.m', 'K.m', 'UNIT_UNKNOWN'],
    ['', 'm', 'UNIT_UNKNOWN'],
    ['m//s', 'm/s', 'UNIT_UNKNOWN'],
    ['(m', 'm', 'UNIT_UNKNOWN'],
    ['kmin', 's', 'UNIT_UNKNOWN'],
    ['constructor', 'm', 'UNIT_UNKNOWN'],
  ])('does not make %s into %s', (from, to, error) => expect(unitConversion(from, to)).toEqual({ ok: false, error }));

  it('leaves a unit alone that is asked for as it is, even one it can’t read', () =>
    expect(unitConversion('smoots', 'smoots')).toEqual({ ok: true, value: { factor: 1, offset: 0 } }));

  it.each([
    [0.03, 'mg/m3', 'ug/m3', 30],
    [0.07, 'm', 'cm', 7],
    [29, 'cm', 'm', 0.29],
    [1.1, 'kW.h', 'W.h', 1100],
    [57, '%', '1', 0.57],
    [0.7, 'bar', 'hPa', 700],
  ])('makes %d %s exactly what a person would in %s', (value, from, to, expected) =>
    expect(convert(value, from, to)).toBe(expected),
  );

  it('comes back to where it began, whatever the pair', () => {
    const codes = ['Cel', 'K', '[degF]'];
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.constantFrom(...codes),
        fc.double({ min: -200, max: 200, noNaN: true }),
        (a, b, value) => {
          expect(convert(convert(value, a, b), b, a)).toBeCloseTo(value, 8);
        },
      ),
    );
  });

  it('never throws, whatever the code', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'mgskKC%[]{}()./*^-+10hdaHz'), maxLength: 80 }), (code) => {
        unitConversion(code, 'm');
      }),
    );
  });
});
