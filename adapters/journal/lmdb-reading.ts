import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import type { JournalEntry, JournalSequence } from '../../domain/ports/journal.ts';
import { decodeRecord } from './lmdb.ts';

/** A journal on LMDB that another process may be appending to. */
export interface LmdbReading {
  /** Highest sequence ever given, as far as it is on disk. */
  head(): JournalSequence;
  /** Up to `limit` entries with sequence > `after`, ascending; `null` for one that is damaged. */
  read(after: JournalSequence, limit: number): readonly (readonly [JournalSequence, JournalEntry | null])[];
  close(): Promise<void>;
}

/** Opens what lies in the folder of a journal, without changing anything; `null` when there is none. */
export function readLmdbJournal(path: string): LmdbReading | null {
  const file = join(path, 'journal.mdb');
  if (!existsSync(file)) return null;
  const root = open({ path: file, noSubdir: true, readOnly: true, maxDbs: 4 });
  const entries = root.openDB<Uint8Array, number>({ name: 'records', encoding: 'binary' });
  const cursors = root.openDB<number, string>({ name: 'cursors', encoding: 'json' });
  return {
    head() {
      let last = 0;
      for (const key of entries.getKeys({ limit: 1, reverse: true })) last = Number(key);
      return Math.max(last, Number(cursors.get('head') ?? 0)) as JournalSequence;
    },
    read(after, limit) {
      return [...entries.getRange({ start: after + 1, limit })].map(({ key, value }) => {
        const entry = decodeRecord(Number(key), value);
        return [key as JournalSequence, typeof entry === 'string' ? null : entry] as const;
      });
    },
    close: () => root.close(),
  };
}
