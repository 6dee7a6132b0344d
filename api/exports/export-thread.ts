import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { openCsvFile } from './csv-file.ts';
import type { ExportedSeries, ExportFileSettings, ExportPage } from './export-rows.ts';
import { openParquetFile } from './parquet-file.ts';
import { openXlsxFile } from './xlsx-file.ts';

/** The program of the thread that writes one export: numbers become text and are compressed beside everything else. */
export type ToExportThread =
  | { readonly kind: 'series'; readonly series: ExportedSeries }
  | { readonly kind: 'page'; readonly page: ExportPage }
  | { readonly kind: 'end'; readonly notes: readonly string[] };
/** Each message is answered once, when the next may come. */
export type FromExportThread =
  | { readonly kind: 'taken' }
  | { readonly kind: 'done'; readonly bytes: number }
  | { readonly kind: 'failed'; readonly code: string | null; readonly message: string };

const OPEN = { csv: openCsvFile, xlsx: openXlsxFile, parquet: openParquetFile } as const;

function serve(port: MessagePort, settings: ExportFileSettings): void {
  const file = OPEN[settings.format](settings);
  const say = (message: FromExportThread): void => port.postMessage(message);
  const take = async (message: ToExportThread): Promise<void> => {
    if (message.kind === 'end') return say({ kind: 'done', bytes: await file.end(message.notes) });
    if (message.kind === 'series') file.begin(message.series);
    else await file.write(message.page);
    say({ kind: 'taken' });
  };
  port.on('message', (message: ToExportThread) => {
    take(message).catch((error: NodeJS.ErrnoException) =>
      say({ kind: 'failed', code: error.code ?? null, message: error.message }),
    );
  });
}

if (parentPort === null) throw new Error('to be started as a worker thread');
serve(parentPort, workerData as ExportFileSettings);
