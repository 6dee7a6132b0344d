import type { DeviceId } from '../domain/identifiers.ts';
import type { Journal } from '../domain/ports/journal.ts';
import type { Registry } from '../domain/ports/registry.ts';
import type { TimeSeriesStore } from '../domain/ports/time-series-store.ts';
import { type Consumer, createStoreWriter } from './consumers/store-writer.ts';
import { imagePath } from './firmware/firmware-download.ts';
import { createRolloutDriver } from './firmware/rollout-driver.ts';
import { createDeviceStatus } from './gateway/device-status.ts';
import { createSessionClaims } from './gateway/session-claims.ts';
import type { Ingest, IngestPorts } from './ingest.ts';
import type { RaiseNotice } from './notices.ts';
import { createMqttSource, type MqttSourceSecrets, type MqttSourceSettings } from './sources/mqtt-source.ts';

/** What is done behind the gateway by one process at a time, with the notices that people are to have of it. */
export interface WorkPorts extends Pick<IngestPorts, 'bus' | 'clock' | 'onError'> {
  readonly ingest: Pick<Ingest, 'id' | 'directory' | 'pipeline' | 'metrics' | 'raise'>;
}

/** Another broker to read from. */
export interface ForeignBroker {
  readonly settings: MqttSourceSettings;
  readonly secrets: MqttSourceSecrets;
}

const ofThePlatform = (kind: Parameters<RaiseNotice>[0]['kind'], params: Record<string, string> = {}) => ({
  kind,
  agencyId: null,
  deviceId: null,
  text: { key: `notice.${kind.replace('.', '_')}`, params },
});

/** Takes the journal to the store. */
export function createStoreWork({ ingest, onError }: WorkPorts, journal: Journal, store: TimeSeriesStore): Consumer {
  return createStoreWriter({
    journal,
    store,
    metrics: ingest.metrics,
    onAway: (error) => {
      onError('store', error);
      ingest.raise(ofThePlatform('store.away'));
    },
    onBack: () => ingest.raise(ofThePlatform('store.back')),
  });
}

/** Carries rollouts of firmware on. `publicUrl`: address that devices reach us by, without `/` at its end; `null`: they know the host. */
export function createRolloutWork(
  { ingest, bus, clock, onError }: WorkPorts,
  registry: Pick<Registry, 'firmware'>,
  publicUrl: string | null,
): Consumer {
  return createRolloutDriver({
    log: registry.firmware,
    bus,
    metrics: ingest.metrics,
    clock,
    address: (sha256) => `${publicUrl ?? ''}${imagePath(sha256)}`,
    raise: ingest.raise,
    onError,
  });
}

/** Reads from other brokers. `onPresence`: devices they carry came or went. */
export function createSourceWork(
  { ingest, onError }: Pick<WorkPorts, 'ingest' | 'onError'>,
  brokers: readonly ForeignBroker[],
  onPresence: (device: DeviceId, online: boolean) => void,
): Consumer {
  const sources = brokers.map((broker) =>
    createMqttSource({
      ...broker,
      pipeline: ingest.pipeline,
      directory: ingest.directory,
      metrics: ingest.metrics,
      onPresence,
      onState: (source, isConnected, reason) => {
        if (!isConnected) onError('source', new Error(`${source}: ${reason}`));
        ingest.raise(
          isConnected ? ofThePlatform('source.back', { source }) : ofThePlatform('source.away', { source, reason }),
        );
      },
    }),
  );
  return {
    async start() {
      for (const source of sources) source.start();
    },
    async stop() {
      await Promise.all(sources.map((source) => source.stop()));
    },
  };
}

/** Keeps whether carried devices are there, where no gateway is that would: subscribers of a gateway's own topics hear nothing of it. */
export function createCarriedPresence(
  { ingest, bus, clock, onError }: WorkPorts,
  registry: Pick<Registry, 'deviceLog'>,
): { note(device: DeviceId, online: boolean): void; stop(): Promise<void> } {
  // No device connects here; its marks are above those of the connections it has heard of.
  const claims = createSessionClaims({
    gateway: ingest.id,
    bus,
    clock,
    onTakenOver: () => {},
    onElsewhere: () => {},
  });
  claims.start();
  const status = createDeviceStatus({
    gateway: ingest.id,
    registry,
    directory: ingest.directory,
    bus,
    metrics: ingest.metrics,
    clock,
    publish: () => {},
    onSuperseded({ change: { deviceId, online, reason }, by }) {
      claims.observe(by.stamp);
      status.note(deviceId, online, reason, claims.mark());
    },
    onError,
  });
  return {
    note: (device, online) => status.note(device, online, online ? 'connected' : 'lost', claims.mark()),
    async stop() {
      claims.stop();
      await status.flush();
      status.stop();
    },
  };
}
