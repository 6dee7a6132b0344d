import type { TimeSeriesStore } from '../domain/ports/time-series-store.ts';
import { before, type Clock, type DurationMs, days } from '../domain/time.ts';

export interface RetentionOptions {
  readonly store: Pick<TimeSeriesStore, 'dropBefore'>;
  /** Readings older than this are dropped. */
  readonly keep: DurationMs;
  readonly clock: Clock;
  /** Told of a round that failed; the next one makes up for it. */
  readonly onError: (error: unknown) => void;
  readonly every?: DurationMs;
}

/** Drops what has outlived its time: at the start, then once a day. A store that is away only delays it. */
export function createRetention({ store, keep, clock, onError, every = days(1) }: RetentionOptions) {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  const drop = (): void => {
    round = round.then(() => store.dropBefore(before(clock(), keep))).catch(onError);
  };
  return {
    async start(): Promise<void> {
      drop();
      timer = setInterval(drop, every);
      timer.unref();
    },
    async stop(): Promise<void> {
      clearInterval(timer);
      await round;
    },
  };
}
