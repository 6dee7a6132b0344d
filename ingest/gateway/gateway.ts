import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { Aedes, type AedesPublishPacket, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { DeviceDirectoryEntry, RateLimit } from '../../domain/asset.ts';
import type { CredentialId, DeviceId, GatewayId } from '../../domain/identifiers.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Registry, SupersededStatus } from '../../domain/ports/registry.ts';
import { type Clock, type DurationMs, type EpochMs, minutes, seconds } from '../../domain/time.ts';
import { topicMatches } from '../../domain/topic-filter.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { Pipeline } from '../pipeline.ts';
import type { DeviceDirectory } from '../validate/device-directory.ts';
import { createAdmission, NOBODYS_TOPIC, NOT_ADMITTED, type Sender } from './admission.ts';
import { createAttributeLog } from './attribute-log.ts';
import { openAudience } from './audience.ts';
import { type Certificates, shownCertificates } from './certificates.ts';
import { createDeviceControl } from './device-control.ts';
import { createDeviceStatus, type StatusReason } from './device-status.ts';
import { createHearing } from './hearing.ts';
import { copyLevel, openLevel } from './open-level.ts';
import type { Presence } from './presence.ts';
import { PROVISIONING_USER, type Provisioning, type ProvisioningSession } from './provisioning.ts';
import { ProxiedSockets } from './proxy-header.ts';
import { createRateLimiter, type RateLimiter } from './rate-limit.ts';
import { createSessionClaims } from './session-claims.ts';
import { BoundedSessions } from './sessions.ts';
import { createTelemetryLanes, type LaneClient, missingBytes } from './telemetry-lane.ts';
import { type PublishRights, publishRights } from './topics.ts';

export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly port: number; readonly certificateFile: string; readonly keyFile: string } | null;
  /** Each connection by TCP begins with a balancer's word of where it comes from (PROXY protocol, version 2). */
  readonly proxyProtocol: boolean;
  /** Folder of retained messages, sessions and wills. */
  readonly sessionsPath: string;
  /** Told when it was found damaged: what was set aside, and why. */
  readonly onDamaged: (movedTo: string, reason: string) => void;
  readonly maxConnections: number;
  readonly maxPacketBytes: number;
  readonly maxSubscriptions: number;
  /** Messages kept for one session until its device takes them. */
  readonly maxQueuedMessages: number;
  /** Wills of devices that went down with a killed platform are published this long after its next start, if the device has not come back. */
  readonly willsAfterCrash: DurationMs;
  readonly defaultRateLimit: RateLimit;
  readonly id: GatewayId;
  readonly presence: Presence;
  readonly limiter?: RateLimiter;
  readonly pipeline: Pipeline;
  readonly directory: DeviceDirectory;
  readonly registry: Pick<Registry, 'deviceLog' | 'control'>;
  readonly provisioning: Provisioning;
  readonly certificates: Certificates;
  readonly bus: LiveBus;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly newId: () => string;
  /** A device was too fast for too long; the receiver is to {@link Gateway.disconnect} it. */
  readonly onCut: (device: DeviceId, messagesPerSecond: number) => void;
  readonly onError: (where: string, error: unknown) => void;
}

export interface Gateway {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Takes over a WebSocket upgrade of the HTTP server (path `/mqtt`). */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The TCP port listened on, after start. */
  readonly port: number;
  /** The TLS port listened on, after start; `null` without a certificate. */
  readonly tlsPort: number | null;
  readonly sessions: number;
  /** A device came or went, by word of whoever carries it. */
  notePresence(device: DeviceId, online: boolean): void;
  /** Copies retained messages, sessions and wills, as they are at one moment, into a new folder, laid out as the gateway's own. */
  copySessions(target: string): Promise<void>;
  /** Closes the device's connection, if it has one. */
  disconnect(device: DeviceId, reason: StatusReason): void;
}

/** CONNACK of MQTT 5: reason 0x84, Unsupported Protocol Version [MQTT-3.1.2-2]. */
const MQTT5_REFUSAL = Buffer.from([0x20, 0x03, 0x00, 0x84, 0x00]);
/** A refused client has this long to hang up by itself. */
const REFUSAL_GRACE_MS = 1_000;
/** A dead peer behind NAT is noticed by TCP itself, for clients without a keep-alive of their own. */
const TCP_KEEPALIVE_MS = 60_000;

/** Sessions whose credential has ended, and those that register a device for too long, are closed at the next look. */
const LOOK_AT_SESSIONS_EVERY_MS = 5_000;
const REGISTERING_AT_MOST = minutes(5);

interface Login {
  readonly credentialId: CredentialId;
  readonly topicFilters: readonly string[];
  readonly rights: PublishRights;
}

/** Of aedes, what its types leave out. */
interface ClientInside {
  /** Said goodbye with a DISCONNECT. */
  readonly _disconnected: boolean;
  readonly subscriptions: Readonly<Record<string, unknown>>;
  readonly will: unknown;
  readonly _parser: PacketParser;
}
interface PacketParser {
  readonly packet: { readonly length: number };
  parse(bytes: Buffer): number;
  listeners(event: 'packet'): ((this: PacketParser, packet: { readonly length: number }) => void)[];
  removeAllListeners(event: 'packet'): void;
  on(event: 'packet', listener: (packet: { readonly length: number }) => void): void;
}
const NO_RIGHTS = publishRights('', []);
const inside = (client: Client): ClientInside => client as unknown as ClientInside;

/** The door of the city: MQTT over TCP, TLS and WebSocket on aedes, every device let in by its own token and held to its own topics. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { pipeline, directory, registry, bus, metrics, clock, onError } = options;
  const limiter = options.limiter ?? createRateLimiter(seconds(30), minutes(5));
  mkdirSync(options.sessionsPath, { recursive: true });
  const level = await openLevel(join(options.sessionsPath, 'sessions'), options.onDamaged);
  const audience = await openAudience(level);
  const hearing = createHearing(directory);
  const logins = new WeakMap<Client, Login>();
  /** Sessions that may register a device and do nothing else. */
  const registering = new WeakMap<Client, ProvisioningSession & { readonly since: number }>();
  const reasons = new WeakMap<Client, StatusReason>();
  /** Connections closed because their device has a newer one at another gateway. */
  const movedAway = new WeakSet<Client>();
  const proxied = options.proxyProtocol ? new ProxiedSockets(() => metrics.add('hd_connections_refused_total')) : null;
  const sockets = new Set<Duplex>();
  /** By client id. aedes keeps a book of its own, in which the end of an old connection can strike out the new one. */
  const sessions = new Map<string, Client>();
  const leaves: (() => void)[] = [];
  let stopping = false;

  const kept = new BoundedSessions(level, options.maxQueuedMessages, () =>
    metrics.add('hd_queued_messages_dropped_total'),
  );
  const broker = await Aedes.createBroker({
    // New at each start: wills left by a broker that crashed are published only for a broker that is gone.
    id: `hd-${options.newId()}`,
    persistence: kept,
    // aedes looks for wills of crashed brokers at every fourth beat.
    heartbeatInterval: options.willsAfterCrash / 4,
    maxClientsIdLength: 23,
    concurrency: 100,
    queueLimit: 100,

    preConnect(client, packet, done) {
      // aedes speaks 3.1 and 3.1.1; a version 5 client is told so in its own encoding.
      if ((packet as { protocolVersion?: number }).protocolVersion !== 5) {
        done(null, true);
        return;
      }
      metrics.add('hd_connections_refused_total');
      client.conn.end(MQTT5_REFUSAL);
      setTimeout(() => client.conn.destroy(), REFUSAL_GRACE_MS).unref();
      done(null, false);
    },

    authenticate(client, username, password, done) {
      void logIn(client, username, password).then((refused) => {
        if (refused) metrics.add('hd_connections_refused_total');
        done(refused, refused === null);
      });
    },

    authorizePublish(client, packet, done) {
      const session = client && registering.get(client);
      if (session) {
        void registerDevice(client, session, packet).then(() => done(null));
        return;
      }
      const sender = client ? senderOf(client, packet) : lastWordsOf(packet);
      // Its device is connected to another gateway: what it was to say of its going is not so.
      if (isWill(client, packet) && claims.isElsewhere(sender.id as DeviceId)) {
        packet.topic = NOBODYS_TOPIC;
        packet.retain = false;
        done(null);
        return;
      }
      admission.publish(sender, packet).then(
        (admitted) => admitted !== NOT_ADMITTED && done(null),
        // Not kept: no acknowledgement. The connection closes, and the device sends it again when it is back.
        (error: Error) => done(error),
      );
    },

    authorizeSubscribe(client, subscription, done) {
      const session = registering.get(client);
      const filters = logins.get(client)?.topicFilters ?? (session ? [session.answerTopic] : []);
      const { subscriptions } = inside(client);
      const hasRoom =
        subscription.topic in subscriptions || Object.keys(subscriptions).length < options.maxSubscriptions;
      const allowed = hasRoom && hearing.maySubscribe(client.id, filters, subscription.topic);
      if (allowed) audience.joined(subscription.topic);
      else metrics.add('hd_subscriptions_refused_total');
      // `null` grants nothing and tells the client so (SUBACK 0x80) without closing.
      done(null, allowed ? subscription : null);
    },

    authorizeForward(client, packet) {
      const session = registering.get(client);
      if (session) return packet.topic === session.answerTopic ? packet : null;
      const filters = logins.get(client)?.topicFilters ?? [];
      if (hearing.mayHear(client.id, filters, packet)) return packet;
      metrics.add('hd_deliveries_withheld_total');
      return null;
    },
  });

  // What reaches nobody is not handed on: queues and matchers would cost as much as all that went before.
  const handOn = broker.publish.bind(broker) as (packet: PublishPacket, ...rest: unknown[]) => void;
  broker.publish = (packet: PublishPacket, ...rest: unknown[]): void => {
    const done = rest.at(-1);
    if (packet.topic !== NOBODYS_TOPIC) handOn(packet, ...rest);
    else if (typeof done === 'function') done();
  };

  const attributes = createAttributeLog({
    log: registry.deviceLog,
    onKept: (deviceId, names) => bus.publish('device.attributes', { deviceId, names }),
    metrics,
    clock,
    onError: (error) => onError('gateway.attributes', error),
  });
  const admission = createAdmission({
    mayHear: audience.mayHear,
    pipeline,
    directory,
    limiter,
    defaultRateLimit: options.defaultRateLimit,
    metrics,
    clock,
    onCut: options.onCut,
    onAnswer: (device, kind, bytes) => control.answer(device, kind, bytes),
    onAttributes: attributes.keep,
    onReply: ({ topic, payload }, to) => {
      metrics.add('hd_carrier_replies_total');
      const reply = {
        cmd: 'publish',
        topic,
        payload: Buffer.from(payload),
        qos: 0,
        retain: false,
        dup: false,
      } as const;
      broker.publish({ ...reply, clientId: to } as PublishPacket, (error) => {
        if (error && !stopping) onError('gateway.reply', error);
      });
    },
    onPresence: notePresence,
  });

  const claims = createSessionClaims({
    gateway: options.id,
    bus,
    clock,
    onTakenOver(device) {
      const client = connected(device);
      if (client) closeMoved(client);
    },
    onElsewhere: forgetSession,
  });
  options.presence.onRevived(() => {
    for (const device of claims.devices()) sayOnline(device);
  });
  const status = createDeviceStatus({
    gateway: options.id,
    registry,
    directory,
    bus,
    metrics,
    clock,
    publish: (topic, payload) =>
      broker.publish(
        { cmd: 'publish', topic, payload, qos: 1, retain: true, dup: false },
        (error) => error && !stopping && onError('gateway.status', error),
      ),
    onSuperseded,
    onError,
  });

  function notePresence(device: DeviceId, online: boolean): void {
    status.note(device, online, online ? 'connected' : 'lost', claims.mark());
  }
  function sayOnline(device: DeviceId, notBefore?: EpochMs): void {
    const mark = claims.of(device);
    if (mark) status.note(device, true, 'connected', mark, notBefore);
  }
  /** The registry knows of a connection that is newer by its mark, of which nothing was heard here. */
  function onSuperseded({ change: { deviceId, online, session }, by }: SupersededStatus): void {
    claims.observe(by.stamp);
    const mine = claims.of(deviceId);
    if (!online || !mine || mine.stamp !== session?.stamp) return;
    // It was marked while the other's mark could not be heard: the connection here came later.
    claims.opened(deviceId);
    sayOnline(deviceId);
  }
  /** What is kept for a device that has gone to another gateway would reach it when it comes back, long after its time. */
  function forgetSession(device: DeviceId): void {
    // It is back already, and on its way to the greater mark.
    if (connected(device)) return;
    kept.forget(device).catch((error: unknown) => stopping || onError('gateway.sessions', error));
  }
  function closeMoved(client: Client): void {
    movedAway.add(client);
    metrics.add('hd_sessions_taken_over_total');
    close(client, 'taken_over');
  }
  /** The client's open connection, or one that is just being let in. */
  const connected = (id: string): Client | undefined => {
    const client = sessions.get(id) ?? (broker as unknown as { clients: Record<string, Client> }).clients[id];
    return client?.closed ? undefined : client;
  };
  const close = (client: Client, reason: StatusReason): void => {
    reasons.set(client, reason);
    client.close();
  };

  const control = createDeviceControl({
    control: registry.control,
    bus,
    metrics,
    clock,
    publish: (topic, payload, retain) =>
      new Promise((resolve, reject) => {
        broker.publish({ cmd: 'publish', topic, payload, qos: 1, retain, dup: false }, (error) =>
          error ? reject(error) : resolve(),
        );
      }),
    listenerOf(device) {
      const client = connected(device);
      if (client && listens(client, device)) return client;
      return [...sessions.values()].find((other) => listens(other, device));
    },
    onError,
  });
  /** What is under one of these topics is for the device to do. */
  const hearsOrders = (id: string, filter: string): boolean =>
    topicMatches(filter, `hd/v1/${id}/cmd/1`, id) || topicMatches(filter, `hd/v1/${id}/config`, id);
  /** What it would not be given it doesn't listen for, however wide its subscription. */
  const reaches = (client: Client, device: string): boolean =>
    [`hd/v1/${device}/cmd/1`, `hd/v1/${device}/config`].some((topic) =>
      hearing.mayHear(client.id, logins.get(client)?.topicFilters ?? [], { topic }),
    );
  const listens = (client: Client, device = client.id): boolean =>
    Object.keys(inside(client).subscriptions).some((filter) => hearsOrders(device, filter)) && reaches(client, device);

  /** Lets a client in (`null`), or says why not [MQTT-3.2.2-5]. */
  async function logIn(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<AuthenticateError | null> {
    const refusal = (returnCode: 2 | 3 | 4, message: string) => Object.assign(new Error(message), { returnCode });
    if (username === PROVISIONING_USER) {
      const older = connected(client.id);
      // A device that is connected needs no registration, and must not be pushed out by whoever knows a profile's secret.
      if ((older && !registering.has(older)) || claims.isElsewhere(client.id as DeviceId))
        return refusal(2, 'the device is connected');
      const from = client.conn as Partial<Socket>;
      const address = (proxied ? proxied.addressOf(from) : from.remoteAddress) ?? '';
      const session = await options.provisioning.open(client.id, password ?? Buffer.alloc(0), address);
      if (session === 'id') return refusal(2, 'no device id');
      if (session === 'secret') return refusal(4, 'bad user name or password');
      if (session === 'busy') return refusal(3, 'server unavailable');
      registering.set(client, { ...session, since: clock() });
      return null;
    }
    // A token made or revoked a moment ago counts.
    await directory.settled();
    const entry = directory.get(client.id);
    const login =
      entry && username === client.id && password
        ? findLogin(entry, password)
        : await findByCertificate(client, username);
    if (!login || directory.get(client.id)?.state === 'retired') return refusal(4, 'bad user name or password');
    if (limiter.refusedUntil(client.id, clock()) !== null) return refusal(3, 'server unavailable');
    logins.set(client, login);
    // The broker closes the older connection of the same device next [MQTT-3.1.4-2].
    const older = connected(client.id);
    if (older) reasons.set(older, 'taken_over');
    return null;
  }

  function findLogin(entry: DeviceDirectoryEntry, password: Buffer): Login | undefined {
    const given = createHash('sha256').update(password).digest();
    for (const credential of entry.credentials) {
      if (credential.expiresAt !== null && credential.expiresAt <= clock()) continue;
      if (timingSafeEqual(given, Buffer.from(credential.tokenSha256, 'hex')))
        return {
          credentialId: credential.id,
          topicFilters: credential.topicFilters,
          rights: publishRights(entry.deviceId, credential.topicFilters),
        };
    }
    return undefined;
  }

  /** Who shows a certificate needs no user name; one that is given must be the device's. */
  async function findByCertificate(client: Client, username: string | undefined): Promise<Login | undefined> {
    const shown = client.conn instanceof TLSSocket ? shownCertificates(client.conn) : null;
    if (!shown || (username !== undefined && username !== client.id)) return undefined;
    const right = await options.certificates.logIn(client.id as DeviceId, shown);
    return right
      ? {
          credentialId: right.id,
          topicFilters: right.topicFilters,
          rights: publishRights(client.id, right.topicFilters),
        }
      : undefined;
  }

  /** A request is answered to this connection alone, whoever subscribes to what; anything else goes nowhere, counted. */
  async function registerDevice(
    client: Client,
    { requestTopic, answerTopic, request }: ProvisioningSession,
    packet: AedesPublishPacket | PublishPacket,
  ): Promise<void> {
    const asked = packet.topic;
    packet.topic = NOBODYS_TOPIC;
    packet.retain = false;
    if (asked !== requestTopic) {
      metrics.add('hd_unauthorised_publishes_total');
      return;
    }
    const payload = await request(Buffer.from(packet.payload));
    if (client.closed) return;
    client.publish({ cmd: 'publish', topic: answerTopic, payload, qos: 1, retain: false, dup: false }, () => {});
  }

  /** Closes a session whose right to be here has ended since it came: a token after its rotation, a certificate after its day, a device retired or removed. */
  const lookAt = (client: Client): void => {
    const now = clock();
    const session = registering.get(client);
    if (session) {
      if (now - session.since > REGISTERING_AT_MOST) client.close();
      return;
    }
    const id = logins.get(client)?.credentialId;
    const entry = directory.get(client.id);
    const right = [...(entry?.credentials ?? []), ...(entry?.certificates ?? [])].find((held) => held.id === id);
    if (!right || entry?.state === 'retired' || (right.expiresAt !== null && right.expiresAt <= now))
      close(client, 'revoked');
  };

  /** The last words of a connection that broke, or of one that a broker that crashed had. */
  const isWill = (client: Client | null, packet: AedesPublishPacket | PublishPacket): boolean =>
    client === null || inside(client).will === packet;
  const senderOf = (client: Client, packet: AedesPublishPacket | PublishPacket): Sender => {
    const isLast = isWill(client, packet);
    return {
      id: client.id,
      rights: logins.get(client)?.rights ?? NO_RIGHTS,
      isGone: () => client.closed && !isLast,
    };
  };

  /** A will of a broker that crashed comes without its client: the rights are those its device has now. */
  const lastWordsOf = (packet: AedesPublishPacket | PublishPacket): Sender => {
    const id = (packet as { clientId?: string }).clientId ?? '';
    return {
      id,
      rights: publishRights(id, directory.get(id)?.credentials.flatMap(({ topicFilters }) => topicFilters) ?? []),
      isGone: () => false,
    };
  };

  broker.on('clientReady', (client) => {
    // It went away while it was let in: aedes will say nothing more of it.
    if (client.closed) return;
    sessions.set(client.id, client);
    if (registering.has(client)) return;
    status.note(client.id, true, 'connected', claims.opened(client.id as DeviceId));
    // A session that was kept listens already, and a quick client has subscribed before aedes calls it ready.
    if (listens(client)) control.listening(client.id as DeviceId);
    tellCarrier(client, Object.keys(inside(client).subscriptions));
  });
  broker.on('subscribe', (subscriptions, client) => {
    if (registering.has(client)) return;
    if (subscriptions.some(({ topic }) => hearsOrders(client.id, topic))) control.listening(client.id as DeviceId);
    tellCarrier(
      client,
      subscriptions.map(({ topic }) => topic),
    );
  });
  /** Has the open commands handed out of the devices whose orders `client` hears by one of the filters, for it carries them. */
  function tellCarrier(client: Client, filters: readonly string[]): void {
    if (!filters.some((filter) => filter.startsWith('hd/v1/+/'))) return;
    control.carrierListening(
      (device) => filters.some((filter) => hearsOrders(device, filter)) && reaches(client, device),
    );
  }
  broker.on('clientDisconnect', (client) => {
    // The device has a newer connection: it did not go away.
    if (sessions.get(client.id) !== client && connected(client.id)) return;
    const wasReady = sessions.delete(client.id);
    if (registering.has(client)) return;
    const device = client.id as DeviceId;
    // It did not go away: it is connected, elsewhere.
    if (movedAway.has(client)) {
      forgetSession(device);
      return;
    }
    // It had its CONNACK and was gone before anything else: connected all the same.
    if (!wasReady) status.note(device, true, 'connected', claims.opened(device));
    const mark = claims.closed(device);
    if (!mark) return;
    const unasked = stopping ? 'platform_restart' : inside(client)._disconnected ? 'disconnected' : 'lost';
    status.note(device, false, reasons.get(client) ?? unasked, mark);
  });
  // Errors of one client are its own affair, counted; unheard 'error' events would end the process.
  const countClosed = (): void => metrics.add('hd_connections_broken_total');
  broker.on('clientError', countClosed);
  broker.on('connectionError', countClosed);
  broker.on('error' as never, ((error: unknown) => stopping || onError('gateway.broker', error)) as never);

  const takeTelemetry = createTelemetryLanes({
    senderOf: (lane) => {
      const client = lane as unknown as Client;
      const login = logins.get(client);
      return login === undefined || registering.has(client)
        ? null
        : { id: client.id, rights: login.rights, isGone: () => client.closed };
    },
    admission,
    handOn: (client, packet, done) =>
      packet.topic === NOBODYS_TOPIC ? done() : (broker.publish as (...words: unknown[]) => void)(packet, client, done),
    maxPacketBytes: options.maxPacketBytes,
  });

  /** Hands a connection to the broker, and closes it when its next packet is larger than allowed: before its body is buffered. */
  const serve = (stream: Duplex): void => {
    sockets.add(stream);
    stream.once('close', () => sockets.delete(stream));
    const client = broker.handle(stream, undefined as never);
    const { _parser: parser } = inside(client);
    const lane = client as unknown as LaneClient;
    const tooLarge = (length: number): boolean => {
      if (length <= options.maxPacketBytes) return false;
      metrics.add('hd_packets_too_large_total');
      stream.destroy(new Error('packet too large'));
      return true;
    };
    const parse = parser.parse.bind(parser);
    parser.parse = (bytes) => {
      let at = 0;
      // What is still wanted of a packet that came in part, so that what follows it can go its shorter way again.
      const missing = missingBytes(lane._parser);
      if (missing > 0 && missing < bytes.length) {
        parse(bytes.subarray(0, missing));
        at = missing;
      }
      if (stream.destroyed) return 0;
      at += takeTelemetry(lane, at === 0 ? bytes : bytes.subarray(at));
      if (at === bytes.length) return 0;
      const rest = parse(at === 0 ? bytes : bytes.subarray(at));
      // Of a packet still coming in, the header is there first.
      if (!stream.destroyed) tooLarge(parser.packet.length);
      return rest;
    };
    // A packet that came in whole with one read.
    const take = parser.listeners('packet');
    parser.removeAllListeners('packet');
    parser.on('packet', (packet) => {
      if (!stream.destroyed && !tooLarge(packet.length)) for (const listener of take) listener.call(parser, packet);
    });
  };
  const isFull = (): boolean => {
    if (sockets.size + (proxied?.waiting ?? 0) < options.maxConnections) return false;
    metrics.add('hd_connections_refused_total');
    return true;
  };

  const accept = (socket: Socket): void => {
    if (isFull()) {
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    serve(socket);
  };
  /** Takes a balancer's header off first, if there is to be one. */
  const behindBalancer = (next: (socket: Socket) => void) => (socket: Socket) => {
    if (!proxied) next(socket);
    else if (isFull()) socket.destroy();
    else proxied.accept(socket, next);
  };
  const tcp: Server = createServer(behindBalancer(accept));
  const tls = options.tls
    ? createTlsServer(
        {
          cert: readFileSync(options.tls.certificateFile),
          key: readFileSync(options.tls.keyFile),
          // Asked for, and judged when the device logs in: authorities come and go while this server listens.
          requestCert: true,
          rejectUnauthorized: false,
        },
        accept,
      )
    : null;
  // The header comes before TLS begins.
  const tlsDoor: Server | null =
    tls && proxied ? createServer(behindBalancer((socket) => tls.emit('connection', socket))) : tls;
  const websockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxPacketBytes,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') ? 'mqttv3.1' : false),
  });
  websockets.on('connection', (socket, request) => {
    socket.on('error', () => {});
    // Wrong secrets are counted by address, here as on a socket of their own.
    serve(Object.assign(createWebSocketStream(socket), { remoteAddress: request.socket.remoteAddress }));
  });

  const listen = (server: Server, port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: options.host, ipv6Only: false }, () => {
        server.off('error', reject);
        server.on('error', (error) => onError('gateway.listen', error));
        resolve();
      });
    });
  const portOf = (server: Server, wanted: number): number => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : wanted;
  };

  return {
    async start() {
      const looking = setInterval(() => {
        for (const client of Object.values((broker as unknown as { clients: Record<string, Client> }).clients))
          lookAt(client);
      }, LOOK_AT_SESSIONS_EVERY_MS).unref();
      leaves.push(
        () => clearInterval(looking),
        bus.subscribe('credential.revoked', ({ deviceId, credentialId }) => {
          const client = connected(deviceId);
          if (client && logins.get(client)?.credentialId === credentialId) close(client, 'revoked');
        }),
        // Retired, removed, or its credential gone without word of it.
        bus.subscribe('device.changed', ({ deviceId }) => {
          void directory.settled().then(() => {
            const client = connected(deviceId);
            if (client) lookAt(client);
          });
        }),
        // Another gateway, or who settled it, has not heard of the connection here.
        bus.subscribe('device.status', ({ deviceId, online, at }) => {
          if (!online) sayOnline(deviceId, at);
        }),
      );
      control.start();
      const current = await registry.deviceLog.currentStatus();
      for (const { session } of current) if (session) claims.observe(session.stamp);
      await status.settleAfterCrash(current);
      const moved = new Set<string>(
        current.flatMap(({ deviceId, session }) => (session && session.gateway !== options.id ? [deviceId] : [])),
      );
      for (const client of await kept.clients()) if (moved.has(client)) await kept.forget(client);
      status.start();
      claims.start();
      await listen(tcp, options.port);
      if (tlsDoor && options.tls) await listen(tlsDoor, options.tls.port);
    },
    async stop() {
      stopping = true;
      for (const leave of leaves) leave();
      control.stop();
      await control.idle();
      tcp.close();
      tlsDoor?.close();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      websockets.close();
      await pipeline.drained();
      claims.stop();
      await status.flush();
      await attributes.flush();
      attributes.stop();
      status.stop();
      await level.close();
    },
    copySessions: (target) => copyLevel(level, join(target, 'sessions')),
    handleUpgrade(request, socket, head) {
      if (isFull()) socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      else websockets.handleUpgrade(request, socket, head, (ws) => websockets.emit('connection', ws, request));
    },
    get port() {
      return portOf(tcp, options.port);
    },
    get tlsPort() {
      return tlsDoor && options.tls ? portOf(tlsDoor, options.tls.port) : null;
    },
    get sessions() {
      return sessions.size;
    },
    notePresence,
    disconnect(device, reason) {
      const client = connected(device);
      if (client) close(client, reason);
    },
  };
}
