import type { PlatformEvents } from '../../domain/events.ts';
import type { EventName, LiveBus, OnListenerError } from '../../domain/ports/live-bus.ts';
import { Asking } from './asking.ts';

type Listener = (payload: never) => void;

/** The live bus within one process: listeners are called at once, in the order they subscribed. Whoever is not in this process is silent at once. */
export function createInProcessBus(onListenerError: OnListenerError): LiveBus {
  const listeners = new Map<EventName, Set<Listener>>();
  const asking = new Asking(onListenerError);
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
    answer: (name, by, answerer) => asking.add(name, by, answerer),
    async ask(name, asked, patience) {
      return asking.question(patience, (question) => {
        const all = asking
          .gateways(name)
          .map(async (gateway) => question.said(gateway, await asking.of(name, gateway, asked)));
        void Promise.all(all).then(question.close);
      });
    },
    requestCounts: () => asking.counts(),
    async close() {
      asking.close();
      listeners.clear();
    },
  };
}
