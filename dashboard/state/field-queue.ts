import type { AgencyId, DeviceId, PointId, SiteId, UserId, WardCode } from '../../domain/identifiers.ts';
import type { Domain, QuantityKey } from '../../domain/quantity.ts';

/*
 * What an installer did, waiting to be told to the platform. Without network it waits long; with network the same way, for a moment. Everything here is
 * pure: the phone's storage and the calls are in `installer/`.
 */

export interface NewPoint {
  /** Made on the phone, so that telling it twice makes one point. */
  readonly id: PointId;
  readonly agencyId: AgencyId;
  readonly siteId: SiteId;
  readonly domain: Domain;
  readonly name: string;
  readonly location: { readonly longitude: number; readonly latitude: number };
  readonly wardCode: WardCode | null;
  readonly quantities: readonly QuantityKey[];
}

export type FieldWork =
  | { readonly kind: 'claim'; readonly code: string; readonly agencyId: AgencyId | null }
  /** Lets the device serve a point, a new one where `newPoint` says so, and installs it. */
  | { readonly kind: 'place'; readonly pointId: PointId; readonly newPoint: NewPoint | null }
  /** The picture itself lies in the phone's storage under this name. */
  | { readonly kind: 'photo'; readonly picture: string }
  | { readonly kind: 'note'; readonly text: string };

/** Why the platform will not have it: its stable code, and its words. */
export interface FieldTrouble {
  readonly code: string;
  readonly text: string | null;
}

export interface FieldTask {
  /** Also the `Idempotency-Key` under which it is told: however often it is sent, it is done once. */
  readonly id: string;
  readonly deviceId: DeviceId;
  /** Who did it: it is told in their name or not at all. */
  readonly userId: UserId;
  /** When it was done, by the phone's clock, ms. */
  readonly at: number;
  readonly work: FieldWork;
  readonly trouble: FieldTrouble | null;
}
/** In the order in which things were done. */
export type FieldQueue = readonly FieldTask[];

/** Adds at the end. A second claim or place of the same device replaces one that still waits: people correct themselves. */
export function withTask(queue: FieldQueue, task: FieldTask): FieldQueue {
  const replaces = (other: FieldTask): boolean =>
    other.deviceId === task.deviceId &&
    other.work.kind === task.work.kind &&
    (task.work.kind === 'claim' || task.work.kind === 'place');
  const at = queue.findIndex(replaces);
  return at < 0 ? [...queue, task] : queue.map((other, i) => (i === at ? task : other));
}

/**
 * What is to be told next in this person's name: the oldest that stands behind no trouble of its own device. A device whose claim was refused waits
 * for a person; all others go on.
 */
export function nextTask(queue: FieldQueue, userId: UserId): FieldTask | null {
  const blocked = new Set<DeviceId>();
  for (const task of queue) {
    if (task.trouble !== null || task.userId !== userId) blocked.add(task.deviceId);
    if (!blocked.has(task.deviceId)) return task;
  }
  return null;
}

export type FieldOutcome =
  | { readonly kind: 'done' }
  /** Nobody answered, or not now: the same again later. */
  | { readonly kind: 'later' }
  | { readonly kind: 'refused'; readonly trouble: FieldTrouble };

/** The queue after the platform answered (or didn't). A task that has been replaced meanwhile is left to its replacement. */
export function settled(queue: FieldQueue, taskId: string, outcome: FieldOutcome): FieldQueue {
  switch (outcome.kind) {
    case 'later':
      return queue;
    case 'done':
      return queue.filter(({ id }) => id !== taskId);
    case 'refused':
      return queue.map((task) => (task.id === taskId ? { ...task, trouble: outcome.trouble } : task));
  }
}

/** A person says: try again. The new id makes it a new request, since the old one has had its answer. */
export const retried = (queue: FieldQueue, taskId: string, newId: string): FieldQueue =>
  queue.map((task) => (task.id === taskId ? { ...task, id: newId, trouble: null } : task));

/** A person gives it up. What was done on a device whose claim is given up goes with it: it is not theirs. */
export function givenUp(queue: FieldQueue, taskId: string): FieldQueue {
  const task = queue.find(({ id }) => id === taskId);
  if (!task) return queue;
  return queue.filter((other) => (task.work.kind === 'claim' ? other.deviceId !== task.deviceId : other.id !== taskId));
}

/** What of one device waits, and what of it stands still. */
export const tasksOf = (queue: FieldQueue, deviceId: DeviceId): FieldQueue =>
  queue.filter((task) => task.deviceId === deviceId);

/** HTTP answers after which the same is tried again later: no answer, not signed in (any more), too much at once, the platform's own faults. */
export function outcomeOf(problem: {
  readonly status: number;
  readonly code: string;
  readonly text: string | null;
}): FieldOutcome {
  const { status, code, text } = problem;
  const later =
    status === 0 ||
    status >= 500 ||
    status === 401 ||
    status === 429 ||
    code === 'CSRF_REFUSED' ||
    code === 'IDEMPOTENCY_KEY_IN_USE';
  return later ? { kind: 'later' } : { kind: 'refused', trouble: { code, text } };
}
