import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { asBinary, type Database, open } from 'lmdb';
import type { AgencyId, DeviceId, DeviceModelId, QuarantineId } from '../../domain/identifiers.ts';
import type {
  Quarantine,
  QuarantineCode,
  QuarantinedMessage,
  QuarantineFilter,
} from '../../domain/ports/quarantine.ts';

export interface QuarantineOptions {
  readonly path: string;
  readonly capacityBytes: number;
  /** Held bytes of one device; beyond it its own oldest go first, so that no device fills the place of others. */
  readonly deviceShareBytes: number;
  /** Told of every eviction. */
  readonly onEvicted?: (device: DeviceId, messages: number, bytes: number) => void;
  /** The device's model now; absent: nothing is known of models. */
  readonly modelOf?: (device: DeviceId) => DeviceModelId | undefined;
  readonly lmdbFiles: LmdbFiles;
  /** Told of what was found damaged and set aside: the file under its new name, or a message. */
  readonly onDamaged?: (what: string, reason: string) => void;
}

/** What can be told of an LMDB file without opening it. */
export interface LmdbFiles {
  /** What is wrong with its structure; `null` when nothing is. */
  readonly findDamage: (path: string) => string | null;
  /** Everything in it that looks like a record, whole or not. */
  readonly search: (path: string) => Iterable<{ readonly key: Buffer; readonly value: Buffer }>;
}

/** All but the id, which is the key. */
type Message = Omit<QuarantinedMessage, 'id'>;
/** As kept: with what shows that it is still as it was put there. */
type Stored = Message & { readonly checksum: number };
const checksumOf = (id: string, { bytes, ...rest }: Message): number => crc32(JSON.stringify([id, rest]), crc32(bytes));
interface Held {
  readonly id: QuarantineId;
  readonly device: DeviceId;
  readonly agency: AgencyId | null;
  readonly codes: readonly QuarantineCode[];
  readonly size: number;
  state: QuarantinedMessage['state'];
}
/** Bytes counted for a message beside its payload. */
const OVERHEAD_BYTES = 512;

/** The quarantine on LMDB, with an index of what is held in memory. Ids sort by time of arrival. */
export function openQuarantine(options: QuarantineOptions): Quarantine {
  mkdirSync(options.path, { recursive: true });
  const file = join(options.path, 'quarantine.mdb');
  const setAside = setAsideIfDamaged(file, options.lmdbFiles);
  const root = open({
    path: file,
    noSubdir: true,
    overlappingSync: false,
    // See the journal on LMDB for this and for `commitOf`: a disk that fails must not end the process.
    eventTurnBatching: false,
    maxDbs: 3,
    mapSize: options.capacityBytes * 2 + 64 * 1024 * 1024,
  });
  const messages: Database<Stored, string> = root.openDB({ name: 'messages', encoding: 'msgpack' });
  const counts: Database<number, string> = root.openDB({ name: 'counts', encoding: 'json' });
  /** The message as it was put; `undefined` when it is absent or not what it was. */
  const read = (id: string): Message | undefined => {
    try {
      const stored = messages.get(id);
      if (!stored) return undefined;
      const { checksum, ...message } = stored;
      return checksum === checksumOf(id, message) ? message : undefined;
    } catch {
      return undefined;
    }
  };
  const put = (id: string, message: Message) => messages.put(id, { ...message, checksum: checksumOf(id, message) });
  const savedNumber = (name: string): number => {
    try {
      const value = counts.get(name);
      return Number.isSafeInteger(value) ? value! : 0;
    } catch {
      return 0;
    }
  };
  let damagedMessages = 0;
  /** In the order they came. */
  const index = new Map<QuarantineId, Held>();
  const perDevice = new Map<DeviceId, { bytes: number; readonly ids: Set<QuarantineId> }>();
  let bytes = 0;

  const note = (id: QuarantineId, message: Message): void => {
    const size = message.bytes.length + OVERHEAD_BYTES;
    index.set(id, {
      id,
      device: message.deviceId,
      agency: message.agencyId,
      codes: [...new Set(message.problems.map((p) => p.code))],
      size,
      state: message.state,
    });
    const share = perDevice.get(message.deviceId) ?? { bytes: 0, ids: new Set<QuarantineId>() };
    share.bytes += size;
    share.ids.add(id);
    perDevice.set(message.deviceId, share);
    bytes += size;
  };
  const forget = (held: Held): void => {
    index.delete(held.id);
    const share = perDevice.get(held.device);
    if (share) {
      share.bytes -= held.size;
      share.ids.delete(held.id);
      if (share.ids.size === 0) perDevice.delete(held.device);
    }
    bytes -= held.size;
  };
  const evicted = { messages: 0, bytes: 0 };
  /** The index as the disk has it. */
  const reindex = (): void => {
    index.clear();
    perDevice.clear();
    bytes = 0;
    evicted.messages = savedNumber('messages');
    evicted.bytes = savedNumber('bytes');
    for (const id of [...messages.getKeys({})]) {
      const message = read(id);
      if (message) note(id as QuarantineId, message);
      else setMessageAside(id);
    }
  };
  /** Keeps what is left of a message for a person to look at, out of the way of everyone else. */
  const setMessageAside = (id: string): void => {
    const left = messages.getBinary(id);
    if (left) root.putSync(`damaged:${id}`, asBinary(Buffer.from(left)));
    messages.removeSync(id);
    damagedMessages++;
    options.onDamaged?.(`quarantine ${id}`, 'the message is not what was put there');
  };
  if (setAside) {
    // Whole messages are taken over. One that was evicted, and still lay there, may come back with them: better than to lose one.
    root.transactionSync(() => {
      for (const { key, value } of options.lmdbFiles.search(setAside.movedTo)) {
        const id = key.toString('latin1');
        if (id.length === 0 || read(id) !== undefined) continue;
        messages.putSync(id, asBinary(value) as unknown as Stored);
        if (read(id) === undefined) messages.removeSync(id);
      }
    });
    options.onDamaged?.(setAside.movedTo, setAside.reason);
  }
  reindex();

  /** What has to go so that the device keeps within its share, and all within the capacity: never `kept` itself, which has just come. */
  const toEvict = (device: DeviceId, kept: QuarantineId): Held[] => {
    const gone: Held[] = [];
    const share = perDevice.get(device);
    for (const id of share?.ids ?? []) {
      if (id === kept || (share?.bytes ?? 0) <= options.deviceShareBytes) break;
      const held = index.get(id);
      if (held) {
        forget(held);
        gone.push(held);
      }
    }
    for (const held of index.values()) {
      if (bytes <= options.capacityBytes || held.id === kept) break;
      forget(held);
      gone.push(held);
    }
    return gone;
  };
  /** Whether the filter lets a message through. */
  const seenBy =
    (filter: QuarantineFilter) =>
    (held: Held): boolean =>
      (filter.agencies === 'all' || (held.agency !== null && filter.agencies.includes(held.agency))) &&
      (filter.deviceId === undefined || held.device === filter.deviceId) &&
      (filter.modelId === undefined || options.modelOf?.(held.device) === filter.modelId) &&
      (filter.code === undefined || held.codes.includes(filter.code)) &&
      (filter.state === undefined || held.state === filter.state);

  return {
    async hold(given) {
      const gone: Held[] = [];
      try {
        await commitOf(
          root.batch(() => {
            for (const { id, ...message } of given) {
              const held: Message = { ...message, state: 'held' };
              void put(id, held);
              note(id, held);
              gone.push(...toEvict(message.deviceId, id));
            }
            for (const held of gone) void messages.remove(held.id);
            if (gone.length === 0) return;
            evicted.messages += gone.length;
            evicted.bytes += gone.reduce((sum, held) => sum + held.size, 0);
            void counts.put('messages', evicted.messages);
            void counts.put('bytes', evicted.bytes);
          }),
        );
      } catch (error) {
        // Nothing of it is on disk: the index must not say otherwise.
        reindex();
        throw error;
      }
      for (const [device, list] of Map.groupBy(gone, (held) => held.device)) {
        options.onEvicted?.(
          device,
          list.length,
          list.reduce((sum, held) => sum + held.size, 0),
        );
      }
    },
    async get(id) {
      const message = read(id);
      return message && { id, ...message };
    },
    async list(filter, limit, after) {
      const found: QuarantinedMessage[] = [];
      const isSeen = seenBy(filter);
      // By the disk's own order of ids: a resend is held under its first arrival time, so the order of coming is another one.
      for (const key of messages.getKeys({ reverse: true, ...(after === undefined ? {} : { start: after }) })) {
        if (found.length >= limit) break;
        const held = index.get(key as QuarantineId);
        if (!held || held.id === after || !isSeen(held)) continue;
        const message = read(held.id);
        if (message) found.push({ id: held.id, ...message });
      }
      return found;
    },
    async count(filter) {
      let count = 0;
      const isSeen = seenBy(filter);
      for (const held of index.values()) if (isSeen(held)) count++;
      return count;
    },
    async mark(id, state) {
      const message = read(id);
      const held = index.get(id);
      if (!message || !held) return;
      await commitOf(put(id, { ...message, state }));
      held.state = state;
    },
    async counts(agencies) {
      const sums = new Map<string, { deviceId: DeviceId; code: QuarantineCode; messages: number }>();
      const isSeen = seenBy({ agencies, state: 'held' });
      for (const held of index.values()) {
        if (!isSeen(held)) continue;
        for (const code of held.codes) {
          const key = `${held.device}\n${code}`;
          const sum = sums.get(key);
          if (sum) sum.messages++;
          else sums.set(key, { deviceId: held.device, code, messages: 1 });
        }
      }
      return [...sums.values()].sort((a, b) => b.messages - a.messages);
    },
    status: () => ({
      messages: index.size,
      bytes,
      capacityBytes: options.capacityBytes,
      evictedMessages: evicted.messages,
      evictedBytes: evicted.bytes,
      damagedMessages,
    }),
    async close() {
      await root.close();
    },
  };
}

/** The promise of a commit, rejecting with what was wrong. */
function commitOf<T>(commit: Promise<T>): Promise<T> {
  return commit.catch(async (error: Error & { commitError?: Promise<never> }) => {
    throw (await error.commitError?.catch((cause: unknown) => cause)) ?? error;
  });
}

/** Moves a file that LMDB could not be trusted with out of the way. */
function setAsideIfDamaged(file: string, { findDamage }: LmdbFiles): { movedTo: string; reason: string } | null {
  const reason = existsSync(file) ? findDamage(file) : null;
  if (reason === null) return null;
  let movedTo = `${file}.damaged`;
  for (let i = 2; existsSync(movedTo); i++) movedTo = `${file}.damaged-${i}`;
  renameSync(file, movedTo);
  rmSync(`${file}-lock`, { force: true });
  return { movedTo, reason };
}
