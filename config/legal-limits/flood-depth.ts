import { type LegalLimit, legalLimitSchema } from './legal-limit.ts';

/*
 * Depth of water on a street. No national scale was found; this is the platform's convention and says so. The lower bound belongs to its class:
 * at 5 cm the road is wet, at 15 cm motorcycles are at risk, at 30 cm cars, at 50 cm the street is closed.
 */
const depth = (clause: string, centimetres: number): LegalLimit =>
  legalLimitSchema.parse({
    quantity: 'flood_depth',
    bound: 'maximum',
    value: centimetres,
    unit: 'cm',
    averagingHours: null,
    edge: 'reached',
    inForce: { from: null, until: null },
    source: { document: 'Quy ước của nền tảng', clause, issued: null, evidence: 'convention' },
  });

/** Least depth of classes 1 … 4; class 0 is anything less. */
export const FLOOD_DEPTHS: readonly LegalLimit[] = [
  depth('cấp 1: đường ướt', 5),
  depth('cấp 2: nguy hiểm cho xe máy', 15),
  depth('cấp 3: nguy hiểm cho ô tô', 30),
  depth('cấp 4: đóng đường', 50),
];
