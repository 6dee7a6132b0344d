import type { PlatformEvents } from '../events.ts';
import type { RequestName, Requests } from './requests.ts';

export type EventName = keyof PlatformEvents;
/** Told of a listener, or of who answers a request, that threw. */
export type OnListenerError = (name: EventName | RequestName, error: unknown) => void;

/**
 * Tells running parts what just happened: those in this process at once, those in others soon, in the order in which one process said it. Carries nothing that
 * must not be lost: whoever needs all of something reads the journal or the registry; that some of what others said was lost is told as `events.missed`. A
 * listener that throws is reported and hurts no other listener, nor the publisher.
 */
export interface EventBus {
  publish<N extends EventName>(name: N, payload: PlatformEvents[N]): void;
  /** Returns the unsubscriber. */
  subscribe<N extends EventName>(name: N, listener: (payload: PlatformEvents[N]) => void): () => void;
}

/** What processes tell and ask each other. */
export interface LiveBus extends EventBus, Requests {
  /** Questions that wait are over, with the answers they have. */
  close(): Promise<void>;
}
