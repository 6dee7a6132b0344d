import { setTimeout as pause } from 'node:timers/promises';
import { type DutyName, shareOf } from '../domain/duties.ts';
import type { ConsumerName, JournalSequence } from '../domain/ports/journal.ts';
import type { DutyRoster, Lease, Leases, WorkerId } from '../domain/ports/leases.ts';
import { type DurationMs, milliseconds, seconds } from '../domain/time.ts';

/** A part of a duty: started in order, stopped in reverse. */
export interface DutyPart {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface DutyHolderOptions {
  readonly leases: Leases;
  readonly worker: WorkerId;
  /** What the duty is made of, anew at each call, built and not started. */
  readonly begin: (lease: Lease) => readonly DutyPart[];
  /** How far the duty's consumers have passed the journal in this process. */
  readonly passedBy: (duty: DutyName) => readonly (readonly [ConsumerName, JournalSequence])[];
  /** Told who does what and how far the journal was passed, at each look. */
  readonly onRoster: (roster: DutyRoster) => void;
  readonly log: {
    info(facts: object, text: string): void;
    warn(facts: object, text: string): void;
    error(facts: object, text: string): void;
  };
  /** How long a lease lasts that is not renewed. */
  readonly ttl?: DurationMs;
  /** Between two renewals, and two looks at what is free. */
  readonly every?: DurationMs;
}

interface Held {
  readonly lease: Lease;
  /** Those that were started. */
  readonly parts: DutyPart[];
  /** Starting, and whatever comes after it, one after the other. */
  work: Promise<void>;
  /** It is being stopped, or is to be as soon as it has started. */
  isEnding: boolean;
}

/**
 * Does this process's share of the duties. A duty whose holder is killed is taken when its lease has run out, and begins here as after a restart. One that is lost
 * to another, since this process stood still for too long, is dropped with all it has in memory: what it still writes is refused by its lease.
 */
export class DutyHolder {
  readonly #options: DutyHolderOptions;
  readonly #ttl: DurationMs;
  readonly #every: DurationMs;
  readonly #held = new Map<DutyName, Held>();
  /** Lost ones that have not come to their end here. */
  readonly #dropped = new Map<DutyName, Promise<void>>();
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #failing = false;
  #taken = 0;
  #lost = 0;

  constructor(options: DutyHolderOptions) {
    this.#options = options;
    this.#ttl = options.ttl ?? seconds(3);
    this.#every = options.every ?? milliseconds(500);
  }

  /** Resolves when the first look was taken: duties that nobody had are beginning here. */
  async start(): Promise<void> {
    await this.#look();
    this.#running = this.#run();
  }

  /** Gives everything up in good order. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all([...this.#held.values()].map((held) => this.#end(held)));
    await Promise.all(this.#dropped.values());
    await this.#options.leases.leave(this.#options.worker);
  }

  status(): { readonly holds: ReadonlySet<DutyName>; readonly taken: number; readonly lost: number } {
    return { holds: new Set(this.#held.keys()), taken: this.#taken, lost: this.#lost };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await pause(this.#every, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#look();
        if (this.#failing) this.#options.log.info({ event: 'duties.registry_back' }, 'duties are shared again');
        this.#failing = false;
      } catch (err) {
        // Whoever held a duty goes on with it: nobody else can take it meanwhile.
        if (!this.#failing) this.#options.log.error({ event: 'duties.registry_failing', err }, 'duties are not shared');
        this.#failing = true;
      }
    }
  }

  async #look(): Promise<void> {
    const { leases, worker, passedBy, onRoster, log } = this.#options;
    const renewed = [...this.#held.values()].map(({ lease }) => ({ ...lease, passed: passedBy(lease.duty) }));
    for (const { duty, epoch } of await leases.renew(worker, renewed, this.#ttl)) {
      log.warn({ event: 'duty.lost', duty, epoch }, 'another worker has taken it');
      this.#lost++;
      this.#drop(duty);
    }
    const roster = await leases.roster();
    onRoster(roster);
    const { give, take } = shareOf(worker, roster.workers, roster.holders);
    if (give !== null) this.#giveUp(give);
    for (const duty of take) if (!this.#held.has(duty) && !this.#dropped.has(duty)) await this.#take(duty);
  }

  async #take(duty: DutyName): Promise<void> {
    const { leases, worker, begin, log } = this.#options;
    const lease = await leases.acquire(duty, worker, this.#ttl);
    if (lease === null) return;
    this.#taken++;
    log.info({ event: 'duty.taken', ...lease }, 'begins');
    const held: Held = { lease, parts: [], work: Promise.resolve(), isEnding: false };
    this.#held.set(duty, held);
    held.work = this.#begin(held, begin).catch((err: unknown) => {
      log.error({ event: 'duty.failed', ...lease, err }, 'could not begin; tried again');
      if (!held.isEnding) this.#giveUp(duty);
    });
  }

  async #begin(held: Held, begin: DutyHolderOptions['begin']): Promise<void> {
    for (const part of begin(held.lease)) {
      if (held.isEnding) return;
      // Known before it has started: what fails half-way is stopped, too.
      held.parts.push(part);
      await part.start();
    }
    this.#options.log.info({ event: 'duty.begun', ...held.lease }, 'is done here');
  }

  /** Once others can have it, they may look for it; until then it stays renewed. */
  #giveUp(duty: DutyName): void {
    const held = this.#held.get(duty);
    if (held === undefined || held.isEnding) return;
    void this.#end(held)
      .then(() => this.#options.leases.release(held.lease))
      .catch((err: unknown) => this.#options.log.warn({ event: 'duty.not_released', duty, err }, 'it runs out'))
      .finally(() => this.#held.delete(duty));
  }

  #drop(duty: DutyName): void {
    const held = this.#held.get(duty);
    if (held === undefined) return;
    this.#held.delete(duty);
    this.#dropped.set(
      duty,
      this.#end(held).finally(() => this.#dropped.delete(duty)),
    );
  }

  #end(held: Held): Promise<void> {
    if (!held.isEnding) {
      held.isEnding = true;
      held.work = held.work.then(async () => {
        for (const part of held.parts.splice(0).reverse())
          await part
            .stop()
            .catch((err: unknown) =>
              this.#options.log.error({ event: 'duty.stop_failed', ...held.lease, err }, 'while it ended'),
            );
      });
    }
    return held.work;
  }
}
