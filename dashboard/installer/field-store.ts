import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { MountedAt } from '../../domain/commissioning.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { FieldQueue } from '../state/field-queue.ts';

/** What was found out on the spot and is signed for later. */
export interface FieldDraft {
  readonly mounted: MountedAt | null;
}

interface FieldDatabase extends DBSchema {
  /** One value, `queue`: read, changed and written in one transaction, so that two tabs lose nothing. */
  state: { key: 'queue'; value: FieldQueue };
  pictures: { key: string; value: Blob };
  drafts: { key: DeviceId; value: FieldDraft };
}

const NAME = 'hd-field';
let opened: Promise<IDBPDatabase<FieldDatabase>> | null = null;
const database = (): Promise<IDBPDatabase<FieldDatabase>> => {
  opened ??= openDB<FieldDatabase>(NAME, 1, {
    upgrade(db) {
      db.createObjectStore('state');
      db.createObjectStore('pictures');
      db.createObjectStore('drafts');
    },
  });
  return opened;
};

const NOTHING: FieldQueue = [];
let queue: FieldQueue = NOTHING;
let loaded = false;
const listeners = new Set<() => void>();
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(NAME);
const show = (next: FieldQueue): void => {
  queue = next;
  loaded = true;
  for (const listener of listeners) listener();
};
channel?.addEventListener('message', () => void loadQueue());

/** Reads the queue as it lies on the phone; from then on `currentQueue` gives it. */
export async function loadQueue(): Promise<FieldQueue> {
  show((await (await database()).get('state', 'queue')) ?? NOTHING);
  return queue;
}
export const currentQueue = (): FieldQueue => queue;
export const isLoaded = (): boolean => loaded;
export function subscribeQueue(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Changes the queue; resolves when the change is on the phone. */
export async function changeQueue(change: (before: FieldQueue) => FieldQueue): Promise<void> {
  const transaction = (await database()).transaction('state', 'readwrite');
  const next = change((await transaction.store.get('queue')) ?? NOTHING);
  await transaction.store.put(next, 'queue');
  await transaction.done;
  show(next);
  channel?.postMessage('changed');
}

export const keepPicture = async (name: string, picture: Blob): Promise<void> => {
  await (await database()).put('pictures', picture, name);
};
export const pictureNamed = async (name: string): Promise<Blob | undefined> => (await database()).get('pictures', name);
export const dropPicture = async (name: string): Promise<void> => (await database()).delete('pictures', name);

export const draftOf = async (device: DeviceId): Promise<FieldDraft | undefined> =>
  (await database()).get('drafts', device);
export const keepDraft = async (device: DeviceId, draft: FieldDraft): Promise<void> => {
  await (await database()).put('drafts', draft, device);
};
export const dropDraft = async (device: DeviceId): Promise<void> => (await database()).delete('drafts', device);
