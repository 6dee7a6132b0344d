import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { RouteBodyInput } from '../../api/contract/routes.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import { call } from './http.ts';

/** People listed at once. */
const USERS_LISTED = 1_000;
export const AUDIT_PAGE = 200;

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => call('GET /users', { query: { limit: USERS_LISTED }, signal }),
});
export const userSessionsQuery = (userId: UserId) =>
  queryOptions({
    queryKey: ['users', userId, 'sessions'],
    queryFn: async ({ signal }) => (await call('GET /users/{userId}/sessions', { params: { userId }, signal })).items,
    staleTime: 0,
  });
export const holdingsQuery = (agencyId: AgencyId) =>
  queryOptions({
    queryKey: ['agencies', agencyId, 'holdings'],
    queryFn: ({ signal }) => call('GET /agencies/{agencyId}/holdings', { params: { agencyId }, signal }),
  });
export const partnersQuery = queryOptions({
  queryKey: ['sharing', 'partners'],
  queryFn: async ({ signal }) => (await call('GET /sharing/partners', { signal })).items,
});
export const grantsQuery = queryOptions({
  queryKey: ['sharing', 'grants'],
  queryFn: async ({ signal }) => (await call('GET /grants', { signal })).items,
});
/** What a grant would show; asked anew with every change of it. */
export const grantEffectQuery = (body: RouteBodyInput<'POST /grants/effect'>) =>
  queryOptions({
    queryKey: ['sharing', 'effect', body],
    queryFn: ({ signal }) => call('POST /grants/effect', { body, idempotencyKey: null, signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });
export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: async ({ signal }) => (await call('GET /api-keys', { signal })).items,
});

export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly targetKind?: string | undefined;
  readonly targetId?: string | undefined;
  /** Epoch ms, from inclusive, to exclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}
export const auditPage = (filter: AuditFilter, after: string | undefined, limit: number, signal?: AbortSignal) =>
  call('GET /audit', { query: { ...filter, limit, after }, ...(signal ? { signal } : {}) });
