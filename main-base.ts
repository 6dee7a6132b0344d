/** Part of the composition root: what every process of the platform stands on, whatever its roles. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Counter, Registry as MetricsRegistry } from 'prom-client';
import { missedWhileAway } from './adapters/bus/missed-while-away.ts';
import { type DiskWatch, watchDisk } from './adapters/disk/disk-watch.ts';
import { openFirmwareFolder } from './adapters/firmware/folder.ts';
import type { JournalFault } from './adapters/journal/journal-fault.ts';
import type { LmdbJournal } from './adapters/journal/lmdb.ts';
import type { DuckDbTimeSeriesStore } from './adapters/timeseries/duckdb.ts';
import { openOtlpTracing } from './adapters/tracing/otlp.ts';
import type { Settings } from './config/settings.ts';
import type { FirmwareFiles } from './domain/ports/firmware.ts';
import type { ConsumerName, Journal, JournalSequence } from './domain/ports/journal.ts';
import type { LiveBus } from './domain/ports/live-bus.ts';
import type { Registry } from './domain/ports/registry.ts';
import type { TimeSeriesStore } from './domain/ports/time-series-store.ts';
import type { Tracing } from './domain/ports/tracing.ts';
import { type Clock, epochMs } from './domain/time.ts';
import type { RaiseNotice } from './ingest/notices.ts';
import { type TracedEntries, traceEntries } from './ingest/trace-entries.ts';
import { seedDemo } from './main-demo.ts';
import { openBus, openJournal, openNats, openRegistry, openStore, readingsIn, seriesNames } from './main-engines.ts';
import { journalNotice, notice, type Told } from './main-notices.ts';
import manifest from './package.json' with { type: 'json' };

export const VERSION = manifest.version;
export const FOLDER = import.meta.dirname;

/** Something that runs; parts are started in order and stopped in reverse. */
export interface Part {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface Base {
  readonly settings: Settings;
  readonly mode: 'demo' | 'serve';
  readonly log: Logger;
  readonly clock: Clock;
  /** Address to listen on for HTTP. */
  readonly host: string;
  readonly bus: LiveBus;
  readonly registry: Registry;
  readonly disk: DiskWatch;
  readonly store: TimeSeriesStore | DuckDbTimeSeriesStore;
  readonly journal: Journal;
  /** How far each consumer has passed the journal in this process. */
  readonly passed: ReadonlyMap<ConsumerName, JournalSequence>;
  /** The journal as its engine opened it, for backups. */
  readonly keptJournal: Journal | LmdbJournal;
  readonly tracing: Tracing | null;
  readonly traced: TracedEntries | null;
  readonly metrics: MetricsRegistry;
  readonly firmwareFiles: FirmwareFiles;
  /** Whether the data directory held readings before this start. */
  readonly heldReadings: boolean;
  readonly onError: (where: string, error: unknown) => void;
  /** Tells the operators; what is told before {@link tellBy} waits for it. */
  readonly tell: RaiseNotice;
  tellBy(raise: RaiseNotice): void;
  close(): Promise<void>;
}

/** Opens the engines. `consumers`: those that have a say in what of the journal is trimmed. @throws when one can't be had. */
export async function openBase(
  settings: Settings,
  mode: 'demo' | 'serve',
  log: Logger,
  consumers: readonly ConsumerName[],
): Promise<Base> {
  const { dataDirectory } = settings;
  mkdirSync(dataDirectory, { recursive: true });
  const heldReadings = readingsIn(dataDirectory).length > 0;
  const bus = await openBus(
    settings,
    (name, err) => log.error({ event: 'bus.listener_failed', name, err }, 'a listener failed'),
    (err) => log.error({ event: 'bus.failed', err }, 'an event was not brought'),
  );
  // What goes wrong while parts are being opened is told once there is somebody to tell it.
  const early: Told[] = [];
  let raise: RaiseNotice = (told) => early.push(told);
  const ownClock = () => epochMs(Date.now());
  const { registry, clock } = await openRegistry(settings, ownClock, (err, file) => {
    log.fatal({ event: 'registry.damaged', err }, 'the registry is damaged: nothing is written to it any more');
    raise(notice('file.damaged', { file }));
  });
  if (mode === 'demo') await seedDemo(registry, settings, log);
  const onFault = (fault: JournalFault): void => {
    log[fault.kind === 'recovered' ? 'info' : 'error']({ event: `journal.${fault.kind}`, ...fault }, 'journal');
    raise(journalNotice(fault));
  };
  const onDamaged = (file: string, reason: string): void => {
    log.error({ event: 'store.file_damaged', file, reason }, 'a damaged file was set aside');
    raise(notice('file.damaged', { file }));
  };
  const disk = await watchDisk({
    path: dataDirectory,
    budget: { scarce: settings.disk.warnAtPercent / 100, full: settings.disk.stopAtPercent / 100 },
    onState: (state, before, use) => {
      log[state === 'ample' ? 'info' : 'error']({ event: `disk.${state}`, ...use }, 'disk');
      const percent = Math.round(100 * (1 - use.freeBytes / use.totalBytes));
      if (state === 'ample' || before === 'full') raise(notice('disk.recovered', { percent }));
      else raise(notice(`disk.${state}`, { percent, stop: settings.disk.stopAtPercent }));
    },
  });
  const nats = await openNats(settings);
  const keptJournal = await openJournal(settings, { nats, disk, clock, consumers, onFault });
  const tracing =
    settings.tracing.otlpUrl === undefined
      ? null
      : await openOtlpTracing({ url: settings.tracing.otlpUrl, share: settings.tracing.share, version: VERSION });
  const passed = new Map<ConsumerName, JournalSequence>();
  const notedJournal: Journal = {
    ...keptJournal,
    passed(consumer, sequence) {
      passed.set(consumer, sequence);
      keptJournal.passed(consumer, sequence);
    },
  };
  const traced = tracing && traceEntries(notedJournal, bus, tracing);
  const readAgain = missedWhileAway(bus);
  const onError = (where: string, err: unknown) => {
    log.error({ event: `${where}.failed`, err }, where);
    readAgain(err);
  };
  const resolveSeries = await seriesNames(registry, bus, (error) => onError('series', error));
  const metrics = new MetricsRegistry();
  const beyondRetention = new Counter({
    name: 'hd_store_beyond_retention_total',
    help: 'Readings older than the retention policy of InfluxDB, which it did not keep',
    registers: [metrics],
  });
  const eventsMissed = new Counter({
    name: 'hd_bus_events_missed_total',
    help: 'Times that something other processes said was missed, and read again by whoever follows it',
    registers: [metrics],
  });
  bus.subscribe('events.missed', () => eventsMissed.inc());
  const store = await openStore(settings, resolveSeries, onDamaged, (readings) => beyondRetention.inc(readings));
  const firmwareFiles = openFirmwareFolder({
    path: join(dataDirectory, 'firmware'),
    maximumImageBytes: settings.firmware.maximumImageBytes,
    capacityBytes: settings.firmware.capacityBytes,
  });
  return {
    settings,
    mode,
    log,
    clock,
    host: mode === 'demo' ? '127.0.0.1' : settings.http.host,
    bus,
    registry,
    disk,
    store,
    journal: traced?.journal ?? notedJournal,
    passed,
    keptJournal,
    tracing,
    traced,
    metrics,
    firmwareFiles,
    heldReadings,
    onError,
    tell: (told) => raise(told),
    tellBy(by) {
      raise = by;
      for (const told of early.splice(0)) raise(told);
    },
    async close() {
      await store.close();
      disk.stop();
      await keptJournal.close();
      await bus.close();
      await nats?.close();
      await registry.close();
      await tracing?.close();
    },
  };
}
