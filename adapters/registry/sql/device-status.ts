import type { DeviceStatusChange } from '../../../domain/asset.ts';
import { compareSessions, type SessionMark } from '../../../domain/gateway.ts';
import type { DeviceId } from '../../../domain/identifiers.ts';
import type { Registry, SupersededStatus } from '../../../domain/ports/registry.ts';
import type { Context } from './access.ts';
import { statusOf } from './assets.ts';
import type { Row, SqlDatabase } from './sql-database.ts';

/** The latest status of every device. */
export const LATEST_STATUS =
  'SELECT s.* FROM devices d JOIN device_status s ON s.id = (SELECT MAX(id) FROM device_status WHERE device_id = d.id)';

export const insertStatuses = (db: SqlDatabase, changes: readonly DeviceStatusChange[]): Promise<void> =>
  db.runEach(
    'INSERT INTO device_status (agency_id, device_id, online, reason, event_time, recorded_at, gateway, session_stamp) VALUES (?,?,?,?,?,?,?,?)',
    changes.map((c) => [
      c.agencyId,
      c.deviceId,
      c.online ? 1 : 0,
      c.reason,
      c.eventTime,
      c.recordedAt,
      c.session?.gateway ?? null,
      c.session?.stamp ?? null,
    ]),
  );

/** Connected or not, device by device: what its newest connection says stands, in whichever order gateways write. */
export function deviceStatusLog({ db }: Context): Pick<Registry['deviceLog'], 'recordStatus' | 'currentStatus'> {
  async function newestSessions(devices: readonly DeviceId[]): Promise<Map<DeviceId, SessionMark>> {
    const rows = await db.all<Row & { device_id: DeviceId }>(
      `SELECT s.* FROM ${db.dialect.texts} d JOIN device_status s ON s.id = (SELECT MAX(id) FROM device_status WHERE device_id = d.value)`,
      JSON.stringify(devices),
    );
    return new Map(
      rows.flatMap((row) => {
        const { session } = statusOf(row);
        return session ? [[row.device_id, session]] : [];
      }),
    );
  }

  return {
    async recordStatus(changes) {
      const marked = [...new Set(changes.flatMap(({ deviceId, session }) => (session ? [deviceId] : [])))];
      if (marked.length === 0) {
        await insertStatuses(db, changes);
        return [];
      }
      return db.transaction(async () => {
        const newest = await newestSessions(marked);
        const superseded: SupersededStatus[] = [];
        const standing = changes.filter((change) => {
          const { deviceId, session } = change;
          const known = newest.get(deviceId);
          if (session && known && compareSessions(session, known) < 0) {
            superseded.push({ change, by: known });
            return false;
          }
          if (session) newest.set(deviceId, session);
          return true;
        });
        await insertStatuses(db, standing);
        return superseded;
      });
    },
    async currentStatus() {
      return (await db.all(LATEST_STATUS)).map(statusOf);
    },
  };
}
