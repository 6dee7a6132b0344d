import type { AgencyId, UserId } from '../../../domain/identifiers.ts';
import { RegistryError, type User } from '../../../domain/ports/registry.ts';
import type { Invitations, UserAccessView } from '../../../domain/ports/user-access.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type Context, Gate } from './access.ts';
import { peopleViews, userOf } from './people.ts';

/** Enough of a session's hash to name it among one person's. */
const SESSION_ID_LENGTH = 16;
const agencyOf = ({ roles }: Pick<User, 'roles'>): AgencyId | null => roles[0]?.agencyId ?? null;

/** Sessions and links of people for a {@link import('../../../domain/ports/registry.ts').RegistryView}. */
export function userAccessViews(context: Context, gate: Gate): UserAccessView {
  const { db, clock } = context;
  const { users } = peopleViews(context, gate);
  const administered = async (id: UserId): Promise<User> => {
    const user = await users.get(id);
    if (user.roles.length === 0) gate.mayWrite(null, id, true);
    for (const { agencyId } of user.roles) gate.mayWrite(agencyId, id, true);
    return user;
  };
  return {
    async sessions(id) {
      await users.get(id);
      return (
        await db.all<{ id_sha256: string; created_at: EpochMs; expires_at: EpochMs }>(
          'SELECT * FROM sessions WHERE user_id = ? AND expires_at > ? ORDER BY created_at DESC, id_sha256',
          ...[id, clock()],
        )
      ).map((row) => ({
        id: row.id_sha256.slice(0, SESSION_ID_LENGTH),
        createdAt: row.created_at,
        expiresAt: row.expires_at,
      }));
    },
    async endSessions(id, session) {
      const user = await administered(id);
      return db.transaction(async () => {
        const { changes } = await db.run(
          `DELETE FROM sessions WHERE user_id = ?${session === null ? '' : ' AND substr(id_sha256, 1, ?) = ?'}`,
          ...[id, ...(session === null ? [] : [SESSION_ID_LENGTH, session])],
        );
        if (session !== null && changes === 0) throw new RegistryError('NOT_FOUND', { id: session });
        if (changes > 0) await gate.audit(agencyOf(user), 'user.end_sessions', 'user', id, { sessions: changes }, null);
        return changes;
      });
    },
    async invite(id, tokenSha256, expiresAt) {
      return db.transaction(async () => {
        const user = await administered(id);
        if (user.disabledAt !== null) throw new RegistryError('INVALID_STATE', { id });
        await db.run('DELETE FROM invitations WHERE user_id = ? OR expires_at <= ?', id, clock());
        await db.run('INSERT INTO invitations VALUES (?,?,?)', tokenSha256, id, expiresAt);
        await gate.audit(agencyOf(user), 'user.invite', 'user', id, null, { expiresAt });
      });
    },
  };
}

export function invitationsOf(context: Context): Invitations {
  const { db } = context;
  const gate = new Gate({ kind: 'system', name: 'invitation' }, context);
  return {
    async redeem(tokenSha256, passwordHash, at) {
      return db.transaction(async () => {
        const row = await db.get<{ id: UserId; body: string; disabled_at: EpochMs | null; version: number }>(
          `SELECT u.* FROM invitations i JOIN users u ON u.id = i.user_id
            WHERE i.token_sha256 = ? AND i.expires_at > ? AND u.disabled_at IS NULL`,
          ...[tokenSha256, at],
        );
        if (!row) return undefined;
        const user = await userOf(db, row);
        await db.run('DELETE FROM invitations WHERE user_id = ?', user.id);
        await db.run('UPDATE users SET password_hash = ? WHERE id = ?', passwordHash, user.id);
        await db.run('DELETE FROM sessions WHERE user_id = ?', user.id);
        await gate.audit(agencyOf(user), 'user.redeem_invitation', 'user', user.id, null, null);
        return user;
      });
    },
  };
}
