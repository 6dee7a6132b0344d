export interface AllowanceOptions {
  /** What a codec may take at once. */
  readonly capacityMs: number;
  /** What it gets back. */
  readonly refillMsPerSecond: number;
  /** Once it has taken all, it waits for this much. */
  readonly resumeAtMs: number;
}

/**
 * The time slow calls of one codec may take. Quick calls cost nothing, however many: a popular codec is not a greedy one. A codec that has used
 * up its allowance is suspended until it has some again, so that in the long run no codec takes more than `refillMsPerSecond` from the others.
 */
export class CodecAllowance {
  readonly #options: AllowanceOptions;
  #leftMs: number;
  /** Milliseconds on any steady clock. */
  #at: number;
  #suspended = false;

  constructor(options: AllowanceOptions, now: number, owedMs = 0) {
    this.#options = options;
    this.#leftMs = options.capacityMs;
    this.#at = now;
    if (owedMs > 0) this.spend(owedMs, now);
  }

  mayRun(now: number): boolean {
    if (!this.#suspended) return true;
    this.#refill(now);
    this.#suspended = this.#leftMs < this.#options.resumeAtMs;
    return !this.#suspended;
  }

  spend(ms: number, now: number): void {
    this.#refill(now);
    this.#leftMs -= ms;
    if (this.#leftMs <= 0) this.#suspended = true;
  }

  #refill(now: number): void {
    const { capacityMs, refillMsPerSecond } = this.#options;
    this.#leftMs = Math.min(capacityMs, this.#leftMs + ((now - this.#at) / 1000) * refillMsPerSecond);
    this.#at = now;
  }
}
