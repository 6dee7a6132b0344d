import { useSyncExternalStore } from 'react';

/** A value that changes often beside the state of a large component: only what reads it with {@link useHeld} renders anew. */
export interface HeldValue<T> {
  get(): T;
  set(next: T): void;
  subscribe(listener: () => void): () => void;
}

export function holdValue<T>(first: T): HeldValue<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const useHeld = <T>({ subscribe, get }: HeldValue<T>): T => useSyncExternalStore(subscribe, get);
