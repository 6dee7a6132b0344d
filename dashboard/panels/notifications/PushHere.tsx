import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { PersonalNotificationsWire } from '../../../api/contract/notifications.ts';
import { call } from '../../client/http.ts';
import { deviceLabel, pushState, subscribeToPush, unsubscribeFromPush } from '../../client/push.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDate } from '../../state/formatting.ts';
import { myNotificationsQuery } from './notification-queries.ts';
import { useTest } from './use-test.ts';

/** Phones and browsers that are pushed to, and this one among them. */
export function PushHere({ mine }: { mine: PersonalNotificationsWire }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const here = useQuery({ queryKey: ['push-state'], queryFn: pushState, staleTime: 0 });
  const [busy, setBusy] = useState(false);
  const { test, testing } = useTest();
  const changed = async (): Promise<void> => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: myNotificationsQuery.queryKey }),
      queries.invalidateQueries({ queryKey: ['push-state'] }),
    ]);
  };
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await work();
      await changed();
    } catch (error) {
      notifications.show({ message: problemText(error), color: 'red' });
    }
    setBusy(false);
  };
  const add = (): Promise<void> =>
    attempt(async () => {
      const subscription = await subscribeToPush(mine.vapidPublicKey);
      if (subscription === null) return;
      await call('POST /notifications/mine/browsers', { body: { ...subscription, label: deviceLabel() } });
    });
  const remove = (browserId: string, isLast: boolean): Promise<void> =>
    attempt(async () => {
      await call('DELETE /notifications/mine/browsers/{browserId}', { params: { browserId } });
      if (isLast) await unsubscribeFromPush();
    });
  return (
    <>
      {mine.browsers.length === 0 ? (
        <p className="secondary small">{t('notifications.push.none')}</p>
      ) : (
        <ul className="plain-list">
          {mine.browsers.map(({ id, label, createdAt }) => (
            <li key={id} className="list-line">
              <span className="grow">
                {label} <span className="secondary small">· {formatDate(createdAt, language)}</span>
              </span>
              <Button
                size="compact-sm"
                variant="default"
                loading={testing === id}
                onClick={() => void test(id, { channel: 'web_push', browserId: id })}
              >
                {t('notifications.test')}
              </Button>
              <Button
                size="compact-sm"
                variant="subtle"
                disabled={busy}
                onClick={() => void remove(id, mine.browsers.length === 1)}
              >
                {t('notifications.remove')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {here.data === 'unsupported' || here.data === 'denied' ? (
        <p className="advice">{t(`notifications.push.${here.data}`)}</p>
      ) : here.data === 'on' && mine.browsers.length > 0 ? null : (
        <Button variant="default" loading={busy} onClick={() => void add()}>
          {t('notifications.push.here')}
        </Button>
      )}
    </>
  );
}
