import { z } from 'zod';
import { BACKTEST_OMISSIONS } from '../../domain/backtest-report.ts';
import { alarmArea, severity } from './alarms.ts';
import { ruleFields } from './rules.ts';
import { agencyId, instant, pointId, seriesId } from './wire.ts';

/** Limits tried in one sweep. */
const SWEEP_LIMITS_MAX = 61;

/** With the server it is at: two ids and a dot. */
export const backtestId = z.string().min(1).max(128);

export const backtestOrder = z
  .strictObject({
    rule: z.strictObject({ agencyId, ...ruleFields }),
    from: instant.meta({ description: 'Epoch milliseconds, inclusive' }),
    to: instant.meta({ description: 'Epoch milliseconds, exclusive; at most 400 days after `from`' }),
    sweep: z
      .strictObject({ severity, limits: z.array(z.number()).min(1).max(SWEEP_LIMITS_MAX).readonly() })
      .exactOptional()
      .meta({
        description: 'Limits to try for one level, as if it were the only one; for above, below and rate of change',
      }),
  })
  .meta({ id: 'BacktestOrder', description: 'A rule, live or only drafted, to be tried on stored readings' });

const count = z.number().int().min(0);
const durationMs = z.number().min(0);

const backtestAlarm = z.object({
  series: seriesId,
  pointId,
  activatedAt: instant,
  clearedAt: instant.nullable(),
  worstSeverity: severity,
  triggerValue: z.number().nullable(),
  worstValue: z.number().nullable(),
  limit: z.number().nullable(),
  onSuspectData: z.boolean(),
  area: alarmArea.exactOptional(),
});

const backtestReport = z.object({
  alarms: count,
  alarmsAtNight: count.meta({ description: 'Begun in the local hours 22:00 to 06:00' }),
  inAlarmMs: durationMs.meta({ description: 'Summed over series' }),
  readings: count.meta({ description: 'Read, those before the span that fill windows and holds included' }),
  days: z
    .array(z.object({ date: z.string(), alarms: count, inAlarmMs: durationMs }))
    .readonly()
    .meta({ description: 'Local days, those without alarms too' }),
  points: z
    .array(z.object({ pointId, alarms: count, inAlarmMs: durationMs }))
    .readonly()
    .meta({ description: 'Longest in alarm first' }),
  listed: z.array(backtestAlarm).readonly().meta({ description: 'The earliest alarms' }),
});

export const backtest = z
  .object({
    id: backtestId,
    orderedAt: instant,
    state: z.enum(['waiting', 'running', 'done', 'cancelled', 'failed']),
    progress: z.object({ series: count, seriesDone: count, readings: count }),
    omits: z.array(z.enum(BACKTEST_OMISSIONS)).readonly().meta({ description: 'What this backtest does not simulate' }),
    tookMs: z.number().nullable(),
    report: backtestReport.nullable(),
    sweep: z.array(z.object({ limit: z.number(), alarms: count, inAlarmMs: durationMs })).readonly(),
  })
  .meta({ id: 'Backtest' });
export type BacktestWire = z.infer<typeof backtest>;
