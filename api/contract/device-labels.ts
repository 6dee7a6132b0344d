import { z } from 'zod';
import { LABEL_FORMATS } from '../../domain/label-layout.ts';
import { claimTimes } from './device-life.ts';
import { agencyId, deviceId, instant, language, userId } from './wire.ts';

/** Labels printed by one order: more are several orders. */
export const LABELS_MAX = 500;
const format = z.enum(LABEL_FORMATS).meta({
  description:
    'a4-3x7: 63.5 × 38.1 mm (Avery L7160); a4-3x8: 70 × 37 mm (Avery 3474); a4-2x7: 99.1 × 38.1 mm (Avery L7163); roll-62: 62 mm roll',
});
export const labelOrder = z
  .strictObject({
    deviceIds: z.array(deviceId).min(1).max(LABELS_MAX),
    format,
    skip: z.number().int().min(0).max(23).default(0).meta({ description: 'Labels already used on the first sheet' }),
    language: language.default('vi'),
    ...claimTimes,
  })
  .refine(({ opensAt, closesAt }) => opensAt === undefined || closesAt === undefined || opensAt < closesAt, {
    message: 'refusal.spanReversed',
  });

export const labelPrint = z
  .object({
    id: z.string(),
    agencyId,
    printedAt: instant,
    printedBy: userId.nullable(),
    format,
    deviceIds: z.array(deviceId).readonly(),
    codes: z.number().int().meta({ description: 'Of devices in stock: codes made by this print; all before are dead' }),
    opensAt: instant,
    closesAt: instant,
  })
  .meta({ id: 'LabelPrint', description: 'The labels of one agency that were printed by one order' });
