import { z } from 'zod';
import { IMPORT_COLUMNS, IMPORT_OBSTACLES, IMPORT_PROBLEM_CODES } from '../../domain/device-import.ts';
import { NEW_DEVICE_STATES } from '../../domain/device-life.ts';
import { agencyId, deviceId, deviceModelId, instant, localized, pointId, userId } from './wire.ts';

/** What a sheet of devices may be uploaded as. */
export const SHEET_MEDIA_TYPES = [
  'text/csv',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
] as const;
export const SHEET_FORMATS = ['csv', 'xlsx'] as const;

export const importParams = z.object({ importId: z.string().min(1).max(64) });

const counts = z.object({ create: z.number().int(), unchanged: z.number().int(), error: z.number().int() });
export const deviceImport = z
  .object({
    id: z.string(),
    agencyId,
    state: z.enum(['previewed', 'applied', 'undone']),
    fileName: z.string(),
    unknownColumns: z.array(z.string()).readonly().meta({ description: 'Headings that mean nothing here; left aside' }),
    counts,
    createdAt: instant,
    createdBy: userId.nullable(),
    appliedAt: instant.nullable(),
    undoneAt: instant.nullable(),
  })
  .meta({ id: 'DeviceImport' });

const importProblem = z.object({
  code: z.enum(IMPORT_PROBLEM_CODES),
  column: z.enum(IMPORT_COLUMNS),
  message: localized,
  params: z.record(z.string(), z.union([z.string(), z.number()])),
});
const line = z.number().int().meta({ description: 'Line of the file, the heading being line 1' });
/** What an import does with one row of the sheet. */
export const importOutcome = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('create'),
      line,
      device: z.object({
        id: deviceId,
        modelId: deviceModelId,
        serialNumber: z.string().nullable(),
        state: z.enum(NEW_DEVICE_STATES),
        pointId: pointId.nullable(),
      }),
    }),
    z.object({ kind: z.literal('unchanged'), line, id: deviceId }),
    z.object({
      kind: z.literal('error'),
      line,
      id: z.string().nullable().meta({ description: 'As it is written in the sheet' }),
      problems: z.array(importProblem).readonly(),
    }),
  ])
  .meta({ id: 'ImportOutcome' });
export type ImportOutcomeWire = z.infer<typeof importOutcome>;

export const importOutcomes = z.object({
  items: z.array(importOutcome).readonly(),
  next: z.string().nullable(),
});

export const importApplication = z.strictObject({
  skipErrors: z.boolean().default(false).meta({ description: 'Leave rows with errors out' }),
  tokens: z
    .boolean()
    .default(false)
    .meta({ description: 'Make a token for each new device; shown in the answer alone' }),
});
export const importApplied = z.object({
  import: deviceImport,
  created: z.number().int(),
  tokens: z.array(z.object({ deviceId, token: z.string() })).readonly(),
});

export const importObstacle = z.object({ deviceId, code: z.enum(IMPORT_OBSTACLES) });
