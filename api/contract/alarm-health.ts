import { z } from 'zod';
import { severity } from './alarms.ts';
import { instant, localized, pointId, ruleId } from './wire.ts';

export const OPERATORS_MAX = 100;
/** Bars of the picture over time; each stands for one or more windows. */
export const HEALTH_BARS_MAX = 168;
/** Rows of each table; all are counted. */
export const HEALTH_ROWS_MAX = 50;

const share = z.number().min(0).max(1);
const flood = z.object({
  from: instant,
  to: instant.nullable().meta({ description: 'null: it went on at the end of the period' }),
  activations: z.number().int(),
  peak: z.number().int().meta({ description: 'Most activations in one of its windows' }),
  peakAt: instant,
});
const source = z.object({
  ruleId,
  pointId,
  ruleName: localized.nullable(),
  pointName: localized.nullable(),
  activations: z.number().int(),
  chatters: z.number().int(),
  fleeting: z.number().int(),
});
const sources = z.object({ total: z.number().int(), items: z.array(source).max(HEALTH_ROWS_MAX).readonly() });
const acknowledgement = z.object({
  acknowledged: z.number().int(),
  unacknowledged: z.number().int(),
  median: z.number().nullable().meta({ description: 'Milliseconds, within 1 %' }),
  p95: z.number().nullable().meta({ description: 'Milliseconds, within 1 %' }),
});
const acknowledgementBy = z.object({
  all: acknowledgement,
  critical: acknowledgement,
  major: acknowledgement,
  minor: acknowledgement,
  notice: acknowledgement,
});

/** Definitions and targets of every figure: `domain/alarm-health.ts`. */
export const alarmHealth = z
  .object({
    from: instant.meta({ description: 'As asked for, back to the start of its ten minutes' }),
    to: instant.meta({ description: 'As asked for, but not after now' }),
    operators: z.number().int(),
    activations: z.number().int(),
    windows: z.number().int(),
    perTenMinutes: z.number(),
    perHour: z.number(),
    mostInWindow: z.number(),
    mostAt: instant.nullable(),
    windowsOver: z.number().int(),
    shareInFlood: share,
    floods: z.object({ total: z.number().int(), items: z.array(flood).max(HEALTH_ROWS_MAX).readonly() }),
    badActors: z.array(source).readonly(),
    badActorsShare: share,
    chattering: sources,
    fleeting: sources,
    bySeverity: z.record(severity, z.number().int()),
    acknowledgement: acknowledgementBy,
    standing: z.object({
      perDay: z.array(z.object({ day: instant, count: z.number().int() })).readonly(),
      total: z.number().int().meta({ description: 'Standing at the end of the period' }),
      items: z
        .array(
          z.object({
            ruleId,
            pointId,
            ruleName: localized.nullable(),
            pointName: localized.nullable(),
            alarmId: z.string(),
            severity,
            at: instant,
          }),
        )
        .max(HEALTH_ROWS_MAX)
        .readonly(),
    }),
    bars: z.object({
      stepMs: z.number().int(),
      items: z
        .array(
          z.object({
            at: instant,
            count: z.number().int(),
            most: z.number().int().meta({ description: 'Most in one of its windows' }),
          }),
        )
        .max(HEALTH_BARS_MAX)
        .readonly(),
    }),
  })
  .meta({ id: 'AlarmHealth' });
export type AlarmHealthWire = z.infer<typeof alarmHealth>;
