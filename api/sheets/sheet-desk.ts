import { Worker } from 'node:worker_threads';
import type { Localized } from '../../domain/localized.ts';
import type { SheetDevice } from '../../domain/ports/device-registry.ts';
import { err, type Result } from '../../domain/result.ts';
import { ApiError } from '../errors.ts';
import type { DeviceSheet } from './device-sheet.ts';
import type { SheetTask } from './sheet-thread.ts';

/** Bounds of the work on sheets. */
export interface SheetLimits {
  /** A sheet that takes longer is given up. */
  readonly sheetMilliseconds: number;
  /** Of the thread's heap; a sheet that needs more is given up. */
  readonly sheetMegabytes: number;
  /** Sheets waiting for their turn and the one in work; more are refused with TOO_MANY_REQUESTS. */
  readonly sheetsUnfinished: number;
}

/** Reads and writes sheets beside everything else, one at a time, each in a thread of its own that ends with it. */
export interface SheetDesk {
  /** As `readDeviceSheet`; a sheet beyond the bounds comes back as what to say about it. @throws {ApiError} TOO_MANY_REQUESTS */
  read(bytes: Buffer, mediaType: string, rowsMax: number): Promise<Result<DeviceSheet, Localized>>;
  /** As `writeXlsx`. @throws {ApiError} TOO_MANY_REQUESTS; {SheetTooMuch} */
  write(devices: readonly SheetDevice[]): Promise<Buffer>;
}

const TOO_MUCH: Localized = {
  vi: 'Tệp cần quá nhiều bộ nhớ hoặc thời gian để đọc. Hãy chia tệp.',
  en: 'It takes too much memory or time to read. Split the file.',
};
/** Seconds after which a desk with many sheets before it is worth another try. */
const RETRY_AFTER_SECONDS = 5;

/** The thread went over its time or memory. */
class SheetTooMuch extends Error {
  override readonly name = 'SheetTooMuch';
}

export function createSheetDesk({ sheetMilliseconds, sheetMegabytes, sheetsUnfinished }: SheetLimits): SheetDesk {
  let unfinished = 0;
  let last: Promise<unknown> = Promise.resolve();

  const inThread = (task: SheetTask): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(new URL('./sheet-thread.ts', import.meta.url), {
        workerData: task,
        resourceLimits: { maxOldGenerationSizeMb: sheetMegabytes },
      });
      const late = setTimeout(() => void thread.terminate(), sheetMilliseconds);
      thread.once('message', (answer) => {
        resolve(answer);
        void thread.terminate();
      });
      thread.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new SheetTooMuch(error.message) : error),
      );
      // After an answer or an error this says nothing new.
      thread.once('exit', () => {
        clearTimeout(late);
        reject(new SheetTooMuch('the thread ended without an answer'));
      });
    });

  async function inTurn(task: SheetTask): Promise<unknown> {
    if (unfinished >= sheetsUnfinished)
      throw new ApiError('TOO_MANY_REQUESTS', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    unfinished++;
    const done = last.then(() => inThread(task)).finally(() => unfinished--);
    last = done.catch(() => undefined);
    return done;
  }

  return {
    async read(bytes, mediaType, rowsMax) {
      try {
        return (await inTurn({ kind: 'read', bytes, mediaType, rowsMax })) as Result<DeviceSheet, Localized>;
      } catch (error) {
        if (error instanceof SheetTooMuch) return err(TOO_MUCH);
        throw error;
      }
    },
    write: async (devices) => Buffer.from((await inTurn({ kind: 'write', devices })) as Uint8Array),
  };
}
