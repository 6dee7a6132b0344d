import type { Actor, SharingGrant } from '../../domain/access.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type { OutboxMessage, Registry, Session } from '../../domain/ports/registry.ts';
import type { Clock, EpochMs } from '../../domain/time.ts';
import { type Context, Gate } from './sql/access.ts';
import { admissionsOf } from './sql/admissions.ts';
import { alarmViews } from './sql/alarms.ts';
import { answeredRequestsOf } from './sql/answered-requests.ts';
import { cityPastView } from './sql/city-past.ts';
import { commissioningViews } from './sql/commissioning.ts';
import { dataExportLog, dataExportViews } from './sql/data-exports.ts';
import { deviceControlLog, deviceControlViews } from './sql/device-control.ts';
import { deviceImportViews } from './sql/device-imports.ts';
import { deviceStatusLog } from './sql/device-status.ts';
import { directoryOf } from './sql/directory.ts';
import { displayLogins, displayViews } from './sql/displays.ts';
import { fencedDatabase } from './sql/fenced-database.ts';
import { firmwareViews } from './sql/firmware.ts';
import { firmwareLog } from './sql/firmware-log.ts';
import { gatewayLog } from './sql/gateways.ts';
import { hardwareViews } from './sql/hardware.ts';
import { incidentLog } from './sql/incident-log.ts';
import { incidentViews } from './sql/incidents.ts';
import { indexWorkOf } from './sql/index-work.ts';
import { labelPrintViews } from './sql/label-prints.ts';
import { leasesOf } from './sql/leases.ts';
import { keepNotice } from './sql/notices.ts';
import { notificationStore } from './sql/notification-store.ts';
import { notificationViews } from './sql/notification-views.ts';
import { apiKeyOf, peopleViews, userOf } from './sql/people.ts';
import { placeViews } from './sql/places.ts';
import { provisioningViews } from './sql/provisioning.ts';
import { verdictLogOf } from './sql/quality-spans.ts';
import { ruleDraftViews } from './sql/rule-drafts.ts';
import { ruleStateOf } from './sql/rule-state.ts';
import { savedViewsViews } from './sql/saved-views.ts';
import { searchView } from './sql/search.ts';
import { seedCity } from './sql/seeding.ts';
import { shiftViews } from './sql/shifts.ts';
import type { SqlDatabase } from './sql/sql-database.ts';
import { stationLog, stationViews } from './sql/stations.ts';
import { suppressionLog, suppressionViews } from './sql/suppressions.ts';
import { invitationsOf, userAccessViews } from './sql/user-access.ts';
import { publishedWarnings, warningViews } from './sql/warnings.ts';

/** What a registry needs beside its rows. */
export interface RegistryParts {
  readonly clock: Clock;
  readonly newId: () => string;
}

/** The registry over the rows of any engine. */
export function registryOver(db: SqlDatabase, { clock, newId }: RegistryParts): Registry {
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
    leases: leasesOf(db),
    answeredRequests: answeredRequestsOf(db),
    during: (lease) => registryOver(fencedDatabase(db, lease), { clock, newId }),
    directory: directoryOf(context),
    admissions: admissionsOf(context),
    control: deviceControlLog(context),
    firmware: firmwareLog(context),
    gateways: gatewayLog(context),
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
      ...deviceStatusLog(context),
      async recordAttributes(deviceId, attributes, at) {
        await db.runEach(
          `INSERT INTO device_attributes VALUES (?,?,?,?) ON CONFLICT (device_id, name) DO UPDATE SET value = excluded.value, at = excluded.at
             WHERE excluded.at >= device_attributes.at`,
          Object.entries(attributes).map(([name, value]) => [deviceId, name, JSON.stringify(value), at]),
        );
      },
    },
    ruleState: ruleStateOf(context),
    invitations: invitationsOf(context),
    identity: {
      async userByLogin(loginName) {
        return db.snapshot(async () => {
          const row = await db.get<{
            id: UserId;
            body: string;
            disabled_at: EpochMs | null;
            version: number;
            password_hash: string | null;
          }>('SELECT * FROM users WHERE login_name = ?', loginName);
          return row && { user: await userOf(db, row), passwordHash: row.password_hash };
        });
      },
      async createSession(s) {
        return db.transaction(async () => {
          await db.run(
            'INSERT INTO sessions VALUES (?,?,?,?,?)',
            s.idSha256,
            s.userId,
            s.csrfToken,
            s.createdAt,
            s.expiresAt,
          );
          await db.run('DELETE FROM sessions WHERE expires_at < ?', clock());
        });
      },
      async session(idSha256, at) {
        return db.snapshot(async () => {
          const row = await db.get<{ user_id: UserId; csrf_token: string; created_at: EpochMs; expires_at: EpochMs }>(
            'SELECT * FROM sessions WHERE id_sha256 = ? AND expires_at > ?',
            idSha256,
            at,
          );
          const owner =
            row &&
            (await db.get<{ id: UserId; body: string; disabled_at: EpochMs | null; version: number }>(
              'SELECT * FROM users WHERE id = ? AND disabled_at IS NULL',
              row.user_id,
            ));
          if (!row || !owner) return undefined;
          const session: Session = {
            idSha256,
            userId: row.user_id,
            csrfToken: row.csrf_token,
            createdAt: row.created_at,
            expiresAt: row.expires_at,
          };
          return { session, user: await userOf(db, owner) };
        });
      },
      async endSession(idSha256) {
        await db.run('DELETE FROM sessions WHERE id_sha256 = ?', idSha256);
      },
      async apiKey(secretSha256, at) {
        const row = await db.get<{ body: string; revoked_at: EpochMs | null }>(
          'SELECT body, revoked_at FROM api_keys WHERE secret_sha256 = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)',
          secretSha256,
          at,
        );
        return row && apiKeyOf(row);
      },
      async grantsTo(agencies) {
        return (
          await db.all<{ to_agency_id: AgencyId | null; body: string }>('SELECT to_agency_id, body FROM sharing_grants')
        )
          .filter((row) => row.to_agency_id === null || agencies.includes(row.to_agency_id))
          .map((row) => JSON.parse(row.body) as SharingGrant)
          .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > clock());
      },
      async isEmpty() {
        db.assertWhole();
        return (await db.get('SELECT 1 FROM users LIMIT 1')) === undefined;
      },
      openSetup: (secretSha256) =>
        db.transaction(async () => {
          await db.run('INSERT INTO setup_links VALUES (?,?)', secretSha256, clock());
          await db.run(
            'DELETE FROM setup_links WHERE secret_sha256 NOT IN (SELECT secret_sha256 FROM setup_links ORDER BY opened_at DESC LIMIT 10)',
          );
        }),
      redeemSetup: (secretSha256) =>
        db.transaction(async () => {
          db.assertWhole();
          if (await db.get('SELECT 1 FROM users LIMIT 1')) return false;
          if (!(await db.get('SELECT 1 FROM setup_links WHERE secret_sha256 = ?', secretSha256))) return false;
          await db.run('DELETE FROM setup_links');
          return true;
        }),
    },
    notices: { raise: (notice) => keepNotice(db, notice) },
    outbox: {
      async undelivered(limit) {
        return (
          await db.all<{ body: string }>(
            'SELECT body FROM outbox WHERE delivered_at IS NULL ORDER BY created_at, id LIMIT ?',
            limit,
          )
        ).map((row) => JSON.parse(row.body) as OutboxMessage);
      },
      async delivered(id, at) {
        await db.run('UPDATE outbox SET delivered_at = ? WHERE id = ?', at, id);
      },
    },
    seed: async (actor, city) => db.transaction(async () => seedCity(context, new Gate(actor, context), city)),
    async close() {
      await db.close();
    },
  };
}
