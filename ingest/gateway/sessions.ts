import { Readable } from 'node:stream';
import { decode } from '@msgpack/msgpack';
import LevelPersistence from 'aedes-persistence-level/asyncPersistence.js';
import type { ClassicLevel } from 'classic-level';
import { topicMatches } from '../../domain/topic-filter.ts';

/** Keys of retained messages are `retained:{topic}`. */
const RETAINED = 'retained:';
/** Keys of kept messages begin `outgoing:{client id, URI encoded}:`. */
const KEPT = 'outgoing:';
/** What the base class says of a message that is no longer in the queue. */
const FORGOTTEN = 'no such packet';
/** Keys of kept subscriptions are `subscriptions:{client id, URI encoded}:{filter}`. */
const SUBSCRIBED = 'subscriptions:';

/**
 * Retained messages, sessions and wills on disk, with a bound on what waits for one session: a message beyond it is not kept, and counted.
 * A session whose device never comes back would otherwise fill the disk.
 */
export class BoundedSessions extends LevelPersistence {
  readonly #level: ClassicLevel;
  readonly #maximumWaiting: number;
  readonly #onDropped: (client: string) => void;
  readonly #waiting = new Map<string, number>();

  constructor(level: ClassicLevel, maximumWaiting: number, onDropped: (client: string) => void) {
    super(level);
    this.#level = level;
    this.#maximumWaiting = maximumWaiting;
    this.#onDropped = onDropped;
  }

  // aedes looks for an `async` function.
  override async setup(broker: unknown): Promise<void> {
    await super.setup(broker);
    for await (const key of this.#level.keys({ gte: KEPT, lt: 'outgoing;' })) {
      this.#count(decodeURIComponent(key.slice(KEPT.length).split(':', 1)[0] ?? ''), 1);
    }
  }

  /**
   * Retained messages of a new subscription, read from where they can be: its topic itself, or what begins as its filter does up to the first
   * wildcard. The base class reads all there are for each subscription, which ten thousand devices coming back would pay ten thousand times.
   */
  override createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.#untilClosed(this.#retainedUnder(filters)));
  }

  override outgoingStream(client: { readonly id: string }): Readable {
    return Readable.from(this.#untilClosed(super.outgoingStream(client)));
  }

  /** What is still being read when the platform stops ends there: nobody hears the rest, and nobody would hear of the error. */
  async *#untilClosed(packets: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    try {
      yield* packets;
    } catch (error) {
      if (this.#level.status === 'open') throw error;
    }
  }

  async *#retainedUnder(filters: readonly string[]): AsyncGenerator<unknown> {
    for (const filter of filters) {
      const levels = filter.split('/');
      const wildcard = levels.findIndex((level) => level === '+' || level === '#');
      // `a/#` is about `a` as well [MQTT-4.7.1-2].
      const beginning = wildcard < 0 ? filter : levels.slice(0, wildcard).join('/');
      const range =
        wildcard < 0
          ? { gte: RETAINED + filter, lte: RETAINED + filter }
          : { gte: RETAINED + beginning, lt: `${RETAINED}${beginning}\u{10FFFF}` };
      for await (const value of this.#level.values<string, Buffer>({ ...range, valueEncoding: 'buffer' })) {
        const packet = decode(value) as { readonly topic: string; readonly payload: Uint8Array };
        if (topicMatches(filter, packet.topic, '')) yield { ...packet, payload: Buffer.from(packet.payload) };
      }
    }
  }

  override async outgoingEnqueue(subscription: { readonly clientId: string }, packet: unknown): Promise<void> {
    if ((this.#waiting.get(subscription.clientId) ?? 0) >= this.#maximumWaiting) {
      this.#onDropped(subscription.clientId);
      return;
    }
    this.#count(subscription.clientId, 1);
    try {
      await super.outgoingEnqueue(subscription, packet);
    } catch (error) {
      this.#count(subscription.clientId, -1);
      throw error;
    }
  }

  /** A message that was forgotten while it was on its way is given all the same; an error would close the connection. */
  override async outgoingUpdate(client: { readonly id: string }, packet: unknown): Promise<void> {
    try {
      await super.outgoingUpdate(client, packet);
    } catch (error) {
      if ((error as Error).message !== FORGOTTEN) throw error;
    }
  }

  override async outgoingClearMessageId(client: { readonly id: string }, packet: unknown): Promise<unknown> {
    const cleared = await super.outgoingClearMessageId(client, packet);
    if (cleared) this.#count(client.id, -1);
    return cleared;
  }

  /** Clients with a kept session. */
  async clients(): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for await (const key of this.#level.keys({ gte: SUBSCRIBED, lt: 'subscriptions;' }))
      found.add(decodeURIComponent(key.slice(SUBSCRIBED.length).split(':', 1)[0] ?? ''));
    return found;
  }

  /** Ends a kept session: its subscriptions, and what waits for it. */
  async forget(client: string): Promise<void> {
    await this.cleanSubscriptions({ id: client });
    const name = encodeURIComponent(client);
    for (const kind of ['outgoing', 'outgoing-id', 'incoming'])
      await this.#level.clear({ gte: `${kind}:${name}:`, lt: `${kind}:${name};` });
    this.#waiting.delete(client);
  }

  #count(client: string, by: 1 | -1): void {
    const waiting = (this.#waiting.get(client) ?? 0) + by;
    if (waiting > 0) this.#waiting.set(client, waiting);
    else this.#waiting.delete(client);
  }
}
