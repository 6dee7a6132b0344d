import { z } from 'zod';
import { FILE_REFUSALS } from '../../domain/ports/station-files.ts';
import { QUALITY, type QualityName } from '../../domain/quality.ts';
import {
  EXPORT_FOLDER_PATTERN,
  EXPORT_INTERVALS_MINUTES,
  STATION_CODE_PATTERN,
  STATION_NAME_PART_PATTERN,
} from '../../domain/station.ts';
import { canonicalSymbol, STATION_FILE_PROBLEMS } from '../../domain/station-file.ts';
import { quarantineCode } from './quarantine.ts';
import { agencyId, instant, pointId, quantityKey, userId, version } from './wire.ts';

/** What station files are uploaded as. */
export const STATION_FILE_MEDIA_TYPES = ['text/plain'] as const;
/** Records of a preview that are told one by one; all are counted. */
export const PREVIEW_RECORDS_MAX = 500;
const PARAMETERS_MAX = 100;

export const stationCode = z.string().regex(STATION_CODE_PATTERN);
export const stationParams = z.object({ stationCode });
export const receiptParams = z.object({ fileKey: z.string().regex(/^[0-9a-f]{64}$/) });

const symbol = z
  .string()
  .trim()
  .min(1)
  .max(40)
  .regex(/^[^\t\r\n]+$/);
const parameter = z.object({
  symbol,
  pointId,
  quantity: quantityKey,
  unit: z.string().trim().max(20).meta({ description: 'As files write it: mg/L, °C, m3/h, -' }),
});
const schedule = z
  .object({
    intervalMinutes: z.literal(EXPORT_INTERVALS_MINUTES),
    symbols: z.array(symbol).max(PARAMETERS_MAX).readonly(),
    folder: z
      .string()
      .max(200)
      .regex(EXPORT_FOLDER_PATTERN)
      .meta({ description: 'Below the platform’s export folder' }),
    dated: z.boolean().meta({ description: 'In folders of station, year, month and day' }),
  })
  .meta({ id: 'StationSchedule' });

const stationFields = {
  province: z.string().regex(STATION_NAME_PART_PATTERN),
  facility: z.string().regex(STATION_NAME_PART_PATTERN),
  parameters: z.array(parameter).max(PARAMETERS_MAX).readonly(),
  schedule: schedule.nullable(),
};
const inSpellingOfTable = <
  T extends {
    readonly parameters: readonly z.output<typeof parameter>[];
    readonly schedule: z.output<typeof schedule> | null;
  },
>(
  station: T,
): T => ({
  ...station,
  parameters: station.parameters.map((one) => ({ ...one, symbol: canonicalSymbol(one.symbol) })),
  schedule: station.schedule && { ...station.schedule, symbols: station.schedule.symbols.map(canonicalSymbol) },
});
const symbolsOf = ({ parameters }: { readonly parameters: readonly { readonly symbol: string }[] }) =>
  new Set(parameters.map((one) => one.symbol));
const whole = <T extends z.ZodObject>(fields: T) =>
  fields as unknown as z.ZodObject<typeof stationFields & Omit<T['shape'], keyof typeof stationFields>>;

export const stationEdit = whole(z.strictObject(stationFields))
  .transform(inSpellingOfTable)
  .refine((station) => symbolsOf(station).size === station.parameters.length, {
    error: 'refusal.symbolTwice',
    path: ['parameters'],
  })
  .refine(({ schedule: planned, ...station }) => planned?.symbols.every((one) => symbolsOf(station).has(one)) ?? true, {
    error: 'refusal.symbolUnmapped',
    path: ['schedule', 'symbols'],
  });
export const stationCreate = z.strictObject({ code: stationCode, agencyId, station: stationEdit });

export const station = z
  .object({ code: stationCode, agencyId, ...stationFields, exportedTo: instant.nullable(), version })
  .meta({
    id: 'Station',
    description: 'An automatic monitoring station, and which series the symbols of its files are',
  });
export type StationWire = z.infer<typeof station>;

const count = z.number().int().min(0);
export const stationReceipt = z
  .object({
    key: z.string(),
    fileName: z.string(),
    source: z.enum(['folder', 'upload']),
    station: z.string().nullable(),
    agencyId: agencyId.nullable(),
    at: instant,
    state: z.enum(['imported', 'partly', 'failed']),
    readings: count,
    refused: count.meta({ description: 'Records that are in quarantine, each with its reason' }),
    reason: z.object({ code: z.enum(FILE_REFUSALS), detail: z.string() }).nullable(),
    by: userId.nullable(),
    retryable: z.boolean().meta({ description: 'It lies in failed/ and can be put back' }),
  })
  .meta({ id: 'StationReceipt', description: 'What became of one file' });
export type StationReceiptWire = z.infer<typeof stationReceipt>;

const record = z.object({
  symbol: z.string(),
  value: z.number(),
  unit: z.string(),
  time: instant,
  status: z.string().meta({ description: '00 measuring, 01 calibrating, 02 device error; others are never valid' }),
});
const QUALITY_NAMES = Object.keys(QUALITY) as [QualityName, ...QualityName[]];
export const stationFilePreview = z
  .object({
    station: station.nullable(),
    refusal: z.enum(FILE_REFUSALS).nullable(),
    counts: z.object({ readings: count, refused: count, unreadable: count }),
    unknownSymbols: z
      .array(z.object({ symbol: z.string(), records: count }))
      .readonly()
      .meta({ description: 'Symbols that the station has no point for' }),
    outcomes: z
      .array(
        z.discriminatedUnion('kind', [
          z.object({
            kind: z.literal('reading'),
            record,
            pointId,
            quantity: quantityKey,
            value: z.number().meta({ description: 'In the quantity’s unit' }),
            quality: z.enum(QUALITY_NAMES),
          }),
          z.object({ kind: z.literal('refused'), record, code: quarantineCode, detail: z.string() }),
          z.object({
            kind: z.literal('unreadable'),
            record: z
              .number()
              .int()
              .nullable()
              .meta({ description: 'Place in the file, from 0; null: the whole file' }),
            symbol: z.string().nullable(),
            code: z.enum(STATION_FILE_PROBLEMS),
            detail: z.string(),
          }),
        ]),
      )
      .readonly()
      .meta({ description: `The first ${PREVIEW_RECORDS_MAX}` }),
    before: stationReceipt.nullable().meta({ description: 'What became of this very file before' }),
  })
  .meta({ id: 'StationFilePreview' });
export type StationFilePreviewWire = z.infer<typeof stationFilePreview>;

const lastFile = z.object({ name: z.string(), at: instant }).nullable();
export const stationFileStatus = z
  .object({
    watched: z.object({
      folder: z.string().nullable().meta({ description: 'Null: none is configured' }),
      scannedAt: instant.nullable(),
      waiting: count,
      lastFile,
      imported: count.meta({ description: 'Since start' }),
      failed: count,
      trouble: z.string().nullable(),
    }),
    exported: z.object({
      folder: z.string().nullable(),
      files: count.meta({ description: 'Since start' }),
      lastFile,
      trouble: z.string().nullable(),
    }),
  })
  .meta({ id: 'StationFileStatus' });
