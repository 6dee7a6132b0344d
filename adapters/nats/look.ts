import { JetStreamApiError, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { AuthorizationError, connect, type ServerInfo } from '@nats-io/transport-node';
import type { NatsAccess } from './connection.ts';

const ANSWERS_WITHIN_MS = 3_000;
const STREAM_NOT_FOUND = 10_059;

/** What one server says of itself, or why it says nothing. */
export type NatsServerLook =
  | { readonly address: string; readonly info: ServerInfo }
  | { readonly address: string; readonly why: 'refused' | 'away'; readonly message: string };
/** A stream as the servers know it; `undecided`: they don't agree on anything, since most of them are away. */
export type StreamLook = StreamInfo | 'missing' | 'undecided' | 'no_jetstream';

/** Asks each server by itself, and one that answers for the stream; `null` when none does. Changes nothing. */
export async function lookAtNats(
  { servers, user, password }: Omit<NatsAccess, 'name'>,
  stream: string,
): Promise<{ readonly servers: readonly NatsServerLook[]; readonly stream: StreamLook | null }> {
  let found: StreamLook | null = null;
  const looks: NatsServerLook[] = [];
  for (const address of servers) {
    try {
      const connection = await connect({
        servers: [address],
        name: 'hai-dang-doctor',
        ...(user === undefined ? {} : { user, pass: password ?? '' }),
        timeout: ANSWERS_WITHIN_MS,
        reconnect: false,
        ignoreClusterUpdates: true,
      });
      try {
        if (connection.info === undefined) throw new Error('it does not say what it is');
        looks.push({ address, info: connection.info });
        if (found === null || found === 'undecided') found = await lookAtStream(connection, stream);
      } finally {
        await connection.close();
      }
    } catch (error) {
      const why = error instanceof AuthorizationError ? 'refused' : 'away';
      looks.push({ address, why, message: (error as Error).message });
    }
  }
  return { servers: looks, stream: found };
}

async function lookAtStream(connection: Parameters<typeof jetstreamManager>[0], stream: string): Promise<StreamLook> {
  if (connection.info?.jetstream !== true) return 'no_jetstream';
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: ANSWERS_WITHIN_MS });
    const info = await manager.streams.info(stream);
    return info.cluster !== undefined && !info.cluster.leader ? 'undecided' : info;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return 'missing';
    return 'undecided';
  }
}
