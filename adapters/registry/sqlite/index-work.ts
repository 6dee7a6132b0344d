import type { HourEnd } from '../../../domain/indices/local-hours.ts';
import type { ChangedReadings, IndexWork } from '../../../domain/ports/index-work.ts';
import type { JournalSequence } from '../../../domain/ports/journal.ts';
import type { Context } from './access.ts';
import type { Database } from './database.ts';

/** In the caller's transaction. */
export function addChangedReadings(db: Database, { series, from, to }: ChangedReadings): void {
  db.run('INSERT INTO index_changes (series, from_time, to_time) VALUES (?,?,?)', series, from, to);
}

export const indexWorkOf = ({ db }: Context): IndexWork => ({
  async progress() {
    return db.get<{ cursor: JournalSequence; through: HourEnd }>('SELECT cursor, through FROM index_progress') ?? null;
  },
  async keep({ cursor, through }, done) {
    db.transaction(() => {
      db.run(
        'INSERT INTO index_progress VALUES (1,?,?) ON CONFLICT DO UPDATE SET cursor = excluded.cursor, through = excluded.through',
        cursor,
        through,
      );
      for (const id of done) db.run('DELETE FROM index_changes WHERE id = ?', id);
    });
  },
  async changes(limit) {
    return db.all<ChangedReadings & { id: number }>(
      'SELECT id, series, from_time AS "from", to_time AS "to" FROM index_changes ORDER BY id LIMIT ?',
      limit,
    );
  },
  async add(changes) {
    db.transaction(() => {
      for (const change of changes) addChangedReadings(db, change);
    });
  },
});
