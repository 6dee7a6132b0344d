import type { Actor, SharingGrant } from '../../domain/access.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import type { Page, PageRequest } from '../../domain/ports/registry.ts';
import { after, days } from '../../domain/time.ts';
import { requireMayGive, requirePermission } from '../auth/caller.ts';
import { hashPassword } from '../auth/passwords.ts';
import { newSecret, sha256Hex } from '../auth/secrets.ts';
import { ApiError } from '../errors.ts';
import { referred } from './asset-handlers.ts';
import { effectOf, gainsFrom } from './grant-effect.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

type AdministrationRoutes =
  | 'GET /users/{userId}/sessions'
  | 'DELETE /users/{userId}/sessions'
  | 'DELETE /users/{userId}/sessions/{sessionId}'
  | 'POST /users/{userId}/invitation'
  | 'POST /invitations/redeem'
  | 'GET /sharing/partners'
  | 'POST /grants/effect'
  | 'GET /agencies/{agencyId}/holdings';

/** Names of agencies, and what is shared with them, are looked up for whoever shares. */
const SHARING: Actor = { kind: 'system', name: 'sharing' };
/** Long enough for a weekend, short enough to be forgotten safely. */
const INVITATION_LIFETIME = days(3);
/** As the registry names a session. */
const SESSION_ID_LENGTH = 16;
const PAGE = 1_000;

async function countOf(list: (page: PageRequest) => Promise<Page<unknown>>): Promise<number> {
  let count = 0;
  let next: string | null = null;
  do {
    const page: Page<unknown> = await list(next === null ? { limit: PAGE } : { limit: PAGE, after: next });
    count += page.items.length;
    next = page.next;
  } while (next !== null);
  return count;
}

export function administrationHandlers(ports: HandlerPorts): Handlers<AdministrationRoutes> {
  const { registry, clock, randomBytes, accessChanged, index, openAlarms } = ports;
  const everything = registry.as(SHARING);

  const readersOf = async (agencyId: AgencyId | null): Promise<number | null> => {
    if (agencyId === null) return null;
    const { items } = await everything.users.list({ agencyId }, { limit: PAGE });
    return items.filter((user) => user.disabledAt === null && gainsFrom(user.roles, agencyId)).length;
  };

  return {
    async 'GET /users/{userId}/sessions'({ view, caller, params }) {
      const own =
        caller.kind === 'person' && caller.by.kind === 'session'
          ? caller.by.session.idSha256.slice(0, SESSION_ID_LENGTH)
          : null;
      const sessions = await view.userAccess.sessions(params.userId);
      return { items: sessions.map((session) => ({ ...session, isCurrent: session.id === own })) };
    },
    async 'DELETE /users/{userId}/sessions'({ view, caller, params }) {
      requireMayGive(caller, (await view.users.get(params.userId)).roles);
      await view.userAccess.endSessions(params.userId, null);
      accessChanged();
    },
    async 'DELETE /users/{userId}/sessions/{sessionId}'({ view, caller, params }) {
      requireMayGive(caller, (await view.users.get(params.userId)).roles);
      await view.userAccess.endSessions(params.userId, params.sessionId);
      accessChanged();
    },
    async 'POST /users/{userId}/invitation'({ view, caller, params }) {
      requireMayGive(caller, (await view.users.get(params.userId)).roles);
      const token = newSecret(randomBytes);
      const expiresAt = after(clock(), INVITATION_LIFETIME);
      await view.userAccess.invite(params.userId, sha256Hex(token), expiresAt);
      // Behind `#` the secret reaches no log on the way.
      return { path: `/welcome#${token}`, expiresAt };
    },
    async 'POST /invitations/redeem'({ body }) {
      const redeemed = await registry.invitations.redeem(
        sha256Hex(body.token),
        await hashPassword(body.password),
        clock(),
      );
      if (!redeemed) throw new ApiError('INVITATION_OVER');
      accessChanged();
      return { loginName: redeemed.loginName };
    },
    async 'GET /sharing/partners'() {
      return { items: (await everything.agencies.list()).map(({ id, name }) => ({ id, name })) };
    },
    async 'POST /grants/effect'({ view, caller, body }) {
      requirePermission(caller, 'agency.administer', body.agencyId);
      if (body.siteId !== null) await referred(view.sites.get(body.siteId));
      const { except, ...parts } = body;
      const grant: SharingGrant = { ...parts, id: except ?? 'planned' };
      const shared = (await registry.identity.grantsTo(body.toAgencyId === null ? [] : [body.toAgencyId])).filter(
        ({ id }) => id !== except,
      );
      return effectOf(grant, shared, await readersOf(body.toAgencyId), { index, openAlarms });
    },
    async 'GET /agencies/{agencyId}/holdings'({ view, caller, params: { agencyId } }) {
      const known = (await view.agencies.list()).some(({ id }) => id === agencyId);
      if (!known) throw new ApiError('NOT_FOUND', { id: agencyId });
      requirePermission(caller, 'agency.administer', agencyId);
      const grants = await view.grants.list();
      const own = <T extends { readonly agencyId: AgencyId | null }>(items: Iterable<T>): number =>
        [...items].filter((item) => item.agencyId === agencyId).length;
      return {
        sites: await countOf((page) => view.sites.list({ agencyId }, page)),
        points: own([...index.points.values()].map(({ point }) => point)),
        devices: own([...index.devices.values()].map(({ device }) => device)),
        rules: (await view.rules.list({ agencyId })).length,
        openAlarms: own(openAlarms.list()),
        users: await countOf((page) => view.users.list({ agencyId }, page)),
        apiKeys: (await view.apiKeys.list()).filter((key) => key.agencyId === agencyId && key.revokedAt === null)
          .length,
        grantsGiven: own(grants),
        grantsReceived: grants.filter((grant) => grant.toAgencyId === agencyId).length,
      };
    },
  };
}
