import type { ExportState } from '../../../domain/data-export.ts';
import type { UserId } from '../../../domain/identifiers.ts';
import type { DataExport, DataExportLog, DataExportView } from '../../../domain/ports/data-exports.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context, Gate } from './access.ts';
import { Where } from './sql-database.ts';

interface Row {
  readonly id: string;
  readonly user_id: UserId;
  readonly state: ExportState['kind'];
  readonly ordered_at: EpochMs;
  readonly expires_at: EpochMs;
  readonly body: string;
}
const exportOf = (row: Row): DataExport => ({
  ...(JSON.parse(row.body) as Pick<DataExport, 'order' | 'state'>),
  id: row.id,
  by: row.user_id,
  orderedAt: row.ordered_at,
  expiresAt: row.expires_at,
});
/** What an audit row holds of an order: what was taken out, not the number of every series. */
const briefly = ({ order: { series, ...rest }, expiresAt }: DataExport) => ({
  ...rest,
  series: series.length,
  expiresAt,
});

/** People's own exports for a {@link import('../../../domain/ports/registry.ts').RegistryView}. */
export function dataExportViews({ db, clock }: Context, gate: Gate): DataExportView {
  const own = (where: Where): Where =>
    gate.userId === null ? where.add('1 = 0') : where.equals('user_id', gate.userId);
  const load = async (id: string): Promise<DataExport> => {
    const where = own(new Where().equals('id', id));
    const row = await db.get<Row>(`SELECT * FROM data_exports ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return exportOf(row);
  };
  return {
    async order({ id, order, expiresAt }) {
      return db.transaction(async () => {
        const by = gate.userId;
        if (by === null) throw new RegistryError('NOT_ALLOWED', { id });
        const state: ExportState = { kind: 'waiting' };
        await db.run(
          'INSERT INTO data_exports (id, user_id, state, ordered_at, expires_at, body) VALUES (?,?,?,?,?,?)',
          id,
          by,
          state.kind,
          clock(),
          expiresAt,
          JSON.stringify({ order, state }),
        );
        const made = await load(id);
        await gate.audit(null, 'export.order', 'data_export', id, null, briefly(made));
        return made;
      });
    },
    get: async (id) => load(id),
    async list() {
      const where = own(new Where());
      return (await db.all<Row>(`SELECT * FROM data_exports ${where.sql} ORDER BY number DESC`, ...where.values)).map(
        exportOf,
      );
    },
    async remove(id) {
      return db.transaction(async () => {
        const before = await load(id);
        await db.run('DELETE FROM data_exports WHERE id = ?', id);
        await gate.audit(null, 'export.remove', 'data_export', id, briefly(before), null);
      });
    },
  };
}

export function dataExportLog({ db }: Context): DataExportLog {
  return {
    async settle(id, state) {
      return db.transaction(async () => {
        const row = await db.get<Row>('SELECT * FROM data_exports WHERE id = ?', id);
        if (!row) return;
        const body = JSON.stringify({ order: exportOf(row).order, state });
        await db.run('UPDATE data_exports SET state = ?, body = ? WHERE id = ?', state.kind, body, id);
      });
    },
    async unfinished() {
      return (
        await db.all<Row>("SELECT * FROM data_exports WHERE state IN ('waiting', 'running') ORDER BY number")
      ).map(exportOf);
    },
    async expire(at) {
      return db.transaction(async () => {
        const ids = (await db.all<{ id: string }>('SELECT id FROM data_exports WHERE expires_at <= ?', at)).map(
          ({ id }) => id,
        );
        await db.run('DELETE FROM data_exports WHERE expires_at <= ?', at);
        return ids;
      });
    },
  };
}
