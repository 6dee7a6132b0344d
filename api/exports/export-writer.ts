import { Worker } from 'node:worker_threads';
import type { ExportedSeries, ExportFileSettings, ExportPage } from './export-rows.ts';
import type { FromExportThread, ToExportThread } from './export-thread.ts';

/** Of the thread's heap: a row group of Parquet, a sheet's buffers, the words of a workbook. */
const HEAP_MEGABYTES = 96;

export class ExportDiskFull extends Error {
  override readonly name = 'ExportDiskFull';
}

/** A file that is being written by a thread of its own; one thing at a time, each awaited before the next. */
export interface ExportWriter {
  begin(series: ExportedSeries): Promise<void>;
  /** Gives the page's memory away. */
  write(page: ExportPage): Promise<void>;
  /** Bytes of the finished file. */
  end(notes: readonly string[]): Promise<number>;
  /** Gives up, or tidies up after the end. */
  close(): Promise<void>;
}

export function openExportWriter(settings: ExportFileSettings): ExportWriter {
  const thread = new Worker(new URL('./export-thread.ts', import.meta.url), {
    workerData: settings,
    name: 'export',
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES, maxYoungGenerationSizeMb: 16 },
  });
  let waiting: { resolve: (answer: FromExportThread) => void; reject: (error: unknown) => void } | null = null;
  let ended: unknown = null;
  const fail = (error: unknown): void => {
    ended ??= error;
    waiting?.reject(error);
    waiting = null;
  };
  thread.on('message', (answer: FromExportThread) => {
    if (answer.kind === 'failed') {
      fail(
        answer.code === 'ENOSPC' || answer.code === 'EDQUOT'
          ? new ExportDiskFull(answer.message)
          : new Error(answer.message),
      );
      return;
    }
    waiting?.resolve(answer);
    waiting = null;
  });
  thread.on('error', fail);
  thread.on('exit', () => fail(new Error('the export thread ended')));

  const ask = (message: ToExportThread, transfer: ArrayBuffer[] = []): Promise<FromExportThread> =>
    new Promise((resolve, reject) => {
      if (ended !== null) {
        reject(ended);
        return;
      }
      waiting = { resolve, reject };
      thread.postMessage(message, transfer);
    });
  return {
    async begin(series) {
      await ask({ kind: 'series', series });
    },
    async write(page) {
      const columns = Object.values(page).filter((column) => ArrayBuffer.isView(column));
      await ask({ kind: 'page', page }, [...new Set(columns.map(({ buffer }) => buffer as ArrayBuffer))]);
    },
    async end(notes) {
      const answer = await ask({ kind: 'end', notes });
      if (answer.kind !== 'done') throw new Error('the export thread did not finish');
      return answer.bytes;
    },
    async close() {
      ended ??= new Error('closed');
      await thread.terminate();
    },
  };
}
