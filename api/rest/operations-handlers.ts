import { countAt, type PathStage, RATE_SPAN, readingPathOf } from '../../domain/reading-path.ts';
import type { RetentionStatus } from '../../domain/retention.ts';
import { epochMs } from '../../domain/time.ts';
import { LOSS_COUNTERS, type OperationsWire } from '../contract/operations.ts';
import type { PathHistory, PathMoment } from '../operations/path-history.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

/** Minutes of the history that is shown. */
const HISTORY_MINUTES = 60;

export function operationsHandlers(
  { clock, settings, duties }: HandlerPorts,
  history: PathHistory,
): Handlers<'GET /operations'> {
  const startedAt = clock();

  return {
    async 'GET /operations'() {
      // The look that is asked for is of now, not of up to five seconds ago.
      await history.look();
      const { moments } = history;
      const now = moments.at(-1)!;
      const since = moments.findLast(({ at }) => now.at - at >= RATE_SPAN) ?? moments[0]!;
      const { residentBytes, eventLoopMs, disk } = await history.load();
      return {
        at: now.at,
        startedAt,
        version: settings.version,
        stages: readingPathOf(moments).map((report) => ({ ...report, history: minutesOf(report.stage, moments) })),
        journal: { bytes: now.journal.bytes, capacityBytes: now.journal.capacityBytes },
        losses: LOSS_COUNTERS.map((counter) => ({
          counter,
          total: now.losses[counter],
          lastHour: now.losses[counter] - moments[0]!.losses[counter],
        })),
        retention: retentionOf(await duties.retention()),
        machine: {
          cpuShare: since === now ? null : ((now.cpuSeconds - since.cpuSeconds) / (now.at - since.at)) * 1_000,
          residentBytes,
          eventLoopMs,
          diskFreeBytes: disk.freeBytes,
          diskTotalBytes: disk.totalBytes,
        },
      };
    },
  };
}

const retentionOf = ({ finishedAt, failing, classes }: RetentionStatus): OperationsWire['retention'] => ({
  finishedAt,
  failing,
  classes: classes.map(({ key, series, limits, deleted }) => ({
    key,
    series,
    rawSince: limits.raw,
    hourlySince: limits.hourly,
    dailySince: limits.daily,
    deletedReadings: deleted.readings,
    deletedRollups: deleted.hourlyValues + deleted.dailyValues,
  })),
});

/** The pace of each of the last minutes; `null` for those before the first look. */
function minutesOf(stage: PathStage, moments: readonly PathMoment[]): readonly (number | null)[] {
  const now = moments.at(-1)!.at;
  const countNear = (at: number): number | null => {
    const moment = moments.findLast((each) => each.at <= at);
    return moment === undefined ? null : countAt(stage, moment);
  };
  return Array.from({ length: HISTORY_MINUTES }, (_, i) => {
    const end = epochMs(now - (HISTORY_MINUTES - 1 - i) * RATE_SPAN);
    const from = countNear(end - RATE_SPAN);
    const to = countNear(end);
    return from === null || to === null ? null : Math.max(0, ((to - from) / RATE_SPAN) * 1_000);
  });
}
