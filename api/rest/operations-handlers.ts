import { LOSS_COUNTERS } from '../../domain/process-counters.ts';
import { countAt, type PathStage, RATE_SPAN, readingPathOf } from '../../domain/reading-path.ts';
import type { RetentionStatus } from '../../domain/retention.ts';
import { epochMs } from '../../domain/time.ts';
import type { OperationsWire, PlatformProcessWire } from '../contract/operations.ts';
import type { ProcessHeard } from '../operations/ask-processes.ts';
import type { PathHistory, PathMoment } from '../operations/path-history.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

/** Minutes of the history that is shown. */
const HISTORY_MINUTES = 60;

export function operationsHandlers(
  { duties }: Pick<HandlerPorts, 'duties'>,
  history: PathHistory,
): Handlers<'GET /operations'> {
  return {
    async 'GET /operations'() {
      // The look that is asked for is of now, not of up to five seconds ago.
      await history.look();
      const { moments } = history;
      const now = moments.at(-1)!;
      return {
        at: now.at,
        stages: readingPathOf(moments).map((report) => ({ ...report, history: minutesOf(report.stage, moments) })),
        journal: { bytes: now.journal.bytes, capacityBytes: now.journal.capacityBytes },
        losses: LOSS_COUNTERS.map((counter) => ({
          counter,
          total: now.processes.reduce((sum, { counters }) => sum + (counters?.counts[counter] ?? 0), 0),
          lastHour: now.counts[counter] - moments[0]!.counts[counter],
        })),
        retention: retentionOf(await duties.retention()),
        processes: now.processes.map((each) => processOf(each, moments)),
      };
    },
  };
}

/** What a process takes of its machine; of the processors over the last minute. */
function processOf({ id, name, counters }: ProcessHeard, moments: readonly PathMoment[]): PlatformProcessWire {
  if (counters === null) return { id, name, load: null };
  const { roles, version, startedAt, cpuSeconds, residentBytes, eventLoopMs, disk } = counters;
  const now = moments.at(-1)!;
  // Of this run of it: one that has begun anew counts from nothing.
  const runs = moments.flatMap(({ at, processes }) => {
    const then = processes.find((one) => one.id === id)?.counters;
    return then?.startedAt === startedAt ? [{ at, cpuSeconds: then.cpuSeconds }] : [];
  });
  const since = runs.findLast(({ at }) => now.at - at >= RATE_SPAN) ?? runs[0]!;
  return {
    ...{ id, name },
    load: {
      ...{ roles, version, startedAt, residentBytes, eventLoopMs },
      cpuShare: since.at === now.at ? null : ((cpuSeconds - since.cpuSeconds) / (now.at - since.at)) * 1_000,
      diskFreeBytes: disk.freeBytes,
      diskTotalBytes: disk.totalBytes,
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
