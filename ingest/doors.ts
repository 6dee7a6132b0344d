import { randomBytes } from 'node:crypto';
import express, { type Router } from 'express';
import type { RateLimit } from '../domain/asset.ts';
import type { DeviceId } from '../domain/identifiers.ts';
import type { FirmwareFiles } from '../domain/ports/firmware.ts';
import { seconds } from '../domain/time.ts';
import { createFirmwareDownload } from './firmware/firmware-download.ts';
import { createCertificates } from './gateway/certificates.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { createHttpDoor } from './gateway/http-door.ts';
import { createHttpIngest } from './gateway/http-ingest.ts';
import { createProvisioning } from './gateway/provisioning.ts';
import { createRateLimiter } from './gateway/rate-limit.ts';
import type { Ingest, IngestPorts } from './ingest.ts';

export interface DoorsPorts extends Pick<IngestPorts, 'registry' | 'bus' | 'clock' | 'newId' | 'onError'> {
  readonly firmwareFiles: FirmwareFiles;
}

export interface DoorsSettings {
  readonly mqtt: {
    readonly host: string;
    readonly port: number;
    readonly tlsPort: number;
    readonly tlsCertificateFile?: string | undefined;
    readonly tlsKeyFile?: string | undefined;
    readonly proxyProtocol: boolean;
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
  readonly sessionsPath: string;
  readonly httpBodyBytes: number;
  /** Downloads of images at the same time. */
  readonly downloadsAtOnce: number;
}

/** Where devices come in and are answered, built and not yet listening. */
export interface Doors {
  readonly gateway: Gateway;
  /** Ingest and downloads of images by HTTP. */
  readonly http: Router;
  /** Downloads of images running. */
  readonly firmwareDownloads: number;
  start(): Promise<void>;
  /** Resolves when all that was taken is durable. */
  stop(): Promise<void>;
}

/** The gateway of one process: MQTT, and HTTP on a server of somebody else's. */
export async function createDoors(ports: DoorsPorts, ingest: Ingest, settings: DoorsSettings): Promise<Doors> {
  const { registry, bus, clock, newId, onError } = ports;
  const { directory, pipeline, metrics, raise } = ingest;
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
    proxyProtocol: mqtt.proxyProtocol,
    sessionsPath: settings.sessionsPath,
    onDamaged: ingest.onDamaged('broker'),
    maxConnections: mqtt.maxConnections,
    maxPacketBytes: mqtt.maxPacketBytes,
    maxSubscriptions: mqtt.maxSubscriptions,
    maxQueuedMessages: mqtt.maxQueuedMessages,
    willsAfterCrash: seconds(mqtt.willsAfterCrashSeconds),
    defaultRateLimit,
    id: ingest.id,
    presence: ingest.presence,
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
    downloadsAtOnce: settings.downloadsAtOnce,
  });
  const http = express.Router();
  http.use(createHttpIngest({ door, pipeline, maxBodyBytes: settings.httpBodyBytes }));
  http.use(downloads.router);

  return {
    gateway,
    http,
    get firmwareDownloads() {
      return downloads.running;
    },
    start: () => gateway.start(),
    async stop() {
      await gateway.stop();
      provisioning.stop();
      certificates.stop();
      await pipeline.drained();
    },
  };
}
