import { queryOptions } from '@tanstack/react-query';
import type { PublicWarning, WarningWire } from '../../api/contract/warnings.ts';
import type { WarningId } from '../../domain/warning/warning.ts';
import { call } from './http.ts';

/** Warnings shown in the list; older ones are in the registry and found by the API. */
const LISTED = 200;
/** Warnings change by others' hands: looked at again while a page shows them. */
const AGAIN_MS = 15_000;

export const warningsQuery = queryOptions({
  queryKey: ['warnings', 'list'],
  queryFn: async ({ signal }): Promise<readonly WarningWire[]> =>
    (await call('GET /warnings', { signal, query: { limit: LISTED } })).items,
  refetchInterval: AGAIN_MS,
  staleTime: 0,
});
export const warningQuery = (warningId: WarningId) =>
  queryOptions({
    queryKey: ['warnings', 'one', warningId],
    queryFn: ({ signal }): Promise<WarningWire> =>
      call('GET /warnings/{warningId}', { signal, params: { warningId } }) as Promise<WarningWire>,
    refetchInterval: AGAIN_MS,
    staleTime: 0,
  });
/** `version` is part of the key: each step asks for the history anew. */
export const warningVersionsQuery = (warningId: WarningId, version: number) =>
  queryOptions({
    queryKey: ['warnings', 'versions', warningId, version],
    queryFn: ({ signal }) => call('GET /warnings/{warningId}/versions', { signal, params: { warningId } }),
  });
/** What is published, for the live map. */
export const publishedWarningsQuery = queryOptions({
  queryKey: ['warnings', 'published'],
  queryFn: async ({ signal }): Promise<readonly PublicWarning[]> =>
    (await call('GET /warnings/published', { signal })).items,
  refetchInterval: AGAIN_MS,
});
