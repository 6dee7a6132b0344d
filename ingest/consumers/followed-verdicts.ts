import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { VerdictBook } from '../../domain/quality-verdicts.ts';
import { before, type Clock, type DurationMs } from '../../domain/time.ts';

export interface FollowedVerdictsOptions {
  readonly registry: Pick<Registry, 'verdicts'>;
  readonly bus: LiveBus;
  readonly clock: Clock;
  /** Laid over readings as they arrive, by whoever judges or shows them. */
  readonly book: VerdictBook;
  /** Readings older than this arrive no more. */
  readonly maximumAge: DurationMs;
  readonly onError: (error: unknown) => void;
}

export interface FollowedVerdicts {
  /** The book as the registry has it once this resolves. */
  load(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Keeps the book of verdicts of one process as the registry has it. */
export function followVerdicts({
  registry,
  bus,
  clock,
  book,
  maximumAge,
  onError,
}: FollowedVerdictsOptions): FollowedVerdicts {
  /** One after the other: an older look never overwrites a newer one. */
  let last: Promise<void> = Promise.resolve();
  let leave: readonly (() => void)[] = [];
  const load = (): Promise<void> => {
    const next = last.then(async () => book.take(await registry.verdicts.counting(before(clock(), maximumAge))));
    last = next.catch(() => {});
    return next;
  };
  return {
    load,
    async start() {
      leave = (['quality.changed', 'events.missed'] as const).map((name) =>
        bus.subscribe(name, () => void load().catch(onError)),
      );
      await load();
    },
    async stop() {
      for (const off of leave) off();
      await last;
    },
  };
}
