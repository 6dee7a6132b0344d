import { Button, SegmentedControl } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { NotificationMessageWire } from '../../../api/contract/notifications.ts';
import { call } from '../../client/http.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { Empty, Failure, useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';
import { messagesQuery } from './notification-queries.ts';

/** What was sent to whom, when, and what the other side said. */
export function MessageLog({ whose }: { whose: 'mine' | 'all' }) {
  const { t } = useLanguage();
  const [deadOnly, setDeadOnly] = useState(false);
  const messages = useQuery(messagesQuery(whose, deadOnly ? 'dead' : null));
  return (
    <section>
      {whose === 'all' ? (
        <SegmentedControl
          aria-label={t('notifications.log.which')}
          data={[
            { value: 'all', label: t('notifications.log.all') },
            { value: 'dead', label: t('notifications.log.dead') },
          ]}
          value={deadOnly ? 'dead' : 'all'}
          onChange={(next) => setDeadOnly(next === 'dead')}
        />
      ) : null}
      {messages.error ? (
        <Failure error={messages.error} retry={() => void messages.refetch()} />
      ) : messages.isPending ? (
        <ListLoading what={t('loading.notifications')} />
      ) : messages.data.items.length === 0 ? (
        <Empty
          title={t(deadOnly ? 'notifications.log.noDead' : 'notifications.log.empty')}
          hint={t(whose === 'mine' ? 'notifications.log.emptyMine' : 'notifications.log.emptyHint')}
        />
      ) : (
        <ol className="history">
          {messages.data.items.map((message) => (
            <MessageLine key={message.id} message={message} withResend={whose === 'all'} />
          ))}
        </ol>
      )}
    </section>
  );
}

/** One message: to whom, how, when, with what result, in no more words than are known to be true. */
export function MessageLine({ message, withResend }: { message: NotificationMessageWire; withResend: boolean }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const { state, acceptedAt, nextAt, answer, address } = message;
  const resend = async (): Promise<void> => {
    setBusy(true);
    try {
      await call('POST /notifications/messages/{messageId}/resend', { params: { messageId: message.id } });
      await queries.invalidateQueries({ queryKey: ['notifications', 'messages'] });
    } catch (error) {
      notifications.show({ message: problemText(error), color: 'red' });
    }
    setBusy(false);
  };
  const when = acceptedAt ?? message.lastAttemptAt ?? message.createdAt;
  return (
    <li>
      <div>
        <strong>{message.recipient}</strong>
        {' · '}
        {t(`notifications.channel.${message.channel}`)}
        {address === null ? '' : ` (${address})`}
      </div>
      <div className="small">{message.title}</div>
      <div className="small">
        <span className={state === 'dead' ? 'severity-critical' : 'secondary'}>
          {state === 'accepted' ? t(`notifications.accepted.${message.channel}`) : t(`notifications.state.${state}`)}
        </span>
        <time className="secondary" dateTime={new Date(when).toISOString()}>
          {' · '}
          {formatDateTime(when, language, true)}
        </time>
        {state === 'waiting' && nextAt !== null && message.attempts > 0 ? (
          <span className="secondary">
            {' · '}
            {t('notifications.log.next', { time: formatDateTime(nextAt, language, true), count: message.attempts })}
          </span>
        ) : null}
        {message.maybeTwice ? <span className="secondary"> · {t('notifications.log.maybeTwice')}</span> : null}
      </div>
      {answer !== null && state !== 'accepted' ? <p className="history-note">{answer}</p> : null}
      {withResend && state === 'dead' ? (
        <Button size="compact-sm" variant="default" loading={busy} onClick={() => void resend()}>
          {t('notifications.log.resend')}
        </Button>
      ) : null}
    </li>
  );
}
