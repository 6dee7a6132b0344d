import { Worker } from 'node:worker_threads';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import { StoreUnavailableError, type TimeSeriesStore } from '../../domain/ports/time-series-store.ts';
import type { EpochMs } from '../../domain/time.ts';
import { HOUR_MS } from './duckdb/layout.ts';
import {
  buffersOf,
  type FromStore,
  joinBatches,
  type Request,
  type StoreFile,
  type StoreFileCopy,
  type StoreVerbs,
  type Verb,
} from './duckdb/messages.ts';
import type { StoreOptions } from './duckdb/store.ts';

export interface DuckDbStoreOptions {
  /** Folder of the store; made if absent. */
  readonly path: string;
  /** What DuckDB may use; the store's own tables need some 20 MB beside it. */
  readonly memoryLimitMegabytes: number;
  /** Threads DuckDB works with. */
  readonly threads?: number;
  /**
   * Local time − UTC in whole hours (Asia/Ho_Chi_Minh: 7, the default): where files and daily rollups begin. Stays with the store; opening it with
   * another is refused.
   */
  readonly utcOffsetHours?: number;
  /** How long after opening every block is read once to find damage; a minute unless told. */
  readonly verifyAfterMs?: number;
  /** Told of each damaged file that was set aside. */
  readonly onDamaged?: (file: string, reason: string) => void;
}

/** What this store can do besides the port. */
export interface DuckDbTimeSeriesStore extends TimeSeriesStore {
  /** Sorts and rolls up all that is old enough, at once instead of in its time; for the end of a large import. */
  settle(): Promise<void>;
  /** The files that make up the store now, oldest first. */
  files(): Promise<readonly StoreFile[]>;
  /**
   * Copies one of them to `target`, while readings come in, as it is at one moment of the copying; the copy's own cursor is at most `cursor`, so that what
   * came after it is appended again from the journal. `null` when the file is gone (retention).
   */
  copyFile(name: string, target: string, cursor: JournalSequence): Promise<StoreFileCopy | null>;
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The time-series store on DuckDB, in a thread of its own: one file a week with the cursor inside, retention by deleting files, rollups for long spans.
 * Readings are appended as they come; late and repeated ones are told apart in memory and replace when queried, and for good when their hours are sealed.
 * A file found damaged is moved to `damaged/` and the rest is served. One process per folder.
 */
export async function openDuckDbStore(options: DuckDbStoreOptions): Promise<DuckDbTimeSeriesStore> {
  const workerData: Omit<StoreOptions, 'onDamaged'> = {
    path: options.path,
    memoryLimitMegabytes: options.memoryLimitMegabytes,
    threads: options.threads ?? 2,
    utcOffsetMs: (options.utcOffsetHours ?? 7) * HOUR_MS,
    verifyAfterMs: options.verifyAfterMs ?? 60_000,
  };
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let closing: Promise<void> | null = null;
  let gone: Error | null = null;

  const worker = new Worker(new URL('./duckdb/thread.ts', import.meta.url), {
    workerData,
    name: 'store',
    // Its garbage is few and short-lived; left alone V8 would keep 32 MB for it.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  const failAll = (error: Error): void => {
    gone ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };

  await new Promise<void>((resolve, reject) => {
    worker.on('message', (message: FromStore) => {
      switch (message.kind) {
        case 'opened':
          resolve();
          return;
        case 'damaged':
          options.onDamaged?.(message.file, message.reason);
          return;
        case 'answer':
          waiting.get(message.id)?.resolve(message.answer as never);
          waiting.delete(message.id);
          return;
        case 'failed': {
          const error = message.unavailable ? new StoreUnavailableError(message.message) : new Error(message.message);
          if (message.id === null) reject(error);
          else waiting.get(message.id)?.reject(error);
          if (message.id !== null) waiting.delete(message.id);
        }
      }
    });
    worker.on('error', (error) => {
      reject(error);
      failAll(new StoreUnavailableError(`the store's thread failed: ${(error as Error).message}`, { cause: error }));
    });
    worker.on('exit', () => {
      reject(new StoreUnavailableError("the store's thread ended"));
      failAll(new StoreUnavailableError('the store is closed'));
    });
  });

  function ask<V extends Verb>(
    verb: V,
    question: StoreVerbs[V]['ask'],
    transfer: ArrayBuffer[] = [],
  ): Promise<StoreVerbs[V]['answer']> {
    if (gone !== null || (closing !== null && verb !== 'close')) {
      return Promise.reject(gone ?? new StoreUnavailableError('the store is closed'));
    }
    return new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, verb, ask: question } as Request, transfer);
    });
  }

  async function store(batches: Parameters<TimeSeriesStore['load']>[0], cursor: number | null): Promise<void> {
    const readings = joinBatches(batches);
    await ask('store', { readings, cursor }, buffersOf(readings));
  }

  return {
    append: (batches, cursor) => store(batches, cursor),
    load: (batches) => store(batches, null),
    cursor: async () => (await ask('cursor', undefined)) as JournalSequence,
    range: (query) => ask('range', query),
    stretch: (query) => ask('stretch', { ...query, series: Int32Array.from(query.series) }),
    windows: (query) => ask('windows', query),
    latest: (series: readonly SeriesId[], before?: EpochMs) =>
      ask('latest', { series: Int32Array.from(series), before: before ?? null }),
    latestAt: (query) => ask('latestAt', { ...query, series: Int32Array.from(query.series) }),
    changes: (query) => ask('changes', { ...query, series: Int32Array.from(query.series) }),
    deleteRange: (series, from, to) => ask('deleteRange', { series, from, to }),
    retire: (retirement) => ask('retire', retirement),
    retired: (series) => ask('retired', series),
    settle: () => ask('settle', undefined),
    files: () => ask('files', undefined),
    copyFile: (name, target, cursor) => ask('copyFile', { name, target, cursor }),
    async status() {
      if (gone !== null || closing !== null) {
        return { engine: 'DuckDB', reachable: false, bytesOnDisk: null, damagedFiles: [] };
      }
      return ask('status', undefined);
    },
    close() {
      closing ??= (async () => {
        if (gone !== null) return;
        const ended = new Promise((resolve) => worker.once('exit', resolve));
        await ask('close', undefined).catch(() => {});
        await ended;
      })();
      return closing;
    },
  };
}
