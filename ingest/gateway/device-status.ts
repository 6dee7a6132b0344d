import type { DeviceStatusChange } from '../../domain/asset.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Clock } from '../../domain/time.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { DeviceDirectory } from '../validate/device-directory.ts';

export type StatusReason = DeviceStatusChange['reason'];

export interface DeviceStatusOptions {
  readonly registry: Pick<Registry, 'deviceLog'>;
  readonly directory: DeviceDirectory;
  readonly bus: LiveBus;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  /** Publishes a retained message to the broker's subscribers. */
  readonly publish: (topic: string, payload: Buffer) => void;
  readonly onError: (where: string, error: unknown) => void;
}

export interface DeviceStatus {
  /** Tells subscribers (retained), live screens and, in batches, the registry. Unknown devices are nobody's business. */
  note(id: string, online: boolean, reason: StatusReason): void;
  /** Devices the log still holds for online went down with a platform that was killed: says so. Before anyone connects. */
  settleAfterCrash(): Promise<void>;
  /** Writes what is pending; resolves when it is in the registry, or was given up for now. */
  flush(): Promise<void>;
  stop(): void;
}

const FLUSH_EVERY_MS = 200;
const RETRY_EVERY_MS = 2_000;
/** Changes kept while the registry can't take them; the oldest go first, counted. */
const PENDING_AT_MOST = 100_000;

/** Connected or not, as the sessions say. */
export function createDeviceStatus(options: DeviceStatusOptions): DeviceStatus {
  const { registry, directory, bus, metrics, clock } = options;
  let pending: DeviceStatusChange[] = [];
  let timer: NodeJS.Timeout | null = null;

  const flush = async (): Promise<void> => {
    if (timer) clearTimeout(timer);
    timer = null;
    const changes = pending.splice(0);
    if (changes.length === 0) return;
    try {
      await registry.deviceLog.recordStatus(changes);
    } catch (error) {
      options.onError('gateway.status', error);
      pending = [...changes, ...pending];
      const tooMany = pending.length - PENDING_AT_MOST;
      if (tooMany > 0) {
        pending.splice(0, tooMany);
        metrics.add('hd_status_changes_dropped_total', tooMany);
      }
      timer ??= setTimeout(() => void flush(), RETRY_EVERY_MS).unref();
    }
  };

  const note = (id: string, online: boolean, reason: StatusReason): void => {
    const entry = directory.get(id);
    if (!entry) return;
    const { deviceId, agencyId } = entry;
    const at = clock();
    pending.push({ deviceId, agencyId, online, reason, eventTime: at, recordedAt: at });
    bus.publish('device.status', { deviceId, agencyId, online, at, reason });
    options.publish(`hd/v1/${id}/status`, Buffer.from(JSON.stringify({ online, ts: at, reason })));
    timer ??= setTimeout(() => void flush(), FLUSH_EVERY_MS);
  };

  return {
    note,
    flush,
    async settleAfterCrash() {
      for (const status of await registry.deviceLog.currentStatus())
        if (status.online) note(status.deviceId, false, 'platform_restart');
      await flush();
    },
    stop() {
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}
