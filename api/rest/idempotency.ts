import type { AnsweredRequests, RequestClaim } from '../../domain/ports/answered-requests.ts';
import { type DurationMs, minutes } from '../../domain/time.ts';
import { ApiError } from '../errors.ts';
import type { PreparedAnswer } from './answer.ts';
import { AnswerSeal } from './sealed-answer.ts';

export const IDEMPOTENCY_KEY_PATTERN = /^[\x21-\x7e]{1,128}$/;
/** Nothing that changes something takes so long; what a server had begun that is gone may be done by another then. */
const HELD_FOR = minutes(1);
const TIDIED_EVERY = 50;

export interface IdempotencyOptions {
  readonly requests: AnsweredRequests;
  readonly keys: number;
  /** A larger answer is not kept. */
  readonly answerBytes: number;
  readonly window: DurationMs;
}

/**
 * Answers kept by `Idempotency-Key`: a request that is sent again (the phone on the ladder lost its network) is done once and answered the same, by whichever
 * server it comes to, over restarts too. Kept in the registry, sealed, oldest out first.
 */
export class IdempotentAnswers {
  readonly #options: IdempotencyOptions;
  #claims = 0;
  /** As it was when last tidied. */
  size = 0;
  replayed = 0;
  evicted = 0;
  /** Done and answered, but not to be answered again. */
  unkept = 0;

  constructor(options: IdempotencyOptions) {
    this.#options = options;
  }

  /**
   * Does `work` unless this caller's key has an answer. Failures are not kept: they may be tried again.
   * @param scope who and what: caller, method and path
   * @throws {ApiError} IDEMPOTENCY_KEY_REUSED for another body, IDEMPOTENCY_KEY_IN_USE while the first is being worked on.
   */
  async once(scope: string, key: string, body: unknown, work: () => Promise<PreparedAnswer>): Promise<PreparedAnswer> {
    const { requests, window } = this.#options;
    const seal = new AnswerSeal(scope, key);
    const fingerprint = seal.fingerprint(body);
    const claim = await requests.claim({ id: seal.id, fingerprint }, { hold: HELD_FOR, keep: window });
    if (claim.kind !== 'claimed') return this.#known(claim, fingerprint, seal);
    if (this.#claims++ % TIDIED_EVERY === 0) void this.#tidy();
    let answer: PreparedAnswer;
    try {
      answer = await work();
    } catch (error) {
      await requests.giveUp(seal.id, claim.turn).catch(() => {});
      throw error;
    }
    await this.#keep(seal, claim.turn, answer);
    return answer;
  }

  #known(claim: Exclude<RequestClaim, { kind: 'claimed' }>, fingerprint: string, seal: AnswerSeal): PreparedAnswer {
    if (claim.fingerprint !== fingerprint) throw new ApiError('IDEMPOTENCY_KEY_REUSED');
    if (claim.kind === 'begun') throw new ApiError('IDEMPOTENCY_KEY_IN_USE');
    this.replayed++;
    return seal.open(claim.answer);
  }

  /** It is done: not being able to keep the answer is no reason to say otherwise. */
  async #keep(seal: AnswerSeal, turn: number, answer: PreparedAnswer): Promise<void> {
    const { requests, answerBytes } = this.#options;
    const sealed = seal.seal(answer);
    const isKept = sealed !== null && sealed.length <= answerBytes;
    const kept = isKept ? requests.answer(seal.id, turn, sealed) : requests.giveUp(seal.id, turn);
    const failed = await kept.then(
      () => false,
      () => true,
    );
    if (!isKept || failed) this.unkept++;
  }

  async #tidy(): Promise<void> {
    const tidied = await this.#options.requests.tidy(this.#options.keys).catch(() => null);
    if (tidied === null) return;
    this.size = tidied.kept;
    this.evicted += tidied.evicted;
  }
}
