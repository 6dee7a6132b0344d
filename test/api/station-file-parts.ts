import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { QUANTITY_CATALOGUE } from '../../config/quantities.ts';
import type { Journal } from '../../domain/ports/journal.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Quarantine } from '../../domain/ports/quarantine.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { StationFiles } from '../../domain/ports/station-files.ts';
import type { TimeSeriesStore } from '../../domain/ports/time-series-store.ts';
import { type Clock, days, minutes } from '../../domain/time.ts';
import { createIngestMetrics } from '../../ingest/metrics.ts';
import { createPipeline } from '../../ingest/pipeline.ts';
import { openStationDirectory } from '../../ingest/station-files/station-directory.ts';
import { createStationFiles } from '../../ingest/station-files/station-files.ts';
import { createValidator } from '../../ingest/validate/validate.ts';

interface Parts {
  readonly folder: string;
  readonly registry: Registry;
  readonly store: TimeSeriesStore;
  readonly bus: LiveBus;
  readonly journal: Journal;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly watchedFolder: string | undefined;
}

/** Station files as ingest offers them to the API, on the platform's real journal and quarantine. */
export async function stationFilesOf(parts: Parts): Promise<StationFiles & { start(): void; stop(): Promise<void> }> {
  const { registry, bus, journal, quarantine, store, clock } = parts;
  const metrics = createIngestMetrics();
  const onError = (error: unknown): void => {
    throw error;
  };
  const stations = await openStationDirectory(registry, bus, onError);
  const validator = createValidator({
    catalogue: QUANTITY_CATALOGUE,
    clockAhead: minutes(5),
    maximumAge: days(30),
    outOfRangeBeforeNotice: 3,
    onSensorFault: () => {},
  });
  const pipeline = await createPipeline({
    journal,
    quarantine,
    directory: { get: (id) => stations.bySender(id), carriedBy: () => undefined },
    validator,
    runCodec: async () => {
      throw new Error('files have no codec');
    },
    metrics,
    clock,
    newId: randomUUID,
    maximumItemsPerMessage: 10_000,
    maximumMessagesInFlight: 100,
    resendWindow: minutes(5),
  });
  return createStationFiles(
    {
      registry,
      stations,
      pipeline,
      previewValidator: validator,
      store,
      catalogue: QUANTITY_CATALOGUE,
      metrics,
      clock,
      onError: (_where, error) => onError(error),
    },
    {
      watchedFolder: parts.watchedFolder,
      pollSeconds: 0.05,
      quietSeconds: 0.05,
      maximumFileBytes: 1_048_576,
      keepDoneDays: 60,
      exportFolder: join(parts.folder, 'outgoing'),
      exportDelaySeconds: 1,
    },
  );
}
