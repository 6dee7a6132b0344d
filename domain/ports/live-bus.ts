import type { PlatformEvents } from '../events.ts';

export type EventName = keyof PlatformEvents;

/**
 * Tells running parts what just happened: those in this process at once, those in others soon, in the order in which one process said it. Carries nothing that
 * must not be lost: whoever needs all of something reads the journal or the registry; that some of what others said was lost is told as `events.missed`. A
 * listener that throws is reported and hurts no other listener, nor the publisher.
 */
export interface LiveBus {
  publish<N extends EventName>(name: N, payload: PlatformEvents[N]): void;
  /** Returns the unsubscriber. */
  subscribe<N extends EventName>(name: N, listener: (payload: PlatformEvents[N]) => void): () => void;
  close(): Promise<void>;
}
