import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { PublishedWarnings } from '../../domain/ports/warnings.ts';
import { type Clock, type DurationMs, seconds } from '../../domain/time.ts';

export interface WarningExpiryOptions {
  readonly published: PublishedWarnings;
  readonly bus: LiveBus;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** How often it is looked; default 10 s. People see the end to the second all the same: lists judge it by the clock. */
  readonly every?: DurationMs;
}

/** Notes the end of warnings that have run out, those too that did while the platform was down. */
export function createWarningExpiry({ published, bus, clock, onError, every = seconds(10) }: WarningExpiryOptions) {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const look = (): Promise<void> => {
    running = running
      .then(async () => {
        for (const { id, agencyId } of await published.expireDue(clock()))
          bus.publish('warning.changed', { warningId: id, agencyId });
      })
      .catch(onError);
    return running;
  };
  return {
    async start(): Promise<void> {
      await look();
      timer = setInterval(() => void look(), every);
      timer.unref();
    },
    async stop(): Promise<void> {
      clearInterval(timer);
      await running;
    },
  };
}
