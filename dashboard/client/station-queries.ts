import { queryOptions } from '@tanstack/react-query';
import { call } from './http.ts';

const WATCH_MS = 5_000;

export const stationsQuery = queryOptions({
  queryKey: ['stations'],
  queryFn: ({ signal }) => call('GET /stations', { signal }),
});
export const stationFileStatusQuery = queryOptions({
  queryKey: ['station-files', 'status'],
  queryFn: ({ signal }) => call('GET /station-files/status', { signal }),
  refetchInterval: WATCH_MS,
});
export const receiptsQuery = (state: 'failed' | undefined) =>
  queryOptions({
    queryKey: ['station-files', 'receipts', state ?? 'all'],
    queryFn: ({ signal }) => call('GET /station-files', { query: { state, limit: 50 }, signal }),
    refetchInterval: WATCH_MS,
  });
