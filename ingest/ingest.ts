import { randomBytes } from 'node:crypto';
import express, { type Router } from 'express';
import type { RateLimit } from '../domain/asset.ts';
import type { DeviceId } from '../domain/identifiers.ts';
import type { CodecBench } from '../domain/ports/codec-bench.ts';
import type { DeviceTail } from '../domain/ports/device-tail.ts';
import type { FirmwareFiles } from '../domain/ports/firmware.ts';
import type { Journal } from '../domain/ports/journal.ts';
import type { LiveBus } from '../domain/ports/live-bus.ts';
import type { Quarantine } from '../domain/ports/quarantine.ts';
import type { Registry } from '../domain/ports/registry.ts';
import type { StationFiles } from '../domain/ports/station-files.ts';
import type { TimeSeriesStore } from '../domain/ports/time-series-store.ts';
import type { Tracing } from '../domain/ports/tracing.ts';
import type { QualityChecks } from '../domain/quality-checks.ts';
import type { QuantityCatalogue } from '../domain/quantity.ts';
import type { ReadingColumns } from '../domain/reading.ts';
import { type Clock, days, seconds } from '../domain/time.ts';
import { createCodecBench } from './codec-bench.ts';
import { createCodecNotices } from './codec-notices.ts';
import { createLiveState } from './consumers/live-state.ts';
import { createStoreWriter } from './consumers/store-writer.ts';
import { type CodecEvent, createCodecSandbox } from './decode/codec/codec-sandbox.ts';
import { createDeviceTail } from './device-tail.ts';
import { createFirmwareDownload, imagePath } from './firmware/firmware-download.ts';
import { createRolloutDriver } from './firmware/rollout-driver.ts';
import { createCertificates } from './gateway/certificates.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { createHttpDoor } from './gateway/http-door.ts';
import { createHttpIngest } from './gateway/http-ingest.ts';
import { createProvisioning } from './gateway/provisioning.ts';
import { createRateLimiter } from './gateway/rate-limit.ts';
import { type CounterName, createIngestMetrics, type IngestMetrics } from './metrics.ts';
import { createNotices, type RaiseNotice } from './notices.ts';
import { createPipeline, type JournalledBatch, type Pipeline } from './pipeline.ts';
import { type LmdbFiles, openQuarantine } from './quarantine/quarantine.ts';
import { createMqttSource, type MqttSourceSecrets, type MqttSourceSettings } from './sources/mqtt-source.ts';
import { meaningOf } from './sources/source-topics.ts';
import { openStationDirectory } from './station-files/station-directory.ts';
import { createStationFiles, type StationFileSettings } from './station-files/station-files.ts';
import { openDeviceDirectory } from './validate/device-directory.ts';
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
  readonly firmwareFiles: FirmwareFiles;
  /** Lays verdicts over readings as they arrive, for those who look at them. */
  readonly checks?: QualityChecks;
  readonly judged?: (readings: ReadingColumns) => ReadingColumns;
  readonly tracing?: Tracing;
  readonly onJournalled?: (batch: JournalledBatch) => void;
}

export interface IngestSettings {
  readonly mqtt: {
    readonly host: string;
    readonly port: number;
    readonly tlsPort: number;
    readonly tlsCertificateFile?: string | undefined;
    readonly tlsKeyFile?: string | undefined;
    readonly maxConnections: number;
    readonly maxPacketBytes: number;
    readonly maxSubscriptions: number;
    readonly maxQueuedMessages: number;
    readonly willsAfterCrashSeconds: number;
    readonly deviceMessagesPerSecond: number;
    readonly deviceBurstMessages: number;
    readonly registrationsPerSecond: number;
    readonly registrationBurst: number;
    readonly slowedBeforeCutSeconds: number;
    readonly cutForSeconds: number;
  };
  readonly ingest: {
    readonly clockAheadSeconds: number;
    readonly maximumAgeDays: number;
    readonly outOfRangeBeforeNotice: number;
    readonly maximumItemsPerMessage: number;
    readonly resendWindowSeconds: number;
    readonly maximumMessagesInFlight: number;
    readonly codecMilliseconds: number;
    readonly codecMemoryBytes: number;
  };
  readonly quarantine: { readonly path: string; readonly capacityBytes: number; readonly deviceShareBytes: number };
  readonly sessionsPath: string;
  readonly stationFiles: StationFileSettings;
  readonly httpBodyBytes: number;
  readonly firmware: {
    readonly downloadsAtOnce: number;
    /** Address that devices reach us by, without `/` at its end; `null`: they know the host. */
    readonly publicUrl: string | null;
  };
  /** Other brokers to read from. */
  readonly sources: readonly { readonly settings: MqttSourceSettings; readonly secrets: MqttSourceSecrets }[];
}

/** The whole ingest path of one process, built and not yet listening. */
export interface Ingest {
  readonly gateway: Gateway;
  readonly http: Router;
  readonly pipeline: Pipeline;
  /** Where people work on codecs: the same engine and limits as for messages. */
  readonly codecs: CodecBench;
  readonly quarantine: Quarantine;
  readonly stationFiles: StationFiles;
  readonly tail: DeviceTail & { readonly watchedDevices: number };
  readonly metrics: IngestMetrics;
  readonly raise: RaiseNotice;
  /** Downloads of images running. */
  readonly firmwareDownloads: number;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const CODEC_COUNTERS: Readonly<Record<CodecEvent, CounterName>> = {
  calls: 'hd_codec_calls_total',
  failed: 'hd_codec_failures_total',
  over_limit: 'hd_codec_limits_total',
  suspended: 'hd_codec_suspended_total',
  stopped: 'hd_codec_threads_ended_total',
};

/** Puts the stations of a reading's way together: gateway → decode → validate → journal → store writer and live state. */
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
    messages: codecs,
    directory,
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
      settings.sources.map((source) => meaningOf(source.settings.topics, topic)).find((found) => found !== null) ??
      null,
    onUnknownKeys: (deviceId, keys) =>
      raise({
        kind: 'device.unknown_keys',
        agencyId: directory.get(deviceId)?.agencyId ?? null,
        deviceId,
        text: { key: 'notice.device_unknown_keys', params: { device: deviceId, keys: keys.join(', ') } },
      }),
  });
  const stationFiles = createStationFiles(
    {
      registry,
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
  );
  const { mqtt } = settings;
  const limiter = createRateLimiter(seconds(mqtt.slowedBeforeCutSeconds), seconds(mqtt.cutForSeconds));
  const defaultRateLimit: RateLimit = {
    messagesPerSecond: mqtt.deviceMessagesPerSecond,
    burstMessages: mqtt.deviceBurstMessages,
  };
  const onCut = (deviceId: DeviceId, messagesPerSecond: number): void => {
    metrics.add('hd_connections_closed_by_rate_total');
    raise({
      kind: 'device.rate_limited',
      agencyId: directory.get(deviceId)?.agencyId ?? null,
      deviceId,
      text: {
        key: 'notice.device_rate_limited',
        params: { device: deviceId, rate: Math.round(messagesPerSecond) },
      },
    });
    gateway.disconnect(deviceId, 'rate_limited');
  };
  const { admissions } = registry;
  const provisioning = await createProvisioning({
    admissions,
    directory,
    bus,
    metrics,
    clock,
    randomBytes,
    rate: { messagesPerSecond: mqtt.registrationsPerSecond, burstMessages: mqtt.registrationBurst },
    onError,
  });
  const certificates = await createCertificates({ admissions, directory, bus, metrics, clock, onError });
  const gateway = await createGateway({
    host: mqtt.host,
    port: mqtt.port,
    tls:
      mqtt.tlsCertificateFile && mqtt.tlsKeyFile
        ? { port: mqtt.tlsPort, certificateFile: mqtt.tlsCertificateFile, keyFile: mqtt.tlsKeyFile }
        : null,
    sessionsPath: settings.sessionsPath,
    onDamaged: damaged('broker'),
    maxConnections: mqtt.maxConnections,
    maxPacketBytes: mqtt.maxPacketBytes,
    maxSubscriptions: mqtt.maxSubscriptions,
    maxQueuedMessages: mqtt.maxQueuedMessages,
    willsAfterCrash: seconds(mqtt.willsAfterCrashSeconds),
    defaultRateLimit,
    limiter,
    pipeline,
    directory,
    registry,
    provisioning,
    certificates,
    bus,
    metrics,
    clock,
    newId,
    onCut,
    onError,
  });
  const door = createHttpDoor({ directory, limiter, defaultRateLimit, clock, onCut });
  const downloads = createFirmwareDownload({
    door,
    log: registry.firmware,
    files: ports.firmwareFiles,
    metrics,
    downloadsAtOnce: settings.firmware.downloadsAtOnce,
  });
  const rollouts = createRolloutDriver({
    log: registry.firmware,
    bus,
    metrics,
    clock,
    address: (sha256) => `${settings.firmware.publicUrl ?? ''}${imagePath(sha256)}`,
    raise,
    onError,
  });
  const http = express.Router();
  http.use(createHttpIngest({ door, pipeline, maxBodyBytes: settings.httpBodyBytes }));
  http.use(downloads.router);
  const sources = settings.sources.map((source) =>
    createMqttSource({
      ...source,
      pipeline,
      directory,
      metrics,
      onPresence: (device, online) => gateway.notePresence(device, online),
      onState: (name, isConnected, reason) => {
        if (!isConnected) onError('source', new Error(`${name}: ${reason}`));
        raise({
          kind: isConnected ? 'source.back' : 'source.away',
          agencyId: null,
          deviceId: null,
          text: isConnected
            ? { key: 'notice.source_back', params: { source: name } }
            : { key: 'notice.source_away', params: { source: name, reason } },
        });
      },
    }),
  );
  const storeWriter = createStoreWriter({
    journal,
    store,
    metrics,
    onAway: (error) => {
      onError('store', error);
      raise({ kind: 'store.away', agencyId: null, deviceId: null, text: { key: 'notice.store_away' } });
    },
    onBack: () => raise({ kind: 'store.back', agencyId: null, deviceId: null, text: { key: 'notice.store_back' } }),
  });
  const liveState = createLiveState(journal, bus, ports.judged);

  return {
    gateway,
    http,
    pipeline,
    codecs: codecBench,
    quarantine,
    stationFiles,
    tail,
    metrics,
    raise,
    get firmwareDownloads() {
      return downloads.running;
    },
    async start() {
      await storeWriter.start();
      await liveState.start();
      await gateway.start();
      await rollouts.start();
      for (const source of sources) source.start();
      stationFiles.start();
    },
    async stop() {
      await stationFiles.stop();
      await Promise.all(sources.map((source) => source.stop()));
      await rollouts.stop();
      await gateway.stop();
      provisioning.stop();
      certificates.stop();
      await pipeline.drained();
      await codecs.stop();
      await codecBench.stop();
      await liveState.stop();
      await storeWriter.stop();
      directory.stop();
      stations.stop();
      await quarantine.close();
    },
  };
}
