import type { DeviceStatusChange } from '../../domain/asset.ts';
import { GATEWAY_FORGOTTEN_AFTER, type GatewayPresence } from '../../domain/gateway.ts';
import type { GatewayId } from '../../domain/identifiers.ts';
import type { GatewayLog } from '../../domain/ports/gateways.ts';
import { type Clock, epochMs } from '../../domain/time.ts';

export interface PresenceOptions {
  readonly identity: Pick<GatewayPresence, 'id' | 'name' | 'ttl'>;
  readonly log: GatewayLog;
  readonly clock: Clock;
  /** Milliseconds that only ever rise, also while people set clocks. */
  readonly elapsedMs: () => number;
  /** The others had taken this gateway for gone. */
  readonly onRevived: () => void;
  /** Another gateway is gone, and these devices are offline with it. */
  readonly onGone: (gateway: GatewayPresence, left: readonly DeviceStatusChange[]) => void;
  readonly onError: (error: unknown) => void;
}

/** Beats within the time that a gateway announces. */
const BEATS_PER_TTL = 4;

/** Says that this gateway lives, and watches the others: one whose beats stand still for as long as it announced is settled. */
export function createPresence(options: PresenceOptions) {
  const { identity, log, clock, elapsedMs } = options;
  /** Beats of others, and since when they stand there. */
  const seen = new Map<GatewayId, { readonly beats: number; readonly since: number }>();
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> = Promise.resolve();
  let stopped = false;

  async function beat(): Promise<void> {
    try {
      if (await log.beat(identity, clock())) options.onRevived();
      for (const other of await log.list(epochMs(clock() - GATEWAY_FORGOTTEN_AFTER))) {
        if (other.id === identity.id || other.state !== 'here') continue;
        const before = seen.get(other.id);
        if (before?.beats !== other.beats) seen.set(other.id, { beats: other.beats, since: elapsedMs() });
        else if (elapsedMs() - before.since > other.ttl) {
          const left = await log.settle(other.id, other.beats, clock());
          seen.delete(other.id);
          if (left.length > 0) options.onGone(other, left);
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
    async start(): Promise<void> {
      await beat();
      next();
    },
    /** In good order: its devices are offline by its own word. */
    async stop(): Promise<void> {
      stopped = true;
      clearTimeout(timer);
      await beating;
      await log.stopped(identity.id, clock()).catch(options.onError);
    },
  };
}
