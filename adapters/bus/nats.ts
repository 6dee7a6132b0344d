import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { PlatformEvents } from '../../domain/events.ts';
import type { EventName, LiveBus, OnListenerError } from '../../domain/ports/live-bus.ts';
import type { NatsConnection } from '../nats/connection.ts';
import { decodeSaid, encodeSaid } from './event-codec.ts';
import { createInProcessBus } from './in-process.ts';
import { createNatsRequests } from './nats-requests.ts';

export interface NatsBusOptions {
  /** The bus's own, which is given nothing back of what it says (`noEcho`); closed with the bus. */
  readonly connection: NatsConnection;
  /** First word of the subjects `{prefix}.{event}`. */
  readonly prefix: string;
  readonly onListenerError: OnListenerError;
  /** Of an event, a question or an answer that could not be sent to, or understood from, another process. */
  readonly onError: (error: unknown) => void;
}

/** What each process says to itself: who wants readings reads the journal. */
const OF_ONE_PROCESS: ReadonlySet<EventName> = new Set(['events.missed', 'readings.kept']);
/** Subject on which a process tells that some of what it said went nowhere. */
const LOST = 'lost';
/** Counters of other processes' events; a process that starts anew has new ones. */
const COUNTERS = 10_000;
const CLOSE_MS = 2_000;

/**
 * The live bus over NATS: listeners in this process are called at once, as without it; those in other processes when the servers bring it. Nothing is kept for
 * whoever is away. Each process numbers what it says, so that the others notice a gap, and says when it could not be heard: either is told as `events.missed`,
 * as is having been cut off oneself.
 */
export function createNatsBus({ connection, prefix, onListenerError, onError }: NatsBusOptions): LiveBus {
  const local = createInProcessBus(onListenerError);
  const by = randomUUID();
  const said = new Map<EventName, number>();
  /** Process and event → the last number heard. */
  const heard = new Map<string, number>();
  const followed = new Set<EventName>();
  let isAway = false;
  /** Something was said while nobody could hear it. */
  let hasLost = false;
  let closed = false;

  const requests = createNatsRequests({
    connection,
    prefix: `${prefix}.requests`,
    process: by,
    isAway: () => isAway,
    onAnswererError: onListenerError,
    onError: (error) => closed || onError(error),
  });

  const missed = (): void => local.publish('events.missed', {});

  const send = (subject: string, bytes: Uint8Array): void => {
    // Kept by the client it would grow for as long as the servers are away.
    if (isAway) {
      hasLost = true;
      return;
    }
    try {
      connection.publish(`${prefix}.${subject}`, bytes);
    } catch (error) {
      hasLost = true;
      if (!closed) onError(error);
    }
  };

  const follow = (name: EventName): void => {
    if (followed.has(name) || OF_ONE_PROCESS.has(name)) return;
    followed.add(name);
    connection.subscribe(`${prefix}.${name}`, {
      callback: (error, message) => {
        if (error) return onError(error);
        try {
          take(name, message.data);
        } catch (failure) {
          onError(failure);
        }
      },
    });
  };

  function take(name: EventName, bytes: Uint8Array): void {
    const event = decodeSaid(bytes);
    const counter = `${event.by} ${name}`;
    const before = heard.get(counter);
    heard.delete(counter);
    heard.set(counter, event.number);
    if (heard.size > COUNTERS) for (const oldest of heard.keys()) if (heard.delete(oldest)) break;
    if (before !== undefined && event.number !== before + 1) missed();
    local.publish(name, event.payload as PlatformEvents[typeof name]);
  }

  connection.subscribe(`${prefix}.${LOST}`, { callback: missed });
  void (async () => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') isAway = true;
      if (type !== 'reconnect') continue;
      isAway = false;
      if (hasLost) {
        hasLost = false;
        send(LOST, new Uint8Array(0));
      }
      missed();
    }
  })();

  return {
    publish(name, payload) {
      local.publish(name, payload);
      if (OF_ONE_PROCESS.has(name)) return;
      const number = (said.get(name) ?? 0) + 1;
      said.set(name, number);
      send(name, encodeSaid({ by, number, payload }));
    },
    subscribe(name, listener) {
      follow(name);
      return local.subscribe(name, listener);
    },
    answer: requests.answer,
    ask: requests.ask,
    requestCounts: requests.requestCounts,
    async close() {
      closed = true;
      requests.close();
      await local.close();
      // What was said last is still sent, if it can be.
      await Promise.race([connection.drain().catch(() => {}), pause(CLOSE_MS, undefined, { ref: false })]);
      await connection.close();
    },
  };
}
