import { notifications } from '@mantine/notifications';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { RouteBodyInput } from '../../api/contract/routes.ts';
import type { HandoverWire } from '../../api/contract/shifts.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import type { HandoverId } from '../../domain/shift-handover.ts';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from './http.ts';

/** Alarms, maintenance and colleagues write into the log all the time. */
const AGAIN_MS = 5_000;
/** Handovers listed: three a day for two months. */
const LISTED = 200;
const KEY = 'shifts';

export const currentShiftQuery = (agencyId: AgencyId) =>
  queryOptions({
    queryKey: [KEY, agencyId, 'current'],
    queryFn: ({ signal }) => call('GET /shifts/{agencyId}', { params: { agencyId }, signal }),
    refetchInterval: AGAIN_MS,
    staleTime: 0,
  });
export const handoversQuery = (agencyId: AgencyId) =>
  queryOptions({
    queryKey: [KEY, agencyId, 'handovers'],
    queryFn: async ({ signal }) =>
      (await call('GET /shifts/{agencyId}/handovers', { params: { agencyId }, query: { limit: LISTED }, signal }))
        .items,
    refetchInterval: AGAIN_MS,
    staleTime: 0,
  });
/** What was signed never changes; only the receipt comes. */
export const handoverQuery = (handoverId: HandoverId) =>
  queryOptions({
    queryKey: [KEY, 'handover', handoverId],
    queryFn: ({ signal }) => call('GET /handovers/{handoverId}', { params: { handoverId }, signal }),
    refetchInterval: ({ state }) => (state.data?.receipt === null ? AGAIN_MS : false),
  });
export const recipientsQuery = (agencyId: AgencyId) =>
  queryOptions({
    queryKey: [KEY, agencyId, 'recipients'],
    queryFn: ({ signal }) => call('GET /shifts/{agencyId}/recipients', { params: { agencyId }, signal }),
  });

/** What people do in a shift; says so when it was refused. Each gives what was answered, or `undefined`. */
export function useShiftActions() {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const done = async <T>(work: () => Promise<T>): Promise<{ readonly answer: T } | undefined> => {
    setBusy(true);
    try {
      return { answer: await work() };
    } catch (error) {
      notifications.show({ color: 'red', title: t('shift.refused'), message: problemText(error) });
      return undefined;
    } finally {
      setBusy(false);
      void queries.invalidateQueries({ queryKey: [KEY] });
    }
  };
  const of = (agencyId: AgencyId) => ({ params: { agencyId } });
  return {
    busy,
    takeDuty: (agencyId: AgencyId, step: 'join' | 'leave') =>
      done(() => call('POST /shifts/{agencyId}/duty', { ...of(agencyId), body: { step } })),
    note: (agencyId: AgencyId, body: RouteBodyInput<'POST /shifts/{agencyId}/notes'>) =>
      done(() => call('POST /shifts/{agencyId}/notes', { ...of(agencyId), body })),
    setPlan: (agencyId: AgencyId, version: number, startMinutes: number[]) =>
      done(() => call('PUT /shifts/{agencyId}/plan', { ...of(agencyId), ifMatch: version, body: { startMinutes } })),
    sign: (agencyId: AgencyId, body: RouteBodyInput<'POST /shifts/{agencyId}/handovers'>) =>
      done(() => call('POST /shifts/{agencyId}/handovers', { ...of(agencyId), body })),
    receive: ({ id: handoverId }: HandoverWire, remark: string) =>
      done(() => call('POST /handovers/{handoverId}/receive', { params: { handoverId }, body: { remark } })),
    send: ({ id: handoverId }: HandoverWire, body: RouteBodyInput<'POST /handovers/{handoverId}/send'>) =>
      done(() => call('POST /handovers/{handoverId}/send', { params: { handoverId }, body })),
  };
}
