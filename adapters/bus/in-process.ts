import type { PlatformEvents } from '../../domain/events.ts';
import type { EventName, LiveBus } from '../../domain/ports/live-bus.ts';

type Listener = (payload: never) => void;

/** The live bus within one process: listeners are called at once, in the order they subscribed. */
export function createInProcessBus(onListenerError: (name: EventName, error: unknown) => void): LiveBus {
  const listeners = new Map<EventName, Set<Listener>>();
  return {
    publish<N extends EventName>(name: N, payload: PlatformEvents[N]) {
      for (const listener of listeners.get(name) ?? []) {
        try {
          listener(payload as never);
        } catch (error) {
          onListenerError(name, error);
        }
      }
    },
    subscribe(name, listener) {
      const own: Listener = (payload) => listener(payload);
      const set = listeners.get(name) ?? new Set<Listener>();
      listeners.set(name, set.add(own));
      return () => set.delete(own);
    },
    async close() {
      listeners.clear();
    },
  };
}
