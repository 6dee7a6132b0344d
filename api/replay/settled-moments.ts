import type { EpochMs } from '../../domain/time.ts';
import type { Scope } from '../city/scopes.ts';

/** Moments kept; the one longest unasked goes first. */
const MOMENTS_KEPT = 4;
const KEPT_MS = 30_000;
/** What had arrived by a moment has been stored so long after it. */
const SETTLED_AFTER_MS = 60_000;

/**
 * What was known at a moment doesn't change any more once all that had come by then is stored, and a screen asks for it several times: for the moment, for
 * rows that it shows because of what came, for playing on. Kept for a short while, for those with the same rights, so that it is looked up once. Two that
 * ask at the same time wait for the same answer.
 */
export class SettledMoments<T> {
  readonly #clock: () => EpochMs;
  #kept: { readonly scope: Scope; readonly at: EpochMs; readonly until: number; readonly found: Promise<T> }[] = [];

  constructor(clock: () => EpochMs) {
    this.#clock = clock;
  }

  /** What `look` finds of the moment, or found of it a short while ago. What could not be found is looked for again. */
  find(scope: Scope, at: EpochMs, look: () => Promise<T>): Promise<T> {
    const now = this.#clock();
    if (at > now - SETTLED_AFTER_MS) return look();
    this.#kept = this.#kept.filter(({ until }) => until > now);
    const known = this.#kept.find((kept) => kept.at === at && kept.scope === scope);
    if (known) {
      this.#kept = [...this.#kept.filter((kept) => kept !== known), known];
      return known.found;
    }
    const found = look();
    const kept = { scope, at, until: now + KEPT_MS, found };
    this.#kept = [...this.#kept, kept].slice(-MOMENTS_KEPT);
    found.catch(() => {
      this.#kept = this.#kept.filter((each) => each !== kept);
    });
    return found;
  }
}
