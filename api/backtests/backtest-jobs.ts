import type { BacktestJob, BacktestOutcome, BacktestProgress } from '../../domain/backtest-job.ts';
import type { UserId } from '../../domain/identifiers.ts';
import type { Clock } from '../../domain/time.ts';
import { ApiError } from '../errors.ts';
import type { BacktestOrder } from './run-backtest.ts';

export interface BacktestBounds {
  /** Running at once over all people; the others wait in order. */
  readonly atOnce: number;
  /** Waiting and running; one more is refused with TOO_MANY_REQUESTS. */
  readonly unfinished: number;
  /** Results kept; the oldest finished is forgotten first. */
  readonly kept: number;
}

type Run = (
  order: BacktestOrder,
  signal: AbortSignal,
  onProgress: (progress: BacktestProgress) => void,
) => Promise<BacktestOutcome>;

type Mutable = { -readonly [K in keyof BacktestJob]: BacktestJob[K] } & {
  readonly by: UserId;
  readonly order: BacktestOrder;
  readonly stopping: AbortController;
};

/** Backtests that people ordered at this server, in memory: they can be run again at any time, so that a restart loses nothing that matters. */
export class BacktestJobs {
  readonly #run: Run;
  readonly #bounds: BacktestBounds;
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #onFailure: (error: unknown) => void;
  readonly #jobs = new Map<string, Mutable>();
  #running = 0;

  constructor(
    run: Run,
    tools: {
      readonly bounds: BacktestBounds;
      readonly clock: Clock;
      readonly newId: () => string;
      readonly onFailure: (error: unknown) => void;
    },
  ) {
    this.#run = run;
    this.#bounds = tools.bounds;
    this.#clock = tools.clock;
    this.#newId = tools.newId;
    this.#onFailure = tools.onFailure;
  }

  /** @throws {ApiError} TOO_MANY_REQUESTS when too many are unfinished. */
  order(by: UserId, order: BacktestOrder): BacktestJob {
    const unfinished = [...this.#jobs.values()].filter(isUnfinished).length;
    if (unfinished >= this.#bounds.unfinished) throw new ApiError('TOO_MANY_REQUESTS', { retryAfterSeconds: 10 });
    const job: Mutable = {
      id: this.#newId(),
      by,
      order,
      orderedAt: this.#clock(),
      condition: order.rule.condition,
      scopes: order.series.length + order.joint.length,
      state: { kind: 'waiting' },
      progress: { seriesDone: 0, readings: 0 },
      stopping: new AbortController(),
    };
    this.#jobs.set(job.id, job);
    this.#forgetOld();
    this.#startNext();
    return jobOf(job);
  }

  /** `null` for one that is unknown, forgotten, or somebody else's. */
  get(by: UserId, id: string): BacktestJob | null {
    const job = this.#jobs.get(id);
    return job?.by === by ? jobOf(job) : null;
  }

  /** Stops it if it has not ended, and forgets it. False for what {@link get} doesn't know. */
  cancel(by: UserId, id: string): boolean {
    const job = this.#jobs.get(id);
    if (job?.by !== by) return false;
    this.#jobs.delete(id);
    job.stopping.abort();
    if (isUnfinished(job)) job.state = { kind: 'cancelled' };
    return true;
  }

  /** Stops all. */
  stop(): void {
    for (const job of this.#jobs.values()) if (isUnfinished(job)) job.stopping.abort();
    this.#jobs.clear();
  }

  #startNext(): void {
    if (this.#running >= this.#bounds.atOnce) return;
    const job = [...this.#jobs.values()].find(({ state }) => state.kind === 'waiting');
    if (job === undefined) return;
    this.#running++;
    job.state = { kind: 'running' };
    const begun = performance.now();
    this.#run(job.order, job.stopping.signal, (progress) => {
      job.progress = progress;
    })
      .then(
        (outcome) => {
          job.state = { kind: 'done', outcome, tookMs: Math.round(performance.now() - begun) };
        },
        (error: unknown) => {
          if (job.stopping.signal.aborted) return;
          job.state = { kind: 'failed' };
          this.#onFailure(error);
        },
      )
      .finally(() => {
        this.#running--;
        this.#startNext();
      });
  }

  #forgetOld(): void {
    for (const [id, job] of this.#jobs) {
      if (this.#jobs.size <= this.#bounds.kept) return;
      if (!isUnfinished(job)) this.#jobs.delete(id);
    }
  }
}

const jobOf = ({ id, orderedAt, condition, scopes, state, progress }: Mutable): BacktestJob => ({
  id,
  orderedAt,
  condition,
  scopes,
  state,
  progress,
});
const isUnfinished = ({ state }: Pick<BacktestJob, 'state'>): boolean =>
  state.kind === 'waiting' || state.kind === 'running';
