import { parentPort, workerData } from 'node:worker_threads';
import type { SeriesId } from '../../../domain/identifiers.ts';
import type { JournalSequence } from '../../../domain/ports/journal.ts';
import { StoreUnavailableError } from '../../../domain/ports/time-series-store.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { buffersOf, type FromStore, type Request } from './messages.ts';
import { DuckDbStore, type StoreOptions } from './store.ts';

/** The store's thread: DuckDB's synchronous parts (appending, fetching) take milliseconds, which the platform's thread hasn't got to give. */
if (parentPort === null) throw new Error('to be started as a worker thread');
const port = parentPort;
const tell = (message: FromStore, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
const failed = (id: number | null, error: unknown): FromStore => ({
  kind: 'failed',
  id,
  unavailable: error instanceof StoreUnavailableError,
  message: String((error as Error | undefined)?.message ?? error),
});

async function answer(store: DuckDbStore, request: Request): Promise<unknown> {
  switch (request.verb) {
    case 'store': {
      const { readings, cursor } = request.ask;
      return cursor === null ? store.load([readings]) : store.append([readings], cursor as JournalSequence);
    }
    case 'cursor':
      return store.cursor();
    case 'range':
      return store.range(request.ask);
    case 'stretch':
      return store.stretch({ ...request.ask, series: Array.from(request.ask.series) as SeriesId[] });
    case 'windows':
      return store.windows(request.ask);
    case 'latest':
      return store.latest(request.ask.series as unknown as SeriesId[], (request.ask.before ?? undefined) as EpochMs);
    case 'latestAt':
      return store.latestAt({ ...request.ask, series: Array.from(request.ask.series) as SeriesId[] });
    case 'changes':
      return store.changes({ ...request.ask, series: Array.from(request.ask.series) as SeriesId[] });
    case 'deleteRange': {
      const { series, from, to } = request.ask;
      return store.deleteRange(series as SeriesId, from as EpochMs, to as EpochMs);
    }
    case 'retire':
      return store.retire(request.ask);
    case 'retired':
      return store.retired(request.ask);
    case 'status':
      return store.status();
    case 'files':
      return store.files();
    case 'copyFile':
      return store.copyFile(request.ask);
    case 'settle':
      return store.settle();
    case 'close':
      return store.close();
    default:
      return request satisfies never;
  }
}

async function serve(): Promise<void> {
  const options = workerData as Omit<StoreOptions, 'onDamaged'>;
  const store = await DuckDbStore.open({
    ...options,
    onDamaged: (file, reason) => tell({ kind: 'damaged', file, reason }),
  });
  port.on('message', (request: Request) => {
    answer(store, request).then(
      (value) => {
        tell({ kind: 'answer', id: request.id, answer: value }, buffersOf(value as object | undefined));
        if (request.verb === 'close') port.close();
      },
      (error: unknown) => tell(failed(request.id, error)),
    );
  });
  tell({ kind: 'opened' });
}

serve().catch((error: unknown) => {
  tell(failed(null, error));
  port.close();
});
