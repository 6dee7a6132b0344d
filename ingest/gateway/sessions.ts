import LevelPersistence from 'aedes-persistence-level/asyncPersistence.js';
import type { ClassicLevel } from 'classic-level';

/** Keys of kept messages begin `outgoing:{client id, URI encoded}:`. */
const KEPT = 'outgoing:';

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

  override async outgoingClearMessageId(client: { readonly id: string }, packet: unknown): Promise<unknown> {
    const cleared = await super.outgoingClearMessageId(client, packet);
    if (cleared) this.#count(client.id, -1);
    return cleared;
  }

  #count(client: string, by: 1 | -1): void {
    const waiting = (this.#waiting.get(client) ?? 0) + by;
    if (waiting > 0) this.#waiting.set(client, waiting);
    else this.#waiting.delete(client);
  }
}
