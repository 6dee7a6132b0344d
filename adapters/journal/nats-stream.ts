import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '../nats/connection.ts';
import { STREAM_NOT_FOUND } from './nats.ts';

const orIfMissing =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return instead;
    throw error;
  };

/** Whether a stream was never there, or never held anything. */
export async function isStreamUnused(connection: NatsConnection, stream: string): Promise<boolean> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  return manager.streams.info(stream).then(({ state }) => state.last_seq === 0, orIfMissing(true));
}

/** The first sequence of which nothing before is left. */
export async function firstKept(connection: NatsConnection, stream: string): Promise<number> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  return (await manager.streams.info(stream)).state.first_seq;
}

/** Removes a stream with all it holds, if it is there. */
export async function removeStream(connection: NatsConnection, stream: string): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  await manager.streams.delete(stream).catch(orIfMissing(false));
}
