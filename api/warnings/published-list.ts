import type { AgencyId } from '../../domain/identifiers.ts';
import type { Localized } from '../../domain/localized.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { PublishedWarnings } from '../../domain/ports/warnings.ts';
import { before, type Clock, type DurationMs, type EpochMs, epochMs } from '../../domain/time.ts';
import { currentMessage, endedAt, type IssuedMessage, phaseAt, type Warning } from '../../domain/warning/warning.ts';
import type { PublicWarning } from '../contract/warnings.ts';

export interface PublishedListOptions {
  readonly published: PublishedWarnings;
  readonly bus: LiveBus;
  readonly clock: Clock;
  /** How long a warning stays listed after its end. */
  readonly shownAfterEnd: DurationMs;
  /** Most warnings listed; the oldest drop out first. */
  readonly limit: number;
  readonly agencyName: (agencyId: AgencyId) => Localized | undefined;
}

/** What the public may know at one moment. */
export interface PublishedNow {
  readonly at: EpochMs;
  /** In force first, worst and newest first within; then what ended lately. */
  readonly warnings: readonly PublicWarning[];
  /** Every message of these warnings, newest first, with the texts of each. */
  readonly messages: readonly PublicMessage[];
}
export interface PublicMessage extends Omit<IssuedMessage, 'authors' | 'approvedBy'> {
  readonly agency: Localized;
  readonly status: Warning['status'];
}

const SEVERITY_ORDER = ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'] as const;
/** At least this often the registry is asked again: another process may have written to it. */
const FRESH_FOR_MS = 5_000;

/**
 * What is published, in memory, for a page that a whole city may open at once: read again when something changes, when the next warning runs
 * out, and every few seconds. Built from issued messages alone, so that nothing of a draft can get in.
 */
export class PublishedList {
  readonly #options: PublishedListOptions;
  readonly #unsubscribe: readonly (() => void)[];
  #kept: { readonly now: PublishedNow; readonly until: EpochMs } | null = null;
  #reading: Promise<PublishedNow> | null = null;

  constructor(options: PublishedListOptions) {
    this.#options = options;
    this.#unsubscribe = (['warning.changed', 'events.missed'] as const).map((name) =>
      options.bus.subscribe(name, () => {
        this.#kept = null;
        this.#reading = null;
      }),
    );
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  async now(): Promise<PublishedNow> {
    const at = this.#options.clock();
    if (this.#kept && at < this.#kept.until && at >= this.#kept.now.at) return this.#kept.now;
    this.#reading ??= this.#read(at);
    const reading = this.#reading;
    try {
      return await reading;
    } finally {
      if (this.#reading === reading) this.#reading = null;
    }
  }

  async #read(at: EpochMs): Promise<PublishedNow> {
    const { published, shownAfterEnd, limit, agencyName } = this.#options;
    const found = await published.recent(before(at, shownAfterEnd), limit);
    const named = (agencyId: AgencyId): Localized => agencyName(agencyId) ?? { vi: agencyId, en: agencyId };
    const warnings = found
      .flatMap((warning) => publicWarning(warning, at, named(warning.agencyId)) ?? [])
      .sort(inOrder);
    const messages = found
      .flatMap(({ issued, status, agencyId }) =>
        issued.map(({ authors: _, approvedBy: __, ...message }) => ({ ...message, status, agency: named(agencyId) })),
      )
      .sort((a, b) => b.sent - a.sent || (a.identifier < b.identifier ? 1 : -1));
    const ends = warnings.flatMap(({ phase, content }) =>
      phase === 'in_force' && content.expires !== null ? [content.expires] : [],
    );
    const now = { at, warnings, messages };
    this.#kept = { now, until: epochMs(Math.min(at + FRESH_FOR_MS, ...ends)) };
    return now;
  }
}

/** The warning as everybody may see it; `undefined` for one that was never published. */
export function publicWarning(warning: Warning, at: EpochMs, agency: Localized): PublicWarning | undefined {
  const phase = phaseAt(warning, at);
  const [first] = warning.issued;
  const newest = warning.issued.at(-1);
  const current = currentMessage(warning);
  if (!first || !newest || !current || (phase !== 'in_force' && phase !== 'cancelled' && phase !== 'expired')) return;
  return {
    identifier: newest.identifier,
    agency,
    status: warning.status,
    phase,
    firstSent: first.sent,
    sent: newest.sent,
    endedAt: endedAt(warning, at),
    reason: newest.reason,
    content: current.content as PublicWarning['content'],
  };
}

function inOrder(a: PublicWarning, b: PublicWarning): number {
  const over = Number(a.phase !== 'in_force') - Number(b.phase !== 'in_force');
  if (over !== 0) return over;
  const worse = SEVERITY_ORDER.indexOf(a.content.severity) - SEVERITY_ORDER.indexOf(b.content.severity);
  return (a.phase === 'in_force' ? worse : 0) || b.sent - a.sent;
}
