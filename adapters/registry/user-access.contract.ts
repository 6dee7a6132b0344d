import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor, RoleAssignment } from '../../domain/access.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const ENV = 'env' as AgencyId;
const POWER = 'power' as AgencyId;
const SYSTEM: Actor = { kind: 'system', name: 'test' };
const LAN = 'lan' as UserId;
const admin = (agency: AgencyId): Actor => ({
  kind: 'person',
  userId: `admin-${agency}` as UserId,
  access: { readAgencies: [agency], writeAgencies: [agency], grants: [] },
  roles: [{ agencyId: agency, role: 'agency_admin' }],
});
const later = (): EpochMs => epochMs(Date.now() + 60_000);

/** How people get in, and that nobody shuts the last administrator out. `newPlace` as for `describeRegistry`. */
export function describeUserAccess(what: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${what} lets people in`, () => {
    let registry: Registry;
    beforeEach(async () => {
      registry = await newPlace()();
      await registry.seed(SYSTEM, city());
      await person(LAN, [{ agencyId: ENV, role: 'operator' }]);
    });
    afterEach(() => registry.close());
    const person = (id: UserId, roles: readonly RoleAssignment[]) =>
      registry.as(SYSTEM).users.create({ id, loginName: id, displayName: id, language: 'vi', roles }, null);
    const of = (agency: AgencyId) => registry.as(admin(agency)).userAccess;
    const signIn = (session: string, userId: UserId = LAN) =>
      registry.identity.createSession({
        ...{ idSha256: session.padEnd(64, '0'), userId, csrfToken: 'c' },
        createdAt: epochMs(Date.now()),
        expiresAt: later(),
      });

    it('by a link that is good once, until another is made or it expires', async () => {
      await of(ENV).invite(LAN, 'first', later());
      await of(ENV).invite(LAN, 'second', later());
      const redeem = (token: string, at: number = Date.now()) =>
        registry.invitations.redeem(token, 'hash', epochMs(at));
      expect(await redeem('first')).toBeUndefined();
      expect(await redeem('second', later() + 1)).toBeUndefined();
      await signIn('aa');
      expect(await redeem('second')).toMatchObject({ id: LAN });
      expect((await registry.identity.userByLogin(LAN))?.passwordHash).toBe('hash');
      expect(await of(ENV).sessions(LAN)).toEqual([]);
      expect(await redeem('second')).toBeUndefined();
    });

    it('never while disabled', async () => {
      await of(ENV).invite(LAN, 'token', later());
      const lan = await registry.as(SYSTEM).users.get(LAN);
      await registry.as(SYSTEM).users.update({ ...lan, disabledAt: epochMs(1) });
      expect(await registry.invitations.redeem('token', 'hash', epochMs(Date.now()))).toBeUndefined();
      await expect(of(ENV).invite(LAN, 'other', later())).rejects.toMatchObject({ code: 'INVALID_STATE' });
    });

    it('in sessions that their administrator sees and ends, one or all', async () => {
      for (const session of ['aa', 'bb', 'cc']) await signIn(session);
      const seen = await of(ENV).sessions(LAN);
      expect(seen.map(({ id }) => id).sort()).toEqual(['aa', 'bb', 'cc'].map((each) => each.padEnd(16, '0')));
      expect(await of(ENV).endSessions(LAN, 'bb'.padEnd(16, '0'))).toBe(1);
      expect(await registry.identity.session('bb'.padEnd(64, '0'), epochMs(Date.now()))).toBeUndefined();
      await expect(of(ENV).endSessions(LAN, 'bb'.padEnd(16, '0'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await of(ENV).endSessions(LAN, null)).toBe(2);
      expect(await of(ENV).endSessions(LAN, null)).toBe(0);
    });

    it('and keeps administrators of other agencies away from them', async () => {
      const hidden = { code: 'NOT_FOUND' };
      await expect(of(POWER).sessions(LAN)).rejects.toMatchObject(hidden);
      await expect(of(POWER).endSessions(LAN, null)).rejects.toMatchObject(hidden);
      await expect(of(POWER).invite(LAN, 'x', later())).rejects.toMatchObject(hidden);
      const both = 'both' as UserId;
      await person(both, [
        { agencyId: ENV, role: 'viewer' },
        { agencyId: POWER, role: 'viewer' },
      ]);
      await expect(of(ENV).invite(both, 'x', later())).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    });

    it('with an audit row for each step, and no secret in it', async () => {
      await signIn('aa');
      await of(ENV).endSessions(LAN, null);
      await of(ENV).invite(LAN, 'secret-token', later());
      await registry.invitations.redeem('secret-token', 'secret-hash', epochMs(Date.now()));
      const { items } = await registry.as(SYSTEM).audit.list({ targetKind: 'user', targetId: LAN }, { limit: 10 });
      expect(items.map(({ action }) => action)).toEqual([
        'user.redeem_invitation',
        'user.invite',
        'user.end_sessions',
        'user.create',
      ]);
      expect(JSON.stringify(items)).not.toContain('secret');
    });

    it('and never shuts out the last administrator of the platform', async () => {
      const [first, second] = ['first', 'second'] as UserId[];
      const role = { agencyId: null, role: 'platform_admin' } as const;
      await person(first!, [role]);
      await person(second!, [role]);
      const { users } = registry.as(SYSTEM);
      await users.update({ ...(await users.get(second!)), disabledAt: epochMs(1) });
      const last = await users.get(first!);
      for (const change of [{ disabledAt: epochMs(1) }, { roles: [{ agencyId: ENV, role: 'viewer' }] }] as const)
        await expect(users.update({ ...last, ...change })).rejects.toMatchObject({ code: 'LAST_ADMINISTRATOR' });
      expect(await users.get(first!)).toEqual(last);
      await users.update({ ...(await users.get(second!)), disabledAt: null });
      await users.update({ ...last, disabledAt: epochMs(1) });
    });

    it('and shares nothing by a grant that has expired', async () => {
      const grant = { agencyId: POWER, toAgencyId: ENV, domain: null, siteId: null, tag: null };
      const { grants } = registry.as(SYSTEM);
      await grants.create({ ...grant, id: 'past', expiresAt: epochMs(Date.now() - 1) });
      await grants.create({ ...grant, id: 'coming', expiresAt: later() });
      await grants.create({ ...grant, id: 'lasting' });
      expect((await registry.identity.grantsTo([ENV])).map(({ id }) => id).sort()).toEqual(['coming', 'lasting']);
    });
  });
}
