import { EXPORT_LOSSES_MAX, type ExportProgress, type ExportState, NO_PROGRESS } from '../../../domain/data-export.ts';
import type { UserId } from '../../../domain/identifiers.ts';
import type { DataExport, DataExportLog, DataExportView, ExportTurn } from '../../../domain/ports/data-exports.ts';
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
  readonly turn: number;
  readonly progress: string | null;
  readonly losses: number;
}
const exportOf = (row: Row): DataExport => ({
  ...(JSON.parse(row.body) as Pick<DataExport, 'order' | 'state'>),
  id: row.id,
  by: row.user_id,
  orderedAt: row.ordered_at,
  expiresAt: row.expires_at,
  turn: row.turn,
  progress: row.progress === null ? NO_PROGRESS : (JSON.parse(row.progress) as ExportProgress),
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
  const { now } = db.dialect;
  const FREE = `(state = 'waiting' OR (state = 'running' AND held_until <= ${now}))`;
  const bodyIn = (row: Row, state: ExportState): string => JSON.stringify({ order: exportOf(row).order, state });
  /** Says of one whose turn it is what it is from now on. False when the turn is over. */
  const leave = ({ id, turn }: ExportTurn, state: ExportState): Promise<boolean> =>
    db.transaction(async () => {
      const row = await db.get<Row>('SELECT * FROM data_exports WHERE id = ? AND turn = ?', id, turn);
      if (row?.state === 'running')
        await db.run('UPDATE data_exports SET state = ?, body = ? WHERE id = ?', state.kind, bodyIn(row, state), id);
      return row !== undefined;
    });

  return {
    async unfinished() {
      return (
        await db.all<{ id: string; user_id: UserId; free: number }>(
          `SELECT id, user_id, CASE WHEN ${FREE} THEN 1 ELSE 0 END AS free FROM data_exports
             WHERE state IN ('waiting', 'running') ORDER BY number`,
        )
      ).map(({ id, user_id, free }) => ({ id, by: user_id, isFree: free === 1 }));
    },
    takeUp: (ttl) =>
      db.transaction(async () => {
        for (;;) {
          const row = await db.get<Row>(`SELECT * FROM data_exports WHERE ${FREE} ORDER BY number LIMIT 1`);
          if (!row) return null;
          const losses = row.losses + (row.state === 'running' ? 1 : 0);
          const state: ExportState = { kind: losses > EXPORT_LOSSES_MAX ? 'interrupted' : 'running' };
          await db.run(
            `UPDATE data_exports SET state = ?, body = ?, turn = turn + 1, losses = ?, progress = NULL, held_until = ${now} + ? WHERE id = ?`,
            state.kind,
            bodyIn(row, state),
            losses,
            ttl,
            row.id,
          );
          if (state.kind === 'running') return { ...exportOf(row), turn: row.turn + 1, state, progress: NO_PROGRESS };
        }
      }),
    async goOn({ id, turn }, progress, ttl) {
      const { changes } = await db.run(
        `UPDATE data_exports SET progress = ?, held_until = ${now} + ? WHERE id = ? AND turn = ? AND state = 'running'`,
        JSON.stringify(progress),
        ttl,
        id,
        turn,
      );
      return changes > 0;
    },
    async putBack(turn) {
      await leave(turn, { kind: 'waiting' });
    },
    settle: leave,
    async turns() {
      const rows = await db.all<{ id: string; turn: number }>('SELECT id, turn FROM data_exports');
      return new Map(rows.map(({ id, turn }) => [id, turn]));
    },
    async expire(at) {
      await db.run('DELETE FROM data_exports WHERE expires_at <= ?', at);
    },
  };
}
