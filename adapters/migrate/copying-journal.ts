import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Journal, JournalEntry, JournalSequence } from '../../domain/ports/journal.ts';
import type { ReadingColumns } from '../../domain/reading.ts';
import { type LmdbReading, readLmdbJournal } from '../journal/lmdb-reading.ts';
import { MigrationError } from './migration-error.ts';
import type { NewJournal, Payloads } from './migration-parts.ts';

const ENTRIES_AT_ONCE = 256;
const WRITE_READINGS = 50_000;
const LOOK_AGAIN_MS = 50;

async function reading<T>(from: string, none: T, work: (journal: LmdbReading) => Promise<T>): Promise<T> {
  const journal = readLmdbJournal(join(from, 'journal'));
  if (journal === null) return none;
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

/** Takes to `keep` the readings of all entries behind `after`, in their order, up to what is there now. @returns the last one's sequence. */
export function followJournal(
  from: string,
  after: JournalSequence,
  { readingsOf }: Payloads,
  keep: (batches: readonly ReadingColumns[], upTo: JournalSequence) => Promise<void>,
): Promise<JournalSequence> {
  return reading(from, after, async (journal) => {
    const head = journal.head();
    let at = after;
    while (at < head) {
      const batches: ReadingColumns[] = [];
      let upTo = at;
      for (let count = 0; count < WRITE_READINGS; ) {
        const entries = journal.read(upTo, ENTRIES_AT_ONCE);
        if (entries.length === 0) break;
        for (const [sequence, entry] of entries) {
          upTo = sequence;
          if (entry === null) continue;
          const readings = readingsOf(entry.payload);
          batches.push(readings);
          count += readings.length;
        }
      }
      if (upTo === at) break;
      await keep(batches, upTo);
      at = upTo;
    }
    return at;
  });
}

/**
 * Makes the stream the journal that lies in `from`: every entry that is still there has the sequence it had, since consumers, rules and stores count by it.
 * A gap, and an entry that is damaged, is filled by one without readings.
 */
export async function moveJournal(
  from: string,
  to: NewJournal,
  { nothing }: Payloads,
): Promise<{ readonly entries: number; readonly head: JournalSequence }> {
  const journal = await to.openAnew();
  try {
    return await reading(from, { entries: 0, head: 0 as JournalSequence }, async (old) => {
      const head = old.head();
      const [first] = old.read(0 as JournalSequence, 1);
      let next = first?.[0] ?? head + 1;
      journal.skipTo((next - 1) as JournalSequence);
      while (journal.head() < next - 1) await pause(LOOK_AGAIN_MS);
      let entries = 0;
      const sending: Promise<void>[] = [];
      const send = async (payload: Uint8Array, entry: JournalEntry | null): Promise<void> => {
        sending.push(append(journal, next++, payload, entry));
        if (sending.length >= ENTRIES_AT_ONCE) await Promise.all(sending.splice(0));
      };
      for (let at = 0 as JournalSequence; ; ) {
        const some = old.read(at, ENTRIES_AT_ONCE);
        if (some.length === 0) break;
        for (const [sequence, entry] of some) {
          while (next < sequence) await send(nothing, null);
          await send(entry?.payload ?? nothing, entry);
          entries += entry === null ? 0 : 1;
          at = sequence;
        }
      }
      await Promise.all(sending);
      return { entries, head: Math.max(head, next - 1) as JournalSequence };
    });
  } finally {
    await journal.close();
  }
}

async function append(
  journal: Journal,
  expected: number,
  payload: Uint8Array,
  entry: JournalEntry | null,
): Promise<void> {
  const { partition = 0, traceId = '' } = entry ?? {};
  const sequence = await journal.append({ partition, traceId, payload });
  if (sequence !== expected)
    throw new MigrationError(
      `the stream gave an entry the number ${sequence}, not ${expected}: is somebody else appending to it? Stop whoever does, and begin again`,
    );
}
