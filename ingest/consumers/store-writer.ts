import { type Journal, type JournalSequence, whenUnavailable } from '../../domain/ports/journal.ts';
import type { TimeSeriesStore } from '../../domain/ports/time-series-store.ts';
import type { ReadingColumns } from '../../domain/reading.ts';
import type { IngestMetrics } from '../metrics.ts';
import { decodePayload } from '../readings-codec.ts';

export interface StoreWriterOptions {
  readonly journal: Journal;
  readonly store: TimeSeriesStore;
  readonly metrics: IngestMetrics;
  /** Told once when the store goes away and once when it is back. */
  readonly onAway: (error: unknown) => void;
  readonly onBack: () => void;
  /** Least time between two writes, so that each carries many readings. */
  readonly paceMs?: number;
  readonly retryMs?: number;
}

export interface Consumer {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Readings of one write at the most. */
const WRITE_READINGS = 100_000;
const ENTRIES_AT_ONCE = 256;

/**
 * Takes the journal to the time-series store. A store that is away costs nothing but delay: the same write is tried until it is answered, whatever the
 * error; nothing passes the journal's cursor that was not stored.
 */
export function createStoreWriter({
  journal,
  store,
  metrics,
  onAway,
  onBack,
  paceMs = 250,
  retryMs = 1_000,
}: StoreWriterOptions): Consumer {
  let stopped = false;
  let running: Promise<void> | null = null;
  let wake: () => void = () => {};

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function write(batches: readonly ReadingColumns[], upTo: JournalSequence): Promise<boolean> {
    for (let away = false; ; ) {
      try {
        await store.append(batches, upTo);
        if (away) onBack();
        return true;
      } catch (error) {
        metrics.add('hd_store_retries_total');
        if (!away) onAway(error);
        away = true;
        if (stopped) return false;
        await pause(retryMs);
        if (stopped) return false;
      }
    }
  }

  /** The store's cursor, asked for until it is told. */
  async function knownCursor(): Promise<JournalSequence | null> {
    for (let away = false; ; ) {
      try {
        const cursor = await store.cursor();
        if (away) onBack();
        return cursor;
      } catch (error) {
        metrics.add('hd_store_retries_total');
        if (!away) onAway(error);
        away = true;
        if (stopped) return null;
        await pause(retryMs);
        if (stopped) return null;
      }
    }
  }

  /** Where to go on, given where the journal ended at the start. */
  async function startingPoint(headAtStart: JournalSequence): Promise<JournalSequence | null> {
    const cursor = await knownCursor();
    if (cursor === null || cursor <= headAtStart) return cursor;
    // The journal has lost its end (it was damaged, or is another one): what it held at the start is stored, what came since is not, whatever its number.
    journal.skipTo(cursor);
    return headAtStart;
  }

  async function run(start: Promise<JournalSequence | null>): Promise<void> {
    const known = await start;
    if (known === null) return;
    let cursor = known;
    // On stopping, what the journal holds is still written: a stop in good order leaves nothing behind.
    for (let last = false; !last; ) {
      last = stopped;
      const batches: ReadingColumns[] = [];
      let upTo = cursor;
      for (let count = 0; count < WRITE_READINGS; ) {
        const entries = await journal.read(upTo, ENTRIES_AT_ONCE).catch(whenUnavailable);
        if (entries === null || entries.length === 0) break;
        for (const entry of entries) {
          const { readings } = decodePayload(entry.payload);
          count += readings.length;
          batches.push(readings);
          upTo = entry.sequence;
        }
      }
      if (upTo > cursor) {
        if (!(await write(batches, upTo))) return;
        cursor = upTo;
        journal.passed('store', cursor);
      }
      if (!stopped) await pause(paceMs);
    }
  }

  return {
    async start() {
      const start = startingPoint(journal.head());
      running = run(start);
      running.catch(onAway);
      // A store that answers has told its cursor before the first message comes; for one that is away nobody waits.
      await Promise.race([start, new Promise((resolve) => setTimeout(resolve, retryMs))]);
    },
    async stop() {
      stopped = true;
      wake();
      await running?.catch(() => {});
    },
  };
}
