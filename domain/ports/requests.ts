import type { GatewayId } from '../identifiers.ts';
import type { PlatformRequests } from '../requests.ts';
import type { DurationMs } from '../time.ts';

export type RequestName = keyof PlatformRequests;
type Asked<N extends RequestName> = PlatformRequests[N]['asked'];
type Answer<N extends RequestName> = PlatformRequests[N]['answer'];

/** A larger question is refused; within one process nothing is measured. Servers take 1 MiB, unless they are set up otherwise. */
export const QUESTION_BYTES_MAX = 1_000_000;
/** An answer of more counts as failed, `ANSWER_TOO_LARGE`. */
export const ANSWER_BYTES_MAX = 8_388_608;
/** Of one question; gateways beyond it are not heard. */
export const ANSWERS_MAX = 256;
/** Questions of one process that wait for answers; more are refused. */
export const QUESTIONS_AT_ONCE_MAX = 1_000;
/** Questions of others that one gateway works on; to more it answers `BUSY`. */
export const ANSWERING_AT_ONCE_MAX = 64;

export interface Patience {
  /** Gateways that must answer: once all of them have, nobody is waited for any longer. */
  readonly expected: readonly GatewayId[];
  /** Then it is over, whoever is missing. */
  readonly deadline: DurationMs;
}

/** Why a gateway that was reached gave no answer. */
export type AnswerFailure = 'ANSWER_TOO_LARGE' | 'BUSY' | 'FAILED';

/** What came of one question. Every gateway expected is in exactly one of the three. */
export interface Answers<N extends RequestName> {
  readonly answers: readonly { readonly from: GatewayId; readonly answer: Answer<N> }[];
  readonly failed: readonly { readonly from: GatewayId; readonly why: AnswerFailure }[];
  /** Expected, and not heard of before the deadline. */
  readonly silent: readonly GatewayId[];
}

export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly code: 'QUESTION_TOO_LARGE' | 'TOO_MANY_QUESTIONS';

  constructor(code: RequestRefused['code']) {
    super(code === 'QUESTION_TOO_LARGE' ? 'the question is too large' : 'too many questions wait for answers');
    this.code = code;
  }
}

export interface RequestCounts {
  /** Since the start. */
  readonly asked: number;
  readonly answered: number;
  readonly failed: number;
  /** Gateways that did not answer a question before its deadline. */
  readonly silent: number;
  /** Questions refused for their size or number. */
  readonly refused: number;
  /** Questions waiting for answers now. */
  readonly waiting: number;
}

/** Questions put to every gateway at once, in this process and others. Whoever is not there gives no answer, and is named as silent when expected. */
export interface Requests {
  /**
   * Answers questions of the name on behalf of a gateway of this process. What `answerer` throws is reported, and told to whoever asked as `FAILED`.
   * Returns what ends it.
   */
  answer<N extends RequestName>(
    name: N,
    by: GatewayId,
    answerer: (asked: Asked<N>) => Answer<N> | Promise<Answer<N>>,
  ): () => void;
  /** Never rejects for what a gateway does. @throws {RequestRefused} */
  ask<N extends RequestName>(name: N, asked: Asked<N>, patience: Patience): Promise<Answers<N>>;
  requestCounts(): RequestCounts;
}
