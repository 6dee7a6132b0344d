import { GATEWAY_FORGOTTEN_AFTER, type GatewayBeat } from '../../domain/gateway.ts';
import type { GatewayId } from '../../domain/identifiers.ts';
import type { GatewayLog } from '../../domain/ports/gateways.ts';
import type { EventBus } from '../../domain/ports/live-bus.ts';
import { type Clock, epochMs } from '../../domain/time.ts';

export interface PresenceOptions {
  readonly identity: Omit<GatewayBeat, 'held'>;
  /** Messages in its quarantine now. */
  readonly held: () => number;
  readonly log: GatewayLog;
  readonly bus: EventBus;
  readonly clock: Clock;
  /** Milliseconds that only ever rise, also while people set clocks. */
  readonly elapsedMs: () => number;
  readonly onError: (error: unknown) => void;
}

/** Beats within the time that a gateway announces. */
const BEATS_PER_TTL = 4;

export interface Presence {
  /** The others had taken this process for gone, and its devices for offline: `listener` is told. */
  onRevived(listener: () => void): void;
  start(): Promise<void>;
  /** In good order: its devices are offline by its own word. */
  stop(): Promise<void>;
}

/** Says that this process lives, and watches the others: one whose beats stand still for as long as it announced is settled. */
export function createPresence(options: PresenceOptions): Presence {
  const { identity, held, log, bus, clock, elapsedMs } = options;
  let revived = (): void => {};
  /** Beats of others, and since when they stand there. */
  const seen = new Map<GatewayId, { readonly beats: number; readonly since: number }>();
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> = Promise.resolve();
  let stopped = false;

  async function beat(): Promise<void> {
    try {
      if (await log.beat({ ...identity, held: held() }, clock())) revived();
      for (const other of await log.list(epochMs(clock() - GATEWAY_FORGOTTEN_AFTER))) {
        if (other.id === identity.id || other.state !== 'here') continue;
        const before = seen.get(other.id);
        if (before?.beats !== other.beats) seen.set(other.id, { beats: other.beats, since: elapsedMs() });
        else if (elapsedMs() - before.since > other.ttl) {
          const left = await log.settle(other.id, other.beats, clock());
          seen.delete(other.id);
          for (const { deviceId, agencyId, online, reason, eventTime: at, session } of left)
            bus.publish('device.status', { deviceId, agencyId, online, at, reason, ...(session && { session }) });
        }
      }
    } catch (error) {
      // The others could perhaps not beat either: nobody is taken for gone for what was not written meanwhile.
      seen.clear();
      options.onError(error);
    }
  }
  const next = (): void => {
    timer = setTimeout(() => {
      beating = beat().then(() => {
        if (!stopped) next();
      });
    }, identity.ttl / BEATS_PER_TTL).unref();
  };

  return {
    onRevived(listener) {
      revived = listener;
    },
    async start() {
      await beat();
      next();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await beating;
      await log.stopped(identity.id, held(), clock()).catch(options.onError);
    },
  };
}
