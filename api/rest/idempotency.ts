import { createHash } from 'node:crypto';
import type { Clock } from '../../domain/time.ts';
import { ApiError } from '../errors.ts';

export const IDEMPOTENCY_KEY_PATTERN = /^[\x21-\x7e]{1,128}$/;

interface Kept<T> {
  readonly fingerprint: string;
  readonly expiresAt: number;
  /** `null` while the first request is being worked on. */
  readonly answer: T | null;
}

export interface IdempotencyOptions {
  readonly keys: number;
  readonly windowMs: number;
  readonly clock: Clock;
}

/**
 * Answers kept by `Idempotency-Key`: a request that is sent again (the phone on the ladder lost its network) is done once and answered
 * the same. Kept in memory, oldest out first; after a restart a repeated creation is refused as ALREADY_EXISTS where it names its id.
 */
export class IdempotentAnswers<T> {
  readonly #options: IdempotencyOptions;
  readonly #kept = new Map<string, Kept<T>>();
  replayed = 0;
  evicted = 0;

  constructor(options: IdempotencyOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#kept.size;
  }

  /**
   * Does `work` unless this caller's key has an answer. Failures are not kept: they may be tried again.
   * @param scope who and what: caller, method and path
   * @throws {ApiError} IDEMPOTENCY_KEY_REUSED for another body, IDEMPOTENCY_KEY_IN_USE while the first is being worked on.
   */
  async once(scope: string, key: string, body: unknown, work: () => Promise<T>): Promise<T> {
    const id = `${scope}\n${key}`;
    const fingerprint = createHash('sha256')
      .update(JSON.stringify(body) ?? '')
      .digest('base64');
    const known = this.#kept.get(id);
    if (known && known.expiresAt > this.#options.clock()) {
      if (known.fingerprint !== fingerprint) throw new ApiError('IDEMPOTENCY_KEY_REUSED');
      if (known.answer === null) throw new ApiError('IDEMPOTENCY_KEY_IN_USE');
      this.replayed++;
      return known.answer;
    }
    const expiresAt = this.#options.clock() + this.#options.windowMs;
    this.#put(id, { fingerprint, expiresAt, answer: null });
    try {
      const answer = await work();
      this.#put(id, { fingerprint, expiresAt, answer });
      return answer;
    } catch (error) {
      this.#kept.delete(id);
      throw error;
    }
  }

  #put(id: string, kept: Kept<T>): void {
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    if (this.#kept.size <= this.#options.keys) return;
    const [oldest] = this.#kept.keys();
    if (oldest === undefined) return;
    this.#kept.delete(oldest);
    this.evicted++;
  }
}
