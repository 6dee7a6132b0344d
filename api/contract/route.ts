import type { z } from 'zod';
import type { Permission } from '../../domain/access.ts';
import type { Localized } from '../../domain/localized.ts';

/**
 * Who may call a route. Deny first: a route without it does not type-check.
 * - `anyone`: says nothing that is not for everyone.
 * - `shared`: reads; a caller without a session sees what is granted to the public, and nothing else.
 * - `signed_in`: about the caller.
 * - `display`: a wall screen, about itself.
 * - a permission: held in at least one agency; the answer, and what may be changed, is narrowed to the agencies in which it is held.
 */
export type RouteAccess = 'anyone' | 'shared' | 'signed_in' | 'display' | Permission;

export const ROUTE_TAGS = [
  'session',
  'map',
  'assets',
  'devices',
  'provisioning',
  'firmware',
  'readings',
  'alarms',
  'shifts',
  'displays',
  'rules',
  'warnings',
  'notifications',
  'quarantine',
  'people',
  'operations',
] as const;

/** One operation under `/api/v1`: parsed, permitted and documented from this one description. */
export interface Route {
  readonly tag: (typeof ROUTE_TAGS)[number];
  readonly summary: Localized;
  readonly access: RouteAccess;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Instead of a JSON body: the bytes of a file, in one of these media types. */
  readonly upload?: readonly string[];
  /** The upload is handed on as it comes, however large; sending it again must be harmless, since `Idempotency-Key` can't tell its bytes apart. */
  readonly streamed?: true;
  /** JSON of the answer; absent with status 204 and for `bytes`. */
  readonly answer?: z.ZodType;
  readonly status: 200 | 201 | 204;
  /** The request carries the version it was based on: `If-Match: "3"`. */
  readonly ifMatch?: true;
  /** The answer carries its version: `ETag: "3"`. */
  readonly etag?: true;
  /** The answer is the bytes themselves. */
  readonly bytes?: true;
}

/** `GET /points/{pointId}`: method and path template below `/api/v1`. */
export type RouteKey = `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`;
export type RouteTable = Readonly<Record<RouteKey, Route>>;
