import type { DeviceDirectoryEntry } from '../../domain/asset.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Registry } from '../../domain/ports/registry.ts';

/** All devices in memory, always as the registry has them: an entry is loaded anew the moment something about its device changes. */
export interface DeviceDirectory {
  get(id: string): DeviceDirectoryEntry | undefined;
  /** The device that has a live credential of this token (lower-case hex SHA-256). */
  byToken(tokenSha256: string): DeviceDirectoryEntry | undefined;
  readonly size: number;
  /** Resolves when changes announced so far have been taken in. */
  settled(): Promise<void>;
  stop(): void;
}

export async function openDeviceDirectory(
  registry: Pick<Registry, 'directory'>,
  bus: LiveBus,
  onError: (error: unknown) => void,
): Promise<DeviceDirectory> {
  const entries = new Map<string, DeviceDirectoryEntry>();
  const byToken = new Map<string, DeviceId>();
  const put = (id: DeviceId, entry: DeviceDirectoryEntry | undefined): void => {
    for (const { tokenSha256 } of entries.get(id)?.credentials ?? []) byToken.delete(tokenSha256);
    entries.delete(id);
    if (!entry) return;
    entries.set(id, entry);
    for (const { tokenSha256 } of entry.credentials) byToken.set(tokenSha256, id);
  };
  let loading: Promise<void> = Promise.resolve();
  const reload = (id: DeviceId): void => {
    loading = loading
      .then(async () => {
        const entry = await registry.directory.device(id);
        put(id, entry);
      })
      .catch(onError);
  };
  // Subscribed before the first load, so that no change falls between the two.
  const leave = bus.subscribe('device.changed', ({ deviceId }) => reload(deviceId));
  for (const entry of await registry.directory.devices()) put(entry.deviceId, entry);
  return {
    get: (id) => entries.get(id),
    byToken(tokenSha256) {
      const id = byToken.get(tokenSha256);
      return id === undefined ? undefined : entries.get(id);
    },
    get size() {
      return entries.size;
    },
    settled: () => loading,
    stop: leave,
  };
}
