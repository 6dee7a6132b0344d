import { queryOptions } from '@tanstack/react-query';
import type { AlarmId } from '../../../domain/identifiers.ts';
import type { MessageState } from '../../../domain/notifications/notification.ts';
import { call } from '../../client/http.ts';

export const myNotificationsQuery = queryOptions({
  queryKey: ['notifications', 'mine'],
  queryFn: ({ signal }) => call('GET /notifications/mine', { signal }),
});
export const policiesQuery = queryOptions({
  queryKey: ['notifications', 'policies'],
  queryFn: ({ signal }) => call('GET /escalation-policies', { signal }),
});
export const webhooksQuery = queryOptions({
  queryKey: ['notifications', 'webhooks'],
  queryFn: ({ signal }) => call('GET /webhooks', { signal }),
});
export const templatesQuery = queryOptions({
  queryKey: ['notifications', 'templates'],
  queryFn: ({ signal }) => call('GET /notifications/templates', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});
const LOG_LINES = 200;
/** The newest lines of the log: of all the person may see, or of their own. */
export const messagesQuery = (whose: 'mine' | 'all', state: MessageState | null) =>
  queryOptions({
    queryKey: ['notifications', 'messages', whose, state],
    queryFn: ({ signal }) =>
      whose === 'mine'
        ? call('GET /notifications/mine/messages', { query: { limit: LOG_LINES }, signal })
        : call('GET /notifications/messages', { query: { limit: LOG_LINES, state: state ?? undefined }, signal }),
    refetchInterval: 5_000,
  });
/** Asked again when the alarm changes, and now and then: messages leave a little after it. */
export const alarmToldQuery = (alarmId: AlarmId, version: number) =>
  queryOptions({
    queryKey: ['notifications', 'alarm', alarmId, version],
    queryFn: ({ signal }) => call('GET /alarms/{alarmId}/notifications', { params: { alarmId }, signal }),
    refetchInterval: 15_000,
  });
