import { type LegalLimit, legalLimitSchema } from './legal-limit.ts';

/*
 * Water for domestic use at the tap: QCVN 01-1:2018/BYT (Circular 41/2018/TT-BYT of 14 December 2018), whose values several who cite it tell
 * alike. It is remembered as replaced by QCVN 01-1:2024/BYT (Circular 52/2024/TT-BYT) from 1 July 2025; whether its values differ was not to be
 * seen, so compare before relying on them.
 */
const tap = (
  quantity: 'free_chlorine' | 'turbidity' | 'ph',
  bound: LegalLimit['bound'],
  value: number,
  unit: string,
): LegalLimit =>
  legalLimitSchema.parse({
    quantity,
    bound,
    value,
    unit,
    averagingHours: null,
    edge: 'allowed',
    inForce: { from: null, until: null },
    source: {
      document: 'QCVN 01-1:2018/BYT',
      clause: 'Danh mục thông số chất lượng nước sạch, nhóm A',
      issued: '2018-12-14',
      evidence: 'secondary',
    },
  });

export const TAP_WATER_LIMITS = {
  chlorine: { low: tap('free_chlorine', 'minimum', 0.2, 'mg/L'), high: tap('free_chlorine', 'maximum', 1, 'mg/L') },
  turbidity: tap('turbidity', 'maximum', 2, '{NTU}'),
  acidity: { low: tap('ph', 'minimum', 6, '[pH]'), high: tap('ph', 'maximum', 8.5, '[pH]') },
} as const;

/** Least free head where water enters a house of one storey; 4 m more for each further storey. TCVN 13606:2023, clause not seen. */
export const SERVICE_PRESSURE: LegalLimit = legalLimitSchema.parse({
  quantity: 'water_pressure',
  bound: 'minimum',
  value: 10,
  unit: 'm[H2O]',
  averagingHours: null,
  edge: 'allowed',
  inForce: { from: null, until: null },
  source: { document: 'TCVN 13606:2023', clause: 'áp lực tự do tối thiểu', issued: null, evidence: 'secondary' },
});
