import { setTimeout as later } from 'node:timers/promises';
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type { DeviceId } from '../../domain/identifiers.ts';
import { JournalUnavailableError } from '../../domain/ports/journal.ts';
import { problem } from '../decode/measurement.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { Incoming, Outcome, Pipeline } from '../pipeline.ts';
import type { DeviceDirectory } from '../validate/device-directory.ts';
import { meaningOf, type SourceTopic } from './source-topics.ts';

/** A broker of others that readings are taken from. */
export interface MqttSourceSettings {
  readonly name: string;
  readonly url: string;
  readonly version: '3.1.1' | '5';
  /** The registered device that stands for it: what its messages carry belongs to its agency. */
  readonly device: DeviceId;
  readonly clientId?: string | undefined;
  readonly username?: string | undefined;
  readonly connections: number;
  readonly shareGroup?: string | undefined;
  readonly sessionExpirySeconds: number;
  readonly topics: readonly SourceTopic[];
}
/** What was read from the files that the settings name. */
export interface MqttSourceSecrets {
  readonly password?: string | undefined;
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
}

export interface MqttSourceOptions {
  readonly settings: MqttSourceSettings;
  readonly secrets: MqttSourceSecrets;
  readonly pipeline: Pipeline;
  readonly directory: DeviceDirectory;
  readonly metrics: IngestMetrics;
  /** Devices it carries came or went. */
  readonly onPresence: (device: DeviceId, online: boolean) => void;
  /** Its connections are all there (again), or one is not. */
  readonly onState: (source: string, connected: boolean, reason: string) => void;
}

export interface MqttSource {
  readonly name: string;
  readonly connected: boolean;
  /** Begins connecting, and goes on trying. Returns at once: a broker that is away holds nothing up. */
  start(): void;
  /** Disconnects once what has been taken is durable and acknowledged; what was not taken stays with the broker. */
  stop(): Promise<void>;
}

const RECONNECT_MS = 2_000;
/** While the journal can't take it, a message is tried again; the broker keeps the others meanwhile. */
const RETRY_MS = 1_000;
/** Messages a version 5 broker may send before the first is acknowledged. */
const RECEIVE_MAXIMUM = 100;

/**
 * Reads from another broker with the standard client: a persistent session, QoS 1, and each message acknowledged only when it is durable here. One
 * connection takes one message at a time, so that a busy broker wants several with a shared subscription. What is taken twice (after a lost
 * acknowledgement) is stored once, since readings are known by series and time.
 */
export function createMqttSource(options: MqttSourceOptions): MqttSource {
  const { settings, secrets, pipeline, directory, metrics } = options;
  const { name, topics } = settings;
  const clients: MqttClient[] = [];
  const taking = new Set<Promise<void>>();
  let stopping = false;
  let wasConnected = false;
  let lastReason = '';

  const allConnected = (): boolean => clients.length > 0 && clients.every((client) => client.connected);
  const noteState = (): void => {
    const is = allConnected();
    if (stopping || is === wasConnected) return;
    wasConnected = is;
    options.onState(name, is, is ? '' : lastReason);
  };

  /** Makes a message durable, however long it takes; `null` when we are stopping first. */
  async function keep(work: () => Promise<Outcome>): Promise<Outcome | null> {
    while (!stopping) {
      try {
        if (!pipeline.hasRoom) await pipeline.room();
        return await work();
      } catch (error) {
        if (!(error instanceof JournalUnavailableError)) throw error;
        metrics.add('hd_source_retries_total');
        await later(RETRY_MS);
      }
    }
    return null;
  }

  /** True: it is durable and may be acknowledged. */
  async function take(client: MqttClient, packet: IPublishPacket): Promise<boolean> {
    metrics.add('hd_source_messages_total');
    const { topic, messageId } = packet;
    const incoming: Omit<Incoming, 'deviceId'> = {
      transport: 'mqtt',
      topic,
      bytes: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
      ...(packet.qos > 0 && messageId !== undefined
        ? { sending: { key: `source:${name}:${messageId}`, again: packet.dup } }
        : undefined),
    };
    const own = { ...incoming, deviceId: settings.device };
    const meaning = meaningOf(topics, topic);
    const source = directory.get(settings.device);
    const named = meaning?.device ?? null;
    const device = named === null ? source : source && directory.carriedBy(source, named);
    const outcome = await keep(() =>
      meaning === null
        ? pipeline.refuse(own, problem(0, null, 'WRONG_TOPIC', topic))
        : device === undefined
          ? pipeline.refuse(own, problem(0, null, 'UNKNOWN_DEVICE', named ?? settings.device))
          : pipeline.accept({
              ...incoming,
              deviceId: device.deviceId,
              ...(meaning.format === null ? undefined : { format: meaning.format }),
            }),
    );
    if (outcome === null) return false;
    for (const { topic: to, payload } of outcome.replies ?? []) client.publish(to, Buffer.from(payload), { qos: 0 });
    for (const { device: its, online } of outcome.presence ?? []) options.onPresence(its.deviceId, online);
    return true;
  }

  function open(index: number): MqttClient {
    const { connections, shareGroup } = settings;
    const clientId = settings.clientId ?? `hd-${name}`;
    const five = settings.version === '5';
    const connection: IClientOptions = {
      clientId: connections === 1 ? clientId : `${clientId}-${index + 1}`,
      protocolVersion: five ? 5 : 4,
      clean: false,
      reconnectPeriod: RECONNECT_MS,
      // The broker has our subscriptions; should it have lost them we subscribe at each connection.
      resubscribe: false,
      ...(five
        ? { properties: { sessionExpiryInterval: settings.sessionExpirySeconds, receiveMaximum: RECEIVE_MAXIMUM } }
        : {}),
      ...(settings.username === undefined ? {} : { username: settings.username }),
      ...(secrets.password === undefined ? {} : { password: secrets.password }),
      ...(secrets.ca === undefined ? {} : { ca: secrets.ca }),
      ...(secrets.cert === undefined ? {} : { cert: secrets.cert }),
      ...(secrets.key === undefined ? {} : { key: secrets.key }),
    };
    const client = connect(settings.url, connection);
    client.handleMessage = (packet, acknowledge) => {
      const taken: Promise<void> = take(client, packet)
        .then(
          // Without a word the broker keeps the message and sends it again to our next connection.
          (durable) => durable && acknowledge(),
          (error: unknown) => {
            lastReason = (error as Error).message;
            client.reconnect();
          },
        )
        .then(() => {
          taking.delete(taken);
        });
      taking.add(taken);
    };
    client.on('connect', () => {
      const filters = topics.map(({ filter }) =>
        shareGroup === undefined ? filter : `$share/${shareGroup}/${filter}`,
      );
      client.subscribe(filters, { qos: 1 }, (error, granted) => {
        const refused = granted?.find(({ qos }) => qos >= 128)?.topic;
        if (error || refused !== undefined) {
          metrics.add('hd_source_subscriptions_refused_total');
          lastReason = error?.message ?? `the broker refused the subscription to ${refused}`;
          options.onState(name, false, lastReason);
        }
        noteState();
      });
    });
    client.on('error', (error) => {
      lastReason = error.message;
    });
    client.on('close', () => {
      metrics.add('hd_source_disconnects_total');
      noteState();
    });
    return client;
  }

  return {
    name,
    get connected() {
      return allConnected();
    },
    start() {
      for (let i = 0; i < settings.connections; i++) clients.push(open(i));
    },
    async stop() {
      stopping = true;
      await Promise.all(taking);
      await Promise.all(clients.splice(0).map((client) => client.endAsync()));
    },
  };
}
