import type { DeviceId, UserId } from '../../domain/identifiers.ts';
import type { EpochMs } from '../../domain/time.ts';
import { call } from '../client/http.ts';
import { ApiProblem } from '../client/problem.ts';
import {
  type FieldOutcome,
  type FieldTask,
  type FieldWork,
  nextTask,
  outcomeOf,
  settled,
} from '../state/field-queue.ts';
import { changeQueue, currentQueue, dropPicture, loadQueue, pictureNamed, subscribeQueue } from './field-store.ts';

/** With network the queue is empty within a moment; without, somebody may come by a mast. */
const TRY_AGAIN_MS = 10_000;
const LOCK = 'hd-field-sync';

type Work<K extends FieldWork['kind']> = Extract<FieldWork, { readonly kind: K }>;
const isCode = (error: unknown, code: string): boolean => error instanceof ApiProblem && error.code === code;

async function claim({ id, deviceId, at }: FieldTask, { code, agencyId }: Work<'claim'>): Promise<void> {
  await call('POST /claims', {
    idempotencyKey: id,
    body: { deviceId, code, at: at as EpochMs, ...(agencyId === null ? {} : { agencyId }) },
  });
}

async function place({ id, deviceId, at }: FieldTask, { pointId, newPoint }: Work<'place'>): Promise<void> {
  if (newPoint !== null) {
    const { name, quantities, ...point } = newPoint;
    try {
      await call('POST /points', {
        idempotencyKey: `${id}-point`,
        body: { ...point, name: { vi: name, en: name }, tags: [], quantities: [...quantities] },
      });
    } catch (error) {
      // Its id was made on this phone: it is there because we made it.
      if (!isCode(error, 'ALREADY_EXISTS')) throw error;
    }
  }
  const params = { deviceId };
  const { items } = await call('GET /devices/{deviceId}/assignments', { params });
  if (!items.some((assignment) => assignment.pointId === pointId && assignment.to === null))
    await call('POST /devices/{deviceId}/assignments', {
      params,
      idempotencyKey: `${id}-assignment`,
      body: { pointId, from: at as EpochMs },
    });
  const { state } = await call('GET /devices/{deviceId}', { params });
  if (state === 'installed' || state === 'commissioned') return;
  await call('POST /devices/{deviceId}/steps', {
    params,
    idempotencyKey: `${id}-step`,
    body: { step: 'install', at: at as EpochMs },
  });
}

async function photo({ id, deviceId, at }: FieldTask, { picture }: Work<'photo'>): Promise<void> {
  const bytes = await pictureNamed(picture);
  if (!bytes) return;
  await call('POST /devices/{deviceId}/photos', {
    params: { deviceId },
    query: { takenAt: at },
    idempotencyKey: id,
    upload: bytes,
  });
  await dropPicture(picture);
}

const note = async ({ id, deviceId, at }: FieldTask, { text }: Work<'note'>): Promise<void> =>
  call('POST /devices/{deviceId}/notes', {
    params: { deviceId },
    idempotencyKey: id,
    body: { text, at: at as EpochMs },
  });

async function tell(task: FieldTask): Promise<FieldOutcome> {
  const { work } = task;
  try {
    if (work.kind === 'claim') await claim(task, work);
    else if (work.kind === 'place') await place(task, work);
    else if (work.kind === 'photo') await photo(task, work);
    else await note(task, work);
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof ApiProblem) return outcomeOf(error);
    throw error;
  }
}

/** One tab at a time, where the browser can tell; the idempotency keys hold where it can't. */
const alone = (work: () => Promise<void>): Promise<void> =>
  navigator.locks
    ? navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? work() : undefined))
    : work();

/**
 * Tells the platform what waits, in order, whenever it can be reached; goes on until stopped.
 * @param clockOffsetMs the platform's time minus the phone's: what was noted by a wrong clock is told by the right one.
 * @param onTold after something of a device was told, for pages to look again.
 */
export function startFieldSync(
  userId: UserId,
  clockOffsetMs: () => number,
  onTold: (device: DeviceId) => void,
): () => void {
  let stopped = false;
  let running = false;
  let wanted = false;

  const drain = async (): Promise<void> => {
    for (;;) {
      const task = nextTask(await loadQueue(), userId);
      if (stopped || task === null) return;
      const offset = Math.round(clockOffsetMs());
      const outcome = await tell({ ...task, at: Math.min(task.at, Date.now()) + offset });
      if (outcome.kind === 'later') return;
      await changeQueue((queue) => settled(queue, task.id, outcome));
      onTold(task.deviceId);
    }
  };
  const sync = async (): Promise<void> => {
    wanted = true;
    if (running) return;
    running = true;
    try {
      while (wanted && !stopped) {
        wanted = false;
        await alone(drain);
      }
    } catch (error) {
      console.error('waiting work could not be told', error);
    } finally {
      running = false;
    }
  };
  const lookAgain = () => {
    // Only what can be told now: a queue that stands still asks for nothing.
    if (nextTask(currentQueue(), userId) !== null && navigator.onLine) void sync();
  };
  const unsubscribe = subscribeQueue(lookAgain);
  const timer = setInterval(() => void sync(), TRY_AGAIN_MS);
  const now = () => void sync();
  window.addEventListener('online', now);
  now();
  return () => {
    stopped = true;
    clearInterval(timer);
    unsubscribe();
    window.removeEventListener('online', now);
  };
}
