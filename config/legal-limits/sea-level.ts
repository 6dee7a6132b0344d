import { type LegalLimit, legalLimitSchema } from './legal-limit.ts';

/*
 * High water at Hòn Dáu, above chart datum. No alarm grades of the coast were found; these are the levels that bulletins of the Hải Phòng
 * hydrometeorological station announced as high spring tide or surge with a risk of flooding low coasts: 3.8–4.0 m in July 2024, 3.9–4.2 m in July
 * 2025. Another gauge has another datum and needs levels of its own.
 */
const announced = (metres: number, by: string): LegalLimit =>
  legalLimitSchema.parse({
    quantity: 'water_level',
    bound: 'maximum',
    value: metres,
    unit: 'm',
    averagingHours: null,
    edge: 'reached',
    inForce: { from: null, until: null },
    source: { document: 'Bản tin Đài KTTV Hải Phòng', clause: by, issued: null, evidence: 'derived' },
  });

export const HIGH_WATER_HON_DAU = {
  risk: announced(3.8, 'triều cường, nước dâng 3,8–4,0 m (tháng 7/2024): nguy cơ ngập vùng trũng ven biển'),
  highest: announced(4.2, 'triều cường, nước dâng 3,9–4,2 m (tháng 7/2025): mức cao nhất từng được cảnh báo'),
} as const;
