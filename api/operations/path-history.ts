import { statfs } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { PathSample } from '../../domain/reading-path.ts';
import { type DurationMs, epochMs, hours, seconds } from '../../domain/time.ts';
import { LOSS_COUNTERS, type LossCounter } from '../contract/operations.ts';
import type { ApiPorts } from '../ports.ts';

/** How often the counters are looked at, and how long that is remembered. */
export const SAMPLE_EVERY: DurationMs = seconds(5);
const REMEMBERED: DurationMs = hours(1);
/** A store that has not answered by then is away, as far as its reader can tell. */
const STORE_PATIENCE_MS = 2_000;
/** Of the timer whose lateness tells how long the event loop is held up. */
const TIMER_MS = 20;

const COUNTED = ['hd_messages_received_total', 'hd_live_clients', 'hd_live_frames_sent_total'] as const;

export interface PathMoment extends PathSample {
  /** Processor time since start, seconds over all threads. */
  readonly cpuSeconds: number;
  readonly losses: Readonly<Record<LossCounter, number>>;
}

/** What the process takes of the machine. */
export interface MachineLoad {
  readonly residentBytes: number;
  /** 99th percentile, since the start, of how late a timer of 20 ms was. */
  readonly eventLoopMs: number;
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number };
}

export type PathHistoryPorts = Pick<ApiPorts, 'journal' | 'store' | 'metrics' | 'clock' | 'exportsFolder' | 'log'>;

/** Looks at the counters of the way of a reading every few seconds and remembers an hour of it, so that whoever opens the page sees at once how it went. */
export class PathHistory {
  readonly #ports: PathHistoryPorts;
  readonly #delay = monitorEventLoopDelay({ resolution: TIMER_MS });
  #moments: PathMoment[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;
  #failing = false;

  constructor(ports: PathHistoryPorts) {
    this.#ports = ports;
  }

  /** Ascending in time. */
  get moments(): readonly PathMoment[] {
    return this.#moments;
  }

  async start(): Promise<void> {
    this.#delay.enable();
    await this.look();
    this.#timer = setInterval(() => void this.look(), SAMPLE_EVERY);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#delay.disable();
    await this.#looking;
  }

  /** Takes one more look; one at a time. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .then(
        () => {
          this.#failing = false;
        },
        (error: unknown) => {
          if (!this.#failing)
            this.#ports.log.warn({ event: 'operations.not_sampled', err: error }, 'counters could not be read');
          this.#failing = true;
        },
      )
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  async load(): Promise<MachineLoad> {
    const { bavail, blocks, bsize } = await statfs(this.#ports.exportsFolder);
    return {
      residentBytes: process.memoryUsage.rss(),
      // The histogram holds the whole time from one timer to the next.
      eventLoopMs: Math.max(0, this.#delay.percentile(99) / 1_000_000 - TIMER_MS),
      disk: { freeBytes: bavail * bsize, totalBytes: blocks * bsize },
    };
  }

  async #look(): Promise<void> {
    const { journal, metrics, clock } = this.#ports;
    const isStoreReachable = await this.#isStoreReachable();
    const values = await Promise.all([...COUNTED, ...LOSS_COUNTERS].map((name) => metricValue(metrics, name)));
    const [received, liveClients, framesSent, ...losses] = values;
    const counted = Object.fromEntries(LOSS_COUNTERS.map((name, i) => [name, losses[i]!])) as PathMoment['losses'];
    const { reason: refusal, bytes, capacityBytes, head, depth } = journal.status();
    const cpu = process.cpuUsage();
    const at = clock();
    this.#moments = [
      ...this.#moments.filter((moment) => moment.at >= at - REMEMBERED && moment.at < at),
      {
        at: epochMs(at),
        received: received!,
        quarantined: counted.hd_quarantined_messages_total,
        journal: { refusal, bytes, capacityBytes, head, depth },
        isStoreReachable,
        liveClients: liveClients!,
        framesSent: framesSent!,
        framesHeldBack: counted.hd_live_frames_held_back_total,
        cpuSeconds: (cpu.user + cpu.system) / 1_000_000,
        losses: counted,
      },
    ];
  }

  async #isStoreReachable(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), STORE_PATIENCE_MS);
    });
    const answer = this.#ports.store.status().then(
      ({ reachable }) => reachable,
      () => false,
    );
    return Promise.race([answer, patience]).finally(() => clearTimeout(timer));
  }
}

/** A metric's number, all labels together; 0 for one that nobody has registered (a part that is not running). */
async function metricValue(metrics: MetricsRegistry, name: string): Promise<number> {
  const metric = await metrics.getSingleMetric(name)?.get();
  return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}
