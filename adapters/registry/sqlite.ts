import type { Actor, SharingGrant } from '../../domain/access.ts';
import type { Alarm } from '../../domain/alarm.ts';
import type { Device, DeviceDirectoryEntry, DeviceModel, Point, SeriesDirectoryEntry } from '../../domain/asset.ts';
import type { AgencyId, CredentialId, DeviceId, SeriesId, UserId } from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import {
  type OutboxMessage,
  type Registry,
  RegistryError,
  type SeriesRuleState,
  type Session,
} from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import type { Clock, EpochMs } from '../../domain/time.ts';
import { type Context, Gate } from './sqlite/access.ts';
import { AlarmRows, alarmViews, LIVE_RULES, ruleOf } from './sqlite/alarms.ts';
import { Assets, assetViews, credentialOf, statusOf } from './sqlite/assets.ts';
import { Database } from './sqlite/database.ts';
import { apiKeyOf, peopleViews, userOf } from './sqlite/people.ts';

export { RegistryDamagedError } from './sqlite/database.ts';

export interface SqliteRegistryOptions {
  /** The file; made with its folder if absent. */
  readonly path: string;
  readonly clock: Clock;
  readonly newId: () => string;
}

const DEFAULT_TOPICS = ['hd/v1/{id}/#'];

/**
 * The registry on SQLite (WAL, `synchronous=FULL`: a finished commit survives a power cut).
 * @throws {RegistryDamagedError} when the file is damaged; it is left untouched.
 */
export function openSqliteRegistry({ path, clock, newId }: SqliteRegistryOptions): Registry {
  const db = new Database(path);
  const context: Context = { db, clock, newId };
  const assets = new Assets(context);
  const alarms = new AlarmRows(context);

  const deviceEntries = (id?: DeviceId): DeviceDirectoryEntry[] => {
    const one = id === undefined ? '' : 'WHERE d.id = ?';
    const values = id === undefined ? [] : [id];
    const devices = db.all<{ body: string; model: string }>(
      `SELECT d.body, m.body AS model FROM devices d JOIN models m ON m.id = d.model_id ${one}`,
      ...values,
    );
    const served = groupBy(
      db.all<{ device_id: string; series: SeriesId; quantity: QuantityKey }>(
        `SELECT d.id AS device_id, s.id AS series, s.quantity FROM devices d JOIN assignments a ON a.device_id = d.id AND a.to_time IS NULL JOIN series s ON s.point_id = a.point_id ${one}`,
        ...values,
      ),
      (row) => row.device_id,
    );
    const credentials = groupBy(
      db
        .all(
          `SELECT c.* FROM devices d JOIN credentials c ON c.device_id = d.id AND c.revoked_at IS NULL ${one}`,
          ...values,
        )
        .map(credentialOf)
        .filter((c) => c.expiresAt === null || c.expiresAt > clock()),
      (credential) => credential.deviceId,
    );
    return devices.map((row) => {
      const device = JSON.parse(row.body) as Device;
      const model = JSON.parse(row.model) as DeviceModel;
      const byQuantity = new Map((served.get(device.id) ?? []).map((s) => [s.quantity, s.series]));
      const channels = new Map(
        model.channels.flatMap(({ key, quantity, plausibleRange }) => {
          const series = byQuantity.get(quantity);
          return series === undefined ? [] : [[key, { series, quantity, plausibleRange }] as const];
        }),
      );
      return {
        deviceId: device.id,
        agencyId: device.agencyId,
        state: device.state,
        format: model.format,
        rateLimit: model.rateLimit,
        channels,
        knownChannels: new Set(model.channels.map((c) => c.key)),
        credentials: credentials.get(device.id) ?? [],
      };
    });
  };

  return {
    as(actor: Actor) {
      const gate = new Gate(actor, context);
      return { ...assetViews(context, gate), ...alarmViews(context, gate), ...peopleViews(context, gate) };
    },
    directory: {
      devices: async () => deviceEntries(),
      device: async (id) => deviceEntries(id)[0],
      async series() {
        return db
          .all<{ id: SeriesId; quantity: QuantityKey; body: string }>(
            'SELECT s.id, s.quantity, p.body FROM series s JOIN points p ON p.id = s.point_id ORDER BY s.id',
          )
          .map((row): SeriesDirectoryEntry => {
            const point = JSON.parse(row.body) as Point;
            return {
              series: row.id,
              quantity: row.quantity,
              pointId: point.id,
              siteId: point.siteId,
              agencyId: point.agencyId,
              domain: point.domain,
              tags: point.tags,
            };
          });
      },
    },
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
          .all('SELECT * FROM device_status WHERE id IN (SELECT MAX(id) FROM device_status GROUP BY device_id)')
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
    ruleState: {
      async load() {
        const { cursor } = db.get<{ cursor: JournalSequence }>('SELECT cursor FROM rule_cursor')!;
        return {
          cursor,
          states: db.all<{ series: SeriesId; state: Uint8Array }>(
            'SELECT series, state FROM rule_state',
          ) as SeriesRuleState[],
          openAlarms: db
            .all<{ body: string }>("SELECT body FROM alarms WHERE ended_at IS NULL AND origin = 'live'")
            .map((row) => JSON.parse(row.body) as Alarm),
        };
      },
      async commit({ cursor, states, changes, outbox }) {
        db.transaction(() => {
          for (const { alarm, transitions } of changes) {
            const stored = alarms.get(alarm.id);
            const version = stored?.version ?? 0;
            // The same step committed before: it is there already.
            if (
              stored &&
              stored.version >= alarm.version &&
              db.get(
                'SELECT 1 FROM alarm_transitions WHERE alarm_id = ? AND body = ?',
                alarm.id,
                JSON.stringify(transitions.at(-1)),
              )
            )
              continue;
            if (version !== alarm.version - transitions.length) throw new RegistryError('CONFLICT', { id: alarm.id });
            alarms.put(alarm, transitions);
          }
          for (const { series, state } of states) {
            if (state.length === 0) db.run('DELETE FROM rule_state WHERE series = ?', series);
            else
              db.run(
                'INSERT INTO rule_state VALUES (?,?) ON CONFLICT DO UPDATE SET state = excluded.state',
                series,
                state,
              );
          }
          for (const message of outbox)
            db.run(
              'INSERT INTO outbox VALUES (?,?,?,NULL,?) ON CONFLICT DO NOTHING',
              message.id,
              message.agencyId,
              message.createdAt,
              JSON.stringify(message),
            );
          db.run('UPDATE rule_cursor SET cursor = ?', cursor);
        });
      },
      liveRules: async () =>
        db
          .all<{ body: string }>(LIVE_RULES)
          .map(ruleOf)
          .filter((rule) => rule.enabled),
      async occurrences(rule, series, from, to) {
        return db
          .all<{ body: string }>(
            'SELECT body FROM alarms WHERE series = ? AND rule_id = ? AND started_at < ? AND (ended_at IS NULL OR ended_at >= ?) ORDER BY started_at',
            series,
            rule,
            to,
            from,
          )
          .map((row) => JSON.parse(row.body) as Alarm);
      },
    },
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
          .map((row) => JSON.parse(row.body) as SharingGrant);
      },
      isEmpty: async () => db.get('SELECT 1 FROM users LIMIT 1') === undefined,
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
    async seed(actor, city) {
      const gate = new Gate(actor, context);
      let created = 0;
      let existing = 0;
      const count = (made: boolean) => (made ? created++ : existing++);
      const now = clock();
      db.transaction(() => {
        for (const agency of city.agencies) count(assets.insertAgency(agency));
        for (const model of city.models) count(assets.insertModel(model));
        for (const site of city.sites) count(assets.insertSite(site));
        for (const link of city.links)
          db.run(
            'INSERT INTO site_links VALUES (?,?,?,?) ON CONFLICT DO NOTHING',
            link.agencyId,
            link.from,
            link.to,
            link.kind,
          );
        for (const point of city.points) count(assets.insertPoint(point));
        for (const { tokenSha256, serves, ...device } of city.devices) {
          const made = assets.insertDevice(device, gate.userId);
          count(made);
          if (!made) continue;
          if (tokenSha256) {
            assets.insertCredential({
              id: `${device.id}-seed` as CredentialId,
              deviceId: device.id,
              agencyId: device.agencyId,
              kind: 'token',
              tokenSha256,
              topicFilters: DEFAULT_TOPICS,
              createdAt: now,
              expiresAt: null,
              revokedAt: null,
            });
          }
          for (const id of serves) {
            const point = db.get<{ body: string }>('SELECT body FROM points WHERE id = ?', id);
            if (!point) throw new RegistryError('REFERENCE_MISSING', { id });
            assets.assign(
              { ...device, createdAt: now, version: 1 },
              { ...(JSON.parse(point.body) as Point), series: [] },
              now,
              gate.userId,
            );
          }
        }
        for (const rule of city.rules) {
          const made =
            db.run('INSERT INTO rules VALUES (?,?,1,NULL) ON CONFLICT DO NOTHING', rule.id, rule.agencyId).changes > 0;
          count(made);
          if (made)
            db.run(
              'INSERT INTO rule_versions VALUES (?,1,?,?,?)',
              rule.id,
              rule.agencyId,
              now,
              JSON.stringify({ ...rule, version: 1, createdAt: now, createdBy: gate.userId }),
            );
        }
        if (created > 0) gate.audit(null, 'city.seed', 'city', 'city', null, { created, existing });
      });
      return { created, existing };
    },
    async close() {
      db.close();
    },
  };
}

function groupBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}
