import { z } from 'zod';
import { LOSS_COUNTERS, PROCESS_ROLES } from '../../domain/process-counters.ts';
import { PATH_STAGES, type StageFinding } from '../../domain/reading-path.ts';
import { instant } from './wire.ts';

const count = z.number().int().min(0);
const finding = z
  .discriminatedUnion('key', [
    z.object({ key: z.literal('silent'), minutes: count }),
    z.object({ key: z.literal('much_quarantined'), percent: count }),
    z.object({
      key: z.enum([
        'journal_full',
        'disk_full',
        'journal_failing',
        'journal_unreachable',
        'journal_closed',
        'store_away',
      ]),
    }),
    z.object({ key: z.literal('journal_filling'), percent: count }),
    z.object({ key: z.literal('not_moving'), seconds: count }),
    z.object({ key: z.literal('behind'), seconds: count, caughtUpInSeconds: count.nullable() }),
    z.object({ key: z.literal('screens_slow'), percent: count }),
  ])
  .meta({ id: 'StageFinding' });
finding satisfies z.ZodType<StageFinding>;

export const pathStage = z
  .object({
    stage: z.enum(PATH_STAGES),
    state: z.enum(['ok', 'attention', 'stuck']),
    finding: finding.nullable(),
    perSecond: z.number().nullable().meta({
      description:
        'Of the last minute: messages (receive, quarantine), journal entries (journal, consumers), frames (screens)',
    }),
    waiting: count.nullable().meta({ description: 'Entries before a consumer; screens connected' }),
    history: z
      .array(z.number().nullable())
      .readonly()
      .meta({ description: 'The same rate of the last hour, a minute each, oldest first; null before the start' }),
  })
  .meta({ id: 'PathStage' });
export type PathStageWire = z.infer<typeof pathStage>;

export const platformProcess = z
  .object({
    id: z.string(),
    name: z.string(),
    load: z
      .object({
        roles: z.array(z.enum(PROCESS_ROLES)).readonly().nullable().meta({ description: 'null: everything, alone' }),
        version: z.string(),
        startedAt: instant,
        cpuShare: z.number().nullable().meta({ description: 'Processors in use over the last minute; null at first' }),
        residentBytes: count,
        eventLoopMs: z
          .number()
          .meta({ description: '99th percentile, since the start, of how late a timer of 20 ms was' }),
        diskFreeBytes: count,
        diskTotalBytes: count,
      })
      .nullable()
      .meta({ description: 'null: it does not answer' }),
  })
  .meta({ id: 'PlatformProcess' });
export type PlatformProcessWire = z.infer<typeof platformProcess>;

/** How readings go through the platform now, and what was refused or held back on the way. */
export const operations = z
  .object({
    at: instant,
    stages: z.array(pathStage).readonly(),
    journal: z.object({ bytes: count, capacityBytes: count }),
    losses: z
      .array(
        z.object({
          counter: z.enum(LOSS_COUNTERS),
          total: count.meta({ description: 'Since the start of each process' }),
          lastHour: count,
        }),
      )
      .readonly(),
    retention: z
      .object({
        finishedAt: instant.nullable().meta({ description: 'When a round was last finished' }),
        failing: z.boolean(),
        classes: z
          .array(
            z.object({
              key: z.string(),
              series: count,
              rawSince: instant.nullable(),
              hourlySince: instant.nullable(),
              dailySince: instant.nullable(),
              deletedReadings: count,
              deletedRollups: count,
            }),
          )
          .readonly(),
      })
      .meta({
        description:
          'What is kept since when, by class of quantities, null: for ever; and what was deleted since the start of whoever deletes',
      }),
    processes: z
      .array(platformProcess)
      .min(1)
      .readonly()
      .meta({ description: 'Those that are expected to run, by name; one, where the platform is one process' }),
  })
  .meta({ id: 'Operations' });
export type OperationsWire = z.infer<typeof operations>;
