import type { HourEnd } from '../../../domain/indices/local-hours.ts';
import type { ChangedReadings, IndexWork } from '../../../domain/ports/index-work.ts';
import type { JournalSequence } from '../../../domain/ports/journal.ts';
import type { Context } from './access.ts';
import type { SqlDatabase } from './sql-database.ts';

export async function addChangedReadings(db: SqlDatabase, changes: readonly ChangedReadings[]): Promise<void> {
  await db.runEach(
    'INSERT INTO index_changes (series, from_time, to_time) VALUES (?,?,?)',
    changes.map(({ series, from, to }) => [series, from, to]),
  );
}

export const indexWorkOf = ({ db }: Context): IndexWork => ({
  async progress() {
    return (
      (await db.get<{ cursor: JournalSequence; through: HourEnd }>('SELECT cursor, through FROM index_progress')) ??
      null
    );
  },
  async keep({ cursor, through }, done) {
    await db.transaction(async () => {
      await db.run(
        'INSERT INTO index_progress VALUES (1,?,?) ON CONFLICT (id) DO UPDATE SET cursor = excluded.cursor, through = excluded.through',
        cursor,
        through,
      );
      await db.run(`DELETE FROM index_changes WHERE id IN ${db.dialect.numbers}`, JSON.stringify(done));
    });
  },
  async changes(limit) {
    return db.all<ChangedReadings & { id: number }>(
      'SELECT id, series, from_time AS "from", to_time AS "to" FROM index_changes ORDER BY id LIMIT ?',
      limit,
    );
  },
  async add(changes) {
    await addChangedReadings(db, changes);
  },
});
