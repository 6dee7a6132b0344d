import type { Journal, JournalSequence } from '../../domain/ports/journal.ts';
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
  let scheduled = false;

  const publish = (): void => {
    scheduled = false;
    const entries = journal.read(cursor, ENTRIES_AT_ONCE);
    for (const entry of entries) {
      bus.publish('readings.kept', judged(decodePayload(entry.payload).readings));
      cursor = entry.sequence;
    }
    if (entries.length > 0) journal.passed('live', cursor);
    if (entries.length === ENTRIES_AT_ONCE) schedule();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(publish);
  };

  return {
    async start() {
      journal.passed('live', cursor);
      leave = journal.onAppended(schedule);
    },
    async stop() {
      leave();
    },
  };
}
