import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { UserId } from '../../domain/identifiers.ts';
import type { Registry, Session, User } from '../../domain/ports/registry.ts';
import type { Clock } from '../../domain/time.ts';
import { after } from '../../domain/time.ts';
import { ApiError } from '../errors.ts';
import type { ApiLimits } from '../ports.ts';
import { verifyPassword } from './passwords.ts';
import { newSecret, type RandomBytes, sha256Hex } from './secrets.ts';

export interface OpenedSession {
  readonly session: Session;
  /** For the cookie; not kept. */
  readonly secret: string;
}

export interface Sessions {
  /**
   * Checks the password and opens a session.
   * @throws {ApiError} LOGIN_REFUSED (which of name and password was wrong is not told), TOO_MANY_REQUESTS.
   */
  signIn(loginName: string, password: string, address: string): Promise<OpenedSession & { readonly user: User }>;
  /** The same check for someone already known, e.g. before a new password. @throws {ApiError} as `signIn` does. */
  confirm(loginName: string, password: string, address: string): Promise<User>;
  open(userId: UserId): Promise<OpenedSession>;
}

export interface SessionPorts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

/** Names are compared as typed by people: case and surrounding blanks don't make another account to guess at. */
const accountKey = (loginName: string): string => loginName.trim().toLowerCase();

export function createSessions({ registry, clock, randomBytes }: SessionPorts, limits: ApiLimits): Sessions {
  const duration = limits.loginWindow / 1000;
  const limiter = (keyPrefix: string, points: number) => new RateLimiterMemory({ keyPrefix, points, duration });
  const both = limiter('both', limits.loginTriesPerAccountAndAddress);
  const account = limiter('account', limits.loginTriesPerAccount);
  const anywhere = limiter('address', limits.loginTriesPerAddress);
  // The limiters themselves forget a key only when its window is over: this bounds how many there are.
  const remembered = new Set<string>();
  const remember = (key: string): void => {
    remembered.delete(key);
    remembered.add(key);
    if (remembered.size <= limits.loginKeysRemembered) return;
    const [oldest] = remembered;
    if (oldest === undefined) return;
    remembered.delete(oldest);
    for (const one of [both, account, anywhere]) void one.delete(oldest);
  };

  /** A try is paid before the password is looked at: parallel guesses can't slip through. */
  const pay = async (one: RateLimiterMemory, key: string): Promise<void> => {
    remember(key);
    try {
      await one.consume(key);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      throw new ApiError('TOO_MANY_REQUESTS', { retryAfterSeconds: Math.ceil(refused.msBeforeNext / 1000) });
    }
  };

  const open = async (userId: UserId): Promise<OpenedSession> => {
    const secret = newSecret(randomBytes);
    const createdAt = clock();
    const session: Session = {
      idSha256: sha256Hex(secret),
      userId,
      csrfToken: newSecret(randomBytes),
      createdAt,
      expiresAt: after(createdAt, limits.sessionLifetime),
    };
    await registry.identity.createSession(session);
    return { session, secret };
  };

  const confirm = async (loginName: string, password: string, address: string): Promise<User> => {
    const name = accountKey(loginName);
    await pay(anywhere, address);
    await pay(both, `${name}\n${address}`);
    await pay(account, name);
    const found = await registry.identity.userByLogin(loginName.trim());
    const right = await verifyPassword(found?.passwordHash, password);
    if (!found || !right || found.user.disabledAt !== null) throw new ApiError('LOGIN_REFUSED');
    await both.delete(`${name}\n${address}`);
    return found.user;
  };

  return {
    open,
    confirm,
    async signIn(loginName, password, address) {
      const user = await confirm(loginName, password, address);
      return { ...(await open(user.id)), user };
    },
  };
}
