import type { CatalogueKey } from '../quantities.ts';
import { type LegalLimit, type LegalLimitRow, legalLimits } from './legal-limit.ts';

/*
 * QCVN 08:2023/BTNMT, National Technical Regulation on Surface Water Quality; Circular 01/2023/TT-BTNMT of 13 March 2023, in force 12 September
 * 2023, in place of QCVN 08-MT:2015. Only parameters of the catalogue.
 */

const limit = (
  quantity: CatalogueKey,
  clause: string,
  bound: LegalLimit['bound'],
  value: number,
  unit: string,
): LegalLimitRow => ({
  quantity,
  bound,
  value,
  unit,
  averagingHours: null,
  edge: 'allowed',
  inForce: { from: '2023-09-12', until: null },
  source: { document: 'QCVN 08:2023/BTNMT', clause, issued: '2023-03-13', evidence: 'text' },
});
const parsed = (row: LegalLimitRow): LegalLimit => legalLimits([row])[0]!;

const classLimit = (
  waterClass: string,
  bound: LegalLimit['bound'],
  quantity: CatalogueKey,
  value: number,
): LegalLimit =>
  parsed(limit(quantity, `Bảng 2, mức ${waterClass}`, bound, value, quantity === 'ph' ? '[pH]' : 'mg/L'));

/** Table 2: water of rivers and canals, by class (mức) from A, good, to D, very poor. */
export const RIVER_CLASS_LIMITS = {
  oxygen: {
    A: classLimit('A', 'minimum', 'dissolved_oxygen', 6),
    B: classLimit('B', 'minimum', 'dissolved_oxygen', 5),
    C: classLimit('C', 'minimum', 'dissolved_oxygen', 4),
    D: classLimit('D', 'minimum', 'dissolved_oxygen', 2),
  },
  /** Classes B and C have the same band; D is what lies outside it. */
  acidity: {
    A: { low: classLimit('A', 'minimum', 'ph', 6.5), high: classLimit('A', 'maximum', 'ph', 8.5) },
    B: { low: classLimit('B', 'minimum', 'ph', 6), high: classLimit('B', 'maximum', 'ph', 8.5) },
  },
} as const;

/** Table 1: the most that protects human health. NH₄⁺ as nitrogen. */
export const AMMONIUM_LIMIT: LegalLimit = parsed(limit('ammonium', 'Bảng 1', 'maximum', 0.3, 'mg/L'));
