import type { DisplayId, DisplaySighting } from '../../domain/display.ts';
import type { DisplayLogins } from '../../domain/ports/displays.ts';
import { type DurationMs, seconds } from '../../domain/time.ts';

/** A screen asks every few seconds; that it still does is written down this often, and what changed at once. */
const WRITTEN_EVERY: DurationMs = seconds(15);

/** Remembers when each screen last asked, without a write for each time. */
export class DisplaySightings {
  readonly #logins: DisplayLogins;
  readonly #written = new Map<DisplayId, DisplaySighting>();

  constructor(logins: DisplayLogins) {
    this.#logins = logins;
  }

  async note(id: DisplayId, sighting: DisplaySighting): Promise<void> {
    const last = this.#written.get(id);
    const isSame = last?.address === sighting.address && last.build === sighting.build;
    if (last && isSame && sighting.at - last.at < WRITTEN_EVERY) return;
    this.#written.set(id, sighting);
    await this.#logins.seen(id, sighting);
  }

  /** A screen that was revoked is not remembered any more. */
  forget(id: DisplayId): void {
    this.#written.delete(id);
  }
}
