import type { EventBus } from '../../../domain/ports/live-bus.ts';
import type { Registry } from '../../../domain/ports/registry.ts';
import type { DurationMs } from '../../../domain/time.ts';
import type { FollowedVerdicts } from '../followed-verdicts.ts';
import type { RulesConsumer } from './rules-consumer.ts';
import type { RulesLog } from './rules-settings.ts';

export interface VerdictWatchOptions {
  readonly registry: Pick<Registry, 'verdicts'>;
  readonly rules: Pick<RulesConsumer, 'verdictsChanged'>;
  readonly bus: EventBus;
  /** What lies over the readings that rules are given. */
  readonly book: Pick<FollowedVerdicts, 'load'>;
  /** After what could not be judged again. */
  readonly retryAfter: DurationMs;
  readonly log: RulesLog;
}

const CHANGES_AT_ONCE = 200;

/**
 * Has rules judge again what a verdict touches, once it lies over the readings. A change is forgotten only once that is recorded: after a kill it is judged
 * again, to the same end.
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
    const { registry, rules, book, log } = this.#options;
    try {
      await book.load();
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
