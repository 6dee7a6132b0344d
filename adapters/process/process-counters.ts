import { statfs } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Registry as MetricsRegistry } from 'prom-client';
import { PATH_COUNTERS, type PathCounts, type ProcessCounters } from '../../domain/process-counters.ts';
import type { EpochMs } from '../../domain/time.ts';

export interface ProcessCountersOptions extends Pick<ProcessCounters, 'roles' | 'version'> {
  readonly startedAt: EpochMs;
  readonly metrics: MetricsRegistry;
  /** Whose disk is told of. */
  readonly folder: string;
}

/** Of the timer whose lateness tells how long the event loop is held up. */
const TIMER_MS = 20;

/** Reads what this process has counted, and what it takes of its machine. `stop` ends the watch over its event loop. */
export function watchProcess({ roles, version, startedAt, metrics, folder }: ProcessCountersOptions): {
  read(): Promise<ProcessCounters>;
  stop(): void;
} {
  const delay = monitorEventLoopDelay({ resolution: TIMER_MS });
  delay.enable();
  return {
    async read() {
      const counts = await Promise.all(PATH_COUNTERS.map(async (name) => [name, await sumOf(metrics, name)] as const));
      const { bavail, blocks, bsize } = await statfs(folder);
      const cpu = process.cpuUsage();
      return {
        ...{ roles, version, startedAt },
        counts: Object.fromEntries(counts) as PathCounts,
        liveClients: await sumOf(metrics, 'hd_live_clients'),
        unjudgedEntries: await measuredValue(metrics, 'hd_rules_unjudged_entries'),
        cpuSeconds: (cpu.user + cpu.system) / 1_000_000,
        residentBytes: process.memoryUsage.rss(),
        // The histogram holds the whole time from one timer to the next.
        eventLoopMs: Math.max(0, delay.percentile(99) / 1_000_000 - TIMER_MS),
        disk: { freeBytes: bavail * bsize, totalBytes: blocks * bsize },
      };
    },
    stop: () => void delay.disable(),
  };
}

/** A metric's number, all labels together; 0 for one that nobody has registered (a part that is not running). */
const sumOf = async (metrics: MetricsRegistry, name: string): Promise<number> =>
  (await measuredValue(metrics, name)) ?? 0;

/** As {@link sumOf}; `null` for one without a value. */
async function measuredValue(metrics: MetricsRegistry, name: string): Promise<number | null> {
  const values = (await metrics.getSingleMetric(name)?.get())?.values ?? [];
  return values.length === 0 ? null : values.reduce((sum, { value }) => sum + value, 0);
}
