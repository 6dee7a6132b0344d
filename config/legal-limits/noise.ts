import { z } from 'zod';
import { legalLimitSchema } from './legal-limit.ts';

/*
 * QCVN 26:2010/BTNMT, National Technical Regulation on Noise (Circular 39/2010/TT-BTNMT of 16 December 2010), Table 1, dB(A); told alike by
 * several who cite it.
 *
 * QCVN 26:2025/BNNMT (Circular 01/2025/TT-BNNMT of 15 May 2025) replaces it, with five classes of areas and an evening between day and night. Its
 * numbers are to be entered here, with the day they came into force as the end of these, by whoever has the text: none are guessed.
 */

const hourOfDay = z.number().int().min(0).max(23);
const noiseLimitSchema = z.strictObject({
  /** `special`: hospitals, schools, libraries, kindergartens, places of worship; `ordinary`: where people live and work. */
  area: z.enum(['special', 'ordinary']),
  period: z.enum(['day', 'night']),
  /** Local hours of the clock, [from, to), over midnight where to < from. */
  hours: z.strictObject({ from: hourOfDay, to: hourOfDay }),
  limit: legalLimitSchema,
});
/** A limit that holds in a kind of area at some hours. */
export type NoiseLimit = z.output<typeof noiseLimitSchema>;

const DAY = { from: 6, to: 21 };
const NIGHT = { from: 21, to: 6 };

const noise = (area: NoiseLimit['area'], period: NoiseLimit['period'], value: number): NoiseLimit =>
  noiseLimitSchema.parse({
    area,
    period,
    hours: period === 'day' ? DAY : NIGHT,
    limit: {
      quantity: 'noise_level',
      bound: 'maximum',
      value,
      unit: 'dB[SPL]{A}',
      averagingHours: null,
      edge: 'allowed',
      inForce: { from: null, until: null },
      source: { document: 'QCVN 26:2010/BTNMT', clause: 'Bảng 1', issued: '2010-12-16', evidence: 'secondary' },
    },
  });

export const NOISE_LIMITS: readonly NoiseLimit[] = [
  noise('special', 'day', 55),
  noise('special', 'night', 45),
  noise('ordinary', 'day', 70),
  noise('ordinary', 'night', 55),
];
