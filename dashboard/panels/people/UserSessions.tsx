import { useQuery } from '@tanstack/react-query';
import type { UserId } from '../../../domain/identifiers.ts';
import { call } from '../../client/http.ts';
import { userSessionsQuery } from '../../client/people.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';

/** Where somebody is signed in, and the way to end it. */
export function UserSessions({
  userId,
  attempt,
}: {
  userId: UserId;
  attempt: (work: () => Promise<void>) => Promise<void>;
}) {
  const { t, language } = useLanguage();
  const sessions = useQuery(userSessionsQuery(userId));
  const params = { userId };
  return (
    <section>
      <h3 className="section-title">{t('users.sessions')}</h3>
      {sessions.data?.length === 0 ? <p className="secondary small">{t('users.noSessions')}</p> : null}
      <ul className="session-list">
        {(sessions.data ?? []).map(({ id, createdAt, expiresAt, isCurrent }) => (
          <li key={id}>
            <span>
              {t('users.sessionSince', { time: formatDateTime(createdAt, language) })}
              <span className="secondary small">
                {' · '}
                {isCurrent
                  ? t('users.sessionThis')
                  : t('users.sessionUntil', { time: formatDateTime(expiresAt, language) })}
              </span>
            </span>
            {isCurrent ? null : (
              <button
                type="button"
                className="text-button"
                aria-label={t('users.endSessionOf', { time: formatDateTime(createdAt, language) })}
                onClick={() =>
                  void attempt(() =>
                    call('DELETE /users/{userId}/sessions/{sessionId}', { params: { userId, sessionId: id } }),
                  )
                }
              >
                {t('users.endSession')}
              </button>
            )}
          </li>
        ))}
      </ul>
      {(sessions.data?.length ?? 0) > 1 && !sessions.data?.some(({ isCurrent }) => isCurrent) ? (
        <button
          type="button"
          className="text-button"
          onClick={() => void attempt(() => call('DELETE /users/{userId}/sessions', { params }))}
        >
          {t('users.endSessions')}
        </button>
      ) : null}
    </section>
  );
}
