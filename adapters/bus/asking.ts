import type { GatewayId } from '../../domain/identifiers.ts';
import {
  ANSWERING_AT_ONCE_MAX,
  ANSWERS_MAX,
  type AnswerFailure,
  type Answers,
  type Patience,
  QUESTIONS_AT_ONCE_MAX,
  type RequestCounts,
  type RequestName,
  RequestRefused,
} from '../../domain/ports/requests.ts';
import type { PlatformRequests } from '../../domain/requests.ts';

/** What one gateway said to a question. */
export type Said =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly why: AnswerFailure };

/** A question that is waiting: what is said to it is put down here. */
export interface Question {
  said(from: GatewayId, what: Said): void;
  /** Nobody else will be heard. */
  close(): void;
}

/** The gateways of this process that answer, and the questions of this process that wait, however either is reached. */
export class Asking {
  readonly #answerers = new Map<RequestName, Map<GatewayId, (asked: never) => unknown>>();
  readonly #working = new Map<GatewayId, number>();
  readonly #onError: (name: RequestName, error: unknown) => void;
  readonly #open = new Set<Question>();
  readonly #counts = { asked: 0, answered: 0, failed: 0, silent: 0, refused: 0 };

  constructor(onError: (name: RequestName, error: unknown) => void) {
    this.#onError = onError;
  }

  add<N extends RequestName>(
    name: N,
    by: GatewayId,
    answerer: (asked: PlatformRequests[N]['asked']) => unknown,
  ): () => void {
    const those = this.#answerers.get(name) ?? new Map<GatewayId, (asked: never) => unknown>();
    this.#answerers.set(name, those.set(by, answerer));
    return () => {
      if (those.get(by) === answerer) those.delete(by);
    };
  }

  gateways(name: RequestName): readonly GatewayId[] {
    return [...(this.#answerers.get(name)?.keys() ?? [])];
  }

  /** What one of this process's gateways says. Never rejects. */
  async of(name: RequestName, gateway: GatewayId, asked: unknown): Promise<Said> {
    const answerer = this.#answerers.get(name)?.get(gateway);
    const working = this.#working.get(gateway) ?? 0;
    if (!answerer) return { ok: false, why: 'FAILED' };
    if (working >= ANSWERING_AT_ONCE_MAX) return { ok: false, why: 'BUSY' };
    this.#working.set(gateway, working + 1);
    try {
      return { ok: true, answer: await answerer(asked as never) };
    } catch (error) {
      this.#onError(name, error);
      return { ok: false, why: 'FAILED' };
    } finally {
      this.#working.set(gateway, (this.#working.get(gateway) ?? 1) - 1);
    }
  }

  /** @throws {RequestRefused} */
  refuse(code: RequestRefused['code']): never {
    this.#counts.refused++;
    throw new RequestRefused(code);
  }

  /**
   * Opens a question; `put` hands it to those who answer. It is over when all that are expected have answered, when it is closed, or at the deadline.
   * @throws {RequestRefused} TOO_MANY_QUESTIONS
   */
  question<N extends RequestName>(patience: Patience, put: (question: Question) => void): Promise<Answers<N>> {
    if (this.#open.size >= QUESTIONS_AT_ONCE_MAX) this.refuse('TOO_MANY_QUESTIONS');
    this.#counts.asked++;
    return new Promise((resolve) => {
      const answers: { from: GatewayId; answer: PlatformRequests[N]['answer'] }[] = [];
      const failed: { from: GatewayId; why: AnswerFailure }[] = [];
      const heard = new Set<GatewayId>();
      const missing = new Set(patience.expected);
      const question: Question = {
        said: (from, what) => {
          if (!this.#open.has(question) || heard.has(from) || heard.size >= ANSWERS_MAX) return;
          heard.add(from);
          missing.delete(from);
          if (what.ok) answers.push({ from, answer: what.answer as PlatformRequests[N]['answer'] });
          else failed.push({ from, why: what.why });
          this.#counts[what.ok ? 'answered' : 'failed']++;
          if (missing.size === 0 && patience.expected.length > 0) question.close();
        },
        close: () => {
          clearTimeout(timer);
          if (!this.#open.delete(question)) return;
          this.#counts.silent += missing.size;
          resolve({ answers, failed, silent: [...missing] });
        },
      };
      const timer = setTimeout(question.close, patience.deadline);
      this.#open.add(question);
      put(question);
    });
  }

  counts(): RequestCounts {
    return { ...this.#counts, waiting: this.#open.size };
  }

  /** Questions that wait are over. */
  close(): void {
    for (const question of this.#open) question.close();
    this.#answerers.clear();
  }
}
