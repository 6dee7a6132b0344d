import type { IncomingHttpHeaders } from 'node:http';
import type { Actor } from '../../domain/access.ts';
import { rolesOfDisplay } from '../../domain/display.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Clock } from '../../domain/time.ts';
import { DISPLAY_HEADER } from '../contract/displays.ts';
import { ApiError } from '../errors.ts';
import type { Caller } from './caller.ts';
import { displaySecretIn, sessionSecretIn } from './cookies.ts';
import { sha256Hex } from './secrets.ts';

/** What a request or a live connection shows to say who it is. */
export type Proof =
  | { readonly kind: 'none' }
  /** Lower-case hex SHA-256 of the cookie's or the key's secret. */
  | { readonly kind: 'session'; readonly sha256: string }
  | { readonly kind: 'api_key'; readonly sha256: string }
  /** `build`: of the page that the wall screen shows, as it says. */
  | { readonly kind: 'display'; readonly sha256: string; readonly secret: string; readonly build: string };

/** What a wall screen says of its page is shown to administrators, no more of it than this. */
const BUILD_MAX = 64;

/** A wall screen's own login, whoever else is signed in in its browser. */
export function displayProofIn(headers: IncomingHttpHeaders, secure: boolean, build: string): Proof {
  const secret = displaySecretIn(headers.cookie, secure);
  if (secret === undefined) return { kind: 'none' };
  return { kind: 'display', sha256: sha256Hex(secret), secret, build: build.slice(0, BUILD_MAX) };
}

/** A bearer key is the caller's express wish and goes before a cookie, which the browser adds by itself; so is a screen's word that it is one. */
export function proofIn(headers: IncomingHttpHeaders, secure: boolean): Proof {
  const bearer = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return { kind: 'api_key', sha256: sha256Hex(bearer) };
  const build = headers[DISPLAY_HEADER.toLowerCase()];
  if (typeof build === 'string') return displayProofIn(headers, secure, build);
  const secret = sessionSecretIn(headers.cookie, secure);
  return secret === undefined ? { kind: 'none' } : { kind: 'session', sha256: sha256Hex(secret) };
}

const KEYS: Actor = { kind: 'system', name: 'keys' };

export type Authenticate = (proof: Proof) => Promise<Caller>;

/**
 * Makes the function that finds out who is calling. A cookie that no longer means anything makes the caller anonymous; a key
 * that means nothing is refused, since whoever sends a key counts on it.
 * @throws {ApiError} NOT_SIGNED_IN for an unknown, expired or revoked key or display.
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
    if (proof.kind === 'display') {
      const display = await registry.displays.bySecret(proof.sha256);
      if (!display) throw new ApiError('NOT_SIGNED_IN');
      const { secret, build } = proof;
      return {
        kind: 'display',
        ...{ display, secret, build },
        roles: rolesOfDisplay(display),
        grants: await grantsFor(display.agencies),
      };
    }
    return { kind: 'anonymous', grants: await grantsFor([]) };
  };
}
