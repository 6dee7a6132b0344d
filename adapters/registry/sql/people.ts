import type { RoleAssignment, SharingGrant } from '../../../domain/access.ts';
import type { Notice } from '../../../domain/events.ts';
import type { AgencyId, UserId } from '../../../domain/identifiers.ts';
import {
  type ApiKey,
  type AuditRow,
  RegistryError,
  type RegistryView,
  type User,
} from '../../../domain/ports/registry.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type Context, type Gate, refused } from './access.ts';
import { eachInTurn } from './in-turn.ts';
import { limitOf, pageOf, rowNumberOf } from './pages.ts';
import { type SqlDatabase, Where } from './sql-database.ts';

interface UserRow {
  readonly id: UserId;
  readonly body: string;
  readonly disabled_at: EpochMs | null;
  readonly version: number;
}
/** The user of a row, with the roles held. */
export async function userOf(db: SqlDatabase, row: UserRow): Promise<User> {
  const roles = (
    await db.all<{ agency_id: AgencyId | null; role: RoleAssignment['role'] }>(
      'SELECT agency_id, role FROM user_roles WHERE user_id = ? ORDER BY agency_id NULLS FIRST, role',
      row.id,
    )
  ).map((held) => ({ agencyId: held.agency_id, role: held.role }));
  return { ...(JSON.parse(row.body) as User), disabledAt: row.disabled_at, version: row.version, roles };
}
export const apiKeyOf = (row: { body: string; revoked_at: EpochMs | null }): ApiKey => ({
  ...(JSON.parse(row.body) as ApiKey),
  revokedAt: row.revoked_at,
});

/** Users, keys, grants, audit and notices of a {@link RegistryView}. */
export function peopleViews(
  context: Context,
  gate: Gate,
): Pick<RegistryView, 'users' | 'apiKeys' | 'grants' | 'audit' | 'notices'> {
  const { db, clock } = context;

  const mayAdminister = (roles: readonly RoleAssignment[], id: string): void => {
    // Who holds no role belongs to no agency: a matter of the platform.
    if (roles.length === 0) gate.mayWrite(null, id);
    for (const { agencyId } of roles) gate.mayWrite(agencyId, id);
  };
  const readable = (user: User): boolean =>
    user.id === gate.userId || user.roles.some((held) => gate.readableAgency(held.agencyId));
  const load = async (id: UserId): Promise<User> => {
    const row = await db.get<UserRow>('SELECT * FROM users WHERE id = ?', id);
    const user = row && (await userOf(db, row));
    if (!user || !readable(user)) throw new RegistryError('NOT_FOUND', { id });
    return user;
  };
  const putRoles = async (id: UserId, roles: readonly RoleAssignment[]): Promise<void> => {
    await db.run('DELETE FROM user_roles WHERE user_id = ?', id);
    for (const { agencyId, role } of roles) await db.run('INSERT INTO user_roles VALUES (?,?,?)', id, agencyId, role);
  };
  const administers = ({ roles, disabledAt }: User): boolean =>
    disabledAt === null && roles.some(({ role }) => role === 'platform_admin');
  const administrators = async (): Promise<number> =>
    (
      await db.get<{ count: number }>(
        "SELECT COUNT(*) AS count FROM user_roles r JOIN users u ON u.id = r.user_id WHERE r.role = 'platform_admin' AND u.disabled_at IS NULL",
      )
    )?.count ?? 0;
  const agencyOf = (user: { readonly roles: readonly RoleAssignment[] }): AgencyId | null =>
    user.roles[0]?.agencyId ?? null;

  return {
    users: {
      async list(filter, page) {
        return db.snapshot(async () => {
          const limit = limitOf(page);
          const rows = await eachInTurn(
            await db.all<UserRow>('SELECT * FROM users WHERE id > ? ORDER BY id', page.after ?? ''),
            (row) => userOf(db, row),
          );
          const fitting = rows.filter(
            (user) =>
              readable(user) &&
              (filter.agencyId === undefined || user.roles.some((held) => held.agencyId === filter.agencyId)),
          );
          return pageOf(fitting, limit, (user) => user.id);
        });
      },
      get: async (id) => db.snapshot(async () => load(id)),
      async create(draft, passwordHash) {
        return db.transaction(async () => {
          mayAdminister(draft.roles, draft.id);
          const user: User = { ...draft, createdAt: clock(), disabledAt: null, version: 1 };
          try {
            await db.run(
              'INSERT INTO users VALUES (?,?,?,?,NULL,1,?)',
              user.id,
              user.loginName,
              passwordHash,
              user.createdAt,
              JSON.stringify(user),
            );
          } catch (error) {
            refused(error, { id: user.loginName });
          }
          await putRoles(user.id, user.roles);
          await gate.audit(agencyOf(user), 'user.create', 'user', user.id, null, user);
          return user;
        });
      },
      async update(next) {
        return db.transaction(async () => {
          const before = await load(next.id);
          mayAdminister(before.roles, next.id);
          if (next.roles.length > 0) mayAdminister(next.roles, next.id);
          const user: User = {
            ...next,
            loginName: before.loginName,
            createdAt: before.createdAt,
            version: next.version + 1,
          };
          const { changes } = await db.run(
            'UPDATE users SET body = ?, disabled_at = ?, version = ? WHERE id = ? AND version = ?',
            JSON.stringify(user),
            user.disabledAt,
            user.version,
            user.id,
            next.version,
          );
          if (changes === 0) throw new RegistryError('CONFLICT', { id: next.id });
          await putRoles(user.id, user.roles);
          if (administers(before) && (await administrators()) === 0)
            throw new RegistryError('LAST_ADMINISTRATOR', { id: user.id });
          if (user.disabledAt !== null) await db.run('DELETE FROM sessions WHERE user_id = ?', user.id);
          await gate.audit(agencyOf(user), 'user.update', 'user', user.id, before, user);
          return user;
        });
      },
      async setPassword(id, passwordHash) {
        return db.transaction(async () => {
          const user = await load(id);
          if (id !== gate.userId) mayAdminister(user.roles, id);
          await db.run('UPDATE users SET password_hash = ? WHERE id = ?', passwordHash, id);
          await db.run('DELETE FROM sessions WHERE user_id = ?', id);
          await gate.audit(agencyOf(user), 'user.set_password', 'user', id, null, null);
        });
      },
    },
    apiKeys: {
      async list() {
        const where = gate.ownOnly(new Where(), 'agency_id');
        return (
          await db.all<{ body: string; revoked_at: EpochMs | null }>(
            `SELECT body, revoked_at FROM api_keys ${where.sql} ORDER BY id`,
            ...where.values,
          )
        ).map(apiKeyOf);
      },
      async create(draft) {
        return db.transaction(async () => {
          gate.mayWrite(draft.agencyId, draft.id);
          mayAdminister(draft.roles, draft.id);
          const key: ApiKey = {
            ...draft,
            createdAt: clock(),
            revokedAt: null,
            createdBy: (gate.userId ?? 'system') as UserId,
          };
          try {
            await db.run(
              'INSERT INTO api_keys VALUES (?,?,?,?,NULL,?)',
              key.id,
              key.agencyId,
              key.secretSha256,
              key.expiresAt,
              JSON.stringify(key),
            );
          } catch (error) {
            refused(error, { id: key.id });
          }
          await gate.audit(key.agencyId, 'api_key.create', 'api_key', key.id, null, {
            name: key.name,
            roles: key.roles,
          });
          return key;
        });
      },
      async revoke(id) {
        return db.transaction(async () => {
          const row = await db.get<{ agency_id: AgencyId | null }>(
            'SELECT agency_id FROM api_keys WHERE id = ? AND revoked_at IS NULL',
            id,
          );
          if (!row) throw new RegistryError('NOT_FOUND', { id });
          gate.mayWrite(row.agency_id, id);
          await db.run('UPDATE api_keys SET revoked_at = ? WHERE id = ?', clock(), id);
          await gate.audit(row.agency_id, 'api_key.revoke', 'api_key', id, { id }, null);
        });
      },
    },
    grants: {
      async list() {
        return (await db.all<{ body: string }>('SELECT body FROM sharing_grants ORDER BY id'))
          .map((row) => JSON.parse(row.body) as SharingGrant)
          .filter((grant) => gate.readableAgency(grant.agencyId) || gate.readableAgency(grant.toAgencyId));
      },
      async create(grant) {
        return db.transaction(async () => {
          gate.mayWrite(grant.agencyId, grant.id);
          for (const agency of [grant.agencyId, grant.toAgencyId])
            if (agency !== null && !(await db.get('SELECT 1 FROM agencies WHERE id = ?', agency)))
              throw new RegistryError('REFERENCE_MISSING', { id: agency });
          try {
            await db.run(
              'INSERT INTO sharing_grants VALUES (?,?,?,?)',
              grant.id,
              grant.agencyId,
              grant.toAgencyId,
              JSON.stringify(grant),
            );
          } catch (error) {
            refused(error, { id: grant.id });
          }
          await gate.audit(grant.agencyId, 'grant.create', 'grant', grant.id, null, grant);
          return grant;
        });
      },
      async remove(id) {
        return db.transaction(async () => {
          const row = await db.get<{ agency_id: AgencyId; body: string }>(
            'SELECT agency_id, body FROM sharing_grants WHERE id = ?',
            id,
          );
          if (!row) throw new RegistryError('NOT_FOUND', { id });
          gate.mayWrite(row.agency_id, id);
          await db.run('DELETE FROM sharing_grants WHERE id = ?', id);
          await gate.audit(row.agency_id, 'grant.remove', 'grant', id, JSON.parse(row.body), null);
        });
      },
    },
    audit: {
      async list(filter, page) {
        const where = new Where()
          .equals('agency_id', filter.agencyId)
          .equals('actor_id', filter.actorId)
          .equals('target_kind', filter.targetKind)
          .equals('target_id', filter.targetId);
        if (filter.from !== undefined) where.add('at >= ?', filter.from);
        if (filter.to !== undefined) where.add('at < ?', filter.to);
        where.add('id < ?', rowNumberOf(page));
        gate.ownOnly(where, 'agency_id');
        const limit = limitOf(page);
        const rows = (
          await db.all<{
            id: number;
            agency_id: AgencyId | null;
            at: EpochMs;
            action: string;
            target_kind: string;
            target_id: string;
            body: string;
          }>(`SELECT * FROM audit ${where.sql} ORDER BY id DESC LIMIT ?`, ...where.values, limit + 1)
        ).map((row) => ({
          id: row.id,
          agencyId: row.agency_id,
          at: row.at,
          action: row.action,
          targetKind: row.target_kind,
          targetId: row.target_id,
          ...(JSON.parse(row.body) as Pick<AuditRow, 'actor' | 'before' | 'after'>),
        }));
        return pageOf(rows, limit, (row) => String(row.id));
      },
      async note(deeds) {
        await db.transaction(async () => {
          for (const { agencyId, action, targetKind, targetId, after } of deeds)
            await gate.audit(agencyId, action, targetKind, targetId, null, after);
        });
      },
    },
    notices: {
      async list(page) {
        const own = gate.ownOnly(new Where(), 'agency_id');
        const where = new Where();
        if (own.condition !== '') where.add(`agency_id IS NULL OR ${own.condition}`, ...own.values);
        where.add('number < ?', rowNumberOf(page));
        const limit = limitOf(page);
        const rows = await db.all<{ number: number; body: string }>(
          `SELECT number, body FROM notices ${where.sql} ORDER BY number DESC LIMIT ?`,
          ...where.values,
          limit + 1,
        );
        const { items, next } = pageOf(rows, limit, (row) => String(row.number));
        return { items: items.map((row) => JSON.parse(row.body) as Notice), next };
      },
    },
  };
}
