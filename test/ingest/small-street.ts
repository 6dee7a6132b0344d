import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { generate, type Packet, parser } from 'mqtt-packet';
import type { CredentialId, DeviceId } from '../../domain/identifiers.ts';
import { readingAt } from '../../domain/reading.ts';
import { epochMs } from '../../domain/time.ts';
import { newFolder, openIngest, tokenOf } from './platform-parts.ts';

export type Platform = Awaited<ReturnType<typeof openIngest>>;

/** What a test opened, closed again in reverse: `afterEach(street.close)`. */
export function createStreet() {
  const opened: (() => Promise<unknown>)[] = [];
  return {
    async close() {
      for (const close of opened.splice(0).reverse()) await close();
    },
    async open(...[folder = newFolder(), ...more]: Partial<Parameters<typeof openIngest>>): Promise<Platform> {
      const platform = await openIngest(folder, ...more);
      opened.push(() => platform.stopAll());
      return platform;
    },
    /** A device of the small city, connected with its token. */
    async device(
      platform: Platform,
      id = 'air-1',
      options: IClientOptions = {},
      url = `mqtt://127.0.0.1:${platform.mqttPort}`,
    ): Promise<MqttClient> {
      const login = { clientId: id, username: id, password: tokenOf(id) };
      // Refused or cut off is an error: no second try.
      const client = await connectAsync(url, { ...login, protocolVersion: 4, reconnectPeriod: 0, ...options }, false);
      client.on('error', () => {});
      opened.push(async () => client.end(true));
      return client;
    },
    /** Another connection that may see and send for every device, as a gateway's credential allows. */
    async watcher(platform: Platform): Promise<MqttClient> {
      const deviceId = 'air-3' as DeviceId;
      await platform.registry.as({ kind: 'system', name: 'test' }).devices.addCredential({
        id: 'watcher' as CredentialId,
        deviceId,
        kind: 'token',
        tokenSha256: createHash('sha256').update('watching').digest('hex'),
        topicFilters: ['hd/v1/+/#'],
        expiresAt: null,
      });
      platform.bus.publish('device.changed', { deviceId });
      return this.device(platform, deviceId, { password: 'watching' });
    },
    /** A TCP connection that speaks MQTT byte by byte; `packets` is what came back. */
    async socket(platform: Platform): Promise<Socket & { readonly packets: Packet[] }> {
      const socket = connectSocket(platform.mqttPort, '127.0.0.1');
      const packets: Packet[] = [];
      const answers = parser();
      answers.on('packet', (packet) => packets.push(packet));
      socket.on('data', (bytes) => answers.parse(bytes));
      socket.on('error', () => {});
      await once(socket, 'connect');
      opened.push(async () => socket.destroy());
      return Object.assign(socket, { packets });
    },
  };
}

export const connectPacket = (id: string, more: Record<string, unknown> = {}): Buffer =>
  generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: id,
    keepalive: 60,
    username: id,
    password: Buffer.from(tokenOf(id)),
    ...more,
  } as Packet);

/** Resolves when the connection is closed, by whichever side. */
export const closeOf = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => {
    client.once('close', () => resolve());
  });

export const telemetry = (id = 'air-1'): string => `hd/v1/${id}/telemetry`;

/** All readings of the device's PM2.5 in the store. */
export async function stored(platform: Platform, id = 'air-1') {
  const columns = await platform.store.range({
    series: platform.seriesOf(id),
    from: epochMs(0),
    to: epochMs(4e12),
    limit: 10_000,
  });
  return Array.from({ length: columns.length }, (_, i) => readingAt(columns, i));
}

export const held = (platform: Platform) => platform.quarantine.list({ agencies: 'all' }, 1_000);

export const post = (
  platform: Platform,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) =>
  fetch(`http://127.0.0.1:${platform.httpPort}/ingest/v1/telemetry`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${tokenOf('air-1')}`, ...headers },
  });
