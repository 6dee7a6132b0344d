import { z } from 'zod';
import { PATH_STAGES, type StageFinding } from '../../domain/reading-path.ts';
import { instant } from './wire.ts';

/** Counters of what was refused, held back, repeated or set aside: nothing is lost without one of these showing it. */
export const LOSS_COUNTERS = [
  'hd_quarantined_messages_total',
  'hd_quarantine_evicted_messages',
  'hd_readings_out_of_range_total',
  'hd_sequence_gaps_total',
  'hd_batches_refused_total',
  'hd_connections_refused_total',
  'hd_connections_closed_by_rate_total',
  'hd_messages_slowed_total',
  'hd_messages_dropped_by_rate_total',
  'hd_packets_too_large_total',
  'hd_unauthorised_publishes_total',
  'hd_subscriptions_refused_total',
  'hd_queued_messages_dropped_total',
  'hd_status_changes_dropped_total',
  'hd_codec_failures_total',
  'hd_codec_limits_total',
  'hd_damaged_total',
  'hd_store_retries_total',
  'hd_live_frames_held_back_total',
  'hd_live_clients_refused_total',
  'hd_api_queries_refused_total',
] as const;
export type LossCounter = (typeof LOSS_COUNTERS)[number];

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

/** How readings go through the platform now, and what was refused or held back on the way. */
export const operations = z
  .object({
    at: instant,
    startedAt: instant,
    version: z.string(),
    stages: z.array(pathStage).readonly(),
    journal: z.object({ bytes: count, capacityBytes: count }),
    losses: z
      .array(
        z.object({
          counter: z.enum(LOSS_COUNTERS),
          total: count.meta({ description: 'Since the start' }),
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
          'What is kept since when, by class of quantities, null: for ever; and what was deleted since the start',
      }),
    machine: z.object({
      cpuShare: z.number().nullable().meta({ description: 'Processors in use over the last minute; null at first' }),
      residentBytes: count,
      eventLoopMs: z
        .number()
        .meta({ description: '99th percentile, since the start, of how late a timer of 20 ms was' }),
      diskFreeBytes: count,
      diskTotalBytes: count,
    }),
  })
  .meta({ id: 'Operations' });
export type OperationsWire = z.infer<typeof operations>;
