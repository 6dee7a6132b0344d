import { connect, type NatsConnection } from '@nats-io/transport-node';

export type { NatsConnection };

export interface NatsAccess {
  /** `nats://host:port` or `tls://host:port` of some or all servers; those that are connected to tell of the others. */
  readonly servers: readonly string[];
  /** Who this is, in the servers' lists of connections. */
  readonly name: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** It is given nothing of what it publishes itself. */
  readonly noEcho?: boolean;
}

/** A server that answers no ping for twice this long counts as gone: the connection moves to another. */
const PING_EVERY_MS = 2_000;
const RECONNECT_EVERY_MS = 250;
const FIRST_CONNECT_MS = 5_000;

/**
 * Connects to one of the servers, and to another whenever that one is gone, for as long as it takes.
 * @throws when none takes the connection at first.
 */
export function connectNats({ servers, name, user, password, noEcho = false }: NatsAccess): Promise<NatsConnection> {
  return connect({
    servers: [...servers],
    name,
    noEcho,
    ...(user === undefined ? {} : { user, pass: password ?? '' }),
    timeout: FIRST_CONNECT_MS,
    pingInterval: PING_EVERY_MS,
    maxPingOut: 2,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_EVERY_MS,
    reconnectJitter: RECONNECT_EVERY_MS,
  });
}
