/** The engines behind the ports as the settings want them: with main.ts the place that knows their concrete classes. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInProcessBus } from './adapters/bus/in-process.ts';
import { createNatsBus } from './adapters/bus/nats.ts';
import type { DiskWatch } from './adapters/disk/disk-watch.ts';
import { withinDiskBudget } from './adapters/disk/disk-watch.ts';
import type { JournalFault } from './adapters/journal/journal-fault.ts';
import { type LmdbJournal, openLmdbJournal } from './adapters/journal/lmdb.ts';
import { openNatsJournal } from './adapters/journal/nats.ts';
import { movedAway } from './adapters/migrate/moved.ts';
import { connectNats, type NatsAccess, type NatsConnection } from './adapters/nats/connection.ts';
import {
  holdToRegistry,
  isHeldToPostgres,
  openPostgresRegistry,
  RegistryMismatchError,
} from './adapters/registry/postgres.ts';
import { openSqliteRegistry, RegistryDamagedError } from './adapters/registry/sqlite.ts';
import { type DuckDbTimeSeriesStore, openDuckDbStore } from './adapters/timeseries/duckdb.ts';
import { type InfluxTimeSeriesStore, openInfluxStore } from './adapters/timeseries/influx.ts';
import { type Settings, SettingsError } from './config/settings.ts';
import type { SeriesId } from './domain/identifiers.ts';
import type { ConsumerName, Journal } from './domain/ports/journal.ts';
import type { LiveBus, OnListenerError } from './domain/ports/live-bus.ts';
import type { Registry } from './domain/ports/registry.ts';
import type { ResolveSeries, SeriesName, TimeSeriesStore } from './domain/ports/time-series-store.ts';
import type { ProcessRole } from './domain/process-counters.ts';
import { standardOffset } from './domain/retention.ts';
import { type Clock, epochMs, hours, seconds } from './domain/time.ts';
import { localTimeIn } from './domain/time-zone.ts';

/** How the settings say that NATS is reached. */
function natsAccess({ nats }: Settings): NatsAccess {
  if (nats.servers === undefined) throw new SettingsError('nats.servers is needed for what is to be on NATS');
  const servers = nats.servers.split(',').map((address) => address.trim());
  return { servers, name: 'hai-dang', user: nats.user, password: nats.password };
}

/** The journal's connection to the NATS servers; `null` when it is not there. @throws when none of them answers. */
export async function openNats(settings: Settings): Promise<NatsConnection | null> {
  return settings.journal.engine === 'nats' ? connectNats(natsAccess(settings)) : null;
}

/** @throws when the bus is to be on NATS and no server answers. */
export async function openBus(
  settings: Settings,
  onListenerError: OnListenerError,
  onError: (error: unknown) => void,
): Promise<LiveBus> {
  if (settings.bus.engine === 'in-process') return createInProcessBus(onListenerError);
  const connection = await connectNats({ ...natsAccess(settings), noEcho: true });
  return createNatsBus({ connection, prefix: `${settings.nats.stream}-live`, onListenerError, onError });
}

export interface JournalParts {
  readonly nats: NatsConnection | null;
  readonly disk: Pick<DiskWatch, 'state'>;
  readonly clock: Clock;
  /** Those that have a say in what is trimmed. */
  readonly consumers: readonly ConsumerName[];
  readonly onFault: (fault: JournalFault) => void;
}

/** For a command that reads or fills a journal on NATS, whose entries it must not trim. */
export const readingOnly = (nats: NatsConnection | null): JournalParts => ({
  ...{ nats, disk: { state: 'ample' }, consumers: [], onFault: () => {} },
  clock: () => epochMs(Date.now()),
});

/** One that lies in the data directory takes nothing while its disk is full; one on NATS has its own bound on the servers' disks. */
export async function openJournal(
  { journal, store, nats: { stream, replicas }, dataDirectory }: Settings,
  { nats, disk, clock, consumers, onFault }: JournalParts,
): Promise<Journal | LmdbJournal> {
  const { capacityBytes, retainSeconds } = journal;
  const common = { capacityBytes, retain: seconds(retainSeconds), consumers, clock, onFault };
  if (nats === null)
    return withinDiskBudget(await openLmdbJournal({ ...common, path: join(dataDirectory, 'journal') }), disk);
  // A backup keeps the journal from where the store is; what servers elsewhere hold can't be held for it.
  if (store.engine === 'duckdb')
    throw new SettingsError('journal.engine nats needs store.engine influxdb: a backup could not keep both together');
  return openNatsJournal({ ...common, connection: nats, stream, replicas });
}

/** Names of series as the registry has them now; an engine that keeps names asks for them. */
export async function seriesNames(
  registry: Registry,
  bus: LiveBus,
  onError: (error: unknown) => void,
): Promise<ResolveSeries> {
  let names = new Map<SeriesId, SeriesName>();
  const load = async (): Promise<void> => {
    names = new Map(
      (await registry.directory.series()).map((entry) => [
        entry.series,
        { quantity: entry.quantity, point: entry.pointId },
      ]),
    );
  };
  for (const name of ['assets.changed', 'events.missed'] as const)
    bus.subscribe(name, () => void load().catch(onError));
  await load();
  return (series) => names.get(series);
}

/** Where the store begins its days and weeks. Days of a zone with summer time, or off by half an hour, come from finer buckets and are exact all the same. */
export const storeOffsetHours = (timeZone: string): number => standardOffset(localTimeIn(timeZone)) / hours(1);

/** @throws {SettingsError} when something is missing that its interface needs. */
export function openInflux(
  store: Extract<Settings['store'], { engine: 'influxdb' }>,
  timeZone: string,
  resolveSeries: ResolveSeries,
  onBeyondRetention: (readings: number) => void = () => {},
): InfluxTimeSeriesStore {
  const missing = (name: string): never => {
    throw new SettingsError(`store.${name} is needed for InfluxDB by its ${store.api} interface`);
  };
  return openInfluxStore({
    url: store.url,
    access:
      store.api === 'v2'
        ? {
            api: 'v2',
            token: store.token ?? missing('token'),
            organisation: store.organisation ?? missing('organisation'),
            bucket: store.bucket ?? missing('bucket'),
          }
        : {
            api: 'v1',
            database: store.database ?? missing('database'),
            ...(store.user ? { user: store.user, password: store.password ?? missing('password') } : {}),
          },
    resolveSeries,
    utcOffsetHours: storeOffsetHours(timeZone),
    onBeyondRetention,
  });
}

export async function openStore(
  { store, dataDirectory, timeZone }: Settings,
  resolveSeries: ResolveSeries,
  onDamaged: (file: string, reason: string) => void,
  onBeyondRetention: (readings: number) => void,
): Promise<TimeSeriesStore | DuckDbTimeSeriesStore> {
  if (store.engine === 'influxdb') return openInflux(store, timeZone, resolveSeries, onBeyondRetention);
  return openDuckDbStore({
    path: join(dataDirectory, 'store'),
    memoryLimitMegabytes: store.memoryLimitMegabytes,
    utcOffsetHours: storeOffsetHours(timeZone),
    onDamaged,
  });
}

/** Where the data directory holds readings. */
export const readingsIn = (dataDirectory: string): readonly string[] =>
  ['journal', 'store'].map((name) => join(dataDirectory, name)).filter((path) => existsSync(path));

/** Readings are kept under numbers that the registry gave: beside an empty one they would show as those of other points. */
function refuseReadingsWithoutRegistry(dataDirectory: string): void {
  const registry = join(dataDirectory, 'registry.sqlite');
  const readings = readingsIn(dataDirectory);
  if (existsSync(registry) || readings.length === 0) return;
  throw new RegistryDamagedError(
    `The registry ${registry} is missing, and ${readings.join(' and ')} hold readings under its numbers. Restore the last backup of the whole data directory, or move all of it away to start empty.`,
  );
}

/**
 * The registry, and the clock to go by: that of PostgreSQL's server for a process that serves people alone, so that what people do is dated alike wherever they
 * do it and no such machine's clock matters; this machine's for others.
 * @throws {RegistryMismatchError | RegistryDamagedError} when the readings in the data directory are not of this registry.
 */
export async function openRegistry(
  { dataDirectory, registry: settings, roles }: Settings,
  clock: Clock,
  onDamaged: (error: RegistryDamagedError, file: string) => void,
): Promise<{ readonly registry: Registry; readonly clock: Clock }> {
  if (settings.engine === 'postgres') {
    const own = roles === ('api' satisfies ProcessRole) ? {} : { clock };
    const registry = await openPostgresRegistry({ ...settings, ...own, newId: randomUUID });
    try {
      holdToRegistry(dataDirectory, registry.id);
    } catch (error) {
      await registry.close();
      throw error;
    }
    return { registry, clock: registry.clock };
  }
  if (isHeldToPostgres(dataDirectory))
    throw new RegistryMismatchError(
      `${dataDirectory} holds readings under the numbers of a registry in PostgreSQL: set HD_REGISTRY_ENGINE=postgres and HD_REGISTRY_URL.`,
    );
  const moved = movedAway(dataDirectory);
  if (moved !== null) throw new SettingsError(moved);
  refuseReadingsWithoutRegistry(dataDirectory);
  const path = join(dataDirectory, 'registry.sqlite');
  const registry = openSqliteRegistry({
    ...{ path, clock, newId: randomUUID },
    onDamaged: (error) => onDamaged(error, path),
  });
  return { registry, clock };
}
