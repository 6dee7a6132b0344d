import type { LiveBus } from '../../../domain/ports/live-bus.ts';
import type { Registry } from '../../../domain/ports/registry.ts';
import type { VerdictBook } from '../../../domain/quality-verdicts.ts';
import { before, type Clock, type DurationMs } from '../../../domain/time.ts';
import type { RulesConsumer } from './rules-consumer.ts';
import type { RulesLog } from './rules-settings.ts';

export interface VerdictWatchOptions {
  readonly registry: Pick<Registry, 'verdicts'>;
  readonly rules: Pick<RulesConsumer, 'verdictsChanged'>;
  readonly bus: LiveBus;
  readonly clock: Clock;
  /** Laid over readings as they arrive, by whoever judges or shows them. */
  readonly book: VerdictBook;
  /** Readings older than this arrive no more. */
  readonly maximumAge: DurationMs;
  /** After what could not be judged again. */
  readonly retryAfter: DurationMs;
  readonly log: RulesLog;
}

const CHANGES_AT_ONCE = 200;

/**
 * Keeps the book of verdicts as the registry has it, and has rules judge again what a verdict touches. A change is forgotten only once that is recorded:
 * after a kill it is judged again, to the same end.
 */
export class VerdictWatch {
  readonly #options: VerdictWatchOptions;
  #leave: readonly (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = true;
  #failing = false;

  constructor(options: VerdictWatchOptions) {
    this.#options = options;
  }

  /** Before anything is judged. */
  async load(): Promise<void> {
    const { registry, clock, book, maximumAge } = this.#options;
    book.take(await registry.verdicts.counting(before(clock(), maximumAge)));
  }

  /** Once rules are judged. */
  start(): void {
    this.#stopped = false;
    this.#leave = (['quality.changed', 'events.missed'] as const).map((name) =>
      this.#options.bus.subscribe(name, () => this.#wake()),
    );
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const leave of this.#leave) leave();
    clearTimeout(this.#timer);
    await this.#running;
  }

  #wake(): void {
    if (this.#stopped) return;
    if (this.#running !== null) {
      this.#again = true;
      return;
    }
    this.#running = this.#heed().finally(() => {
      this.#running = null;
      if (!this.#again) return;
      this.#again = false;
      this.#wake();
    });
  }

  async #heed(): Promise<void> {
    const { registry, rules, log } = this.#options;
    try {
      await this.load();
      for (let isDone = true; isDone && !this.#stopped; ) {
        const changes = await registry.verdicts.changes(CHANGES_AT_ONCE);
        if (changes.length === 0) return;
        isDone = await rules.verdictsChanged(changes);
        if (isDone) await registry.verdicts.forget(changes.at(-1)!.id);
        else this.#later();
      }
      this.#failing = false;
    } catch (error) {
      if (this.#stopped) return;
      if (!this.#failing)
        log.warn({ event: 'rules.verdicts_failing', err: error }, 'verdicts are not heeded; trying on');
      this.#failing = true;
      this.#later();
    }
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#wake(), this.#options.retryAfter);
    this.#timer.unref();
  }
}
