import { notifications } from '@mantine/notifications';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { RouteBodyInput } from '../../api/contract/routes.ts';
import type { QuietPointWire, SuppressionWindowWire } from '../../api/contract/suppressions.ts';
import type { EpochMs } from '../../domain/time.ts';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from './http.ts';

/** Windows shown in a list; older ones are in the registry and found by the API. */
const LISTED = 200;
/** They begin and end by themselves and by others' hands. */
const AGAIN_MS = 10_000;
const KEY = 'suppressions';

/** Those in force and planned, or those that are over; newest first. */
export const suppressionsQuery = (over: boolean) =>
  queryOptions({
    queryKey: [KEY, 'list', over],
    queryFn: async ({ signal }): Promise<readonly SuppressionWindowWire[]> =>
      (await call('GET /suppressions', { signal, query: { over, limit: LISTED } })).items,
    refetchInterval: AGAIN_MS,
    staleTime: 0,
  });
/** Points whose alarms are hidden now by a window. */
export const quietPointsQuery = queryOptions({
  queryKey: [KEY, 'points'],
  queryFn: async ({ signal }): Promise<readonly QuietPointWire[]> =>
    (await call('GET /suppressions/points', { signal })).items,
  refetchInterval: AGAIN_MS,
  staleTime: 0,
});

/** Opens, moves and ends windows; says so when that was refused. Each is true when it was done. */
export function useSuppressions() {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const done = async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    try {
      await work();
      return true;
    } catch (error) {
      notifications.show({ color: 'red', title: t('suppressions.refused'), message: problemText(error) });
      return false;
    } finally {
      setBusy(false);
      void queries.invalidateQueries({ queryKey: [KEY] });
    }
  };
  const at = ({ id, version }: SuppressionWindowWire) => ({ params: { windowId: id }, ifMatch: version });
  return {
    busy,
    open: (body: RouteBodyInput<'POST /suppressions'>) => done(() => call('POST /suppressions', { body })),
    extend: (window: SuppressionWindowWire, until: EpochMs | null) =>
      done(() => call('POST /suppressions/{windowId}/extend', { ...at(window), body: { until } })),
    end: (window: SuppressionWindowWire) => done(() => call('POST /suppressions/{windowId}/end', at(window))),
  };
}
