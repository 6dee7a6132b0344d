import { ApiError } from '../errors.ts';

/** Lets so many queries reach the store at once; more wait in order, and beyond `waiting` are refused. */
export class QueryGate {
  readonly #atOnce: number;
  readonly #waitingLimit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  refused = 0;

  constructor(atOnce: number, waiting: number) {
    this.#atOnce = atOnce;
    this.#waitingLimit = waiting;
  }

  get running(): number {
    return this.#running;
  }
  get waiting(): number {
    return this.#waiting.length;
  }

  /** @throws {ApiError} TOO_MANY_REQUESTS when too many wait already. */
  async run<T>(query: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#waitingLimit) {
        this.refused++;
        throw new ApiError('TOO_MANY_REQUESTS', { retryAfterSeconds: 1 });
      }
      // The one that ends hands its place over: `#running` stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await query();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
