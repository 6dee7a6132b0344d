import type { DeviceStatusChange } from '../../domain/asset.ts';
import type { SessionMark } from '../../domain/gateway.ts';
import type { DeviceId, GatewayId } from '../../domain/identifiers.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Registry, SupersededStatus } from '../../domain/ports/registry.ts';
import { type Clock, type EpochMs, epochMs } from '../../domain/time.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { DeviceDirectory } from '../validate/device-directory.ts';

export type StatusReason = DeviceStatusChange['reason'];

export interface DeviceStatusOptions {
  readonly gateway: GatewayId;
  readonly registry: Pick<Registry, 'deviceLog'>;
  readonly directory: DeviceDirectory;
  readonly bus: LiveBus;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  /** Publishes a retained message to the broker's subscribers. */
  readonly publish: (topic: string, payload: Buffer) => void;
  /** The registry knows of a newer connection than the one that was to be recorded. */
  readonly onSuperseded: (status: SupersededStatus) => void;
  readonly onError: (where: string, error: unknown) => void;
}

export interface DeviceStatus {
  start(): void;
  /**
   * Tells subscribers (retained), live screens and, in batches, the registry. Unknown devices are nobody's business. `notBefore`: of what it contradicts,
   * by another clock.
   */
  note(id: string, online: boolean, reason: StatusReason, session: SessionMark, notBefore?: EpochMs): void;
  /** Devices the log still holds for online by this gateway went down with it when it was killed: says so. Before anyone connects. */
  settleAfterCrash(current: readonly DeviceStatusChange[]): Promise<void>;
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
  const { gateway, registry, directory, bus, metrics, clock } = options;
  let pending: DeviceStatusChange[] = [];
  let timer: NodeJS.Timeout | null = null;
  let leave = (): void => {};
  /** What this process says comes back to it as well. */
  let speaking = false;

  const flush = async (): Promise<void> => {
    if (timer) clearTimeout(timer);
    timer = null;
    const changes = pending.splice(0);
    if (changes.length === 0) return;
    try {
      for (const superseded of await registry.deviceLog.recordStatus(changes)) options.onSuperseded(superseded);
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

  const retain = (deviceId: DeviceId, online: boolean, ts: number, reason: string): void =>
    options.publish(`hd/v1/${deviceId}/status`, Buffer.from(JSON.stringify({ online, ts, reason })));
  const say = ({ deviceId, agencyId, online, eventTime: at, reason, session }: DeviceStatusChange): void => {
    speaking = true;
    bus.publish('device.status', { deviceId, agencyId, online, at, reason, ...(session && { session }) });
    speaking = false;
    retain(deviceId, online, at, reason);
  };

  const note: DeviceStatus['note'] = (id, online, reason, session, notBefore = epochMs(0)) => {
    const entry = directory.get(id);
    if (!entry) return;
    const { deviceId, agencyId } = entry;
    const at = epochMs(Math.max(clock(), notBefore));
    const change: DeviceStatusChange = { deviceId, agencyId, online, reason, eventTime: at, recordedAt: at, session };
    pending.push(change);
    say(change);
    timer ??= setTimeout(() => void flush(), FLUSH_EVERY_MS);
  };

  return {
    start() {
      // Who subscribes here hears of devices that are connected elsewhere, and of this device's own last status.
      leave = bus.subscribe('device.status', ({ deviceId, online, at, reason }) => {
        if (!speaking) retain(deviceId, online, at, reason);
      });
    },
    note,
    flush,
    async settleAfterCrash(current) {
      for (const { deviceId, online, session } of current)
        if (online && (session === undefined || session.gateway === gateway))
          note(deviceId, false, 'platform_restart', session ?? { gateway, stamp: 0 });
      await flush();
    },
    stop() {
      leave();
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}
