import type { Registry } from '../../domain/ports/registry.ts';
import type { StationFiles } from '../../domain/ports/station-files.ts';
import type { TimeSeriesStore } from '../../domain/ports/time-series-store.ts';
import type { QuantityCatalogue } from '../../domain/quantity.ts';
import { before, type Clock, days, seconds } from '../../domain/time.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Validator } from '../validate/validate.ts';
import { ScheduledExport } from './scheduled-export.ts';
import type { StationDirectory } from './station-directory.ts';
import { createStationImports } from './station-imports.ts';
import { WatchedFolder } from './watched-folder.ts';

export interface StationFileSettings {
  readonly watchedFolder?: string | undefined;
  readonly pollSeconds: number;
  readonly quietSeconds: number;
  readonly maximumFileBytes: number;
  readonly keepDoneDays: number;
  readonly exportFolder?: string | undefined;
  readonly exportDelaySeconds: number;
}

export interface StationFileParts {
  readonly registry: Registry;
  readonly stations: StationDirectory;
  readonly pipeline: Pipeline;
  readonly previewValidator: Validator;
  readonly store: TimeSeriesStore;
  readonly catalogue: QuantityCatalogue;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly onError: (where: string, error: unknown) => void;
}

/** Receipts are kept as long as a logger keeps its files; a file that comes again later changes nothing in the store. */
const RECEIPTS_KEPT = days(60);
const FORGET_EVERY_MS = 3_600_000;

/** Watching and writing folders of station files besides what people do with them. */
export interface StationFilesWork extends StationFiles {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Import and export of station files, put together; `start` after the pipeline, `stop` before it. */
export function createStationFiles(parts: StationFileParts, settings: StationFileSettings): StationFilesWork {
  const { registry, stations, store, catalogue, metrics, clock, onError } = parts;
  const imports = createStationImports({ ...parts, validator: parts.previewValidator });
  const watched =
    settings.watchedFolder === undefined
      ? null
      : new WatchedFolder({
          folder: settings.watchedFolder,
          imports,
          every: seconds(settings.pollSeconds),
          quiet: seconds(settings.quietSeconds),
          maximumFileBytes: settings.maximumFileBytes,
          keepDone: days(settings.keepDoneDays),
          clock,
          onError: (error) => onError('watched folder', error),
        });
  const exported =
    settings.exportFolder === undefined
      ? null
      : new ScheduledExport({
          folder: settings.exportFolder,
          stations,
          registry,
          store,
          catalogue,
          every: seconds(settings.pollSeconds),
          delay: seconds(settings.exportDelaySeconds),
          metrics,
          clock,
          onError: (error) => onError('station export', error),
        });
  let forgetting: NodeJS.Timeout | undefined;
  const forget = (): void => {
    registry.stations.forget(before(clock(), RECEIPTS_KEPT)).catch((error) => onError('station receipts', error));
  };

  const files: StationFiles = {
    preview: imports.preview,
    import: imports.import,
    retry: async (receipt) => watched?.retry(receipt) ?? false,
    status: () => ({
      watched: watched?.status ?? {
        folder: null,
        scannedAt: null,
        waiting: 0,
        lastFile: null,
        imported: 0,
        failed: 0,
        trouble: null,
      },
      exported: exported?.status ?? { folder: null, files: 0, lastFile: null, trouble: null },
    }),
  };
  return {
    ...files,
    async start(): Promise<void> {
      forget();
      forgetting = setInterval(forget, FORGET_EVERY_MS);
      watched?.start();
      exported?.start();
    },
    async stop(): Promise<void> {
      clearInterval(forgetting);
      await watched?.stop();
      await exported?.stop();
    },
  };
}
