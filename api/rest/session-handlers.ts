import type { Actor } from '../../domain/access.ts';
import { agenciesWith, PERMISSIONS } from '../../domain/access.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type { User } from '../../domain/ports/registry.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Caller } from '../auth/caller.ts';
import { sessionCookie } from '../auth/cookies.ts';
import type { OpenedSession } from '../auth/login.ts';
import { hashPassword } from '../auth/passwords.ts';
import type { PEOPLE_ROUTES } from '../contract/routes-people.ts';
import type { SessionState, SignedIn } from '../contract/session.ts';
import { ApiError } from '../errors.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

type SessionRoutes = 'GET /session' | 'POST /session' | 'DELETE /session' | 'PUT /session/password' | 'POST /setup';
const SETUP: Actor = { kind: 'system', name: 'setup' };

export function sessionHandlers(ports: HandlerPorts): Handlers<SessionRoutes & keyof typeof PEOPLE_ROUTES> {
  const { registry, sessions, settings, clock, log } = ports;
  const lifetimeSeconds = Math.floor(settings.limits.sessionLifetime / 1000);

  const opened = ({ session, user }: Pick<OpenedSession, 'session'> & { readonly user: User }): SignedIn =>
    stateOf(user, user.roles, session.csrfToken, session.expiresAt);

  const callerState = async (caller: Caller): Promise<SessionState> => {
    if (caller.kind !== 'person') return { kind: 'anonymous' };
    if (caller.by.kind === 'session') return opened({ session: caller.by.session, user: caller.by.user });
    const owner = await registry.as(SETUP).users.get(caller.userId);
    return stateOf(owner, caller.roles, null, caller.by.expiresAt as EpochMs | null);
  };

  return {
    'GET /session': ({ caller }) => callerState(caller),

    async 'POST /session'({ body, connection, setCookie }) {
      const { session, secret, user } = await sessions.signIn(body.loginName, body.password, connection.address);
      setCookie(sessionCookie(secret, lifetimeSeconds, connection.secure));
      log.info({ event: 'session.opened', userId: user.id, address: connection.address }, 'signed in');
      return opened({ session, user });
    },

    async 'DELETE /session'({ caller, connection, setCookie }) {
      if (caller.kind !== 'person' || caller.by.kind !== 'session') throw new ApiError('NOT_PERMITTED');
      await registry.identity.endSession(caller.by.session.idSha256);
      setCookie(sessionCookie('', 0, connection.secure));
      log.info({ event: 'session.ended', userId: caller.userId }, 'signed out');
      ports.accessChanged();
    },

    async 'PUT /session/password'({ caller, body, view, connection, setCookie }) {
      if (caller.kind !== 'person' || caller.by.kind !== 'session') throw new ApiError('NOT_PERMITTED');
      await sessions.confirm(caller.by.user.loginName, body.current, connection.address);
      await view.users.setPassword(caller.userId, await hashPassword(body.replacement));
      setCookie(sessionCookie('', 0, connection.secure));
      ports.accessChanged();
    },

    async 'POST /setup'({ body, connection, setCookie }) {
      if (!(await ports.setup.redeem(body.token))) throw new ApiError('SETUP_CLOSED');
      let user: User;
      try {
        user = await registry.as(SETUP).users.create(
          {
            id: ports.newId() as UserId,
            loginName: body.loginName,
            displayName: body.displayName,
            language: body.language,
            roles: [{ agencyId: null, role: 'platform_admin' }],
          },
          await hashPassword(body.password),
        );
      } catch (error) {
        // The link is good until it has made someone.
        await ports.setup.reopen(body.token);
        throw error;
      }
      log.info({ event: 'setup.completed', userId: user.id, at: clock() }, 'first administrator made');
      const { session, secret } = await sessions.open(user.id);
      setCookie(sessionCookie(secret, lifetimeSeconds, connection.secure));
      return opened({ session, user });
    },
  };
}

function stateOf(user: User, roles: User['roles'], csrfToken: string | null, expiresAt: EpochMs | null): SignedIn {
  const permissions: Partial<Record<(typeof PERMISSIONS)[number], readonly AgencyId[] | 'all'>> = {};
  for (const permission of PERMISSIONS) {
    const agencies = agenciesWith(roles, permission);
    if (agencies === 'all' || agencies.length > 0) permissions[permission] = agencies;
  }
  const { id, loginName, displayName, language } = user;
  return { kind: 'person', user: { id, loginName, displayName, language, roles }, permissions, csrfToken, expiresAt };
}
