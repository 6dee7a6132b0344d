import type { Actor } from '../../domain/access.ts';
import type { ApiKeyId, UserId } from '../../domain/identifiers.ts';
import type { ApiKey, User } from '../../domain/ports/registry.ts';
import { requireMayGive, requirePermission } from '../auth/caller.ts';
import { hashPassword } from '../auth/passwords.ts';
import { newSecret, sha256Hex } from '../auth/secrets.ts';
import type { ApiKeyWire, Colleague, NoticeWire, UserWire } from '../contract/users.ts';
import { ApiError, inputRefused } from '../errors.ts';
import { referred } from './asset-handlers.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts, pageOf } from './handler-ports.ts';

type PeopleRoutes =
  | 'GET /colleagues'
  | 'GET /users'
  | 'POST /users'
  | 'GET /users/{userId}'
  | 'PUT /users/{userId}'
  | 'PUT /users/{userId}/password'
  | 'GET /api-keys'
  | 'POST /api-keys'
  | 'DELETE /api-keys/{apiKeyId}'
  | 'GET /grants'
  | 'POST /grants'
  | 'DELETE /grants/{grantId}'
  | 'GET /audit'
  | 'GET /notices';

/** People named in one list of colleagues. */
const COLLEAGUES_MAX = 1_000;
const AGENCIES: Actor = { kind: 'system', name: 'sharing' };

const userWire = (user: User): UserWire => {
  const { id, loginName, displayName, language, roles, disabledAt, createdAt, version } = user;
  return { id, loginName, displayName, language, roles, disabledAt, createdAt, version };
};
const keyWire = (key: ApiKey): ApiKeyWire => {
  const { id, agencyId, name, roles, createdBy, createdAt, expiresAt, revokedAt } = key;
  return { id, agencyId, name, roles, createdBy, createdAt, expiresAt, revokedAt };
};

export function peopleHandlers(ports: HandlerPorts): Handlers<PeopleRoutes> {
  const { registry, clock, newId, randomBytes, accessChanged } = ports;

  return {
    async 'GET /colleagues'({ view }) {
      const { items } = await view.users.list({}, { limit: COLLEAGUES_MAX });
      const people = items
        .filter((user) => user.disabledAt === null)
        .map(({ id, displayName }): Colleague => ({ id, displayName }));
      return { items: people };
    },

    async 'GET /users'({ view, query }) {
      const { items, next } = await view.users.list(given('agencyId', query.agency), pageOf(query));
      return { items: items.map(userWire), next };
    },
    async 'POST /users'({ view, caller, body }) {
      requireMayGive(caller, body.roles);
      const { password, ...draft } = body;
      const passwordHash = password === undefined ? null : await hashPassword(password);
      return userWire(await view.users.create({ ...draft, id: newId() as UserId }, passwordHash));
    },
    async 'GET /users/{userId}'({ view, params }) {
      return userWire(await view.users.get(params.userId));
    },
    async 'PUT /users/{userId}'({ view, caller, params, body, version }) {
      const before = await view.users.get(params.userId);
      // Who may not give a role may not take it away either.
      requireMayGive(caller, [...before.roles, ...body.roles]);
      const { disabled, ...fields } = body;
      const isSelf = caller.kind === 'person' && caller.userId === before.id;
      const isAdmin = (roles: User['roles']) => roles.some(({ role }) => role === 'platform_admin');
      // Nobody locks themselves (and with them perhaps the whole city) out by a slip.
      if (isSelf && (disabled || (isAdmin(before.roles) && !isAdmin(body.roles))))
        throw new ApiError('INVALID_STATE', { id: before.id });
      const user = await view.users.update({
        ...before,
        ...fields,
        disabledAt: disabled ? (before.disabledAt ?? clock()) : null,
        version,
      });
      accessChanged();
      return userWire(user);
    },
    async 'PUT /users/{userId}/password'({ view, caller, params, body }) {
      const user = await view.users.get(params.userId);
      requireMayGive(caller, user.roles);
      await view.users.setPassword(params.userId, await hashPassword(body.password));
      accessChanged();
    },

    async 'GET /api-keys'({ view }) {
      return { items: (await view.apiKeys.list()).map(keyWire) };
    },
    async 'POST /api-keys'({ view, caller, body, language }) {
      requireMayGive(caller, body.roles);
      requirePermission(caller, body.agencyId === null ? 'platform.administer' : 'agency.administer', body.agencyId);
      if (body.expiresAt !== null && body.expiresAt <= clock())
        throw inputRefused('expiresAt', 'refusal.untilPast', language);
      const secret = newSecret(randomBytes);
      const key = await view.apiKeys.create({ ...body, id: newId() as ApiKeyId, secretSha256: sha256Hex(secret) });
      return { apiKey: keyWire(key), secret };
    },
    async 'DELETE /api-keys/{apiKeyId}'({ view, params }) {
      await view.apiKeys.revoke(params.apiKeyId);
      accessChanged();
    },

    async 'GET /grants'({ view }) {
      return { items: await view.grants.list() };
    },
    async 'POST /grants'({ view, body, language }) {
      if (body.expiresAt !== undefined && body.expiresAt <= clock())
        throw inputRefused('expiresAt', 'refusal.untilPast', language);
      if (body.siteId !== null) await referred(view.sites.get(body.siteId));
      if (body.toAgencyId !== null) {
        const known = await registry.as(AGENCIES).agencies.list();
        if (!known.some(({ id }) => id === body.toAgencyId))
          throw new ApiError('REFERENCE_MISSING', { id: body.toAgencyId });
      }
      const grant = await view.grants.create({ ...body, id: newId() });
      accessChanged();
      return grant;
    },
    async 'DELETE /grants/{grantId}'({ view, params }) {
      await view.grants.remove(params.grantId);
      accessChanged();
    },

    async 'GET /audit'({ view, query }) {
      return view.audit.list(
        {
          ...given('agencyId', query.agency),
          ...given('actorId', query.actor),
          ...given('targetKind', query.targetKind),
          ...given('targetId', query.targetId),
          ...given('from', query.from),
          ...given('to', query.to),
        },
        pageOf(query),
      );
    },
    async 'GET /notices'({ view, query }) {
      const { items, next } = await view.notices.list(pageOf(query));
      return { items: items.map((notice) => notice as NoticeWire), next };
    },
  };
}
