import type { DeviceDirectoryEntry } from '../../domain/asset.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Registry } from '../../domain/ports/registry.ts';

/** All devices in memory, always as the registry has them: an entry is loaded anew the moment something about its device changes. */
export interface DeviceDirectory {
  get(id: string): DeviceDirectoryEntry | undefined;
  /** The device that has a live credential of this token (lower-case hex SHA-256). */
  byToken(tokenSha256: string): DeviceDirectoryEntry | undefined;
  /** See `DecodeServices.carriedBy` in `decode/frame.ts`: names are ids and serial numbers, the latter in either case. */
  carriedBy(sender: DeviceDirectoryEntry, name: string): DeviceDirectoryEntry | undefined;
  readonly size: number;
  /** Resolves when changes announced so far have been taken in. */
  settled(): Promise<void>;
  stop(): void;
}

/** Devices read from the registry in one go: a few milliseconds. */
const RELOADED_TOGETHER = 200;

export async function openDeviceDirectory(
  registry: Pick<Registry, 'directory'>,
  bus: LiveBus,
  onError: (error: unknown) => void,
): Promise<DeviceDirectory> {
  const entries = new Map<string, DeviceDirectoryEntry>();
  const byToken = new Map<string, DeviceId>();
  const bySerial = new Map<string, Set<DeviceId>>();
  const put = (id: DeviceId, entry: DeviceDirectoryEntry | undefined): void => {
    for (const { tokenSha256 } of entries.get(id)?.credentials ?? []) byToken.delete(tokenSha256);
    const before = entries.get(id)?.serialNumber?.toLowerCase();
    if (before !== undefined) {
      bySerial.get(before)?.delete(id);
      if (bySerial.get(before)?.size === 0) bySerial.delete(before);
    }
    entries.delete(id);
    if (!entry) return;
    entries.set(id, entry);
    const serial = entry.serialNumber?.toLowerCase();
    if (serial !== undefined) bySerial.set(serial, (bySerial.get(serial) ?? new Set()).add(id));
    for (const { tokenSha256 } of entry.credentials) byToken.set(tokenSha256, id);
  };
  const changed = new Set<DeviceId>();
  let loading: Promise<void> = Promise.resolve();
  let isLoading = false;
  /** Any of them may have changed, and others may have come. */
  let anyChanged = false;
  const noteAll = async (): Promise<void> => {
    anyChanged = false;
    for (const id of entries.keys()) changed.add(id as DeviceId);
    for (const { deviceId } of await registry.directory.devices()) changed.add(deviceId);
  };
  /** Loads what has changed, together; thousands at once (an import, a delivery registering) in turns with everything else. */
  const reload = async (): Promise<void> => {
    while (changed.size > 0 || anyChanged) {
      if (anyChanged) await noteAll().catch(onError);
      const ids = [...changed].slice(0, RELOADED_TOGETHER);
      for (const id of ids) changed.delete(id);
      try {
        const found = new Map((await registry.directory.some(ids)).map((entry) => [entry.deviceId, entry]));
        for (const id of ids) put(id, found.get(id));
      } catch (error) {
        onError(error);
      }
      if (changed.size > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    isLoading = false;
  };
  // Subscribed before the first load, so that no change falls between the two.
  const reloadSoon = (): void => {
    // Begun after the one who announces it is through: what is announced together is loaded together.
    if (!isLoading) {
      isLoading = true;
      loading = Promise.resolve().then(reload);
    }
  };
  const leave = [
    bus.subscribe('device.changed', ({ deviceId }) => {
      changed.add(deviceId);
      reloadSoon();
    }),
    bus.subscribe('events.missed', () => {
      anyChanged = true;
      reloadSoon();
    }),
  ];
  for (const entry of await registry.directory.devices()) put(entry.deviceId, entry);
  return {
    get: (id) => entries.get(id),
    byToken(tokenSha256) {
      const id = byToken.get(tokenSha256);
      return id === undefined ? undefined : entries.get(id);
    },
    carriedBy(sender, name) {
      const mayCarry = ({ agencyId, state }: DeviceDirectoryEntry): boolean =>
        agencyId === sender.agencyId && state !== 'retired';
      const byId = entries.get(name);
      if (byId) return mayCarry(byId) ? byId : undefined;
      const found = [...(bySerial.get(name.toLowerCase()) ?? [])]
        .flatMap((id) => entries.get(id) ?? [])
        .filter(mayCarry);
      return found.length === 1 ? found[0] : undefined;
    },
    get size() {
      return entries.size;
    },
    settled: () => loading,
    stop() {
      for (const one of leave) one();
    },
  };
}
