import { queryOptions } from '@tanstack/react-query';
import type { OperationsWire } from '../../api/contract/operations.ts';
import { call } from './http.ts';

/** The server looks at its counters as often. */
const AGAIN_MS = 5_000;

/** How readings go through the platform now. */
export const operationsQuery = queryOptions({
  queryKey: ['operations'],
  queryFn: ({ signal }): Promise<OperationsWire> => call('GET /operations', { signal }),
  refetchInterval: AGAIN_MS,
  staleTime: 0,
});
