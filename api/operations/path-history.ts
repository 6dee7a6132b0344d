import type { JournalStatus } from '../../domain/ports/journal.ts';
import type { TimeSeriesStore } from '../../domain/ports/time-series-store.ts';
import { CountersTogether, type PathCounts } from '../../domain/process-counters.ts';
import type { PathSample } from '../../domain/reading-path.ts';
import { type Clock, type DurationMs, epochMs, hours, seconds } from '../../domain/time.ts';
import type { ApiPorts } from '../ports.ts';
import type { ProcessHeard } from './ask-processes.ts';

/** How often the counters are looked at, and how long that is remembered. */
export const SAMPLE_EVERY: DurationMs = seconds(5);
const REMEMBERED: DurationMs = hours(1);
/** A store that has not answered by then is away, as far as its reader can tell. */
const STORE_PATIENCE_MS = 2_000;

export interface PathMoment extends PathSample {
  /** Of all processes together; they only grow. */
  readonly counts: PathCounts;
  readonly processes: readonly ProcessHeard[];
}

export interface PathHistoryPorts {
  readonly journal: { status(): JournalStatus };
  readonly store: Pick<TimeSeriesStore, 'status'>;
  readonly clock: Clock;
  readonly log: ApiPorts['log'];
  /** What each process of the city has counted. */
  readonly hear: () => Promise<readonly ProcessHeard[]>;
}

/**
 * Looks at the counters of the way of a reading every few seconds, in whichever processes they are, and remembers an hour of it, so that whoever opens the
 * page sees at once how it went.
 */
export class PathHistory {
  readonly #ports: PathHistoryPorts;
  readonly #together = new CountersTogether();
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

  /** Begins to look; nobody waits for it, since a process that is missing is waited for. */
  start(): void {
    void this.look();
    this.#timer = setInterval(() => void this.look(), SAMPLE_EVERY);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
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

  async #look(): Promise<void> {
    const { journal, clock, hear } = this.#ports;
    const [isStoreReachable, processes] = await Promise.all([this.#isStoreReachable(), hear()]);
    const at = epochMs(clock());
    const heard = new Map(processes.flatMap(({ id, counters }) => (counters ? [[id, counters] as const] : [])));
    const counts = this.#together.take(at, heard);
    const { reason: refusal, bytes, capacityBytes, head, depth } = journal.status();
    // Whoever judges knows better than the journal, which is told once a minute. While the duty moves, two may think they have it.
    const unjudged = [...heard.values()].flatMap(({ unjudgedEntries }) => unjudgedEntries ?? []);
    const left = unjudged.length === 0 ? depth : { ...depth, rules: Math.max(...unjudged) };
    this.#moments = [
      ...this.#moments.filter((moment) => moment.at >= at - REMEMBERED && moment.at < at),
      {
        at,
        received: counts.hd_messages_received_total,
        quarantined: counts.hd_quarantined_messages_total,
        journal: { refusal, bytes, capacityBytes, head, depth: left },
        isStoreReachable,
        liveClients: [...heard.values()].reduce((sum, { liveClients }) => sum + liveClients, 0),
        framesSent: counts.hd_live_frames_sent_total,
        framesHeldBack: counts.hd_live_frames_held_back_total,
        counts,
        processes,
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
