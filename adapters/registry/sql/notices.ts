import type { Notice } from '../../../domain/events.ts';
import type { SqlDatabase } from './sql-database.ts';

/** Keeps a notice; one of the same id stays as it is. */
export async function keepNotice(db: SqlDatabase, notice: Notice): Promise<void> {
  await db.run(
    'INSERT INTO notices (id, agency_id, at, body) VALUES (?,?,?,?) ON CONFLICT DO NOTHING',
    notice.id,
    notice.agencyId,
    notice.at,
    JSON.stringify(notice),
  );
}
