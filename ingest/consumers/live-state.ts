import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Journal, type JournalSequence, whenUnavailable } from '../../domain/ports/journal.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { ReadingColumns } from '../../domain/reading.ts';
import { decodePayload } from '../readings-codec.ts';
import type { Consumer } from './store-writer.ts';

const ENTRIES_AT_ONCE = 64;

/**
 * Says on the bus what is new in the journal, from now on, as `judged` gives it. What was before is in the store; nothing here must not be lost.
 */
export function createLiveState(
  journal: Journal,
  bus: LiveBus,
  judged: (readings: ReadingColumns) => ReadingColumns = (readings) => readings,
): Consumer {
  let cursor: JournalSequence = journal.head();
  let leave: () => void = () => {};
  /** From the first sign of new entries until all of them are said. */
  let running = false;
  /** Entries may have come since the last were asked for. */
  let again = false;
  let stopped = false;

  const publishAll = async (): Promise<void> => {
    for (let caughtUp = false; !caughtUp && !stopped; ) {
      await nextTurn();
      again = false;
      const entries = await journal.read(cursor, ENTRIES_AT_ONCE).catch(whenUnavailable);
      // A journal that is away says when it has something again.
      if (stopped || entries === null) return;
      for (const entry of entries) {
        bus.publish('readings.kept', judged(decodePayload(entry.payload).readings));
        cursor = entry.sequence;
      }
      if (entries.length > 0) journal.passed('live', cursor);
      caughtUp = entries.length < ENTRIES_AT_ONCE && !again;
    }
  };
  const schedule = (): void => {
    again = true;
    if (running || stopped) return;
    running = true;
    void publishAll().finally(() => {
      running = false;
    });
  };

  return {
    async start() {
      journal.passed('live', cursor);
      leave = journal.onAppended(schedule);
    },
    async stop() {
      stopped = true;
      leave();
    },
  };
}
