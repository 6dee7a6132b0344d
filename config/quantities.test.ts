import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DOMAINS } from '../domain/quantity.ts';
import { QUANTITY_CATALOGUE } from './quantities.ts';

const quantities = [...QUANTITY_CATALOGUE.values()];
const UCUM_FILE = '../shared/reference/vectors/ucum.json';

describe('the catalogue of quantities', () => {
  it('covers all four domains', () => {
    for (const domain of DOMAINS) expect(quantities.some((q) => q.domain === domain)).toBe(true);
    expect(quantities.length).toBeGreaterThanOrEqual(50);
  });

  it.each(quantities.map((q) => [q.key, q] as const))('%s keeps the invariants', (key, q) => {
    expect(key).toMatch(/^[a-z][a-z0-9_]{0,39}$/);
    expect(q.physicalRange.min).toBeLessThan(q.physicalRange.max);
    expect(q.plausibleRange.min).toBeLessThan(q.plausibleRange.max);
    expect(q.plausibleRange.min).toBeGreaterThanOrEqual(q.physicalRange.min);
    expect(q.plausibleRange.max).toBeLessThanOrEqual(q.physicalRange.max);
    expect(q.name.vi).toBe(q.name.vi.normalize('NFC'));
    expect(q.name.vi.trim()).not.toBe('');
    expect(q.name.en.trim()).not.toBe('');
    expect(q.unit).toMatch(/^[\x21-\x7e]+$/); // UCUM codes are printable ASCII
    expect(Number.isInteger(q.decimals) && q.decimals >= 0 && q.decimals <= 4).toBe(true);
    expect(q.staleAfter).toBeGreaterThanOrEqual(5 * 60_000);
    if (q.aggregation === 'direction') expect(q.physicalRange).toEqual({ min: 0, max: 360 });
    if (q.aggregation === 'cumulative') expect(q.physicalRange.min).toBe(0);
  });

  it('names every state that can be sent, where it names any', () => {
    const named = [...QUANTITY_CATALOGUE.values()].filter(({ stateNames }) => stateNames !== undefined);
    expect(named.map(({ key }) => key)).toEqual(['power_present', 'door_open']);
    for (const { aggregation, unitSymbol, plausibleRange, stateNames } of named) {
      expect({ aggregation, unitSymbol }).toEqual({ aggregation: 'state', unitSymbol: '' });
      expect(plausibleRange).toEqual({ min: 0, max: stateNames!.length - 1 });
    }
  });

  it('gives no two quantities the same name in one language', () => {
    for (const language of ['vi', 'en'] as const)
      expect(new Set(quantities.map((q) => q.name[language])).size).toBe(quantities.length);
  });

  it.skipIf(!existsSync(UCUM_FILE))(`spells units as the UCUM vectors do (skipped without ${UCUM_FILE})`, () => {
    const { units } = JSON.parse(readFileSync(UCUM_FILE, 'utf8')) as { units: { code: string }[] };
    const codes = new Set(units.map((unit) => unit.code));
    expect(quantities.filter((q) => !codes.has(q.unit)).map((q) => `${q.key}: ${q.unit}`)).toEqual([]);
  });
});
