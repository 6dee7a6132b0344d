import { Link, useSearch } from '@tanstack/react-router';
import { usePlatform } from '../client/platform.tsx';
import { holdsAnywhere } from '../client/session.ts';
import { useCurrentTabShown } from '../components/use-current-tab-shown.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { MessageLog } from '../panels/notifications/MessageLog.tsx';
import { MyNotifications } from '../panels/notifications/MyNotifications.tsx';
import { Policies } from '../panels/notifications/Policies.tsx';
import { Webhooks } from '../panels/notifications/Webhooks.tsx';
import { NOTIFICATION_TABS } from '../state/notification-tabs.ts';

const CONTENT = {
  mine: <MyNotifications />,
  sent: <MessageLog whose="mine" />,
  policies: <Policies />,
  webhooks: <Webhooks />,
  log: <MessageLog whose="all" />,
} as const;

/** Being told: everybody's own wishes, and for who makes the rules the agency's policies, webhooks and log. */
export function NotificationsPage() {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const tabs = NOTIFICATION_TABS.filter(
    (tab) => tab === 'mine' || tab === 'sent' || holdsAnywhere(session, 'rules.write'),
  );
  const search = useSearch({ from: '/shell/notifications' });
  const tab = tabs.find((each) => each === search.tab) ?? 'mine';
  const row = useCurrentTabShown(tab);
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('notifications.title')}</h1>
        <nav ref={row} className="tabs" aria-label={t('notifications.title')}>
          {tabs.map((each) => (
            <Link
              key={each}
              to="/notifications"
              search={each === 'mine' ? {} : { tab: each }}
              className="tab"
              activeOptions={{ exact: true, includeSearch: true }}
              aria-current={each === tab ? 'page' : undefined}
            >
              {t(`notifications.tab.${each}`)}
            </Link>
          ))}
        </nav>
      </header>
      <div className="page-list notification-page">{CONTENT[tab]}</div>
    </div>
  );
}
