import { z } from 'zod';
import type { CommandId, DeviceCommand, JsonValue } from '../../domain/device-control.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { DeviceControlLog } from '../../domain/ports/device-control.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Clock } from '../../domain/time.ts';
import type { IngestMetrics } from '../metrics.ts';

export interface DeviceControlOptions {
  readonly control: DeviceControlLog;
  readonly bus: LiveBus;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  /** Publishes to the broker's subscribers, QoS 1; resolves when the broker has it. */
  readonly publish: (topic: string, payload: Buffer, retain: boolean) => Promise<void>;
  /** The connection on which somebody listens for the device's commands, itself or what carries it: the same object as long as it is the same connection. */
  readonly listenerOf: (device: DeviceId) => object | undefined;
  readonly onError: (where: string, error: unknown) => void;
}

export interface DeviceControl {
  start(): void;
  stop(): void;
  /** The device listens: it gets the configuration it has not got from this process, and its open commands, oldest first. */
  listening(device: DeviceId): void;
  /** Somebody listens for the devices that `hears` says: they get their open commands. */
  carrierListening(hears: (device: DeviceId) => boolean): void;
  /**
   * Takes what a device says of a command or configuration (`cmd/7/ack`, `config/ack`); resolves when that is kept.
   * @returns why it can't be used, in words; `null` when it can.
   * @throws when the registry can't keep it now: the device is to say it again.
   */
  answer(device: DeviceId, kind: string, bytes: Uint8Array): Promise<string | null>;
  /** Resolves when nothing is being handed out. */
  idle(): Promise<void>;
}

const EXPIRE_EVERY_MS = 2_000;
/** Text of a device that is kept; the rest of it is cut off. */
const TEXT_MAX = 1_000;

const text = z.string().transform((given) => given.slice(0, TEXT_MAX));
const CommandAck = z.object({
  id: z.string().optional(),
  ok: z.boolean(),
  result: z.json().optional(),
  error: text.optional(),
});
const ConfigurationAck = z.object({ version: z.number().int().min(1), ok: z.boolean(), error: text.optional() });

/** Bytes that a result may have; larger ones are replaced by a word about it. */
const RESULT_BYTES_MAX = 16_384;

const topicOf = (device: DeviceId, kind: string): string => `hd/v1/${device}/${kind}`;
const commandPayload = ({ id, name, params, expiresAt }: DeviceCommand): Buffer =>
  Buffer.from(JSON.stringify({ id, name, params, expires: expiresAt }));

/**
 * Commands and configurations on their way to devices, and answers on their way back. A command goes out when it is given, and again whenever its device
 * comes back while it is open: at least once, so that a device tells repeats by the command's id. Configurations are retained messages. The registry is what
 * waits for a device, whichever gateway it connects to: every gateway hears of what is given and wanted, and the one with the device's connection hands it out.
 */
export function createDeviceControl(options: DeviceControlOptions): DeviceControl {
  const { control, bus, metrics, clock, publish, listenerOf, onError } = options;
  /** Commands that each connection was given: once each. */
  const given = new WeakMap<object, Set<CommandId>>();
  /** Version of the configuration published by this process. */
  const published = new Map<DeviceId, number>();
  /** One hand-out a device at a time, so that its commands stay in order. */
  const working = new Map<DeviceId, Promise<void>>();
  const leaves: (() => void)[] = [];
  let expiring: NodeJS.Timeout | undefined;
  let stopped = false;

  const inOrder = (device: DeviceId, work: () => Promise<void>): void => {
    const next = (working.get(device) ?? Promise.resolve())
      .then(() => (stopped ? undefined : work()))
      .catch((error: unknown) => onError('gateway.control', error))
      .finally(() => {
        if (working.get(device) === next) working.delete(device);
      });
    working.set(device, next);
  };

  const handOutCommands = async (device: DeviceId): Promise<void> => {
    const now = clock();
    for (const command of await control.openCommands(device)) {
      // Nobody listens: it waits here, not in a session's queue, from which it would come out of order, and after its time.
      const listener = listenerOf(device);
      if (!listener) return;
      const before = given.get(listener);
      if (command.expiresAt <= now || before?.has(command.id)) continue;
      given.set(listener, (before ?? new Set()).add(command.id));
      await publish(topicOf(device, `cmd/${command.number}`), commandPayload(command), false);
      metrics.add('hd_commands_published_total');
      await control.commandSent(command.id, clock());
      bus.publish('command.changed', { ...command, state: { kind: 'sent', at: clock() } });
    }
  };
  const publishConfiguration = async (device: DeviceId): Promise<void> => {
    const desired = await control.desiredConfiguration(device);
    if (desired === null || published.get(device) === desired.version) return;
    const { version, config } = desired;
    await publish(topicOf(device, 'config'), Buffer.from(JSON.stringify({ version, config })), true);
    published.set(device, version);
  };

  /** What was given or wanted while it could not be heard. */
  const handOutMissed = (): void => {
    Promise.all([control.devicesWithOpenCommands(), control.devicesWithOpenConfigurations()]).then(
      ([commands, configurations]) => {
        for (const device of commands) inOrder(device, () => handOutCommands(device));
        for (const device of configurations) inOrder(device, () => publishConfiguration(device));
      },
      (error: unknown) => onError('gateway.control', error),
    );
  };

  const expire = async (): Promise<void> => {
    for (const command of await control.expireCommands(clock())) bus.publish('command.changed', command);
  };

  async function commandAnswer(device: DeviceId, number: number, said: unknown): Promise<string | null> {
    const ack = CommandAck.safeParse(said);
    if (!ack.success) return z.prettifyError(ack.error);
    const { ok, error } = ack.data;
    const result = ack.data.result ?? null;
    const fits = JSON.stringify(result).length <= RESULT_BYTES_MAX;
    const command = await control.commandAnswered(
      device,
      number,
      ok
        ? { ok, result: (fits ? result : { tooLarge: true }) as JsonValue }
        : { ok, error: error ?? 'the device gave no reason' },
      clock(),
    );
    if (command === null) return `no command ${number} was given to this device`;
    bus.publish('command.changed', command);
    return null;
  }

  async function configurationAnswer(device: DeviceId, said: unknown): Promise<string | null> {
    const ack = ConfigurationAck.safeParse(said);
    if (!ack.success) return z.prettifyError(ack.error);
    const { version, ok, error } = ack.data;
    const known = await control.configurationReported(device, { version, ok, error: error ?? null, at: clock() });
    if (!known) return `version ${version} was never wanted of this device`;
    bus.publish('configuration.reported', { deviceId: device });
    return null;
  }

  async function understood(device: DeviceId, kind: string, bytes: Uint8Array): Promise<string | null> {
    let said: unknown;
    try {
      said = JSON.parse(Buffer.from(bytes).toString('utf8'));
    } catch (error) {
      return (error as Error).message;
    }
    if (kind === 'config/ack') return configurationAnswer(device, said);
    const number = /^cmd\/(\d{1,9})\/ack$/.exec(kind)?.[1];
    return number === undefined ? 'a command is named by its number' : commandAnswer(device, Number(number), said);
  }

  return {
    start() {
      leaves.push(
        bus.subscribe('command.given', ({ deviceId }) => inOrder(deviceId, () => handOutCommands(deviceId))),
        bus.subscribe('configuration.wanted', ({ deviceId }) =>
          inOrder(deviceId, () => publishConfiguration(deviceId)),
        ),
        bus.subscribe('events.missed', handOutMissed),
      );
      expiring = setInterval(
        () => void expire().catch((error: unknown) => onError('gateway.control', error)),
        EXPIRE_EVERY_MS,
      );
      expiring.unref();
    },
    stop() {
      stopped = true;
      clearInterval(expiring);
      for (const leave of leaves.splice(0)) leave();
    },
    listening(device) {
      inOrder(device, async () => {
        await publishConfiguration(device);
        await handOutCommands(device);
      });
    },
    carrierListening(hears) {
      control.devicesWithOpenCommands().then(
        (devices) => {
          for (const device of devices) if (hears(device)) inOrder(device, () => handOutCommands(device));
        },
        (error: unknown) => onError('gateway.control', error),
      );
    },
    async answer(device, kind, bytes) {
      const problem = await understood(device, kind, bytes);
      metrics.add(problem === null ? 'hd_device_answers_total' : 'hd_device_answers_rejected_total');
      return problem;
    },
    async idle() {
      await Promise.all(working.values());
    },
  };
}
