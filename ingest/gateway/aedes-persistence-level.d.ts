declare module 'aedes-persistence-level/asyncPersistence.js' {
  /** Retained messages, sessions and wills in a level database, as the promise-based persistence that aedes 1.x asks for. */
  export default class LevelPersistence {
    constructor(level: unknown);
    setup(broker: unknown): Promise<void>;
    /** Retained messages that match one of the filters. */
    createRetainedStreamCombi(filters: readonly string[]): import('node:stream').Readable;
    /** What waits for a session, in order. */
    outgoingStream(client: { readonly id: string }): import('node:stream').Readable;
    /** Forgets the subscriptions of a client, from the store and from the broker's matching. */
    cleanSubscriptions(client: { readonly id: string }): Promise<void>;
    /** Keeps a message for a session until it is acknowledged. */
    outgoingEnqueue(subscription: { readonly clientId: string }, packet: unknown): Promise<void>;
    /** Notes under which message id a kept message was sent. */
    outgoingUpdate(client: { readonly id: string }, packet: unknown): Promise<void>;
    /** Forgets an acknowledged message; answers it, or nothing when it was not kept. */
    outgoingClearMessageId(client: { readonly id: string }, packet: unknown): Promise<unknown>;
  }
}
