import type { ImageSha256 } from '../../domain/firmware/firmware-image.ts';
import type { Rollout, RolloutId } from '../../domain/firmware/rollout.ts';
import { UPDATE_ATTRIBUTES } from '../../domain/firmware/rollout-device.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { FirmwareLog } from '../../domain/ports/firmware.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Clock } from '../../domain/time.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { RaiseNotice } from '../notices.ts';

/** The command that tells a device of an image. */
export const FIRMWARE_COMMAND = 'firmware';

export interface RolloutDriverOptions {
  readonly log: FirmwareLog;
  readonly bus: LiveBus;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  /** Where a device loads an image from: an address, or a path on the host that it knows the platform by. */
  readonly address: (sha256: ImageSha256) => string;
  readonly raise: RaiseNotice;
  readonly onError: (where: string, error: unknown) => void;
}

export interface RolloutDriver {
  /** Looks at every device that was under way when the platform stopped, and goes on. */
  start(): Promise<void>;
  /** Resolves when nothing is being done any more. */
  stop(): Promise<void>;
}

const EVERY_MS = 1_000;
/** Devices offered the image in one transaction: others get their turn at the registry in between. */
const OFFERS_AT_ONCE = 100;
const HEARD: ReadonlySet<string> = new Set(Object.values(UPDATE_ATTRIBUTES));

/**
 * Carries rollouts on. What happens is decided in the registry, a transaction a step; this says when: as soon as a device or a person has said something,
 * and each second, since times run out by themselves.
 */
export function createRolloutDriver(options: RolloutDriverOptions): RolloutDriver {
  const { log, bus, metrics, clock, address, raise, onError } = options;
  const heardOf = new Set<DeviceId>();
  const leaves: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = false;

  const tellHalted = ({ agencyId, version, modelId }: Rollout): void =>
    raise({
      kind: 'firmware.halted',
      agencyId,
      deviceId: null,
      text: { key: 'notice.firmware_halted', params: { version, model: modelId } },
    });

  async function advance(id: RolloutId): Promise<void> {
    for (let more = true; more && !stopped; ) {
      const step = await log.advance(id, clock(), { limit: OFFERS_AT_ONCE, address });
      metrics.add('hd_firmware_offers_total', step.offered.length);
      for (const deviceId of step.offered) bus.publish('command.given', { deviceId });
      for (const command of step.recalled) bus.publish('command.changed', command);
      if (step.halted) tellHalted(step.halted);
      more = step.hasMore;
    }
  }
  async function lookAndAdvance(): Promise<void> {
    for (const device of heardOf) {
      heardOf.delete(device);
      await log.look(device, clock());
    }
    for (const id of await log.followed()) await advance(id);
  }
  const work = (): void => {
    if (stopped) return;
    if (running) {
      again = true;
      return;
    }
    running = lookAndAdvance()
      .catch((error: unknown) => onError('firmware', error))
      .finally(() => {
        running = null;
        if (!again) return;
        again = false;
        work();
      });
  };
  const hear = (device: DeviceId): void => {
    heardOf.add(device);
    work();
  };

  return {
    async start() {
      leaves.push(
        bus.subscribe('device.attributes', ({ deviceId, names }) => {
          if (names.some((name) => HEARD.has(name))) hear(deviceId);
        }),
        bus.subscribe('command.changed', ({ name, deviceId, state }) => {
          if (name === FIRMWARE_COMMAND && state.kind !== 'sent') hear(deviceId);
        }),
        bus.subscribe('firmware.changed', work),
      );
      // What they said between their last word's and the rollout's own transaction, before a kill.
      for (const device of await log.underway()) heardOf.add(device);
      timer = setInterval(work, EVERY_MS);
      timer.unref();
      work();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      for (const leave of leaves.splice(0)) leave();
      await running;
    },
  };
}
