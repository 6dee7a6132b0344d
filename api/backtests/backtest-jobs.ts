import type { UserId } from '../../domain/identifiers.ts';
import type { Clock, EpochMs } from '../../domain/time.ts';
import { ApiError } from '../errors.ts';
import type { BacktestOrder, BacktestOutcome, BacktestProgress } from './run-backtest.ts';

export type BacktestState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly outcome: BacktestOutcome; readonly tookMs: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed' };

export interface BacktestJob {
  readonly id: string;
  readonly by: UserId;
  readonly order: BacktestOrder;
  readonly orderedAt: EpochMs;
  readonly state: BacktestState;
  readonly progress: BacktestProgress;
}

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

type Mutable = { -readonly [K in keyof BacktestJob]: BacktestJob[K] } & { readonly stopping: AbortController };

/** Backtests that people ordered, in memory: they can be run again at any time, so that a restart loses nothing that matters. */
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
      state: { kind: 'waiting' },
      progress: { seriesDone: 0, readings: 0 },
      stopping: new AbortController(),
    };
    this.#jobs.set(job.id, job);
    this.#forgetOld();
    this.#startNext();
    return job;
  }

  /** @throws {ApiError} NOT_FOUND for one that is unknown, forgotten, or somebody else's. */
  get(by: UserId, id: string): BacktestJob {
    const job = this.#jobs.get(id);
    if (job === undefined || job.by !== by) throw new ApiError('NOT_FOUND', { id });
    return job;
  }

  /** Stops it if it has not ended, and forgets it. @throws {ApiError} NOT_FOUND */
  cancel(by: UserId, id: string): void {
    this.get(by, id);
    const job = this.#jobs.get(id)!;
    this.#jobs.delete(id);
    job.stopping.abort();
    if (isUnfinished(job)) job.state = { kind: 'cancelled' };
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

const isUnfinished = ({ state }: BacktestJob): boolean => state.kind === 'waiting' || state.kind === 'running';
