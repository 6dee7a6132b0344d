import type { GatewayId } from '../domain/identifiers.ts';
import type { CodecBench } from '../domain/ports/codec-bench.ts';
import type { DeviceTail } from '../domain/ports/device-tail.ts';
import type { Journal } from '../domain/ports/journal.ts';
import type { LiveBus } from '../domain/ports/live-bus.ts';
import type { Quarantine } from '../domain/ports/quarantine.ts';
import type { Registry } from '../domain/ports/registry.ts';
import type { TimeSeriesStore } from '../domain/ports/time-series-store.ts';
import type { Tracing } from '../domain/ports/tracing.ts';
import type { QualityChecks } from '../domain/quality-checks.ts';
import type { QuantityCatalogue } from '../domain/quantity.ts';
import { type Clock, days, seconds } from '../domain/time.ts';
import { answerQuestions } from './answer-questions.ts';
import { createCodecBench } from './codec-bench.ts';
import { createCodecNotices } from './codec-notices.ts';
import { type CodecEvent, createCodecSandbox } from './decode/codec/codec-sandbox.ts';
import { createDeviceTail } from './device-tail.ts';
import { gatewayIdentity } from './gateway/gateway-identity.ts';
import { createPresence, type Presence } from './gateway/presence.ts';
import { type CounterName, createIngestMetrics, type IngestMetrics } from './metrics.ts';
import { createNotices, type RaiseNotice } from './notices.ts';
import { createPipeline, type JournalledBatch, type Pipeline } from './pipeline.ts';
import { type LmdbFiles, openQuarantine } from './quarantine/quarantine.ts';
import { meaningOf, type SourceTopic } from './sources/source-topics.ts';
import { openStationDirectory } from './station-files/station-directory.ts';
import { createStationFiles, type StationFileSettings, type StationFilesWork } from './station-files/station-files.ts';
import { type DeviceDirectory, openDeviceDirectory } from './validate/device-directory.ts';
import { createValidator } from './validate/validate.ts';

export interface IngestPorts {
  readonly journal: Journal;
  readonly store: TimeSeriesStore;
  readonly registry: Registry;
  readonly bus: LiveBus;
  readonly catalogue: QuantityCatalogue;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly onError: (where: string, error: unknown) => void;
  readonly lmdbFiles: LmdbFiles;
  readonly checks?: QualityChecks;
  readonly tracing?: Tracing;
  readonly onJournalled?: (batch: JournalledBatch) => void;
}

export interface IngestSettings {
  readonly ingest: {
    readonly clockAheadSeconds: number;
    readonly maximumAgeDays: number;
    readonly outOfRangeBeforeNotice: number;
    readonly maximumItemsPerMessage: number;
    readonly resendWindowSeconds: number;
    readonly maximumMessagesInFlight: number;
    readonly codecMilliseconds: number;
    readonly codecMemoryBytes: number;
    readonly processName?: string | undefined;
    readonly goneAfterSeconds: number;
  };
  readonly quarantine: { readonly path: string; readonly capacityBytes: number; readonly deviceShareBytes: number };
  readonly stationFiles: StationFileSettings;
  /** Topics of other brokers that are read from: what is quarantined of theirs is replayed by these. */
  readonly foreignTopics: readonly (readonly SourceTopic[])[];
}

/** What every process has that messages can come to: from devices, from other brokers, from files of stations, out of quarantine. */
export interface Ingest {
  /** Of this process, among all that messages come to. */
  readonly id: GatewayId;
  readonly presence: Presence;
  readonly directory: DeviceDirectory;
  readonly pipeline: Pipeline;
  /** Where people work on codecs: the same engine and limits as for messages. */
  readonly codecs: CodecBench;
  /** Of this process alone; people ask all of them over the bus. */
  readonly quarantine: Quarantine;
  /** Import and export of files of stations, built and not started; what it writes goes to this registry. */
  readonly stationFilesOver: (registry: Registry) => StationFilesWork;
  readonly tail: DeviceTail & { readonly watchedDevices: number };
  readonly metrics: IngestMetrics;
  readonly raise: RaiseNotice;
  /** Tells, once the platform knows whom, of a damaged file that was set aside. */
  readonly onDamaged: (where: string) => (file: string, reason: string) => void;
  /** From here on the others know of this process. */
  start(): Promise<void>;
  /** Once nobody brings messages any more. */
  stop(): Promise<void>;
}

const CODEC_COUNTERS: Readonly<Record<CodecEvent, CounterName>> = {
  calls: 'hd_codec_calls_total',
  failed: 'hd_codec_failures_total',
  over_limit: 'hd_codec_limits_total',
  suspended: 'hd_codec_suspended_total',
  stopped: 'hd_codec_threads_ended_total',
};

/** Puts the stations of a reading's way up to the journal together: decode → validate → journal. */
export async function createIngest(ports: IngestPorts, settings: IngestSettings): Promise<Ingest> {
  const { journal, store, registry, bus, catalogue, clock, newId, onError } = ports;
  const metrics = createIngestMetrics();
  const raise = createNotices({ registry, bus, metrics, clock, newId, onError });
  const damaged = (where: string) => (file: string, reason: string) => {
    onError(where, new Error(`${file} is damaged and was set aside: ${reason}`));
    const text = { key: 'notice.file_damaged', params: { file } };
    raise({ kind: 'file.damaged', agencyId: null, deviceId: null, text });
  };
  const quarantine = openQuarantine({
    ...settings.quarantine,
    onEvicted: (deviceId, messages) =>
      raise({
        kind: 'quarantine.evicted',
        agencyId: null,
        deviceId,
        text: { key: 'notice.quarantine_evicted', params: { device: deviceId, messages } },
      }),
    modelOf: (deviceId) => directory.get(deviceId)?.modelId,
    lmdbFiles: ports.lmdbFiles,
    onDamaged: damaged('quarantine'),
  });
  const directory = await openDeviceDirectory(registry, bus, (error) => onError('directory', error));
  const stations = await openStationDirectory(registry, bus, (error) => onError('stations', error));
  /** Devices, and stations as the senders of their files. */
  const senders = {
    get: (id: string) => directory.get(id) ?? stations.bySender(id),
    carriedBy: directory.carriedBy,
  };
  const belief = {
    catalogue,
    clockAhead: seconds(settings.ingest.clockAheadSeconds),
    maximumAge: days(settings.ingest.maximumAgeDays),
    outOfRangeBeforeNotice: settings.ingest.outOfRangeBeforeNotice,
    ...(ports.checks && { rateLimits: ports.checks.rate }),
  };
  const validator = createValidator({
    ...belief,
    onSensorFault: (deviceId, quantity, value) =>
      raise({
        kind: 'device.sensor_fault',
        agencyId: senders.get(deviceId)?.agencyId ?? null,
        deviceId,
        text: { key: 'notice.device_sensor_fault', params: { device: deviceId, quantity, value } },
      }),
  });
  const codecs = createCodecSandbox({
    callMilliseconds: settings.ingest.codecMilliseconds,
    memoryBytes: settings.ingest.codecMemoryBytes,
    count: (event, by) => metrics.add(CODEC_COUNTERS[event], by),
    onHeld: createCodecNotices({ registry, raise, clock, onError }),
    now: clock,
  });
  const codecBench = createCodecBench({
    catalogue,
    callMilliseconds: settings.ingest.codecMilliseconds,
    memoryBytes: settings.ingest.codecMemoryBytes,
    maximumItems: settings.ingest.maximumItemsPerMessage,
    onTrial: () => metrics.add('hd_codec_trials_total'),
  });
  const tail = createDeviceTail(clock);
  const pipeline = await createPipeline({
    journal,
    quarantine,
    directory: senders,
    validator,
    runCodec: codecs.run,
    metrics,
    clock,
    newId,
    maximumItemsPerMessage: settings.ingest.maximumItemsPerMessage,
    maximumMessagesInFlight: settings.ingest.maximumMessagesInFlight,
    resendWindow: seconds(settings.ingest.resendWindowSeconds),
    onDecoded: tail.note,
    ...(ports.tracing && { tracing: ports.tracing }),
    ...(ports.onJournalled && { onJournalled: ports.onJournalled }),
    meaningOfForeign: (topic) =>
      settings.foreignTopics.map((topics) => meaningOf(topics, topic)).find((found) => found !== null) ?? null,
    onUnknownKeys: (deviceId, keys) =>
      raise({
        kind: 'device.unknown_keys',
        agencyId: directory.get(deviceId)?.agencyId ?? null,
        deviceId,
        text: { key: 'notice.device_unknown_keys', params: { device: deviceId, keys: keys.join(', ') } },
      }),
  });

  const { id, name } = gatewayIdentity({ folder: settings.quarantine.path, name: settings.ingest.processName, newId });
  const presence = createPresence({
    identity: { id, name, ttl: seconds(settings.ingest.goneAfterSeconds) },
    held: () => quarantine.status().messages,
    log: registry.gateways,
    bus,
    clock,
    elapsedMs: () => performance.now(),
    onError: (error) => onError('presence', error),
  });
  const stopAnswering = answerQuestions({
    bus,
    gateway: id,
    quarantine,
    replay: pipeline.replay,
    tail,
    codecs,
    directory,
  });

  return {
    id,
    presence,
    directory,
    pipeline,
    codecs: codecBench,
    quarantine,
    stationFilesOver: (ofWork) =>
      createStationFiles(
        {
          registry: ofWork,
          stations,
          pipeline,
          previewValidator: createValidator({ ...belief, onSensorFault: () => {} }),
          store,
          catalogue,
          metrics,
          clock,
          onError,
        },
        settings.stationFiles,
      ),
    tail,
    metrics,
    raise,
    onDamaged: damaged,
    start: () => presence.start(),
    async stop() {
      stopAnswering();
      await pipeline.drained();
      await presence.stop();
      await codecs.stop();
      await codecBench.stop();
      directory.stop();
      stations.stop();
      await quarantine.close();
    },
  };
}
