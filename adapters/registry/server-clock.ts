import type { EpochMs } from '../../domain/time.ts';
import { epochMs } from '../../domain/time.ts';

const ASKED_EVERY_MS = 5_000;
/** A difference below it may be that of the way there and back, and is let be: the time told does not tremble. */
const LET_BE_MS = 100;
/** An answer that took longer says too little. */
const ANSWERED_WITHIN_MS = 1_000;

export interface ServerClockOptions {
  /** What time the server has. */
  readonly ask: () => Promise<EpochMs>;
  /** Spans of time of this machine, ms, which nobody can set: `performance.now` unless a test says otherwise. */
  readonly elapsed?: () => number;
}

/**
 * The clock of a server that several processes share, told without asking it each time: what has gone by since it was asked is counted here by a clock that
 * nobody can set. The wall clock of this machine has no say. While the server does not answer it goes on as it went.
 */
export class ServerClock {
  readonly #ask: () => Promise<EpochMs>;
  readonly #elapsed: () => number;
  /** What is added to the span counted here. */
  #ahead = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor({ ask, elapsed = () => performance.now() }: ServerClockOptions) {
    this.#ask = ask;
    this.#elapsed = elapsed;
  }

  /** Asks at once, and then every five seconds until {@link stop}. @throws when there is no first answer. */
  static async follow(options: ServerClockOptions): Promise<ServerClock> {
    const clock = new ServerClock(options);
    const { ahead } = await clock.#measure();
    clock.#ahead = ahead;
    clock.#timer = setInterval(() => void clock.look().catch(() => {}), ASKED_EVERY_MS).unref();
    return clock;
  }

  now = (): EpochMs => epochMs(Math.round(this.#elapsed() + this.#ahead));

  /** Asks once more. */
  async look(): Promise<void> {
    const { ahead, tookMs } = await this.#measure();
    if (tookMs <= ANSWERED_WITHIN_MS && Math.abs(ahead - this.#ahead) > LET_BE_MS) this.#ahead = ahead;
  }
  async #measure(): Promise<{ readonly ahead: number; readonly tookMs: number }> {
    const from = this.#elapsed();
    const time = await this.#ask();
    const tookMs = this.#elapsed() - from;
    return { ahead: time - from - tookMs / 2, tookMs };
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
