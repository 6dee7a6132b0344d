import type { AgencyId } from '../../../domain/identifiers.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { StationLog, StationReceipt, StationView } from '../../../domain/ports/station-files.ts';
import { intervalEnd, type Station, stationKey } from '../../../domain/station.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context, Gate } from './access.ts';
import { AssetEditor } from './editing.ts';
import { limitOf, pageOf, rowNumberOf } from './pages.ts';
import { Where } from './sql-database.ts';

interface Row {
  readonly code: string;
  readonly agency_id: AgencyId;
  readonly version: number;
  readonly exported_to: EpochMs | null;
  readonly body: string;
}
type Body = Pick<Station, 'province' | 'facility' | 'parameters' | 'schedule'>;
const stationOf = ({ code, agency_id, version, exported_to, body }: Row): Station => ({
  ...(JSON.parse(body) as Body),
  code,
  agencyId: agency_id,
  exportedTo: exported_to,
  version,
});
const bodyOf = ({ province, facility, parameters, schedule }: Body): string =>
  JSON.stringify({ province, facility, parameters, schedule });
const receiptOf = ({ body }: { readonly body: string }): StationReceipt => JSON.parse(body) as StationReceipt;

/** Stations of the national scheme for a {@link import('../../../domain/ports/registry.ts').RegistryView}. */
export function stationViews(context: Context, gate: Gate): StationView {
  const { db, clock } = context;
  const editor = new AssetEditor(context, gate);

  const load = async (code: string): Promise<Station> => {
    const where = gate.ownOnly(new Where().equals('code', stationKey(code)), 'agency_id');
    const row = await db.get<Row>(`SELECT * FROM stations ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id: code });
    return stationOf(row);
  };
  const mustMeasure = async ({ parameters, agencyId }: Pick<Station, 'parameters' | 'agencyId'>): Promise<void> => {
    for (const { pointId, quantity } of parameters) {
      const found = await db.get(
        'SELECT 1 FROM points p JOIN series s ON s.point_id = p.id WHERE p.id = ? AND p.agency_id = ? AND s.quantity = ?',
        pointId,
        agencyId,
        quantity,
      );
      if (!found) throw new RegistryError('REFERENCE_MISSING', { id: `${pointId} ${quantity}` });
    }
  };
  /** What was not written while there was no schedule is not made up for: a schedule begins when it is given. */
  const exportedToOf = ({ schedule }: Pick<Station, 'schedule'>, before: Station | null): EpochMs | null =>
    schedule === null ? null : (before?.exportedTo ?? intervalEnd(clock(), schedule.intervalMinutes));

  return {
    async list() {
      const where = gate.ownOnly(new Where(), 'agency_id');
      return (await db.all<Row>(`SELECT * FROM stations ${where.sql} ORDER BY code`, ...where.values)).map(stationOf);
    },
    get: async (code) => load(code),
    async create(station) {
      const code = stationKey(station.code);
      return editor.write(station.agencyId, 'station.create', 'station', code, null, async () => {
        await mustMeasure(station);
        await db.run(
          'INSERT INTO stations VALUES (?,?,1,?,?)',
          code,
          station.agencyId,
          exportedToOf(station, null),
          bodyOf(station),
        );
        return load(code);
      });
    },
    async update(station) {
      return db.transaction(async () => {
        const before = await load(station.code);
        return editor.write(before.agencyId, 'station.update', 'station', before.code, before, async () => {
          await mustMeasure({ ...station, agencyId: before.agencyId });
          const { changes } = await db.run(
            'UPDATE stations SET version = version + 1, exported_to = ?, body = ? WHERE code = ? AND version = ?',
            exportedToOf(station, before),
            bodyOf(station),
            before.code,
            station.version,
          );
          if (changes === 0) throw new RegistryError('CONFLICT', { id: before.code });
          return load(before.code);
        });
      });
    },
    async remove(code, version) {
      return db.transaction(async () => {
        const before = await load(code);
        await editor.write(before.agencyId, 'station.remove', 'station', before.code, before, async () => {
          const { changes } = await db.run('DELETE FROM stations WHERE code = ? AND version = ?', before.code, version);
          if (changes === 0) throw new RegistryError('CONFLICT', { id: before.code });
          return null;
        });
      });
    },
    async noteFile(what, { key, fileName, agencyId, state, readings, refused }) {
      const after = { fileName, state, readings, refused };
      await gate.audit(agencyId, `station.${what}_file`, 'station_file', key, null, after);
    },
    async receipts({ state }, page) {
      const own = gate.ownOnly(new Where(), 'agency_id');
      const where = new Where().equals('state', state).add('number < ?', rowNumberOf(page));
      if (own.condition !== '') where.add(`agency_id IS NULL OR ${own.condition}`, ...own.values);
      const limit = limitOf(page);
      const rows = await db.all<{ number: number; body: string }>(
        `SELECT number, body FROM station_receipts ${where.sql} ORDER BY number DESC LIMIT ?`,
        ...where.values,
        limit + 1,
      );
      const { items, next } = pageOf(rows, limit, ({ number }) => String(number));
      return { items: items.map(receiptOf), next };
    },
  };
}

export function stationLog({ db }: Context): StationLog {
  return {
    stations: async () => (await db.all<Row>('SELECT * FROM stations ORDER BY code')).map(stationOf),
    async receipt(key) {
      const row = await db.get<{ body: string }>('SELECT body FROM station_receipts WHERE key = ?', key);
      return row && receiptOf(row);
    },
    async record(receipt) {
      await db.transaction(async () => {
        // A new number: what was tried again is the newest of the list.
        await db.run('DELETE FROM station_receipts WHERE key = ?', receipt.key);
        await db.run(
          'INSERT INTO station_receipts (key, agency_id, state, at, body) VALUES (?,?,?,?,?)',
          receipt.key,
          receipt.agencyId,
          receipt.state,
          receipt.at,
          JSON.stringify(receipt),
        );
      });
    },
    async forget(before) {
      await db.run('DELETE FROM station_receipts WHERE at < ?', before);
    },
    async exported(code, to) {
      await db.run('UPDATE stations SET exported_to = ? WHERE code = ? AND exported_to < ?', to, code, to);
    },
  };
}
