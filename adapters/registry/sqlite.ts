import type { Actor, SharingGrant } from '../../domain/access.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type { OutboxMessage, Registry, Session } from '../../domain/ports/registry.ts';
import type { Clock, EpochMs } from '../../domain/time.ts';
import { type Context, Gate } from './sqlite/access.ts';
import { admissionsOf } from './sqlite/admissions.ts';
import { alarmViews } from './sqlite/alarms.ts';
import { statusOf } from './sqlite/assets.ts';
import { cityPastView } from './sqlite/city-past.ts';
import { commissioningViews } from './sqlite/commissioning.ts';
import { dataExportLog, dataExportViews } from './sqlite/data-exports.ts';
import { Database, RegistryDamagedError } from './sqlite/database.ts';
import { deviceControlLog, deviceControlViews } from './sqlite/device-control.ts';
import { deviceImportViews } from './sqlite/device-imports.ts';
import { directoryOf } from './sqlite/directory.ts';
import { displayLogins, displayViews } from './sqlite/displays.ts';
import { firmwareViews } from './sqlite/firmware.ts';
import { firmwareLog } from './sqlite/firmware-log.ts';
import { hardwareViews } from './sqlite/hardware.ts';
import { incidentLog } from './sqlite/incident-log.ts';
import { incidentViews } from './sqlite/incidents.ts';
import { indexWorkOf } from './sqlite/index-work.ts';
import { labelPrintViews } from './sqlite/label-prints.ts';
import { notificationStore } from './sqlite/notification-store.ts';
import { notificationViews } from './sqlite/notification-views.ts';
import { apiKeyOf, peopleViews, userOf } from './sqlite/people.ts';
import { placeViews } from './sqlite/places.ts';
import { provisioningViews } from './sqlite/provisioning.ts';
import { verdictLogOf } from './sqlite/quality-spans.ts';
import { ruleDraftViews } from './sqlite/rule-drafts.ts';
import { ruleStateOf } from './sqlite/rule-state.ts';
import { savedViewsViews } from './sqlite/saved-views.ts';
import { searchView } from './sqlite/search.ts';
import { seedCity } from './sqlite/seeding.ts';
import { shiftViews } from './sqlite/shifts.ts';
import { stationLog, stationViews } from './sqlite/stations.ts';
import { suppressionLog, suppressionViews } from './sqlite/suppressions.ts';
import { invitationsOf, userAccessViews } from './sqlite/user-access.ts';
import { publishedWarnings, warningViews } from './sqlite/warnings.ts';

export { RegistryDamagedError };

export interface SqliteRegistryOptions {
  /** The file; made with its folder if absent. */
  readonly path: string;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Told once when damage shows while running: from then on nothing is written. */
  readonly onDamaged?: (error: RegistryDamagedError) => void;
}

/**
 * The registry on SQLite (WAL, `synchronous=FULL`: a finished commit survives a power cut).
 * @throws {RegistryDamagedError} when the file is damaged; it is left untouched.
 */
export function openSqliteRegistry({ path, clock, newId, onDamaged }: SqliteRegistryOptions): Registry {
  const db = new Database(path, onDamaged);
  const context: Context = { db, clock, newId };

  return {
    as(actor: Actor) {
      const gate = new Gate(actor, context);
      return {
        ...placeViews(context, gate),
        ...hardwareViews(context, gate),
        imports: deviceImportViews(context, gate),
        provisioning: provisioningViews(context, gate),
        labels: labelPrintViews(context, gate),
        control: deviceControlViews(context, gate),
        firmware: firmwareViews(context, gate),
        commissioning: commissioningViews(context, gate),
        notifications: notificationViews(context, gate),
        stations: stationViews(context, gate),
        shifts: shiftViews(context, gate),
        displays: displayViews(context, gate),
        suppressions: suppressionViews(context, gate),
        incidents: incidentViews(context, gate),
        warnings: warningViews(context, gate),
        exports: dataExportViews(context, gate),
        savedViews: savedViewsViews(context, gate),
        ...searchView(context, gate),
        ...alarmViews(context, gate),
        past: cityPastView(context, gate),
        ruleDrafts: ruleDraftViews(context, gate),
        ...peopleViews(context, gate),
        userAccess: userAccessViews(context, gate),
      };
    },
    directory: directoryOf(context),
    admissions: admissionsOf(context),
    control: deviceControlLog(context),
    firmware: firmwareLog(context),
    displays: displayLogins(context),
    notifications: notificationStore(context),
    indexWork: indexWorkOf(context),
    verdicts: verdictLogOf(context),
    stations: stationLog(context),
    suppressions: suppressionLog(context),
    incidents: incidentLog(context),
    warnings: publishedWarnings(context),
    exports: dataExportLog(context),
    deviceLog: {
      async recordStatus(changes) {
        db.transaction(() => {
          for (const c of changes) {
            db.run(
              'INSERT INTO device_status (agency_id, device_id, online, reason, event_time, recorded_at) VALUES (?,?,?,?,?,?)',
              c.agencyId,
              c.deviceId,
              c.online ? 1 : 0,
              c.reason,
              c.eventTime,
              c.recordedAt,
            );
          }
        });
      },
      async currentStatus() {
        return db
          .all(
            'SELECT s.* FROM devices d JOIN device_status s ON s.id = (SELECT MAX(id) FROM device_status WHERE device_id = d.id)',
          )
          .map(statusOf);
      },
      async recordAttributes(deviceId, attributes, at) {
        db.transaction(() => {
          for (const [name, value] of Object.entries(attributes)) {
            db.run(
              'INSERT INTO device_attributes VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at WHERE excluded.at >= at',
              deviceId,
              name,
              JSON.stringify(value),
              at,
            );
          }
        });
      },
    },
    ruleState: ruleStateOf(context),
    invitations: invitationsOf(context),
    identity: {
      async userByLogin(loginName) {
        const row = db.get<{
          id: UserId;
          body: string;
          disabled_at: EpochMs | null;
          version: number;
          password_hash: string | null;
        }>('SELECT * FROM users WHERE login_name = ?', loginName);
        return row && { user: userOf(db, row), passwordHash: row.password_hash };
      },
      async createSession(s) {
        db.run('INSERT INTO sessions VALUES (?,?,?,?,?)', s.idSha256, s.userId, s.csrfToken, s.createdAt, s.expiresAt);
        db.run('DELETE FROM sessions WHERE expires_at < ?', clock());
      },
      async session(idSha256, at) {
        const row = db.get<{ user_id: UserId; csrf_token: string; created_at: EpochMs; expires_at: EpochMs }>(
          'SELECT * FROM sessions WHERE id_sha256 = ? AND expires_at > ?',
          idSha256,
          at,
        );
        const owner =
          row &&
          db.get<{ id: UserId; body: string; disabled_at: EpochMs | null; version: number }>(
            'SELECT * FROM users WHERE id = ? AND disabled_at IS NULL',
            row.user_id,
          );
        if (!row || !owner) return undefined;
        const session: Session = {
          idSha256,
          userId: row.user_id,
          csrfToken: row.csrf_token,
          createdAt: row.created_at,
          expiresAt: row.expires_at,
        };
        return { session, user: userOf(db, owner) };
      },
      async endSession(idSha256) {
        db.run('DELETE FROM sessions WHERE id_sha256 = ?', idSha256);
      },
      async apiKey(secretSha256, at) {
        const row = db.get<{ body: string; revoked_at: EpochMs | null }>(
          'SELECT body, revoked_at FROM api_keys WHERE secret_sha256 = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)',
          secretSha256,
          at,
        );
        return row && apiKeyOf(row);
      },
      async grantsTo(agencies) {
        return db
          .all<{ to_agency_id: AgencyId | null; body: string }>('SELECT to_agency_id, body FROM sharing_grants')
          .filter((row) => row.to_agency_id === null || agencies.includes(row.to_agency_id))
          .map((row) => JSON.parse(row.body) as SharingGrant)
          .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > clock());
      },
      async isEmpty() {
        db.assertWhole();
        return db.get('SELECT 1 FROM users LIMIT 1') === undefined;
      },
    },
    notices: {
      async raise(notice) {
        db.run(
          'INSERT INTO notices (id, agency_id, at, body) VALUES (?,?,?,?) ON CONFLICT DO NOTHING',
          notice.id,
          notice.agencyId,
          notice.at,
          JSON.stringify(notice),
        );
      },
    },
    outbox: {
      async undelivered(limit) {
        return db
          .all<{ body: string }>(
            'SELECT body FROM outbox WHERE delivered_at IS NULL ORDER BY created_at, id LIMIT ?',
            limit,
          )
          .map((row) => JSON.parse(row.body) as OutboxMessage);
      },
      async delivered(id, at) {
        db.run('UPDATE outbox SET delivered_at = ? WHERE id = ?', at, id);
      },
    },
    seed: async (actor, city) => seedCity(context, new Gate(actor, context), city),
    async close() {
      db.close();
    },
  };
}
