import type { DeviceId } from '../../domain/identifiers.ts';
import { type Registry, RegistryUnavailableError } from '../../domain/ports/registry.ts';
import { type Clock, type DurationMs, type EpochMs, seconds } from '../../domain/time.ts';
import type { IngestMetrics } from '../metrics.ts';

type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface AttributeLogOptions {
  readonly log: Pick<Registry['deviceLog'], 'recordAttributes'>;
  /** They are kept. */
  readonly onKept: (device: DeviceId, names: readonly string[]) => void;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  readonly retryAfter?: DurationMs;
  /** Values that wait at most, of all devices together. */
  readonly waitingAtMost?: number;
}

/** Five values each of ten thousand devices; one is a kilobyte at most, and mostly some ten bytes. */
const WAITING_AT_MOST = 50_000;

/**
 * What devices say of themselves. While the registry is away the latest of each name waits here, so that no device is cut off for it and its readings with it, and is
 * written as of when it came. What still waits when the process ends is lost: the device says it again with its next attributes.
 */
export function createAttributeLog(options: AttributeLogOptions) {
  const { log, onKept, metrics, clock, onError } = options;
  const { retryAfter = seconds(2), waitingAtMost = WAITING_AT_MOST } = options;
  const waiting = new Map<DeviceId, Map<string, { readonly value: Attributes[string]; readonly at: EpochMs }>>();
  let values = 0;
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> = Promise.resolve();

  function wait(device: DeviceId, attributes: Attributes, at: EpochMs): void {
    const own = waiting.get(device) ?? new Map<string, { value: Attributes[string]; at: EpochMs }>();
    const added = Object.keys(attributes).filter((name) => !own.has(name)).length;
    if (values + added > waitingAtMost) {
      metrics.add('hd_attributes_refused_total');
      throw new RegistryUnavailableError('Too many attributes of devices wait for the registry.');
    }
    metrics.add('hd_attributes_waited_total');
    values += added;
    for (const [name, value] of Object.entries(attributes))
      if ((own.get(name)?.at ?? at) <= at) own.set(name, { value, at });
    waiting.set(device, own);
    timer ??= setTimeout(() => void flush(), retryAfter).unref();
  }

  async function writeOne(device: DeviceId): Promise<void> {
    const own = waiting.get(device) ?? new Map();
    const byTime = Map.groupBy(own, ([, { at }]) => at);
    for (const [at, entries] of byTime) {
      const attributes = Object.fromEntries(entries.map(([name, { value }]) => [name, value]));
      await log.recordAttributes(device, attributes, at);
      // What came meanwhile under the same name waits for its own turn.
      for (const [name, entry] of entries) if (own.get(name) === entry && own.delete(name)) values--;
      onKept(device, Object.keys(attributes));
    }
    if (own.size === 0) waiting.delete(device);
  }

  /** Writes what waits; the rest of it goes on waiting when the registry is still away. */
  function flush(): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    flushing = flushing.then(async () => {
      try {
        for (const device of [...waiting.keys()])
          await writeOne(device).catch((error: unknown) => {
            if (error instanceof RegistryUnavailableError) throw error;
            // What can't be written at all must not hold up the others.
            onError(error);
            values -= waiting.get(device)?.size ?? 0;
            waiting.delete(device);
          });
      } catch (error) {
        onError(error);
        timer ??= setTimeout(() => void flush(), retryAfter).unref();
      }
    });
    return flushing;
  }

  return {
    /** Resolves when they are kept, or wait. @throws {RegistryUnavailableError} when too many do: the device sends them again. */
    async keep(device: DeviceId, attributes: Attributes): Promise<void> {
      const at = clock();
      // Behind what waits: the registry was away a moment ago, and trying it takes seconds.
      if (waiting.size > 0) return wait(device, attributes, at);
      try {
        await log.recordAttributes(device, attributes, at);
      } catch (error) {
        if (!(error instanceof RegistryUnavailableError)) throw error;
        return wait(device, attributes, at);
      }
      onKept(device, Object.keys(attributes));
    },
    flush,
    stop(): void {
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}
