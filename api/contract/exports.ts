import { z } from 'zod';
import { EXPORT_FAILURES, EXPORT_FORMATS, EXPORT_STATES } from '../../domain/data-export.ts';
import { agencyId, domainName, instant, language, pointId, quantityKey, tag, wardCode } from './wire.ts';

const MANY = 5_000;
/** Series of one export. */
export const EXPORT_SERIES_MAX = 20_000;

export const exportSelection = z
  .strictObject({
    points: z.array(pointId).min(1).max(MANY).readonly().exactOptional(),
    quantities: z.array(quantityKey).min(1).max(200).readonly().exactOptional(),
    agencies: z.array(agencyId).min(1).max(200).readonly().exactOptional(),
    wards: z.array(wardCode).min(1).max(500).readonly().exactOptional(),
    tags: z.array(tag).min(1).max(50).readonly().exactOptional(),
    domains: z.array(domainName).min(1).max(4).readonly().exactOptional(),
  })
  .meta({
    id: 'ExportSelection',
    description: 'Parts given must all match, within a part any will do; without parts, everything the caller may see',
  });
export type ExportSelectionWire = z.infer<typeof exportSelection>;

const csvDialect = z
  .strictObject({
    byteOrderMark: z.boolean().meta({ description: 'So that Excel takes the file for UTF-8' }),
    delimiter: z.enum([',', ';', '\t']),
    decimal: z.enum(['.', ',']),
  })
  .meta({ id: 'CsvDialect' });

const span = {
  selection: exportSelection,
  from: instant.meta({ description: 'Epoch milliseconds, inclusive' }),
  to: instant.meta({ description: 'Epoch milliseconds, exclusive' }),
  step: z.string().max(32).nullable().meta({
    description: 'ISO 8601 duration or milliseconds, as of GET /readings/windows; null: readings as they came',
  }),
};

export const exportQuestion = z.strictObject(span);
export const exportOrder = z
  .strictObject({
    ...span,
    format: z.enum(EXPORT_FORMATS),
    withUnusable: z
      .boolean()
      .default(true)
      .meta({ description: 'Invalid readings and those of calibration too, each marked; aggregates never count them' }),
    csv: csvDialect.exactOptional().meta({ description: 'Absent: no byte order mark, comma, decimal point' }),
    language: language.exactOptional().meta({ description: 'Of headings and notes; absent: of the request' }),
  })
  .meta({ id: 'ExportOrder' });

const count = z.number().int().min(0);
export const exportEstimate = z
  .object({
    series: count,
    points: count,
    rows: count.meta({ description: 'About; readings that cannot be used are not in it' }),
    bytes: z.record(z.enum(EXPORT_FORMATS), count).meta({ description: 'About, by format' }),
    maximumRows: count,
  })
  .meta({ id: 'ExportEstimate' });

export const exportParams = z.object({ exportId: z.string().min(1).max(64) });
export const dataExport = z
  .object({
    id: z.string(),
    orderedAt: instant,
    expiresAt: instant.meta({ description: 'From then on the file is gone' }),
    format: z.enum(EXPORT_FORMATS),
    from: instant,
    to: instant,
    stepMs: z.number().nullable(),
    withUnusable: z.boolean(),
    series: count,
    state: z.enum(EXPORT_STATES),
    failure: z.enum(EXPORT_FAILURES).nullable(),
    progress: z.object({ seriesDone: count, rows: count }),
    leftOut: count.meta({ description: 'Readings left out because they cannot be used' }),
    bytes: count.nullable().meta({ description: 'Of the finished file' }),
    tookMs: z.number().nullable(),
  })
  .meta({ id: 'DataExport' });
export type DataExportWire = z.infer<typeof dataExport>;
