import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes, type AedesPublishPacket, type AuthenticateError, type Client } from 'aedes';
import LevelPersistence from 'aedes-persistence-level/asyncPersistence.js';
import { ClassicLevel } from 'classic-level';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { DeviceDirectoryEntry, DeviceStatusChange, RateLimit } from '../../domain/asset.ts';
import type { Notice } from '../../domain/events.ts';
import type { CredentialId, DeviceId } from '../../domain/identifiers.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Clock } from '../../domain/time.ts';
import { problem } from '../decode/measurement.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { Incoming, Pipeline } from '../pipeline.ts';
import type { DeviceDirectory } from '../validate/device-directory.ts';
import { createRateLimiter, type RateLimiter } from './rate-limit.ts';

export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly port: number; readonly certificateFile: string; readonly keyFile: string } | null;
  /** Folder of retained messages, sessions and wills. */
  readonly sessionsPath: string;
  readonly maxConnections: number;
  readonly maxPacketBytes: number;
  readonly defaultRateLimit: RateLimit;
  readonly limiter?: RateLimiter;
  readonly pipeline: Pipeline;
  readonly directory: DeviceDirectory;
  readonly registry: Pick<Registry, 'deviceLog'>;
  readonly bus: LiveBus;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly raise: (notice: Omit<Notice, 'id' | 'at'>) => void;
  readonly onError: (where: string, error: unknown) => void;
}

export interface Gateway {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Takes over a WebSocket upgrade of the HTTP server (path `/mqtt`). */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The TCP port listened on, after start. */
  readonly port: number;
  readonly sessions: number;
}

const DEVICE_TOPIC = /^hd\/v1\/([^/]+)\/(.+)$/;
/** CONNACK of MQTT 5: reason 0x84, Unsupported Protocol Version [MQTT-3.1.2-2]. */
const MQTT5_REFUSAL = Buffer.from([0x20, 0x03, 0x00, 0x84, 0x00]);
const STATUS_FLUSH_MS = 200;
const Attributes = z.record(z.string().max(64), z.union([z.string().max(1024), z.number(), z.boolean()]));

interface Login {
  readonly credentialId: CredentialId;
  readonly topicFilters: readonly string[];
}

/** True when `topic` (no wildcards) lies under the filter, in which `{id}` stands for the device. [MQTT-4.7] */
export function topicMatches(filter: string, topic: string, device: string): boolean {
  const wanted = filter.replaceAll('{id}', device).split('/');
  const given = topic.split('/');
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '#') return true;
    if (i >= given.length || (wanted[i] !== '+' && wanted[i] !== given[i])) return false;
  }
  return wanted.length === given.length;
}

/** The door of the city: MQTT over TCP, TLS and WebSocket on aedes, every device let in by its own token and held to its own topics. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { pipeline, directory, bus, metrics, clock } = options;
  const limiter = options.limiter ?? createRateLimiter(30_000 as never, 300_000 as never);
  mkdirSync(options.sessionsPath, { recursive: true });
  const level = new ClassicLevel(join(options.sessionsPath, 'sessions'));
  await level.open();
  const logins = new WeakMap<Client, Login>();
  const reasons = new WeakMap<Client, DeviceStatusChange['reason']>();
  const pendingStatus: DeviceStatusChange[] = [];
  const sockets = new Set<Duplex>();
  const leaves: (() => void)[] = [];
  let statusTimer: NodeJS.Timeout | null = null;
  let stopping = false;

  const refusal = (returnCode: 2 | 3 | 4 | 5, message: string): AuthenticateError =>
    Object.assign(new Error(message), { returnCode });

  const broker = await Aedes.createBroker({
    // New at each start: wills left by a broker that crashed are published only for a broker that is gone.
    id: `hd-${options.newId()}`,
    persistence: new LevelPersistence(level),
    maxClientsIdLength: 23,
    concurrency: 100,
    queueLimit: 100,

    preConnect(client, packet, done) {
      // aedes speaks 3.1 and 3.1.1; a version 5 client is told so in its own encoding.
      if ((packet as { protocolVersion?: number }).protocolVersion === 5) {
        metrics.add('hd_connections_refused_total');
        client.conn.end(MQTT5_REFUSAL);
        done(null, false);
        return;
      }
      done(null, true);
    },

    authenticate(client, username, password, done) {
      const entry = directory.get(client.id);
      const login = entry && username === client.id && password ? findLogin(entry, password) : undefined;
      const refusedUntil = limiter.refusedUntil(client.id, clock());
      if (!entry || !login || entry.state === 'retired') {
        metrics.add('hd_connections_refused_total');
        done(refusal(4, 'bad user name or password'), false);
        return;
      }
      if (refusedUntil !== null || broker.connectedClients >= options.maxConnections) {
        metrics.add('hd_connections_refused_total');
        done(refusal(3, 'server unavailable'), false);
        return;
      }
      logins.set(client, login);
      done(null, true);
    },

    authorizePublish(client, packet, done) {
      // Wills of a crashed broker come without a client.
      if (!client) {
        done(null);
        return;
      }
      void admit(client, packet as AedesPublishPacket, done);
    },

    authorizeSubscribe(client, subscription, done) {
      const login = logins.get(client);
      const allowed =
        login?.topicFilters.some((filter) => coversFilter(filter, subscription.topic, client.id)) ?? false;
      // `null` grants nothing and tells the client so (SUBACK 0x80) without closing.
      done(null, allowed ? subscription : null);
    },
  });

  function findLogin(entry: DeviceDirectoryEntry, password: Buffer): Login | undefined {
    const given = createHash('sha256').update(password).digest();
    for (const credential of entry.credentials) {
      if (credential.expiresAt !== null && credential.expiresAt <= clock()) continue;
      if (timingSafeEqual(given, Buffer.from(credential.tokenSha256, 'hex')))
        return { credentialId: credential.id, topicFilters: credential.topicFilters };
    }
    return undefined;
  }

  /** A subscription is allowed when everything it can match lies under the filter. */
  function coversFilter(filter: string, subscription: string, device: string): boolean {
    const allowed = filter.replaceAll('{id}', device).split('/');
    const asked = subscription.split('/');
    for (let i = 0; i < allowed.length; i++) {
      if (allowed[i] === '#') return true;
      if (i >= asked.length || asked[i] === '#' || (allowed[i] !== '+' && allowed[i] !== asked[i])) return false;
    }
    return allowed.length === asked.length;
  }

  const close = (client: Client, reason: DeviceStatusChange['reason']): void => {
    reasons.set(client, reason);
    client.close();
  };

  /** Decides on one publish. Only an answer without error is acknowledged; a bad payload is never an error. */
  async function admit(
    client: Client,
    packet: AedesPublishPacket,
    done: (error?: Error | null) => void,
  ): Promise<void> {
    try {
      const login = logins.get(client);
      const device = DEVICE_TOPIC.exec(packet.topic)?.[1] ?? client.id;
      const kind = DEVICE_TOPIC.exec(packet.topic)?.[2];
      const allowed = login?.topicFilters.some((filter) => topicMatches(filter, packet.topic, client.id)) ?? false;
      const bytes = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
      const incoming: Incoming = {
        deviceId: (allowed ? device : client.id) as DeviceId,
        transport: 'mqtt',
        topic: packet.topic,
        bytes,
      };
      if (!(await hasRoom(client))) return;
      if (!allowed || kind === undefined) {
        metrics.add('hd_unauthorised_publishes_total');
        // Kept and acknowledged, but never handed on: aedes fans out what it publishes, so it goes out under a topic nobody can subscribe to.
        await pipeline.refuse(incoming, problem(0, null, 'WRONG_TOPIC', packet.topic));
        divert(packet);
      } else if (kind === 'telemetry') {
        packet.retain = false;
        const sending =
          packet.qos > 0 && packet.messageId !== undefined
            ? { key: `mqtt:${packet.messageId}`, again: packet.dup }
            : undefined;
        await pipeline.accept(sending ? { ...incoming, sending } : incoming);
      } else if (kind === 'attributes') await keepAttributes(incoming);
      else if (kind === 'status') packet.retain = true;
      else if (!/^(cmd\/[^/]+\/ack|config\/ack)$/.test(kind)) {
        await pipeline.refuse(incoming, problem(0, null, 'WRONG_TOPIC', packet.topic));
        divert(packet);
      }
      done(null);
    } catch (error) {
      // The journal can't take more: no acknowledgement. The connection closes, and the device sends it again when it is back.
      done(error as Error);
    }
  }

  const divert = (packet: AedesPublishPacket): void => {
    packet.topic = '$refused';
    packet.retain = false;
  };

  /** Applies the device's rate limit; false when the connection was cut. */
  async function hasRoom(client: Client): Promise<boolean> {
    const entry = directory.get(client.id);
    const verdict = limiter.message(client.id, entry?.rateLimit ?? options.defaultRateLimit, clock());
    if (verdict.kind === 'pass') return true;
    if (verdict.kind === 'slow') {
      metrics.add('hd_messages_slowed_total');
      await new Promise((resolve) => setTimeout(resolve, verdict.delayMs));
      return !client.closed;
    }
    metrics.add('hd_connections_closed_by_rate_total');
    options.raise({
      kind: 'device.rate_limited',
      agencyId: entry?.agencyId ?? null,
      deviceId: client.id as DeviceId,
      text: {
        key: 'notice.device_rate_limited',
        params: { device: client.id, rate: Math.round(verdict.messagesPerSecond) },
      },
    });
    close(client, 'rate_limited');
    return false;
  }

  async function keepAttributes(incoming: Incoming): Promise<void> {
    let parsed: z.infer<typeof Attributes>;
    try {
      parsed = Attributes.parse(JSON.parse(Buffer.from(incoming.bytes).toString('utf8')));
    } catch (error) {
      metrics.add('hd_attributes_rejected_total');
      await pipeline.refuse(incoming, problem(0, null, 'MALFORMED', (error as Error).message.slice(0, 200)));
      return;
    }
    await options.registry.deviceLog.recordAttributes(incoming.deviceId, parsed, clock());
  }

  const noteStatus = (id: string, online: boolean, reason: DeviceStatusChange['reason']): void => {
    const entry = directory.get(id);
    if (!entry) return;
    const at = clock();
    pendingStatus.push({
      deviceId: entry.deviceId,
      agencyId: entry.agencyId,
      online,
      reason,
      eventTime: at,
      recordedAt: at,
    });
    bus.publish('device.status', { deviceId: entry.deviceId, agencyId: entry.agencyId, online, at, reason });
    broker.publish(
      {
        cmd: 'publish',
        topic: `hd/v1/${id}/status`,
        payload: Buffer.from(JSON.stringify({ online, ts: at, reason })),
        qos: 1,
        retain: true,
        dup: false,
      },
      (error) => error && !stopping && options.onError('gateway.status', error),
    );
    statusTimer ??= setTimeout(() => void flushStatus(), STATUS_FLUSH_MS);
  };
  async function flushStatus(): Promise<void> {
    statusTimer = null;
    const changes = pendingStatus.splice(0);
    if (changes.length === 0) return;
    try {
      await options.registry.deviceLog.recordStatus(changes);
    } catch (error) {
      options.onError('gateway.status', error);
      pendingStatus.unshift(...changes);
    }
  }

  broker.on('clientReady', (client) => noteStatus(client.id, true, 'connected'));
  broker.on('clientDisconnect', (client) => {
    // A second connection of the same device has taken over: it is online, by the newer one.
    if (broker.connectedClients > 0 && (broker as unknown as { clients: Record<string, Client> }).clients[client.id])
      return;
    const clean = (client as unknown as { _disconnected: boolean })._disconnected;
    noteStatus(
      client.id,
      false,
      reasons.get(client) ?? (stopping ? 'platform_restart' : clean ? 'disconnected' : 'lost'),
    );
  });
  // Errors of one client are its own affair; unheard 'error' events would end the process.
  broker.on('clientError', () => {});
  broker.on('connectionError', () => {});

  const connected = (id: string): Client | undefined =>
    (broker as unknown as { clients: Record<string, Client> }).clients[id];

  /** Closes a connection whose next packet is larger than allowed before its body is buffered. */
  const guarded = <S extends Duplex>(stream: S): S => {
    sockets.add(stream);
    stream.once('close', () => sockets.delete(stream));
    const client = broker.handle(stream, undefined as never);
    const parser = (client as unknown as { _parser: { packet: { length: number }; parse(b: Buffer): number } })._parser;
    const parse = parser.parse.bind(parser);
    parser.parse = (bytes: Buffer) => {
      const rest = parse(bytes);
      if (parser.packet.length > options.maxPacketBytes) stream.destroy(new Error('packet too large'));
      return rest;
    };
    return stream;
  };

  const accept = (socket: Socket): void => {
    socket.setNoDelay(true);
    if (sockets.size >= options.maxConnections) {
      metrics.add('hd_connections_refused_total');
      socket.destroy();
      return;
    }
    guarded(socket);
  };
  const tcp: Server = createServer(accept);
  const tls = options.tls
    ? createTlsServer(
        { cert: readFileSync(options.tls.certificateFile), key: readFileSync(options.tls.keyFile) },
        accept,
      )
    : null;
  const websockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxPacketBytes,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') ? 'mqttv3.1' : false),
  });
  websockets.on('connection', (socket) => {
    socket.on('error', () => {});
    guarded(createWebSocketStream(socket));
  });

  const listen = (server: Server, port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: options.host, ipv6Only: false }, () => {
        server.off('error', reject);
        server.on('error', (error) => options.onError('gateway.listen', error));
        resolve();
      });
    });

  return {
    async start() {
      leaves.push(
        bus.subscribe('credential.revoked', ({ deviceId, credentialId }) => {
          const client = connected(deviceId);
          if (client && logins.get(client)?.credentialId === credentialId) close(client, 'revoked');
        }),
      );
      await listen(tcp, options.port);
      if (tls && options.tls) await listen(tls, options.tls.port);
    },
    async stop() {
      stopping = true;
      for (const leave of leaves) leave();
      tcp.close();
      tls?.close();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      websockets.close();
      if (statusTimer) clearTimeout(statusTimer);
      await pipeline.drained();
      await flushStatus();
      await level.close();
    },
    handleUpgrade(request, socket, head) {
      websockets.handleUpgrade(request, socket, head, (ws) => websockets.emit('connection', ws, request));
    },
    get port() {
      const address = tcp.address();
      return typeof address === 'object' && address ? address.port : options.port;
    },
    get sessions() {
      return broker.connectedClients;
    },
  };
}
