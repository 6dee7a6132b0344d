import { z } from 'zod';
import { DECLARABLE_QUALITY, QUALITY, type QualityName } from '../../domain/quality.ts';
import { instant, seriesId, userId } from './wire.ts';

const QUALITY_NAMES = Object.keys(QUALITY) as [QualityName, ...QualityName[]];
/** Series of one verdict. */
export const MARKED_SERIES_MAX = 50;

const to = instant
  .nullable()
  .meta({ description: 'Exclusive; null: until somebody ends it, readings covered as they arrive' });

export const qualitySpan = z
  .object({
    id: z.string(),
    series: seriesId,
    from: instant,
    to,
    quality: z.enum(QUALITY_NAMES),
    reason: z.string(),
    finding: z
      .object({ key: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])) })
      .nullable()
      .meta({ description: 'What the platform found by itself; null for a person’s verdict' }),
    replaces: z.string().nullable().meta({ description: 'Id of the span that this one took the place of' }),
    by: userId,
    recordedAt: instant,
    withdrawnAt: instant.nullable(),
  })
  .meta({
    id: 'QualitySpan',
    description:
      'A verdict on raw readings, from inclusive, to exclusive. Of people’s the newest recorded counts, and over all that the platform found; what is withdrawn stays on record',
  });
export type QualitySpanWire = z.infer<typeof qualitySpan>;

const verdict = {
  from: instant,
  to,
  quality: z.enum(DECLARABLE_QUALITY),
  reason: z.string().trim().min(1).max(500),
};
const inOrder = (span: { readonly from: number; readonly to: number | null }): boolean =>
  span.to === null || span.from < span.to;

export const qualitySpanCreate = z
  .strictObject({ series: seriesId, ...verdict })
  .refine(inOrder, 'refusal.spanReversed');
export const qualitySpansCreate = z
  .strictObject({ series: z.array(seriesId).min(1).max(MARKED_SERIES_MAX), ...verdict })
  .refine(inOrder, 'refusal.spanReversed');
export const qualitySpanReplace = z.strictObject(verdict).refine(inOrder, 'refusal.spanReversed');
