import type { PlatformEvents } from '../events.ts';

export type EventName = keyof PlatformEvents;

/**
 * Tells running parts what just happened. Carries nothing that must not be lost: whoever needs all of something reads the journal or
 * the registry. A listener that throws is reported and hurts no other listener, nor the publisher.
 */
export interface LiveBus {
  publish<N extends EventName>(name: N, payload: PlatformEvents[N]): void;
  /** Returns the unsubscriber. */
  subscribe<N extends EventName>(name: N, listener: (payload: PlatformEvents[N]) => void): () => void;
  close(): Promise<void>;
}
