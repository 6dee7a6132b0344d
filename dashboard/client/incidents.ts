import { notifications } from '@mantine/notifications';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { IncidentMemberWire, IncidentWire } from '../../api/contract/incidents.ts';
import type { AlarmId } from '../../domain/identifiers.ts';
import type { IncidentId, SignalKey } from '../../domain/incident.ts';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from './http.ts';

/** Incidents and members shown in a list; more are in the registry and found by the API. */
const LISTED = 200;
const MEMBERS_LISTED = 300;
/** What changes is told of at once; this is for what was missed while the line was down. */
const AGAIN_MS = 30_000;
const INCIDENTS_KEY = 'incidents';

export const incidentsQuery = (open: boolean) =>
  queryOptions({
    queryKey: [INCIDENTS_KEY, 'list', open],
    queryFn: async ({ signal }): Promise<readonly IncidentWire[]> =>
      (await call('GET /incidents', { signal, query: { open, limit: LISTED } })).items,
    refetchInterval: AGAIN_MS,
    staleTime: 0,
  });
/** The one that the alarm is in; `null`: in none. */
export const incidentOfAlarmQuery = (alarm: AlarmId) =>
  queryOptions({
    queryKey: [INCIDENTS_KEY, 'of', alarm],
    queryFn: async ({ signal }): Promise<IncidentWire | null> =>
      (await call('GET /incidents', { signal, query: { alarm, limit: 1 } })).items[0] ?? null,
    staleTime: 0,
  });
const at = (incidentId: IncidentId) => ({ params: { incidentId } });
export const incidentQuery = (id: IncidentId) =>
  queryOptions({
    queryKey: [INCIDENTS_KEY, 'one', id],
    queryFn: ({ signal }) => call('GET /incidents/{incidentId}', { signal, ...at(id) }),
    refetchInterval: AGAIN_MS,
    staleTime: 0,
  });
export const incidentMembersQuery = (id: IncidentId) =>
  queryOptions({
    queryKey: [INCIDENTS_KEY, 'members', id],
    queryFn: async ({ signal }): Promise<readonly IncidentMemberWire[]> =>
      (await call('GET /incidents/{incidentId}/members', { signal, ...at(id), query: { limit: MEMBERS_LISTED } }))
        .items,
    staleTime: 0,
  });
export const incidentNetworkQuery = (id: IncidentId) =>
  queryOptions({
    queryKey: [INCIDENTS_KEY, 'network', id],
    queryFn: ({ signal }) => call('GET /incidents/{incidentId}/network', { signal, ...at(id) }),
    staleTime: 0,
  });
export const incidentHistoryQuery = (id: IncidentId) =>
  queryOptions({
    queryKey: [INCIDENTS_KEY, 'history', id],
    queryFn: ({ signal }) => call('GET /incidents/{incidentId}/history', { signal, ...at(id) }),
    staleTime: 0,
  });

/** What has just been done, and how to take it back. */
export interface IncidentUndo {
  readonly done: 'merged' | 'split' | 'removed';
  readonly undo: () => Promise<unknown>;
}

type Versioned = Pick<IncidentWire, 'id' | 'version'>;

/** A person's steps on incidents; says so when one was refused. Each gives what came of it, or `null`. */
export function useIncidentActions(onUndo: (undo: IncidentUndo | null) => void) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const done = async <T>(work: () => Promise<T>): Promise<T | null> => {
    setBusy(true);
    try {
      return await work();
    } catch (error) {
      notifications.show({ color: 'red', title: t('incidents.refused'), message: problemText(error) });
      return null;
    } finally {
      setBusy(false);
      void queries.invalidateQueries({ queryKey: [INCIDENTS_KEY] });
    }
  };
  const to = ({ id, version }: Versioned) => ({ ...at(id), ifMatch: version });
  const newest = (id: IncidentId) => call('GET /incidents/{incidentId}', at(id));
  return {
    busy,
    undo: async ({ undo }: IncidentUndo): Promise<void> => {
      if ((await done(undo)) !== null) onUndo(null);
    },
    acknowledge: (incident: Versioned) =>
      done(async () => {
        let acknowledged = 0;
        for (let left = 1; left > 0; ) {
          const answer = await call('POST /incidents/{incidentId}/acknowledge', { ...at(incident.id), body: {} });
          acknowledged += answer.acknowledged;
          left = answer.acknowledged === 0 ? 0 : answer.left;
        }
        notifications.show({ message: t('incidents.acknowledged', { count: acknowledged }) });
        return true;
      }),
    comment: (incident: Versioned, note: string) =>
      done(async () => {
        await call('POST /incidents/{incidentId}/comment', { ...at(incident.id), body: { note } });
        return true;
      }),
    rename: (incident: Versioned, name: string | null) =>
      done(() => call('POST /incidents/{incidentId}/name', { ...to(incident), body: { name } })),
    merge: (incident: Versioned, from: IncidentId) =>
      done(async () => {
        const whole = await call('POST /incidents/{incidentId}/merge', { ...to(incident), body: { from } });
        onUndo({
          done: 'merged',
          undo: async () => call('POST /incidents/{incidentId}/unmerge', to(await newest(from))),
        });
        return whole;
      }),
    split: (incident: Versioned, members: SignalKey[]) =>
      done(async () => {
        const part = await call('POST /incidents/{incidentId}/split', { ...to(incident), body: { members } });
        onUndo({
          done: 'split',
          undo: async () =>
            call('POST /incidents/{incidentId}/merge', { ...to(await newest(incident.id)), body: { from: part.id } }),
        });
        return part;
      }),
    remove: (incident: Versioned, members: SignalKey[], alarms: AlarmId[]) =>
      done(async () => {
        const left = await call('POST /incidents/{incidentId}/remove', { ...to(incident), body: { members } });
        // A device that was lost comes back by itself, or not at all.
        if (alarms.length > 0)
          onUndo({
            done: 'removed',
            undo: async () => call('POST /incidents/{incidentId}/add', { ...to(left), body: { alarms } }),
          });
        return left;
      }),
    add: (incident: Versioned, alarms: AlarmId[]) =>
      done(() => call('POST /incidents/{incidentId}/add', { ...to(incident), body: { alarms } })),
    open: (alarms: AlarmId[]) => done(() => call('POST /incidents', { body: { alarms } })),
  };
}
export type IncidentActions = ReturnType<typeof useIncidentActions>;
