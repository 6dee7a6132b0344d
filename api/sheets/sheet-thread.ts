import { parentPort, workerData } from 'node:worker_threads';
import type { SheetDevice } from '../../domain/ports/device-registry.ts';
import { readDeviceSheet, writeXlsx } from './device-sheet.ts';

/** The program of the thread that `sheet-desk.ts` starts for one sheet: a large one keeps nobody else waiting. */
export type SheetTask =
  | { readonly kind: 'read'; readonly bytes: Uint8Array; readonly mediaType: string; readonly rowsMax: number }
  | { readonly kind: 'write'; readonly devices: readonly SheetDevice[] };

async function carryOut(task: SheetTask): Promise<unknown> {
  if (task.kind === 'write') return writeXlsx(task.devices);
  return readDeviceSheet(Buffer.from(task.bytes), task.mediaType, task.rowsMax);
}

if (parentPort === null) throw new Error('to be started as a worker thread');
parentPort.postMessage(await carryOut(workerData as SheetTask));
