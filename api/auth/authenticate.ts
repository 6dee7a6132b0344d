import type { IncomingHttpHeaders } from 'node:http';
import type { Actor } from '../../domain/access.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Clock } from '../../domain/time.ts';
import { ApiError } from '../errors.ts';
import type { Caller } from './caller.ts';
import { sessionSecretIn } from './cookies.ts';
import { sha256Hex } from './secrets.ts';

/** What a request or a live connection shows to say who it is. */
export type Proof =
  | { readonly kind: 'none' }
  /** Lower-case hex SHA-256 of the cookie's or the key's secret. */
  | { readonly kind: 'session'; readonly sha256: string }
  | { readonly kind: 'api_key'; readonly sha256: string };

/** A bearer key is the caller's express wish and goes before a cookie, which the browser adds by itself. */
export function proofIn(headers: IncomingHttpHeaders, secure: boolean): Proof {
  const bearer = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return { kind: 'api_key', sha256: sha256Hex(bearer) };
  const secret = sessionSecretIn(headers.cookie, secure);
  return secret === undefined ? { kind: 'none' } : { kind: 'session', sha256: sha256Hex(secret) };
}

const KEYS: Actor = { kind: 'system', name: 'keys' };

export type Authenticate = (proof: Proof) => Promise<Caller>;

/**
 * Makes the function that finds out who is calling. A cookie that no longer means anything makes the caller anonymous; a key
 * that means nothing is refused, since whoever sends a key counts on it.
 * @throws {ApiError} NOT_SIGNED_IN for an unknown, expired or revoked key.
 */
export function createAuthenticate(registry: Registry, clock: Clock): Authenticate {
  const grantsFor = (agencies: readonly (AgencyId | null)[]) =>
    registry.identity.grantsTo([...new Set(agencies.filter((agency) => agency !== null))]);

  return async (proof) => {
    if (proof.kind === 'session') {
      const found = await registry.identity.session(proof.sha256, clock());
      if (found) {
        const { session, user } = found;
        return {
          kind: 'person',
          userId: user.id,
          roles: user.roles,
          grants: await grantsFor(user.roles.map((held) => held.agencyId)),
          by: { kind: 'session', session, user },
        };
      }
    }
    if (proof.kind === 'api_key') {
      const key = await registry.identity.apiKey(proof.sha256, clock());
      if (!key) throw new ApiError('NOT_SIGNED_IN');
      // A key acts in the name of the person who made it, and no longer than that person may act at all.
      const maker = await registry.as(KEYS).users.get(key.createdBy);
      if (maker.disabledAt !== null) throw new ApiError('NOT_SIGNED_IN');
      return {
        kind: 'person',
        userId: key.createdBy,
        roles: key.roles,
        grants: await grantsFor(key.roles.map((held) => held.agencyId)),
        by: { kind: 'api_key', keyId: key.id, name: key.name, expiresAt: key.expiresAt },
      };
    }
    return { kind: 'anonymous', grants: await grantsFor([]) };
  };
}
