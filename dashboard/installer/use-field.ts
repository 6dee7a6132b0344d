import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { DeviceId } from '../../domain/identifiers.ts';
import { newIdempotencyKey } from '../client/http.ts';
import { usePlatform } from '../client/platform.tsx';
import { type FieldQueue, type FieldWork, givenUp, retried, withTask } from '../state/field-queue.ts';
import { changeQueue, currentQueue, isLoaded, loadQueue, subscribeQueue } from './field-store.ts';

/** What waits on this phone. */
export function useFieldQueue(): FieldQueue {
  useEffect(() => void loadQueue(), []);
  return useSyncExternalStore(subscribeQueue, currentQueue);
}

/** Whether what waits is known yet: before, an empty queue says nothing. */
export const useFieldLoaded = (): boolean => useSyncExternalStore(subscribeQueue, isLoaded);

/** Puts work into the queue; it is told as soon as there is network. */
export function useFieldWork() {
  const { session } = usePlatform();
  const userId = session.user.id;
  const add = useCallback(
    (deviceId: DeviceId, work: FieldWork): Promise<void> =>
      changeQueue((queue) =>
        withTask(queue, { id: newIdempotencyKey(), deviceId, userId, at: Date.now(), work, trouble: null }),
      ),
    [userId],
  );
  const retry = useCallback(
    (taskId: string): Promise<void> => changeQueue((queue) => retried(queue, taskId, newIdempotencyKey())),
    [],
  );
  const giveUp = useCallback((taskId: string): Promise<void> => changeQueue((queue) => givenUp(queue, taskId)), []);
  return { add, retry, giveUp };
}

/** Whether the phone believes to have a network; the platform may still not answer. */
const subscribeOnline = (listener: () => void): (() => void) => {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
};
export const useOnline = (): boolean => useSyncExternalStore(subscribeOnline, () => navigator.onLine);
