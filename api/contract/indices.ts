import { z } from 'zod';
import { instant, localized, pointId, quantityKey } from './wire.ts';

/** Lower-case key of an index, e.g. `vn_aqi`. */
const indexKey = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9_]*$/);

const indexCategory = z
  .object({
    key: z.string(),
    min: z.number().meta({ description: 'Whole index value, inclusive' }),
    max: z.number().meta({ description: 'Whole index value, inclusive' }),
    name: localized,
    colour: z.string().meta({ description: 'As its document prints it, #RRGGBB' }),
    effect: localized.exactOptional(),
    advice: z.object({ general: localized, sensitive: localized }).exactOptional(),
    use: localized.exactOptional(),
  })
  .meta({ id: 'IndexCategory' });
export type IndexCategoryWire = z.infer<typeof indexCategory>;

/** An index that the platform works out by itself: its values are readings of the quantities named. */
export const indexInfo = z
  .object({
    key: indexKey,
    kind: z.enum(['air', 'water', 'noise']),
    name: localized,
    source: z.string().meta({ description: 'The document that defines it' }),
    hourly: quantityKey.nullable().meta({ description: 'Quantity of its hourly values; stamped with the hour’s end' }),
    daily: quantityKey.nullable().meta({ description: 'Quantity of its daily values; stamped with the day’s end' }),
    inputs: z.array(quantityKey).readonly(),
    categories: z.array(indexCategory).readonly(),
  })
  .meta({ id: 'Index' });
export type IndexInfo = z.infer<typeof indexInfo>;

const share = z.number().min(0).max(1);
const indexPart = z
  .object({
    key: z.string().meta({ description: 'Column, parameter or period of the method' }),
    quantity: quantityKey.nullable(),
    average: z.enum(['nowcast', 'mean_1h', 'mean_8h', 'mean_24h', 'maximum_1h', 'maximum_8h']).nullable(),
    measured: z.number().nullable().meta({ description: 'The averaged value, in the quantity’s unit' }),
    value: z.number().nullable().meta({ description: 'Sub-index' }),
    capture: share.nullable().meta({ description: 'Share of what should have been measured' }),
    gap: z
      .enum([
        'NOT_MEASURED',
        'NO_DATA',
        'TOO_FEW_READINGS',
        'TOO_FEW_HOURS',
        'RECENT_HOURS_MISSING',
        'BELOW_COLUMN',
        'ABOVE_COLUMN',
      ])
      .nullable(),
  })
  .meta({ id: 'IndexPart' });
export type IndexPartWire = z.infer<typeof indexPart>;

const indexReport = z
  .object({
    from: instant,
    to: instant,
    value: z.number().nullable(),
    category: z.string().nullable(),
    determining: z.string().nullable().meta({ description: 'Key of the part with the greatest weight' }),
    quantity: quantityKey.nullable().meta({ description: 'Of the determining part: the dominant pollutant' }),
    capture: share.nullable(),
    beyondTable: z
      .boolean()
      .meta({ description: 'The table ends below what was measured: read the value as "at least"' }),
    gap: z
      .enum(['REQUIRED_POLLUTANT_MISSING', 'NO_POLLUTANT', 'PERIOD_MISSING', 'TOO_FEW_GROUPS', 'TOO_FEW_IN_GROUP_IV'])
      .nullable(),
    parts: z.array(indexPart).readonly(),
  })
  .meta({ id: 'IndexReport', description: 'An index of the hour or day (from, to], with all that it was made from' });
export type IndexReportWire = z.infer<typeof indexReport>;

export const pointIndex = z.object({
  index: indexKey,
  hourly: indexReport.nullable(),
  daily: indexReport.nullable(),
});
export type PointIndexWire = z.infer<typeof pointIndex>;
export const pointIndices = z
  .object({ point: pointId, items: z.array(pointIndex).readonly() })
  .meta({ id: 'PointIndices' });
